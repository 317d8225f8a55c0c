//! `GetFunctionEventInvokeConfig`.

use updraft_api_lambda::types::{GetFunctionEventInvokeConfigInput, GetFunctionEventInvokeConfigOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::put_function_event_invoke_config::{settled_on, unset};
use crate::Lambda;
use crate::keys::EventSettingsKey;
use crate::model::name::Target;
use crate::view::event_settings;

pub(crate) async fn get_function_event_invoke_config(
    svc: &Lambda,
    cx: &Ctx,
    input: GetFunctionEventInvokeConfigInput,
) -> Result<GetFunctionEventInvokeConfigOutput, AwsError> {
    let target = settled_on(Target::parse(cx, &input.function_name, input.qualifier.as_deref())?);
    let mut tx = svc.store.read().await?;
    let settings = tx.row(&EventSettingsKey::of_target(&target)).await?.ok_or_else(|| unset(&target))?;
    Ok(event_settings(&target, settings))
}
