//! `DescribeArchive`.

use updraft_api_events::types::{DescribeArchiveInput, DescribeArchiveOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::{HeldKey, Scope};
use crate::{EventBridge, table};

pub(crate) async fn describe_archive(
    svc: &EventBridge,
    cx: &Ctx,
    input: DescribeArchiveInput,
) -> Result<DescribeArchiveOutput, AwsError> {
    let (name, scope) = (input.archive_name, Scope::of(cx));
    let mut tx = svc.parts.store.read().await?;
    let archive = table::archive(&mut tx, scope, &name).await?;
    let held = tx.row(&HeldKey(scope, archive.number)).await?.unwrap_or_default();
    let shown = archive.shown(&name, held);
    Ok(DescribeArchiveOutput {
        archive_arn: Some(cx.arn("events", format!("archive/{name}")).to_string()),
        archive_name: shown.archive_name,
        event_source_arn: shown.event_source_arn,
        description: archive.description,
        event_pattern: archive.pattern,
        state: shown.state,
        state_reason: None,
        kms_key_identifier: archive.kms_key,
        retention_days: shown.retention_days,
        size_bytes: shown.size_bytes,
        event_count: shown.event_count,
        creation_time: shown.creation_time,
    })
}
