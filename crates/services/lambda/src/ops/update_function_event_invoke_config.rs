//! `UpdateFunctionEventInvokeConfig`.

use updraft_api_lambda::types::{UpdateFunctionEventInvokeConfigInput, UpdateFunctionEventInvokeConfigOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::put_function_event_invoke_config::{check_targets, exists, settled_on, unset};
use crate::Lambda;
use crate::errors::invalid_parameter;
use crate::keys::EventSettingsKey;
use crate::model::destinations::Destinations;
use crate::model::events::EventSettings;
use crate::model::name::Target;
use crate::view::event_settings;

pub(crate) async fn update_function_event_invoke_config(
    svc: &Lambda,
    cx: &Ctx,
    input: UpdateFunctionEventInvokeConfigInput,
) -> Result<UpdateFunctionEventInvokeConfigOutput, AwsError> {
    let target = settled_on(Target::parse(cx, &input.function_name, input.qualifier.as_deref())?);
    let (retries, age) = (input.maximum_retry_attempts, input.maximum_event_age_in_seconds);
    if retries.is_none() && age.is_none() && input.destination_config.is_none() {
        return Err(invalid_parameter("You must specify at least one of error handling or destination setting."));
    }
    exists(&mut svc.store.read().await?, &target).await?;
    let destinations = input.destination_config.as_ref().map(|config| Destinations::parse(&target.id, config));
    let destinations = destinations.transpose()?;
    check_targets(svc, destinations.as_ref().unwrap_or(&Destinations::default())).await?;

    let key = EventSettingsKey::of_target(&target);
    let mut tx = svc.store.write().await?;
    exists(&mut tx, &target).await?;
    let before = tx.row(&key).await?.ok_or_else(|| unset(&target))?;
    let mut settings = EventSettings {
        modified: cx.now(),
        retries: retries.map(i32::unsigned_abs).or(before.retries),
        max_age_secs: age.map(i32::unsigned_abs).or(before.max_age_secs),
        ..before
    };
    if let Some(Destinations { on_success, on_failure }) = destinations {
        settings.on_success = on_success.map(|arn| arn.to_string());
        settings.on_failure = on_failure.map(|arn| arn.to_string());
    }
    tx.put_row(&key, &settings)?;
    tx.commit().await?;
    Ok(event_settings(&target, settings))
}
