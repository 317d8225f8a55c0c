//! Event source mappings: their phases, and what AWS takes from which kind of source.

use serde::{Deserialize, Serialize};
use updraft_api_lambda::types::{
    DestinationConfig, EventSourceMappingConfiguration as Config, EventSourcePosition, OnFailure,
    UpdateEventSourceMappingInput,
};
use updraft_kernel::{Arn, AwsError};

use super::filter;
use crate::errors::{below, conflict, invalid_parameter, unsupported};

/// How far a mapping has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Phase {
    Creating,
    Enabling,
    Enabled,
    Disabling,
    Disabled,
    Updating,
    Deleting,
}

impl Phase {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Creating => "Creating",
            Self::Enabling => "Enabling",
            Self::Enabled => "Enabled",
            Self::Disabling => "Disabling",
            Self::Disabled => "Disabled",
            Self::Updating => "Updating",
            Self::Deleting => "Deleting",
        }
    }

    pub(crate) fn is_settled(self) -> bool {
        matches!(self, Self::Enabled | Self::Disabled)
    }
}

/// What kind of source it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Queue,
    /// Of SQS, in order.
    Fifo,
    Kinesis,
    DynamoDb,
    Kafka,
    SelfManagedKafka,
    Broker,
    DocumentDb,
}

const STREAMS: &[Kind] = &[Kind::Kinesis, Kind::DynamoDb];
const KAFKAS: &[Kind] = &[Kind::Kafka, Kind::SelfManagedKafka];
const QUEUES: &[Kind] = &[Kind::Queue, Kind::Fifo];
const STREAMS_AND_KAFKAS: &[Kind] = &[Kind::Kinesis, Kind::DynamoDb, Kind::Kafka, Kind::SelfManagedKafka];
const QUEUES_AND_KAFKAS: &[Kind] = &[Kind::Queue, Kind::Fifo, Kind::Kafka, Kind::SelfManagedKafka];
const POSITIONED: &[Kind] = &[Kind::Kinesis, Kind::DynamoDb, Kind::Kafka, Kind::SelfManagedKafka, Kind::DocumentDb];
const REPORTING: &[Kind] =
    &[Kind::Queue, Kind::Fifo, Kind::Kinesis, Kind::DynamoDb, Kind::Kafka, Kind::SelfManagedKafka];
const WITH_ACCESS: &[Kind] = &[Kind::Kafka, Kind::SelfManagedKafka, Kind::Broker, Kind::DocumentDb];

impl Kind {
    /// # Errors
    /// If it is no source that Lambda reads.
    pub(crate) fn of(config: &Config) -> Result<Self, AwsError> {
        let unrecognized = || invalid_parameter("Unrecognized event source.");
        let Some(arn) = &config.event_source_arn else {
            let self_managed = config.self_managed_event_source.as_ref();
            return self_managed.map(|_| Self::SelfManagedKafka).ok_or_else(unrecognized);
        };
        let arn = Arn::parse(arn).map_err(|_| unrecognized())?;
        match arn.service.as_str() {
            "sqs" if arn.resource.ends_with(".fifo") => Ok(Self::Fifo),
            "sqs" => Ok(Self::Queue),
            "kinesis" if arn.resource.starts_with("stream/") => Ok(Self::Kinesis),
            "dynamodb" if arn.resource.contains("/stream/") => Ok(Self::DynamoDb),
            "kafka" => Ok(Self::Kafka),
            "mq" => Ok(Self::Broker),
            "rds" => Ok(Self::DocumentDb),
            _ => Err(unrecognized()),
        }
    }

    pub(crate) fn is_stream(self) -> bool {
        STREAMS.contains(&self)
    }

    /// Why it is as it is: AWS says it in two ways.
    pub(crate) fn reason(self) -> &'static str {
        if self.is_stream() { "User action" } else { "USER_INITIATED" }
    }

    /// AWS: says of queues and of all others in two ways that a function has the source already.
    pub(crate) fn taken(self, source: &str, function: &str, uuid: &str) -> AwsError {
        let end = format!("Please update or delete the existing mapping with UUID {uuid}");
        conflict(match self {
            Self::Queue | Self::Fifo => format!(
                "An event source mapping with SQS arn (\" {source} \") and function (\" {function} \") already exists. \
                 {end}"
            ),
            _ => format!(
                "The event source arn (\" {source} \") and function (\" {function} \") provided mapping already exists. \
                 {end}"
            ),
        })
    }

    /// What such a source, of this ARN, is missed with.
    pub(crate) fn missing(self, arn: &str) -> AwsError {
        match self {
            // Recorded: `test_esm_with_not_existing_sqs_queue`.
            Self::Queue | Self::Fifo => invalid_parameter(
                "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error \
                 Message: The specified queue does not exist.",
            ),
            Self::Kinesis | Self::DynamoDb => invalid_parameter(format!("Stream not found: {arn}")),
            Self::Kafka | Self::DocumentDb => invalid_parameter(format!("Cluster not found: {arn}")),
            Self::Broker => invalid_parameter(format!("Broker not found: {arn}")),
            Self::SelfManagedKafka => unsupported("Self-managed Apache Kafka clusters are"),
        }
    }

    /// What AWS answers where nothing was said.
    pub(crate) fn fill(self, config: &mut Config) {
        let batch = if QUEUES.contains(&self) { 10 } else { 100 };
        config.batch_size.get_or_insert(batch);
        if self.is_stream() || QUEUES.contains(&self) {
            config.maximum_batching_window_in_seconds.get_or_insert(0);
        }
        if REPORTING.contains(&self) {
            config.function_response_types.get_or_insert_with(Vec::new);
        }
        if !self.is_stream() {
            return;
        }
        config.parallelization_factor.get_or_insert(1);
        config.destination_config.get_or_insert_with(|| failures(None));
        config.maximum_record_age_in_seconds.get_or_insert(-1);
        config.bisect_batch_on_function_error.get_or_insert(false);
        config.maximum_retry_attempts.get_or_insert(-1);
        config.tumbling_window_in_seconds.get_or_insert(0);
    }

    /// What the tables don't hold.
    ///
    /// # Errors
    /// In AWS's words, for what isn't taken from this kind of source.
    pub(crate) fn check(self, config: &Config) -> Result<(), AwsError> {
        self.supports(config)?;
        self.position(config)?;
        self.batches(config)?;
        filter::check(config.filter_criteria.as_ref())?;
        let age = config.maximum_record_age_in_seconds;
        if let Some(age) = age.filter(|age| *age != -1 && *age < LEAST_AGE) {
            return Err(below(age, "maximumRecordAgeInSeconds", LEAST_AGE));
        }
        self.pollers(config)
    }

    fn pollers(self, config: &Config) -> Result<(), AwsError> {
        let Some(pollers) = &config.provisioned_poller_config else { return Ok(()) };
        let (least, most) = (pollers.minimum_pollers, pollers.maximum_pollers);
        let of_queue = QUEUES.contains(&self);
        // AWS: one or the other.
        if of_queue && config.scaling_config.as_ref().is_some_and(|scaling| scaling.maximum_concurrency.is_some()) {
            return Err(invalid_parameter("ScalingConfig and ProvisionedPollerConfig can't be used at the same time."));
        }
        for (name, given) in [("MinimumPollers", least), ("MaximumPollers", most)] {
            if of_queue && given.is_some_and(|given| given < LEAST_POLLERS) {
                return Err(invalid_parameter(format!("{name} must be greater than or equal to {LEAST_POLLERS}.")));
            }
        }
        // AWS: what isn't said counts as well.
        let usual = if of_queue { LEAST_POLLERS } else { 1 };
        if least.unwrap_or(usual) > most.unwrap_or(MOST_POLLERS) {
            return Err(invalid_parameter("MinimumPollers must be less than or equal to MaximumPollers."));
        }
        Ok(())
    }

    fn supports(self, config: &Config) -> Result<(), AwsError> {
        let destination = config.destination_config.as_ref();
        let on_success =
            destination.is_some_and(|to| to.on_success.as_ref().is_some_and(|to| to.destination.is_some()));
        let asked: &[(bool, &str, &[Self])] = &[
            (on_success, "DestinationConfig", &[]),
            (destination.is_some(), "DestinationConfig", STREAMS_AND_KAFKAS),
            (config.parallelization_factor.is_some(), "ParallelizationFactor", STREAMS),
            (config.tumbling_window_in_seconds.is_some(), "TumblingWindowInSeconds", STREAMS),
            (config.maximum_record_age_in_seconds.is_some(), "MaximumRecordAgeInSeconds", STREAMS_AND_KAFKAS),
            (config.bisect_batch_on_function_error.is_some(), "BisectBatchOnFunctionError", STREAMS_AND_KAFKAS),
            (config.maximum_retry_attempts.is_some(), "MaximumRetryAttempts", STREAMS_AND_KAFKAS),
            (config.starting_position.is_some(), "StartingPosition", POSITIONED),
            (config.topics.is_some(), "Topics", KAFKAS),
            (config.queues.is_some(), "Queues", &[Self::Broker]),
            (config.source_access_configurations.is_some(), "SourceAccessConfigurations", WITH_ACCESS),
            (config.function_response_types.is_some(), "FunctionResponseTypes", REPORTING),
            (config.scaling_config.is_some(), "ScalingConfig", QUEUES),
            (config.provisioned_poller_config.is_some(), "ProvisionedPollerConfig", QUEUES_AND_KAFKAS),
            (config.logging_config.is_some(), "LoggingConfig", KAFKAS),
            (
                config.amazon_managed_kafka_event_source_config.is_some(),
                "AmazonManagedKafkaEventSourceConfig",
                &[Self::Kafka],
            ),
            (
                config.self_managed_kafka_event_source_config.is_some(),
                "SelfManagedKafkaEventSourceConfig",
                &[Self::SelfManagedKafka],
            ),
            (config.document_db_event_source_config.is_some(), "DocumentDBEventSourceConfig", &[Self::DocumentDb]),
        ];
        let wrong = asked.iter().find(|(is_asked, _, kinds)| *is_asked && !kinds.contains(&self));
        wrong.map_or(Ok(()), |(_, name, _)| {
            Err(invalid_parameter(format!("Unsupported {name} parameter for given event source mapping type.")))
        })
    }

    fn position(self, config: &Config) -> Result<(), AwsError> {
        let at = config.starting_position_timestamp.is_some();
        match &config.starting_position {
            // AWS: as a constraint of the tables, but with this service's own code and a full stop (recorded:
            // `test_create_event_source_validation`).
            None if POSITIONED.contains(&self) => Err(invalid_parameter(
                "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must \
                 not be null.",
            )),
            Some(EventSourcePosition::AtTimestamp) if self == Self::DynamoDb => {
                let arn = config.event_source_arn.as_deref().unwrap_or_default();
                Err(invalid_parameter(format!("Unsupported starting position for arn type: {arn}")))
            }
            Some(EventSourcePosition::AtTimestamp) if !at => Err(invalid_parameter(
                "StartingPositionTimestamp must be specified if StartingPosition is AT_TIMESTAMP.",
            )),
            position if at && *position != Some(EventSourcePosition::AtTimestamp) => Err(invalid_parameter(
                "StartingPositionTimestamp can only be specified if StartingPosition is AT_TIMESTAMP.",
            )),
            _ => Ok(()),
        }
    }

    fn batches(self, config: &Config) -> Result<(), AwsError> {
        let batch = config.batch_size.unwrap_or_default();
        let window = config.maximum_batching_window_in_seconds.unwrap_or_default();
        match self {
            Self::Fifo if window > 0 => Err(invalid_parameter("Batching window is not supported for FIFO queues")),
            Self::Fifo if batch > SMALL_BATCH => Err(invalid_parameter(format!(
                "Batch size {batch} is not supported for FIFO queues: the maximum is {SMALL_BATCH}"
            ))),
            // Recorded: `test_event_source_mapping_default_batch_size`.
            Self::Queue if batch > SMALL_BATCH && window == 0 => Err(invalid_parameter(
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
            )),
            _ => Ok(()),
        }
    }
}

/// AWS: records of a batch that a queue gives without waiting for more.
const SMALL_BATCH: i32 = 10;
/// AWS: seconds that a record must be allowed to have, unless it may be of any age.
const LEAST_AGE: i32 = 60;

/// AWS: pollers that a queue has at least; what any source has at most where nothing is said.
const LEAST_POLLERS: i32 = 2;
const MOST_POLLERS: i32 = 200;

/// Where it is told what was given up.
fn failures(destination: Option<String>) -> DestinationConfig {
    DestinationConfig { on_failure: Some(OnFailure { destination }), on_success: None }
}

/// What a request sets; what is empty is taken away, as on AWS.
pub(crate) fn apply(config: &mut Config, changes: UpdateEventSourceMappingInput) {
    set(&mut config.batch_size, changes.batch_size);
    set(&mut config.maximum_batching_window_in_seconds, changes.maximum_batching_window_in_seconds);
    set(&mut config.parallelization_factor, changes.parallelization_factor);
    set(&mut config.maximum_record_age_in_seconds, changes.maximum_record_age_in_seconds);
    set(&mut config.bisect_batch_on_function_error, changes.bisect_batch_on_function_error);
    set(&mut config.maximum_retry_attempts, changes.maximum_retry_attempts);
    set(&mut config.tumbling_window_in_seconds, changes.tumbling_window_in_seconds);
    set(&mut config.source_access_configurations, changes.source_access_configurations);
    set(&mut config.function_response_types, changes.function_response_types);
    set(&mut config.logging_config, changes.logging_config);
    set(&mut config.amazon_managed_kafka_event_source_config, changes.amazon_managed_kafka_event_source_config);
    set(&mut config.self_managed_kafka_event_source_config, changes.self_managed_kafka_event_source_config);
    set(&mut config.document_db_event_source_config, changes.document_db_event_source_config);
    if let Some(to) = changes.destination_config {
        let on_failure = to.on_failure.and_then(|to| to.destination).filter(|to| !to.is_empty());
        config.destination_config = Some(DestinationConfig { on_success: to.on_success, ..failures(on_failure) });
    }
    replace(&mut config.kms_key_arn, changes.kms_key_arn, String::is_empty);
    replace(&mut config.filter_criteria, changes.filter_criteria, |c| c.filters.iter().flatten().next().is_none());
    replace(&mut config.scaling_config, changes.scaling_config, |scaling| scaling.maximum_concurrency.is_none());
    replace(&mut config.metrics_config, changes.metrics_config, |m| m.metrics.iter().flatten().next().is_none());
    replace(&mut config.provisioned_poller_config, changes.provisioned_poller_config, |pollers| {
        pollers.minimum_pollers.is_none() && pollers.maximum_pollers.is_none()
    });
}

fn set<T>(to: &mut Option<T>, value: Option<T>) {
    if value.is_some() {
        *to = value;
    }
}

fn replace<T>(to: &mut Option<T>, value: Option<T>, is_empty: impl Fn(&T) -> bool) {
    if let Some(value) = value {
        *to = Some(value).filter(|value| !is_empty(value));
    }
}

#[cfg(test)]
mod tests;
