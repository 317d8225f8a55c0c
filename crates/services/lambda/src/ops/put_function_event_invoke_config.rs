//! `PutFunctionEventInvokeConfig`, and what is asked of such settings.

use updraft_api_lambda::types::{PutFunctionEventInvokeConfigInput, PutFunctionEventInvokeConfigOutput};
use updraft_kernel::{Arn, AwsError, Ctx};
use updraft_store::{StoreExt, Tx};

use crate::Lambda;
use crate::errors::{invalid_parameter, not_found};
use crate::keys::{AliasKey, EventSettingsKey, VersionKey};
use crate::model::destinations::Destinations;
use crate::model::events::EventSettings;
use crate::model::name::{LATEST, Target, Version};
use crate::table::alias_of;
use crate::view::event_settings;

pub(crate) async fn put_function_event_invoke_config(
    svc: &Lambda,
    cx: &Ctx,
    input: PutFunctionEventInvokeConfigInput,
) -> Result<PutFunctionEventInvokeConfigOutput, AwsError> {
    let target = settled_on(Target::parse(cx, &input.function_name, input.qualifier.as_deref())?);
    let (retries, age) = (input.maximum_retry_attempts, input.maximum_event_age_in_seconds);
    if retries.is_none() && age.is_none() && input.destination_config.is_none() {
        return Err(invalid_parameter("You must specify at least one of error handling or destination setting."));
    }
    exists(&mut svc.store.read().await?, &target).await?;
    let config = input.destination_config.unwrap_or_default();
    let destinations = Destinations::parse(&target.id, &config)?;
    check_targets(svc, &destinations).await?;

    let mut tx = svc.store.write().await?;
    exists(&mut tx, &target).await?;
    let settings = EventSettings {
        modified: cx.now(),
        retries: retries.map(i32::unsigned_abs),
        max_age_secs: age.map(i32::unsigned_abs),
        on_success: destinations.on_success.map(|arn| arn.to_string()),
        on_failure: destinations.on_failure.map(|arn| arn.to_string()),
    };
    tx.put_row(&EventSettingsKey::of_target(&target), &settings)?;
    tx.commit().await?;
    Ok(event_settings(&target, settings))
}

/// AWS: settings of a function are those of `$LATEST`.
pub(super) fn settled_on(target: Target) -> Target {
    let qualifier = target.qualifier.unwrap_or_else(|| LATEST.to_owned());
    Target { qualifier: Some(qualifier), ..target }
}

/// # Errors
/// AWS: alike whether it is the function, the version or the alias that isn't there.
pub(super) async fn exists(tx: &mut Tx, target: &Target) -> Result<(), AwsError> {
    let there = match alias_of(target) {
        Some(alias) => tx.row(&AliasKey(&target.id, alias)).await?.is_some(),
        None => {
            let version = target.version().unwrap_or(Version::LATEST);
            tx.row(&VersionKey(&target.id, version)).await?.is_some()
        }
    };
    if there { Ok(()) } else { Err(not_found("The function doesn't exist.")) }
}

/// The error of a function, version or alias without settings.
pub(super) fn unset(target: &Target) -> AwsError {
    not_found(format!("The function {} doesn't have an EventInvokeConfig", target.arn()))
}

/// What nobody could ever be sent is refused now, not lost later.
///
/// # Errors
/// If one of them isn't there.
pub(super) async fn check_targets(svc: &Lambda, destinations: &Destinations) -> Result<(), AwsError> {
    for arn in destinations.on_success.iter().chain(&destinations.on_failure) {
        if !svc.targets.exists(arn).await? {
            return Err(invalid_parameter(format!("The destination ARN {arn} is invalid.")));
        }
    }
    Ok(())
}

/// As [`check_targets`], for dead letters.
pub(super) async fn check_dead_letter_target(svc: &Lambda, target: Option<&Arn>) -> Result<(), AwsError> {
    match target {
        Some(arn) if !svc.targets.exists(arn).await? => {
            Err(invalid_parameter(format!("Invalid dead letter queue ARN: {arn} does not exist")))
        }
        _ => Ok(()),
    }
}
