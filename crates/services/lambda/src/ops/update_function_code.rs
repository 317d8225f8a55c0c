//! `UpdateFunctionCode`.

use updraft_api_lambda::types::{UpdateFunctionCodeInput, UpdateFunctionCodeOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use super::{latest_only, matches};
use crate::code::{self, CodeSource};
use crate::keys::VersionRow;
use crate::model::absent;
use crate::model::name::{Target, Version};
use crate::publish::publish;
use crate::table::Found;
use crate::view::{Ending, Moment, Shown, configuration};
use crate::{Lambda, signing, table};

pub(crate) async fn update_function_code(
    svc: &Lambda,
    cx: &Ctx,
    mut input: UpdateFunctionCodeInput,
) -> Result<UpdateFunctionCodeOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, None)?;
    latest_only(&target)?;
    absent::refuse_of_code(&input)?;
    let mut tx = svc.store.write().await?;
    let Found { mut function, row: before, attached, .. } = table::find(&mut tx, &target).await?;
    matches(input.revision_id.as_deref(), &[&before.revision])?;
    let package = source(&mut input).package(svc, cx).await?;
    attached.check_size(package.unpacked)?;
    signing::admit(&mut tx, &target.id).await?;

    let mut row = VersionRow { revision: cx.rng.uuid(), modified: cx.now(), ..before.clone() };
    if let Some(architecture) = input.architectures.iter().flatten().next() {
        architecture.as_str().clone_into(&mut row.config.architecture);
    }
    let dry = input.dry_run == Some(true);
    if !dry {
        row.config.code = code::keep(svc, package.zip).await?;
        row.deployment = cx.rng.uuid();
    }
    let mut shown = (Version::LATEST, row.clone(), Moment::Updated);
    if !dry {
        table::put_version(&mut tx, &target.id, Version::LATEST, &row, Some(&before))?;
        if input.publish == Some(true) {
            let (version, published) = publish(cx, &mut tx, &target.id, &mut function, (&row, &attached)).await?;
            shown = (version, published, Moment::Created);
        }
        tx.commit().await?;
        svc.retire(&target.id).await;
        svc.expect(&target.id).await;
    }
    let (version, row, moment) = shown;
    let row = if moment == Moment::Updated { VersionRow { revision: cx.rng.uuid(), ..row } } else { row };
    let ending = if version == Version::LATEST { Ending::Name } else { Ending::Version };
    let (row, attached) = (&row, &attached);
    Ok(configuration(Shown { id: &target.id, version, row, moment, ending, attached }))
}

fn source(input: &mut UpdateFunctionCodeInput) -> CodeSource {
    CodeSource {
        operation: "UpdateFunctionCode",
        zip: input.zip_file.take(),
        bucket: input.s3_bucket.take(),
        key: input.s3_key.take(),
        object_version: input.s3_object_version.take(),
        image: input.image_uri.take(),
    }
}
