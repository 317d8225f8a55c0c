//! `CreateEventSourceMapping`.

use std::collections::BTreeMap;

use updraft_api_lambda::types::{
    CreateEventSourceMappingInput, CreateEventSourceMappingOutput, EventSourceMappingConfiguration,
    UpdateEventSourceMappingInput,
};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use crate::keys::{MappedKey, MappingRow};
use crate::model::mapping::{Kind, Phase, apply};
use crate::model::name::Target;
use crate::model::tags;
use crate::view::mappings::mapping;
use crate::{Lambda, mappings, table};

/// AWS: what streams begin with.
const NOTHING_YET: &str = "No records processed";

pub(crate) async fn create_event_source_mapping(
    svc: &Lambda,
    cx: &Ctx,
    mut input: CreateEventSourceMappingInput,
) -> Result<CreateEventSourceMappingOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, None)?;
    let mut given = BTreeMap::new();
    tags::add(&mut given, input.tags.take().unwrap_or_default())?;
    let enabled = input.enabled.unwrap_or(true);
    let config = config(input);
    let kind = Kind::of(&config)?;
    kind.check(&config)?;
    let mut filled = config;
    kind.fill(&mut filled);

    let mut tx = svc.store.write().await?;
    let found = table::find(&mut tx, &target).await?;
    svc.check_source(cx, kind, &filled, &found).await?;
    let (function, source) = (target.qualified_name(), mappings::source_of(&filled));
    let mapped = MappedKey { account: &cx.account, region: &cx.region, function: &function, source: &source };
    if let Some(there) = tx.row(&mapped).await? {
        return Err(kind.taken(&source, &function, &there.uuid));
    }
    let uuid = cx.rng.uuid();
    let mut row = MappingRow {
        revision: 1,
        phase: Phase::Creating,
        enabled,
        function,
        modified: cx.now(),
        starting_at: None,
        result: kind.is_stream().then(|| NOTHING_YET.to_owned()),
        tags: given,
        config: String::new(),
    };
    row.set_config(filled);
    mappings::put(&mut tx, (&cx.account, &cx.region), &uuid, &row)?;
    tx.commit().await?;
    mapping(cx, &uuid, &row)
}

fn config(mut input: CreateEventSourceMappingInput) -> EventSourceMappingConfiguration {
    let mut config = EventSourceMappingConfiguration {
        event_source_arn: input.event_source_arn.take(),
        starting_position: input.starting_position.take(),
        starting_position_timestamp: input.starting_position_timestamp,
        topics: input.topics.take(),
        queues: input.queues.take(),
        self_managed_event_source: input.self_managed_event_source.take(),
        ..EventSourceMappingConfiguration::default()
    };
    apply(&mut config, changes(input));
    config
}

/// What an update may set as well.
fn changes(input: CreateEventSourceMappingInput) -> UpdateEventSourceMappingInput {
    UpdateEventSourceMappingInput {
        batch_size: input.batch_size,
        filter_criteria: input.filter_criteria,
        kms_key_arn: input.kms_key_arn,
        metrics_config: input.metrics_config,
        logging_config: input.logging_config,
        scaling_config: input.scaling_config,
        maximum_batching_window_in_seconds: input.maximum_batching_window_in_seconds,
        parallelization_factor: input.parallelization_factor,
        destination_config: input.destination_config,
        maximum_record_age_in_seconds: input.maximum_record_age_in_seconds,
        bisect_batch_on_function_error: input.bisect_batch_on_function_error,
        maximum_retry_attempts: input.maximum_retry_attempts,
        tumbling_window_in_seconds: input.tumbling_window_in_seconds,
        source_access_configurations: input.source_access_configurations,
        function_response_types: input.function_response_types,
        amazon_managed_kafka_event_source_config: input.amazon_managed_kafka_event_source_config,
        self_managed_kafka_event_source_config: input.self_managed_kafka_event_source_config,
        document_db_event_source_config: input.document_db_event_source_config,
        provisioned_poller_config: input.provisioned_poller_config,
        ..UpdateEventSourceMappingInput::default()
    }
}
