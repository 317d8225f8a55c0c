//! `ListApiDestinations`: by name, of one connection where that is asked for.

use updraft_api_events::types::{ListApiDestinationsInput, ListApiDestinationsOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::paging::Page;
use crate::connections::{destination_arn, state};
use crate::keys::{DestinationKey, Scope, name_of};
use crate::{EventBridge, table};

pub(crate) async fn list_api_destinations(
    svc: &EventBridge,
    cx: &Ctx,
    input: ListApiDestinationsInput,
) -> Result<ListApiDestinationsOutput, AwsError> {
    let page = Page::asked(input.limit, input.next_token.as_deref())?;
    let range = DestinationKey::starting(Scope::of(cx), input.name_prefix.as_deref().unwrap_or_default());
    let mut named = Vec::new();
    let mut tx = svc.parts.store.read().await?;
    for (key, row) in table::all::<DestinationKey<'_>>(&mut tx, range).await? {
        if input.connection_arn.as_ref().is_none_or(|connection| *connection == row.connection) {
            let name = name_of(&key)?;
            let listed = row.listed(&name, destination_arn(cx, &name, &row), state(&mut tx, cx, &row).await?);
            named.push((name, listed));
        }
    }
    let (named, next_token) = page.cut(named);
    Ok(ListApiDestinationsOutput {
        api_destinations: Some(named.into_iter().map(|(_, one)| one).collect()),
        next_token,
    })
}
