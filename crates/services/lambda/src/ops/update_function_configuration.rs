//! `UpdateFunctionConfiguration`.

use updraft_api_lambda::types::{UpdateFunctionConfigurationInput, UpdateFunctionConfigurationOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::{StoreExt, Tx};

use super::put_function_event_invoke_config::check_dead_letter_target;
use super::{latest_only, matches};
use crate::attach::Wanted;
use crate::errors::invalid_parameter;
use crate::keys::{RuntimeUpdates, RuntimeUpdatesKey, VersionRow};
use crate::model::config::Changes;
use crate::model::name::{FunctionId, Target, Version};
use crate::model::snap_start;
use crate::table::Found;
use crate::view::{Ending, Moment, Shown, configuration};
use crate::{Lambda, code, signing, table};

pub(crate) async fn update_function_configuration(
    svc: &Lambda,
    cx: &Ctx,
    mut input: UpdateFunctionConfigurationInput,
) -> Result<UpdateFunctionConfigurationOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, None)?;
    latest_only(&target)?;
    let (revision, wanted) = (input.revision_id.clone(), wanted(&mut input));
    let changes = Changes::of_update(input)?;
    check_dead_letter_target(svc, changes.dead_letter_target()?.as_ref()).await?;
    let mut tx = svc.store.write().await?;
    let Found { row: before, attached: attached_before, .. } = table::find(&mut tx, &target).await?;
    matches(revision.as_deref(), &[&before.revision])?;

    let (mut row, mut attached) = (before.clone(), attached_before.clone());
    let more_layers = wanted.layers.as_ref().is_some_and(|layers| !layers.is_empty());
    row.config.apply(changes)?;
    if row.config.runtime != before.config.runtime {
        check_not_pinned(&mut tx, &target.id).await?;
    }
    wanted.apply(svc, cx, &mut tx, &mut attached).await?;
    snap_start::check(&row.config, &attached)?;
    if more_layers {
        signing::admit(&mut tx, &target.id).await?;
        let zip = code::kept(svc, &row.config.code).await?;
        attached.check_size(code::unpacked_size(svc, &zip)?)?;
    }
    (row.revision, row.deployment, row.modified) = (cx.rng.uuid(), cx.rng.uuid(), cx.now());
    table::put_version(&mut tx, &target.id, Version::LATEST, &row, Some(&before))?;
    table::attach(&mut tx, (&target.id, Version::LATEST), &attached, &attached_before)?;
    tx.commit().await?;
    svc.retire(&target.id).await;
    svc.expect(&target.id).await;

    let row = VersionRow { revision: cx.rng.uuid(), ..row };
    let (row, attached, moment) = (&row, &attached, Moment::Updated);
    let (id, version, ending) = (&target.id, Version::LATEST, Ending::Name);
    Ok(configuration(Shown { id, version, row, moment, ending, attached }))
}

/// A build of another runtime can't be kept.
async fn check_not_pinned(tx: &mut Tx, id: &FunctionId) -> Result<(), AwsError> {
    match tx.row(&RuntimeUpdatesKey(id, Version::LATEST)).await? {
        Some(RuntimeUpdates::Manual) => Err(invalid_parameter(
            "Cannot change runtime identifier when runtime management configuration is set to 'Manual'. Change the \
             runtime management configuration to 'Auto' or 'FunctionUpdate', then retry.",
        )),
        _ => Ok(()),
    }
}

fn wanted(input: &mut UpdateFunctionConfigurationInput) -> Wanted {
    Wanted {
        layers: input.layers.take(),
        file_systems: input.file_system_configs.take(),
        network: input.vpc_config.take(),
    }
}
