//! `DeleteArchive`: what it held goes by and by.

use updraft_api_events::types::{DeleteArchiveInput, DeleteArchiveOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::{ArchiveKey, Scope};
use crate::{EventBridge, background, table};

pub(crate) async fn delete_archive(
    svc: &EventBridge,
    cx: &Ctx,
    input: DeleteArchiveInput,
) -> Result<DeleteArchiveOutput, AwsError> {
    let (name, scope) = (input.archive_name, Scope::of(cx));
    let mut tx = svc.parts.store.write().await?;
    let archive = table::archive(&mut tx, scope, &name).await?;
    tx.delete_row(&ArchiveKey(scope, &name));
    background::look_after(svc, &mut tx, (scope, &name, archive.number), cx.now()).await?;
    table::source_changed(&mut tx, &archive, &*cx.rng)?;
    tx.commit().await?;
    Ok(DeleteArchiveOutput {})
}
