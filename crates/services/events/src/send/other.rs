//! Whatever else takes events here: topics, and what comes to do so. What nobody here runs is told to be so.

use updraft_kernel::ports::TargetEvent;

use super::{Sent, Trouble};
use crate::EventBridge;
use crate::model::parcel::Shipment;

pub(super) async fn send(svc: &EventBridge, shipment: &Shipment, body: String) -> Sent {
    let arn = &shipment.arn;
    let nobody = || Trouble::never("INVALID_PARAMETER", format!("{arn} is kept as a target, and not run here"));
    let port = svc.parts.targets.of(arn).ok_or_else(nobody)?;
    let event = TargetEvent {
        id: shipment.id(),
        target: arn.clone(),
        sender: shipment.sender(),
        body: body.into(),
        attributes: Vec::new(),
        detail_type: Some(shipment.event.detail_type.clone()),
        object_key: None,
        at: shipment.event.ingested,
        trace: shipment.event.trace.clone(),
    };
    Ok(port.send(event).await?)
}
