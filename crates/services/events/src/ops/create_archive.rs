//! `CreateArchive`: of a bus's events from now on.

use updraft_api_events::types::{ArchiveState, CreateArchiveInput, CreateArchiveOutput};
use updraft_expr::pattern::Pattern;
use updraft_kernel::{Arn, AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use crate::errors::{already_exists, invalid_pattern, not_valid};
use crate::keys::{ArchiveKey, Scope};
use crate::model::archive::Archive;
use crate::model::name::BusId;
use crate::{EventBridge, background, table};

pub(crate) async fn create_archive(
    svc: &EventBridge,
    cx: &Ctx,
    input: CreateArchiveInput,
) -> Result<CreateArchiveOutput, AwsError> {
    let (name, scope) = (input.archive_name, Scope::of(cx));
    let source = Arn::parse(&input.event_source_arn).ok().and_then(|arn| BusId::of_arn(&arn));
    let bus = source.filter(|bus| bus.account == cx.account && bus.region == cx.region);
    let bus = bus.ok_or_else(|| not_valid("EventSourceArn"))?;
    if let Some(pattern) = &input.event_pattern {
        Pattern::parse(pattern).map_err(|why| invalid_pattern(why.reason()))?;
    }
    let archive = Archive {
        number: cx.rng.u64(),
        created: cx.now(),
        source: bus.arn().to_string(),
        description: input.description,
        pattern: input.event_pattern,
        retention_days: input.retention_days.and_then(|days| u32::try_from(days).ok()).unwrap_or(0),
        kms_key: input.kms_key_identifier,
    };
    let mut tx = svc.parts.store.write().await?;
    if tx.row(&ArchiveKey(scope, &name)).await?.is_some() {
        return Err(already_exists(format_args!("Archive {name}")));
    }
    table::bus(&mut tx, &bus).await?;
    tx.put_row(&ArchiveKey(scope, &name), &archive)?;
    let due = background::first_look(cx.now());
    background::look_after(svc, &mut tx, (scope, &name, archive.number), due).await?;
    table::changed(&mut tx, &bus, &*cx.rng)?;
    tx.commit().await?;
    Ok(CreateArchiveOutput {
        archive_arn: Some(cx.arn("events", format!("archive/{name}")).to_string()),
        state: Some(ArchiveState::Enabled),
        state_reason: None,
        creation_time: Some(archive.created),
    })
}
