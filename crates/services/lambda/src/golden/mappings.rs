//! Of event source mappings.

use updraft_api_lambda::types::{
    DestinationConfig, EventSourceMappingConfiguration, EventSourcePosition, Filter, FilterCriteria, OnFailure,
    ScalingConfig,
};
use updraft_kernel::{AccountId, Region, UnixMillis};
use updraft_store::Key;

use super::{golden, keys_are, map};
use crate::keys::{MappedKey, MappedRow, MappingKey, MappingRow, OwnerKey, OwnerRow};
use crate::model::mapping::Phase;

#[test]
fn golden_keys() {
    let (account, region) = (AccountId::local(), Region::default_region());
    keys_are([
        (MappingKey(&account, &region, "u").encode(), r"\x11\x02000000000000\x00\x02us-east-1\x00\x15\x1e\x02u\x00"),
        (
            MappedKey { account: &account, region: &region, function: "f:1", source: "s" }.encode(),
            r"\x11\x02000000000000\x00\x02us-east-1\x00\x15\x1f\x02f:1\x00\x02s\x00",
        ),
        (OwnerKey("u").encode(), r"\x11\x02mapping\x00\x02u\x00"),
    ]);
}

fn row() -> MappingRow {
    let mut row = MappingRow {
        revision: 300,
        phase: Phase::Updating,
        enabled: true,
        function: "f:1".into(),
        modified: UnixMillis(1),
        starting_at: None,
        result: Some("OK".into()),
        tags: map("t", "v"),
        config: String::new(),
    };
    let on_failure = Some(OnFailure { destination: None });
    row.set_config(EventSourceMappingConfiguration {
        event_source_arn: Some("s".into()),
        starting_position: Some(EventSourcePosition::AtTimestamp),
        starting_position_timestamp: Some(UnixMillis(2)),
        batch_size: Some(10),
        filter_criteria: Some(FilterCriteria { filters: Some(vec![Filter { pattern: Some("{}".into()) }]) }),
        scaling_config: Some(ScalingConfig { maximum_concurrency: Some(2) }),
        destination_config: Some(DestinationConfig { on_failure, on_success: None }),
        bisect_batch_on_function_error: Some(false),
        function_response_types: Some(vec![]),
        ..EventSourceMappingConfiguration::default()
    });
    row
}

#[test]
fn golden_rows() {
    golden(
        &row(),
        r#"\x01\xac\x02\x05\x01\x03f:1\x02\x01\x04\x01\x02OK\x01\x01t\x01v\x83\x02{\"StartingPosition\":\"AT_TIMESTAMP\",\"BatchSize\":10,\"EventSourceArn\":\"s\",\"FilterCriteria\":{\"Filters\":[{\"Pattern\":\"{}\"}]},\"ScalingConfig\":{\"MaximumConcurrency\":2},\"DestinationConfig\":{\"OnFailure\":{}},\"BisectBatchOnFunctionError\":false,\"FunctionResponseTypes\":[]}"#,
    );
    golden(&MappedRow { uuid: "u".into() }, r"\x01\x01u");
    golden(
        &OwnerRow { account: AccountId::local(), region: Region::default_region() },
        r"\x01\x0c000000000000\tus-east-1",
    );
}

#[test]
fn what_was_asked_for_is_read_again() {
    let config = row().config().unwrap();
    assert_eq!(config.starting_position_timestamp, Some(UnixMillis(2)));
    assert_eq!((config.batch_size, config.function_response_types), (Some(10), Some(vec![])));
    assert_eq!(config.destination_config.unwrap().on_failure, Some(OnFailure { destination: None }));
}
