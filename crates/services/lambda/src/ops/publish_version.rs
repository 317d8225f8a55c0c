//! `PublishVersion`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use updraft_api_lambda::types::{PublishVersionInput, PublishVersionOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use super::{latest_only, matches};
use crate::errors::invalid_parameter;
use crate::keys::VersionRow;
use crate::model::name::{Target, Version};
use crate::publish::publish;
use crate::table::Found;
use crate::view::{Ending, Moment, Shown, configuration};
use crate::{Lambda, table};

pub(crate) async fn publish_version(
    svc: &Lambda,
    cx: &Ctx,
    input: PublishVersionInput,
) -> Result<PublishVersionOutput, AwsError> {
    let target = Target::parse(cx, &input.function_name, None)?;
    latest_only(&target)?;
    let mut tx = svc.store.write().await?;
    let Found { mut function, row: latest, attached, .. } = table::find(&mut tx, &target).await?;
    matches(input.revision_id.as_deref(), &[&latest.revision])?;
    check_code(input.code_sha256.as_deref(), &latest)?;

    let mut source = latest.clone();
    if let Some(description) = input.description.filter(|text| !text.is_empty()) {
        source.config.description = description;
    }
    let before = function.last_version;
    let (version, row) = publish(cx, &mut tx, &target.id, &mut function, (&source, &attached)).await?;
    if function.last_version != before {
        // AWS: publishing gives $LATEST a new revision too (recorded: `test_lambda_permission_fn_versioning`).
        let touched = VersionRow { revision: cx.rng.uuid(), ..latest.clone() };
        table::put_version(&mut tx, &target.id, Version::LATEST, &touched, Some(&latest))?;
        tx.commit().await?;
    }
    let (row, attached, moment) = (&row, &attached, Moment::Settled);
    Ok(configuration(Shown { id: &target.id, version, row, moment, ending: Ending::Version, attached }))
}

fn check_code(given: Option<&str>, latest: &VersionRow) -> Result<(), AwsError> {
    let current = STANDARD.encode(latest.config.code.sha256);
    match given {
        Some(given) if !given.is_empty() && given != current => Err(invalid_parameter(format!(
            "CodeSHA256 ({given}) is different from current CodeSHA256 in $LATEST ({current}). Please try again with \
             the CodeSHA256 in $LATEST."
        ))),
        _ => Ok(()),
    }
}
