//! `DeleteEventSourceMapping`.

use updraft_api_lambda::types::{DeleteEventSourceMappingInput, DeleteEventSourceMappingOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::in_use;
use crate::model::mapping::Phase;
use crate::view::mappings::mapping;
use crate::{Lambda, mappings};

/// It is gone once nobody polls for it any more.
pub(crate) async fn delete_event_source_mapping(
    svc: &Lambda,
    cx: &Ctx,
    input: DeleteEventSourceMappingInput,
) -> Result<DeleteEventSourceMappingOutput, AwsError> {
    let mut tx = svc.store.write().await?;
    let mut row = mappings::find(cx, &mut tx, &input.uuid).await?;
    if !row.phase.is_settled() {
        return Err(in_use("delete"));
    }
    row.phase = Phase::Deleting;
    row.revision += 1;
    mappings::put(&mut tx, (&cx.account, &cx.region), &input.uuid, &row)?;
    tx.commit().await?;
    mapping(cx, &input.uuid, &row)
}
