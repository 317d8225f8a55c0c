//! `DeleteActivity`.

use updraft_api_states::types::{DeleteActivityInput, DeleteActivityOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::StepFunctions;
use crate::keys::ActivityKey;
use crate::model::name::ActivityId;

/// AWS: one that isn't there is no error. Tasks that wait for it go on waiting until their time is up.
pub(crate) async fn delete_activity(
    svc: &StepFunctions,
    cx: &Ctx,
    input: DeleteActivityInput,
) -> Result<DeleteActivityOutput, AwsError> {
    let id = ActivityId::of_arn(cx, &input.activity_arn)?;
    let mut tx = svc.parts.store.write().await?;
    if tx.row(&ActivityKey(&id)).await?.is_some() {
        tx.delete_row(&ActivityKey(&id));
        tx.commit().await?;
    }
    Ok(DeleteActivityOutput {})
}
