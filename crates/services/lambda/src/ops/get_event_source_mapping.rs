//! `GetEventSourceMapping`.

use updraft_api_lambda::types::{GetEventSourceMappingInput, GetEventSourceMappingOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::view::mappings::mapping;
use crate::{Lambda, mappings};

pub(crate) async fn get_event_source_mapping(
    svc: &Lambda,
    cx: &Ctx,
    input: GetEventSourceMappingInput,
) -> Result<GetEventSourceMappingOutput, AwsError> {
    let mut tx = svc.store.read().await?;
    let row = mappings::find(cx, &mut tx, &input.uuid).await?;
    mapping(cx, &input.uuid, &row)
}
