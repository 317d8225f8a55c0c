//! One event, as far as all of them are kept for a page.

use serde_json::Value;

use crate::api::text;
use crate::show;

/// Letters of a cause that are kept.
const KEPT: usize = 2_000;

#[derive(Clone, Debug, Default)]
pub(crate) struct Event {
    pub(crate) id: u64,
    /// The one before it on its way; 0: none.
    pub(crate) previous: u64,
    pub(crate) at: i64,
    /// `TaskStateEntered`.
    pub(crate) kind: String,
    /// The state's, where the event names one.
    pub(crate) name: String,
    /// Of a map's item.
    pub(crate) index: Option<u32>,
    /// What is called or was started, or the worker that took it.
    pub(crate) resource: String,
    pub(crate) fault: Option<Fault>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) error: String,
    pub(crate) cause: String,
}

impl Fault {
    /// The cause, or the message in it where it is what a function's failure looks like.
    pub(crate) fn message(&self) -> String {
        let parsed: Option<Value> = serde_json::from_str(&self.cause).ok();
        let message = parsed.as_ref().map(|cause| text(cause, "errorMessage")).unwrap_or_default();
        if message.is_empty() { self.cause.clone() } else { message.to_owned() }
    }
}

/// What an event says besides its type.
pub(crate) fn details(event: &Value) -> Option<&Value> {
    event.as_object()?.iter().find(|(name, _)| name.ends_with("EventDetails")).map(|(_, details)| details)
}

/// What a state set on leaving, by the event that says so: names and JSON.
pub(crate) fn assigned(event: &Value) -> impl Iterator<Item = (&str, &str)> {
    let set = details(event).and_then(|details| details.get("AssignedVariables")?.as_object());
    set.into_iter().flatten().filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
}

impl Event {
    /// Whether it is the same one.
    pub(super) fn is(&self, other: &Self) -> bool {
        (self.id, self.at, &self.kind) == (other.id, other.at, &other.kind)
    }

    pub(crate) fn read(event: &Value) -> Self {
        let number = |name: &str| event.get(name).and_then(Value::as_u64).unwrap_or(0);
        let none = Value::Null;
        let details = details(event).unwrap_or(&none);
        let kind = text(event, "Type").to_owned();
        let faulty = ["Failed", "TimedOut", "ExecutionAborted"].iter().any(|end| kind.ends_with(end));
        Self {
            id: number("Id"),
            previous: number("PreviousEventId"),
            at: show::millis(event.get("Timestamp")).unwrap_or(0),
            name: text(details, "Name").to_owned(),
            index: details.get("Index").and_then(Value::as_u64).and_then(|index| u32::try_from(index).ok()),
            resource: resource(details),
            fault: faulty
                .then(|| Fault { error: text(details, "Error").to_owned(), cause: kept(text(details, "Cause")) }),
            kind,
        }
    }

    /// In the table of events.
    pub(crate) fn note(&self) -> String {
        let fault = self.fault.as_ref().map(|fault| {
            let message = fault.message();
            if message.is_empty() { fault.error.clone() } else { format!("{}: {message}", fault.error) }
        });
        let item = self.index.map(|index| format!("item {index}"));
        fault.filter(|fault| !fault.is_empty()).or(item).unwrap_or_else(|| self.resource.clone())
    }

    /// Whether it begins one more try.
    pub(super) fn begins(&self) -> bool {
        self.kind.ends_with("Scheduled") || matches!(self.kind.as_str(), "MapStateStarted" | "ParallelStateStarted")
    }
}

fn resource(details: &Value) -> String {
    let (kind, resource) = (text(details, "ResourceType"), text(details, "Resource"));
    if resource.is_empty() {
        let other = ["MapRunArn", "WorkerName"].into_iter().map(|name| text(details, name));
        return other.into_iter().find(|text| !text.is_empty()).unwrap_or_default().to_owned();
    }
    let name = resource.split(":function:").last().unwrap_or_default();
    if kind.is_empty() { name.to_owned() } else { format!("{kind}:{name}") }
}

fn kept(text: &str) -> String {
    text.chars().take(KEPT).collect()
}
