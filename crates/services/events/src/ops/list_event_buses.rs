//! `ListEventBuses`: by name; the default bus is one of them.

use updraft_api_events::types::{EventBus, ListEventBusesInput, ListEventBusesOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use super::paging::Page;
use crate::keys::{BusKey, name_of};
use crate::model::bus::Bus;
use crate::model::name::{BusId, DEFAULT};
use crate::{EventBridge, table};

pub(crate) async fn list_event_buses(
    svc: &EventBridge,
    cx: &Ctx,
    input: ListEventBusesInput,
) -> Result<ListEventBusesOutput, AwsError> {
    let page = Page::asked(input.limit, input.next_token.as_deref())?;
    let head = input.name_prefix.unwrap_or_default();
    let range = BusKey::starting(&cx.account, &cx.region, &head);
    let rows = table::all::<BusKey<'_>>(&mut svc.parts.store.read().await?, range).await?;
    let named = rows.into_iter().map(|(key, bus)| Ok((name_of(&key)?, bus)));
    let mut buses = named.collect::<Result<Vec<_>, AwsError>>()?;
    if DEFAULT.starts_with(&head) && !buses.iter().any(|(name, _)| name == DEFAULT) {
        buses.push((DEFAULT.to_owned(), Bus::untouched()));
        buses.sort_by(|(one, _), (other, _)| one.cmp(other));
    }
    let (buses, next_token) = page.cut(buses);
    Ok(ListEventBusesOutput { event_buses: Some(buses.into_iter().map(|one| shown(cx, one)).collect()), next_token })
}

fn shown(cx: &Ctx, (name, bus): (String, Bus)) -> EventBus {
    let id = BusId::given(cx, Some(&name));
    EventBus {
        name: Some(name),
        arn: Some(id.arn().to_string()),
        description: bus.description,
        policy: bus.policy,
        creation_time: Some(bus.created),
        last_modified_time: Some(bus.modified),
        managed_by: None,
    }
}
