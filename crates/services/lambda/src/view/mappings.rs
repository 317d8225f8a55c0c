//! Event source mappings as AWS shows them.

use updraft_api_lambda::types::EventSourceMappingConfiguration as Config;
use updraft_kernel::{Arn, AwsError, Ctx};

use crate::keys::MappingRow;
use crate::model::mapping::Kind;

pub(crate) fn arn(cx: &Ctx, uuid: &str) -> String {
    Arn::new("lambda", &cx.region, &cx.account, format!("event-source-mapping:{uuid}")).to_string()
}

pub(crate) fn mapping(cx: &Ctx, uuid: &str, row: &MappingRow) -> Result<Config, AwsError> {
    let config = row.config()?;
    let reason = Kind::of(&config)?.reason();
    Ok(Config {
        uuid: Some(uuid.to_owned()),
        event_source_mapping_arn: Some(arn(cx, uuid)),
        function_arn: Some(row.function_arn(&cx.account, &cx.region).to_string()),
        last_modified: Some(row.modified),
        last_processing_result: row.result.clone(),
        state: Some(row.phase.name().to_owned()),
        state_transition_reason: Some(reason.to_owned()),
        ..config
    })
}
