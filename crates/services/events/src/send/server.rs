//! Servers: API destinations, and APIs of API Gateway.

use updraft_kernel::ports::ServerCall;

use super::{SERVICE, Sent, Trouble};
use crate::EventBridge;
use crate::model::parcel::Shipment;

/// What it answers is nobody's.
pub(super) async fn send(svc: &EventBridge, shipment: &Shipment, body: String) -> Sent {
    let call = call(shipment, body);
    if call.target.service == "events" {
        return svc.call(&call).await.map(drop);
    }
    let nobody =
        || Trouble::never("INVALID_PARAMETER", format!("{} is kept as a target, and not run here", call.target));
    let port = svc.parts.targets.of(&call.target).ok_or_else(nobody)?;
    Ok(port.call(call).await.map(drop)?)
}

fn call(shipment: &Shipment, body: String) -> ServerCall {
    let said = shipment.target.http_parameters.clone().unwrap_or_default();
    ServerCall {
        target: shipment.arn.clone(),
        source: (SERVICE, shipment.rule.arn()),
        path: said.path_parameter_values.unwrap_or_default(),
        headers: said.header_parameters.into_iter().flatten().collect(),
        query: said.query_string_parameters.into_iter().flatten().collect(),
        body: body.into(),
    }
}
