//! Functions: called asynchronously.

use std::sync::Arc;

use updraft_kernel::ports::{InvocationType, InvokeRequest};
use updraft_kernel::{Ctx, Identity, RequestId};

use super::{SERVICE, Sent};
use crate::EventBridge;
use crate::model::parcel::Shipment;

pub(super) async fn send(svc: &EventBridge, shipment: &Shipment, body: String) -> Sent {
    let request = InvokeRequest {
        function: shipment.arn.clone(),
        kind: InvocationType::Event,
        payload: body.into(),
        client_context: None,
        tail: false,
        source: Some((SERVICE, shipment.rule.arn())),
    };
    svc.parts.functions.invoke(&context(svc, shipment), request).await?;
    Ok(())
}

/// By the same request id each time the same event is sent there.
fn context(svc: &EventBridge, shipment: &Shipment) -> Ctx {
    let bus = &shipment.rule.bus;
    Ctx {
        identity: Arc::new(Identity::service(bus.account.clone(), SERVICE)),
        account: bus.account.clone(),
        region: bus.region.clone(),
        request_id: RequestId::new(shipment.id()),
        clock: Arc::clone(&svc.parts.clock),
        rng: Arc::clone(&svc.parts.rng),
        endpoint: shipment.endpoint.as_str().into(),
        trace: shipment.event.trace.as_deref().map(Arc::from),
        source_ip: None,
        via: None,
    }
}
