//! `ListReplays`: by name, of one archive or of one state where that is asked for.

use updraft_api_events::types::{ListReplaysInput, ListReplaysOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::paging::Page;
use crate::keys::{ReplayKey, Scope, name_of};
use crate::{EventBridge, table};

pub(crate) async fn list_replays(
    svc: &EventBridge,
    cx: &Ctx,
    input: ListReplaysInput,
) -> Result<ListReplaysOutput, AwsError> {
    let page = Page::asked(input.limit, input.next_token.as_deref())?;
    let range = ReplayKey::starting(Scope::of(cx), input.name_prefix.as_deref().unwrap_or_default());
    let mut named = Vec::new();
    for (key, replay) in table::all::<ReplayKey<'_>>(&mut svc.parts.store.read().await?, range).await? {
        let of_archive = input.event_source_arn.as_ref().is_none_or(|archive| *archive == replay.source);
        if of_archive && input.state.as_ref().is_none_or(|state| *state == replay.state()) {
            let name = name_of(&key)?;
            let shown = replay.shown(&name);
            named.push((name, shown));
        }
    }
    let (named, next_token) = page.cut(named);
    Ok(ListReplaysOutput { replays: Some(named.into_iter().map(|(_, shown)| shown).collect()), next_token })
}
