//! One entry of `PutEvents`: what is wrong with it, or the event that it makes.

use serde_json::{Map, Value};
use updraft_api_events::types::PutEventsRequestEntry;
use updraft_kernel::{Ctx, RngExt};

use super::event::Event;

/// AWS: of all entries together.
pub(crate) const MOST_BYTES: usize = 1 << 20;
/// AWS: a time counts as much, however it is written.
const TIME_BYTES: usize = 14;

/// Why an entry wasn't taken: code and message.
pub(crate) type Refused = (&'static str, String);

/// As AWS counts it.
pub(crate) fn size(entry: &PutEventsRequestEntry) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let resources: usize = entry.resources.iter().flatten().map(String::len).sum();
    let time = entry.time.map_or(0, |_| TIME_BYTES);
    time + text(&entry.source) + text(&entry.detail_type) + text(&entry.detail) + resources
}

/// # Errors
/// What is wrong with it, in AWS's words.
pub(crate) fn event(cx: &Ctx, entry: PutEventsRequestEntry) -> Result<Event, Refused> {
    let source = required(entry.source, "Source")?;
    if source.starts_with("aws.") {
        return Err(("NotAuthorizedForSourceException", "Not authorized for the source.".to_owned()));
    }
    let detail_type = required(entry.detail_type, "DetailType")?;
    let detail = required(entry.detail, "Detail")?;
    let object: Map<String, Value> =
        serde_json::from_str(&detail).map_err(|_| ("MalformedDetail", "Detail is malformed.".to_owned()))?;
    Ok(Event {
        id: cx.rng.uuid(),
        detail_type,
        source,
        account: cx.account.clone(),
        region: cx.region.clone(),
        time: entry.time.unwrap_or_else(|| cx.now()),
        resources: entry.resources.unwrap_or_default(),
        detail: Value::Object(object).to_string(),
        ingested: cx.now(),
        trace: entry.trace_header.or_else(|| cx.trace.as_deref().map(str::to_owned)),
        replay: None,
    })
}

fn required(given: Option<String>, name: &str) -> Result<String, Refused> {
    let missing =
        || ("InvalidArgument", format!("Parameter {name} is not valid. Reason: {name} is a required argument."));
    given.filter(|text| !text.is_empty()).ok_or_else(missing)
}
