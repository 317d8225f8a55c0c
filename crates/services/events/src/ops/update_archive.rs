//! `UpdateArchive`: what isn't given stays.

use updraft_api_events::types::{ArchiveState, UpdateArchiveInput, UpdateArchiveOutput};
use updraft_expr::pattern::Pattern;
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::{invalid_pattern, validation};
use crate::keys::{ArchiveKey, Scope};
use crate::{EventBridge, table};

pub(crate) async fn update_archive(
    svc: &EventBridge,
    cx: &Ctx,
    input: UpdateArchiveInput,
) -> Result<UpdateArchiveOutput, AwsError> {
    if input.event_pattern.is_none() && input.retention_days.is_none() && input.description.is_none() {
        return Err(validation("At least one of EventPattern, RetentionDays or Description must be provided."));
    }
    if let Some(pattern) = &input.event_pattern {
        Pattern::parse(pattern).map_err(|why| invalid_pattern(why.reason()))?;
    }
    let (name, scope) = (input.archive_name, Scope::of(cx));
    let mut tx = svc.parts.store.write().await?;
    let mut archive = table::archive(&mut tx, scope, &name).await?;
    archive.pattern = input.event_pattern.or(archive.pattern);
    archive.description = input.description.or(archive.description);
    let days = input.retention_days.and_then(|days| u32::try_from(days).ok());
    archive.retention_days = days.unwrap_or(archive.retention_days);
    archive.kms_key = input.kms_key_identifier.or(archive.kms_key);
    tx.put_row(&ArchiveKey(scope, &name), &archive)?;
    table::source_changed(&mut tx, &archive, &*cx.rng)?;
    tx.commit().await?;
    Ok(UpdateArchiveOutput {
        archive_arn: Some(cx.arn("events", format!("archive/{name}")).to_string()),
        state: Some(ArchiveState::Enabled),
        state_reason: None,
        creation_time: Some(archive.created),
    })
}
