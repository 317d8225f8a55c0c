//! `DeleteApiDestination`.

use updraft_api_events::types::{DeleteApiDestinationInput, DeleteApiDestinationOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::EventBridge;
use crate::connections::destination;
use crate::keys::{DestinationKey, Scope};

pub(crate) async fn delete_api_destination(
    svc: &EventBridge,
    cx: &Ctx,
    input: DeleteApiDestinationInput,
) -> Result<DeleteApiDestinationOutput, AwsError> {
    let name = input.name;
    let mut tx = svc.parts.store.write().await?;
    destination(&mut tx, cx, &name).await?;
    tx.delete_row(&DestinationKey(Scope::of(cx), &name));
    tx.commit().await?;
    Ok(DeleteApiDestinationOutput {})
}
