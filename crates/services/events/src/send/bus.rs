//! Other buses, of any account and region here.

use std::time::Duration;

use updraft_kernel::ports::Sender;
use updraft_store::{StoreError, StoreExt};

use super::{SERVICE, Sent, Trouble};
use crate::model::event::{Event, id_of};
use crate::model::name::BusId;
use crate::model::parcel::Shipment;
use crate::model::publication::Publication;
use crate::{EventBridge, access, fanout, table};

/// For so long the same event isn't taken again.
const REMEMBERED: Duration = Duration::from_secs(3600);

/// AWS: an event keeps its account, and its id within a region; it goes from one bus to another once.
pub(super) async fn send(svc: &EventBridge, shipment: &Shipment, _body: &str) -> Sent {
    if shipment.forwarded {
        return Err(Trouble::never("THIRD_ACCOUNT_HOP_DETECTED", "An event is sent on from one bus to another once."));
    }
    let arn = &shipment.arn;
    let bus =
        BusId::of_arn(arn).ok_or_else(|| Trouble::never("INVALID_PARAMETER", format!("{arn} is no event bus")))?;
    let mut event = shipment.event.clone();
    if bus.region != shipment.rule.bus.region {
        event.id = id_of(&event.id, bus.region.as_str());
    }
    put(svc, &bus, shipment, event).await
}

async fn put(svc: &EventBridge, bus: &BusId, shipment: &Shipment, event: Event) -> Sent {
    let row = table::bus(&mut svc.parts.store.read().await.map_err(broken)?, bus).await?;
    access::check_sender(&sender(shipment), (bus, &row), svc.parts.clock.now())?;
    let publication = Publication { forwarded: true, ..Publication::of(bus, &shipment.endpoint, vec![event]) };
    let mut delivery = fanout::delivery(&publication)?;
    // Of several rules that send it there, each does.
    delivery.id = format!("events/{}", shipment.id());
    delivery.dedup_for = Some(REMEMBERED);
    svc.enqueue(&delivery).await.map_err(broken)
}

/// AWS: the target's role, or whoever is of the rule's account.
fn sender(shipment: &Shipment) -> Sender {
    let BusId { account, region, .. } = &shipment.rule.bus;
    let root = format!("arn:{}:iam::{account}:root", region.partition());
    let role = shipment.target.role_arn.as_deref().unwrap_or(&root);
    Sender::new(SERVICE, shipment.rule.arn()).acting_as(Some(role))
}

fn broken(error: StoreError) -> Trouble {
    Trouble::later("INTERNAL_ERROR", error.to_string())
}
