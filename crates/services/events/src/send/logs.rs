//! Log groups: a line for each event, in a stream of its own. The group keeps it soon, not at once.

use serde_json::Value;
use updraft_kernel::ports::{LogBatch, LogLine};
use updraft_kernel::{AccountId, Region, UnixMillis};

use super::{Sent, Trouble};
use crate::EventBridge;
use crate::model::parcel::Shipment;

pub(super) fn send(svc: &EventBridge, shipment: &Shipment, body: &str) -> Sent {
    let arn = &shipment.arn;
    let group = arn.resource.strip_prefix("log-group:").map(|group| group.trim_end_matches(":*"));
    let place = AccountId::parse(&arn.account).ok().zip(Region::parse(&arn.region).ok()).zip(group);
    let ((account, region), group) =
        place.ok_or_else(|| Trouble::never("INVALID_PARAMETER", format!("{arn} is no log group")))?;
    let batch =
        LogBatch { account, region, group: group.to_owned(), stream: shipment.id(), lines: vec![line(shipment, body)] };
    svc.parts.logs.append(batch);
    Ok(())
}

/// AWS: a template says time and message of the line.
fn line(shipment: &Shipment, body: &str) -> LogLine {
    let usual = || LogLine { at: shipment.event.ingested, message: body.to_owned() };
    if shipment.target.input_transformer.is_none() {
        return usual();
    }
    let said = serde_json::from_str::<Value>(body).ok();
    let said = said.as_ref().and_then(|said| {
        let at = said.get("timestamp")?;
        let at = at.as_i64().or_else(|| at.as_str()?.parse().ok()).map_or(shipment.event.ingested, UnixMillis);
        Some(LogLine { at, message: said.get("message")?.as_str()?.to_owned() })
    });
    said.unwrap_or_else(usual)
}
