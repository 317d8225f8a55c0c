//! Queues: what goes to one goes in one transaction.

use std::collections::BTreeMap;

use updraft_kernel::Arn;
use updraft_kernel::ports::{QueueMessage, Sender};

use super::{Sent, Trouble};
use crate::EventBridge;
use crate::model::parcel::Shipment;

pub(super) async fn send(svc: &EventBridge, shipments: &[Shipment], bodies: Vec<Result<String, Trouble>>) -> Vec<Sent> {
    let Some(first) = shipments.first() else { return Vec::new() };
    let (mut known, mut messages) = (Vec::with_capacity(bodies.len()), Vec::with_capacity(bodies.len()));
    for (shipment, body) in shipments.iter().zip(bodies) {
        match body {
            Ok(body) => {
                known.push(None);
                messages.push(message(shipment, body));
            }
            Err(trouble) => known.push(Some(Err(trouble))),
        }
    }
    let mut answers = send_to(svc, (&first.arn, &first.sender()), messages).await.into_iter();
    let missing = || Err(Trouble::internal());
    known.into_iter().map(|known| known.unwrap_or_else(|| answers.next().unwrap_or_else(missing))).collect()
}

/// One result for each.
pub(crate) async fn send_to(
    svc: &EventBridge,
    (queue, sender): (&Arn, &Sender),
    messages: Vec<QueueMessage>,
) -> Vec<Sent> {
    let count = messages.len();
    if count == 0 {
        return Vec::new();
    }
    match svc.parts.queues.send(queue, sender, messages).await {
        Ok(results) => results.into_iter().map(|result| result.map_err(Trouble::from)).collect(),
        Err(error) => vec![Err(Trouble::from(error)); count],
    }
}

fn message(shipment: &Shipment, body: String) -> QueueMessage {
    let group = shipment.target.sqs_parameters.as_ref().and_then(|parameters| parameters.message_group_id.clone());
    QueueMessage {
        id: shipment.id(),
        body: body.into(),
        attributes: BTreeMap::new(),
        group,
        // AWS: the queue has to tell duplicates by their content.
        deduplication: None,
        trace: shipment.event.trace.clone(),
    }
}
