//! `DeleteFunctionEventInvokeConfig`.

use updraft_api_lambda::types::{DeleteFunctionEventInvokeConfigInput, DeleteFunctionEventInvokeConfigOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::put_function_event_invoke_config::{settled_on, unset};
use crate::Lambda;
use crate::keys::EventSettingsKey;
use crate::model::name::Target;

pub(crate) async fn delete_function_event_invoke_config(
    svc: &Lambda,
    cx: &Ctx,
    input: DeleteFunctionEventInvokeConfigInput,
) -> Result<DeleteFunctionEventInvokeConfigOutput, AwsError> {
    let target = settled_on(Target::parse(cx, &input.function_name, input.qualifier.as_deref())?);
    let key = EventSettingsKey::of_target(&target);
    let mut tx = svc.store.write().await?;
    tx.row(&key).await?.ok_or_else(|| unset(&target))?;
    tx.delete_row(&key);
    tx.commit().await?;
    Ok(DeleteFunctionEventInvokeConfigOutput {})
}
