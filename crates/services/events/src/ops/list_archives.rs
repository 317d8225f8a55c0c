//! `ListArchives`: by name, of one bus or of one state where that is asked for.

use updraft_api_events::types::{ArchiveState, ListArchivesInput, ListArchivesOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::paging::Page;
use crate::keys::{ArchiveKey, HeldKey, Scope, name_of};
use crate::{EventBridge, table};

pub(crate) async fn list_archives(
    svc: &EventBridge,
    cx: &Ctx,
    input: ListArchivesInput,
) -> Result<ListArchivesOutput, AwsError> {
    let (page, scope) = (Page::asked(input.limit, input.next_token.as_deref())?, Scope::of(cx));
    let mut tx = svc.parts.store.read().await?;
    let range = ArchiveKey::starting(scope, input.name_prefix.as_deref().unwrap_or_default());
    let mut named = Vec::new();
    for (key, archive) in table::all::<ArchiveKey<'_>>(&mut tx, range).await? {
        let of_bus = input.event_source_arn.as_ref().is_none_or(|bus| *bus == archive.source);
        let of_state = input.state.as_ref().is_none_or(|state| *state == ArchiveState::Enabled);
        if of_bus && of_state {
            let held = tx.row(&HeldKey(scope, archive.number)).await?.unwrap_or_default();
            let name = name_of(&key)?;
            let shown = archive.shown(&name, held);
            named.push((name, shown));
        }
    }
    let (named, next_token) = page.cut(named);
    Ok(ListArchivesOutput { archives: Some(named.into_iter().map(|(_, shown)| shown).collect()), next_token })
}
