//! Rules of mappings, by the kind of source.

use updraft_api_lambda::types::{
    EventSourceMappingLoggingConfig, Filter, FilterCriteria, FunctionResponseType, OnSuccess, ProvisionedPollerConfig,
    ScalingConfig, SelfManagedEventSource,
};
use updraft_kernel::UnixMillis;

use super::*;

const ARNS: [(&str, Kind); 7] = [
    ("arn:aws:sqs:us-east-1:000000000000:q", Kind::Queue),
    ("arn:aws:sqs:us-east-1:000000000000:q.fifo", Kind::Fifo),
    ("arn:aws:kinesis:us-east-1:000000000000:stream/s", Kind::Kinesis),
    ("arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2020", Kind::DynamoDb),
    ("arn:aws:kafka:us-east-1:000000000000:cluster/c/1", Kind::Kafka),
    ("arn:aws:mq:us-east-1:000000000000:broker:b:1", Kind::Broker),
    ("arn:aws:rds:us-east-1:000000000000:cluster:c", Kind::DocumentDb),
];

fn config(kind: Kind) -> Config {
    let arn = ARNS.iter().find(|(_, other)| *other == kind).map(|(arn, _)| (*arn).to_owned());
    let positioned = POSITIONED.contains(&kind).then_some(EventSourcePosition::TrimHorizon);
    let mut config = Config { event_source_arn: arn, starting_position: positioned, ..Config::default() };
    kind.fill(&mut config);
    config
}

fn refused(kind: Kind, change: impl FnOnce(&mut Config)) -> String {
    let mut config = config(kind);
    kind.check(&config).unwrap();
    change(&mut config);
    kind.check(&config).map_or_else(|error| error.message().to_owned(), |()| "fine".to_owned())
}

#[test]
fn an_arn_says_what_kind_of_source_it_is() {
    let of = |arn: &str| Kind::of(&Config { event_source_arn: Some(arn.into()), ..Config::default() });
    for (arn, kind) in ARNS {
        assert_eq!(of(arn).unwrap(), kind);
    }
    for odd in ["arn:aws:s3:::b", "arn:aws:dynamodb:us-east-1:000000000000:table/t", "arn:aws:kinesis:r:1:x"] {
        assert_eq!(of(odd).unwrap_err().message(), "Unrecognized event source.");
    }
    assert!(Kind::of(&Config::default()).is_err());
    let own = Config { self_managed_event_source: Some(SelfManagedEventSource::default()), ..Config::default() };
    assert_eq!(Kind::of(&own).unwrap(), Kind::SelfManagedKafka);
}

#[test]
fn defaults_are_awss() {
    let queue = config(Kind::Queue);
    assert_eq!((queue.batch_size, queue.maximum_batching_window_in_seconds), (Some(10), Some(0)));
    assert_eq!((queue.function_response_types, queue.destination_config), (Some(vec![]), None));
    let stream = config(Kind::DynamoDb);
    assert_eq!((stream.batch_size, stream.parallelization_factor), (Some(100), Some(1)));
    assert_eq!((stream.maximum_record_age_in_seconds, stream.maximum_retry_attempts), (Some(-1), Some(-1)));
    assert_eq!(stream.destination_config, Some(failures(None)));
    let broker = config(Kind::Broker);
    assert_eq!((broker.batch_size, broker.function_response_types), (Some(100), None));
}

#[test]
fn pollers_are_at_least_two_of_a_queue_and_stand_alone() {
    let of = |kind, minimum_pollers, maximum_pollers| {
        let pollers = ProvisionedPollerConfig { minimum_pollers, maximum_pollers, ..Default::default() };
        refused(kind, |c| c.provisioned_poller_config = Some(pollers))
    };
    for (least, most) in [(Some(2), Some(2)), (Some(200), None), (None, Some(2))] {
        assert_eq!(of(Kind::Queue, least, most), "fine", "{least:?} {most:?}");
    }
    assert_eq!(of(Kind::Fifo, Some(1), None), "MinimumPollers must be greater than or equal to 2.");
    assert_eq!(of(Kind::Queue, None, Some(1)), "MaximumPollers must be greater than or equal to 2.");
    assert_eq!(of(Kind::Kafka, Some(1), Some(1)), "fine");
    assert_eq!(of(Kind::Queue, Some(3), Some(2)), "MinimumPollers must be less than or equal to MaximumPollers.");
    let both = refused(Kind::Queue, |c| {
        c.provisioned_poller_config = Some(ProvisionedPollerConfig::default());
        c.scaling_config = Some(ScalingConfig { maximum_concurrency: Some(2) });
    });
    assert_eq!(both, "ScalingConfig and ProvisionedPollerConfig can't be used at the same time.");
}

#[test]
fn what_a_kind_doesnt_have_is_refused() {
    let unsupported = |name: &str| format!("Unsupported {name} parameter for given event source mapping type.");
    let pollers = || Some(ProvisionedPollerConfig { minimum_pollers: Some(2), ..ProvisionedPollerConfig::default() });
    assert_eq!(refused(Kind::Queue, |c| c.parallelization_factor = Some(2)), unsupported("ParallelizationFactor"));
    assert_eq!(refused(Kind::Queue, |c| c.destination_config = Some(failures(None))), unsupported("DestinationConfig"));
    assert_eq!(refused(Kind::Queue, |c| c.maximum_retry_attempts = Some(1)), unsupported("MaximumRetryAttempts"));
    let latest = Some(EventSourcePosition::Latest);
    assert_eq!(refused(Kind::Queue, |c| c.starting_position = latest), unsupported("StartingPosition"));
    assert_eq!(refused(Kind::Queue, |c| c.provisioned_poller_config = pollers()), "fine");
    assert_eq!(
        refused(Kind::Kinesis, |c| c.provisioned_poller_config = pollers()),
        unsupported("ProvisionedPollerConfig")
    );
    let scaling = Some(ScalingConfig { maximum_concurrency: Some(2) });
    assert_eq!(refused(Kind::DynamoDb, |c| c.scaling_config = scaling), unsupported("ScalingConfig"));
    assert_eq!(refused(Kind::DynamoDb, |c| c.topics = Some(vec!["t".into()])), unsupported("Topics"));
    assert_eq!(refused(Kind::Kafka, |c| c.topics = Some(vec!["t".into()])), "fine");
    assert_eq!(
        refused(Kind::Kafka, |c| c.tumbling_window_in_seconds = Some(1)),
        unsupported("TumblingWindowInSeconds")
    );
    assert_eq!(refused(Kind::Broker, |c| c.queues = Some(vec!["q".into()])), "fine");
    let reports = Some(vec![FunctionResponseType::ReportBatchItemFailures]);
    assert_eq!(refused(Kind::Broker, |c| c.function_response_types = reports), unsupported("FunctionResponseTypes"));
    let logging = Some(EventSourceMappingLoggingConfig::default());
    assert_eq!(refused(Kind::DocumentDb, |c| c.logging_config = logging), unsupported("LoggingConfig"));
    let success = OnSuccess { destination: Some("arn:aws:sqs:us-east-1:000000000000:q".into()) };
    let on_success = DestinationConfig { on_success: Some(success), ..failures(None) };
    assert_eq!(refused(Kind::Kinesis, |c| c.destination_config = Some(on_success)), unsupported("DestinationConfig"));
}

#[test]
fn queues_wait_for_large_batches() {
    let with = |kind, batch, window| {
        refused(kind, |c| (c.batch_size, c.maximum_batching_window_in_seconds) = (Some(batch), Some(window)))
    };
    let wait = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10";
    assert_eq!((with(Kind::Queue, 10, 0).as_str(), with(Kind::Queue, 11, 0).as_str()), ("fine", wait));
    assert_eq!(with(Kind::Queue, 10_000, 1), "fine");
    assert_eq!(with(Kind::Fifo, 10, 0), "fine");
    assert!(with(Kind::Fifo, 11, 0).contains("FIFO") && with(Kind::Fifo, 10, 1).contains("FIFO"));
    assert_eq!(with(Kind::Kinesis, 10_000, 0), "fine");
}

#[test]
fn streams_begin_somewhere() {
    let null = "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.";
    assert_eq!(refused(Kind::DynamoDb, |c| c.starting_position = None), null);
    assert_eq!(refused(Kind::Kafka, |c| c.starting_position = None), null);
    let at = Some(EventSourcePosition::AtTimestamp);
    let arn = ARNS[3].0;
    assert_eq!(
        refused(Kind::DynamoDb, |c| c.starting_position = at.clone()),
        format!("Unsupported starting position for arn type: {arn}")
    );
    assert!(refused(Kind::Kinesis, |c| c.starting_position = at.clone()).starts_with("StartingPositionTimestamp must"));
    let moment = Some(UnixMillis(1));
    assert_eq!(
        refused(Kind::Kinesis, |c| (c.starting_position, c.starting_position_timestamp) = (at.clone(), moment)),
        "fine"
    );
    assert!(refused(Kind::Kinesis, |c| c.starting_position_timestamp = moment).contains("can only be"));
}

#[test]
fn ages_have_a_least() {
    let with = |age| refused(Kind::Kinesis, |c| c.maximum_record_age_in_seconds = Some(age));
    assert_eq!((with(-1).as_str(), with(60).as_str()), ("fine", "fine"));
    assert!(with(59).ends_with("Member must have value greater than or equal to 60"));
    assert!(with(0).ends_with("Member must have value greater than or equal to 60"));
}

#[test]
fn what_is_empty_takes_away() {
    let mut config = config(Kind::Queue);
    let filters = FilterCriteria { filters: Some(vec![Filter { pattern: Some("{}".into()) }]) };
    let changes = UpdateEventSourceMappingInput {
        filter_criteria: Some(filters.clone()),
        scaling_config: Some(ScalingConfig { maximum_concurrency: Some(5) }),
        kms_key_arn: Some("arn:aws:kms:r:1:key/k".into()),
        ..UpdateEventSourceMappingInput::default()
    };
    apply(&mut config, changes);
    assert_eq!((config.filter_criteria.clone(), config.kms_key_arn.is_some()), (Some(filters), true));
    apply(&mut config, UpdateEventSourceMappingInput::default());
    assert_eq!(config.scaling_config, Some(ScalingConfig { maximum_concurrency: Some(5) }), "what isn't named stays");
    let nothing = UpdateEventSourceMappingInput {
        filter_criteria: Some(FilterCriteria::default()),
        scaling_config: Some(ScalingConfig::default()),
        kms_key_arn: Some(String::new()),
        ..UpdateEventSourceMappingInput::default()
    };
    apply(&mut config, nothing);
    assert_eq!((config.filter_criteria, config.scaling_config, config.kms_key_arn), (None, None, None));
}
