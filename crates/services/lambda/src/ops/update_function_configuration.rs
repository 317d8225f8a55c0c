//! `UpdateFunctionConfiguration`.

use updraft_api_lambda::types::{UpdateFunctionConfigurationInput, UpdateFunctionConfigurationOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use super::{latest_only, matches};
use crate::keys::VersionRow;
use crate::model::config::Changes;
use crate::model::name::{Target, Version};
use crate::view::{Ending, Moment, Shown, configuration};
use crate::{Lambda, table};

pub(crate) async fn update_function_configuration(
    svc: &Lambda,
    cx: &Ctx,
    input: UpdateFunctionConfigurationInput,
) -> Result<UpdateFunctionConfigurationOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, None)?;
    latest_only(&target)?;
    let mut tx = svc.store.write().await?;
    let before = table::find(&mut tx, &target).await?.row;
    matches(input.revision_id.as_deref(), &[&before.revision])?;

    let mut row = before.clone();
    row.config.apply(Changes::of_update(input)?)?;
    (row.revision, row.deployment, row.modified) = (cx.rng.uuid(), cx.rng.uuid(), cx.now());
    table::put_version(&mut tx, &target.id, Version::LATEST, &row, Some(&before))?;
    tx.commit().await?;
    svc.runner.retire(&target.id.account, &target.id.region, &target.id.name).await;

    let row = VersionRow { revision: cx.rng.uuid(), ..row };
    let (id, moment) = (&target.id, Moment::Updated);
    Ok(configuration(Shown { id, version: Version::LATEST, row: &row, moment, ending: Ending::Name }))
}
