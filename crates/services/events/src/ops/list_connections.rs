//! `ListConnections`: by name.

use updraft_api_events::types::{ListConnectionsInput, ListConnectionsOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::paging::Page;
use crate::connections::arn;
use crate::keys::{ConnectionKey, Scope, name_of};
use crate::{EventBridge, table};

pub(crate) async fn list_connections(
    svc: &EventBridge,
    cx: &Ctx,
    input: ListConnectionsInput,
) -> Result<ListConnectionsOutput, AwsError> {
    let page = Page::asked(input.limit, input.next_token.as_deref())?;
    let range = ConnectionKey::starting(Scope::of(cx), input.name_prefix.as_deref().unwrap_or_default());
    let mut named = Vec::new();
    for (key, row) in table::all::<ConnectionKey<'_>>(&mut svc.parts.store.read().await?, range).await? {
        if input.connection_state.as_ref().is_none_or(|state| *state == row.state()) {
            let name = name_of(&key)?;
            let listed = row.listed(&name, arn(cx, &name, &row));
            named.push((name, listed));
        }
    }
    let (named, next_token) = page.cut(named);
    Ok(ListConnectionsOutput { connections: Some(named.into_iter().map(|(_, one)| one).collect()), next_token })
}
