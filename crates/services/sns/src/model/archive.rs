//! What a topic keeps of what was published, and what of that a subscription wants again.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use updraft_kernel::UnixMillis;
use updraft_store::Row;

use super::message::Notification;
use super::subscription::Subscription;
use super::topic::Topic;

/// A message as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Archived {
    pub(crate) at: UnixMillis,
    pub(crate) endpoint: String,
    pub(crate) message: Notification,
}

impl Row for Archived {
    const VERSION: u8 = 1;
}

/// For how long a topic keeps what is published; `None`: it doesn't.
pub(crate) fn kept_for(topic: &Topic) -> Option<Duration> {
    let policy: Value = serde_json::from_str(topic.attribute("ArchivePolicy")?).ok()?;
    days(&policy).map(|days| Duration::from_secs(days.saturating_mul(24 * 3600)))
}

/// `MessageRetentionPeriod`: a number, or a number in text.
pub(crate) fn days(policy: &Value) -> Option<u64> {
    let days = policy.get("MessageRetentionPeriod")?;
    days.as_u64().or_else(|| days.as_str()?.parse().ok())
}

/// `ReplayPolicy`: from when, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: UnixMillis,
    pub(crate) until: Option<UnixMillis>,
}

impl Window {
    /// # Errors
    /// What is wrong with the policy.
    pub(crate) fn read(policy: &str) -> Result<Self, String> {
        let policy: Value = serde_json::from_str(policy).map_err(|_| "failed to parse JSON.".to_owned())?;
        let text = |name: &str| policy.get(name).and_then(Value::as_str);
        if text("PointType") != Some("Timestamp") {
            return Err("PointType must be Timestamp".to_owned());
        }
        let point = |name: &str| {
            let given = text(name).map(|text| text.parse::<jiff::Timestamp>());
            given.transpose().map_err(|_| format!("{name} is not a valid timestamp"))
        };
        let from = point("StartingPoint")?.ok_or("StartingPoint is required")?;
        let until = point("EndingPoint")?.map(|until| UnixMillis(until.as_millisecond()));
        let from = UnixMillis(from.as_millisecond());
        if until.is_some_and(|until| until <= from) {
            return Err("EndingPoint must be later than StartingPoint".to_owned());
        }
        Ok(Self { from, until })
    }
}

/// Attributes of subscriptions that nobody sees: which replay is the last, and how far it came.
const RUN: &str = "ReplayRun";
const REPLAYED_TO: &str = "ReplayedTo";
const STATUS: &str = "ReplayStatus";

pub(crate) const HIDDEN: [&str; 2] = [RUN, REPLAYED_TO];

/// Where a subscription's replay is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Pending,
    InProgress,
    Completed,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::InProgress => "In progress",
            Self::Completed => "Completed",
        }
    }
}

/// The subscription's replay from now on.
pub(crate) fn begin(row: &mut Subscription, run: &str) {
    row.attributes.remove(REPLAYED_TO);
    row.attributes.insert(RUN.to_owned(), run.to_owned());
    row.attributes.insert(STATUS.to_owned(), Status::Pending.name().to_owned());
}

/// Nothing is replayed any more.
pub(crate) fn end(attributes: &mut BTreeMap<String, String>) {
    for name in [RUN, REPLAYED_TO, STATUS] {
        attributes.remove(name);
    }
}

pub(crate) fn went_on(row: &mut Subscription, status: Status, last: Option<&str>) {
    row.attributes.insert(STATUS.to_owned(), status.name().to_owned());
    if let Some(last) = last {
        row.attributes.insert(REPLAYED_TO.to_owned(), last.to_owned());
    }
}

pub(crate) fn is_run(row: &Subscription, run: &str) -> bool {
    row.attribute(RUN) == Some(run)
}

/// Whether a message comes to the subscription as it is published, and not by a replay.
pub(crate) fn comes_at_once(row: &Subscription, message: &Notification, at: UnixMillis) -> bool {
    let window = row.attribute("ReplayPolicy").and_then(|policy| Window::read(policy).ok());
    let (Some(status), Some(window)) = (row.attribute(STATUS), window) else { return true };
    if at < window.from {
        return true;
    }
    // AWS: who asked for an end gets nothing new.
    let ended = status == Status::Completed.name() && window.until.is_none();
    ended && message.sequence.as_deref() > row.attribute(REPLAYED_TO)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(policy: &str) -> Result<Window, String> {
        Window::read(policy)
    }

    #[test]
    fn a_replay_begins_and_may_end() {
        let from = r#"{"PointType":"Timestamp","StartingPoint":"1970-01-01T00:00:01.000Z"}"#;
        assert_eq!(read(from), Ok(Window { from: UnixMillis(1000), until: None }));
        let both =
            r#"{"PointType":"Timestamp","StartingPoint":"1970-01-01T00:00:01Z","EndingPoint":"1970-01-01T00:00:02Z"}"#;
        assert_eq!(read(both), Ok(Window { from: UnixMillis(1000), until: Some(UnixMillis(2000)) }));
        for bad in ["{}", r#"{"PointType":"Timestamp"}"#, r#"{"PointType":"Timestamp","StartingPoint":"x"}"#, "x"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_new_comes_at_once_when_the_replay_is_through() {
        let policy = r#"{"PointType":"Timestamp","StartingPoint":"1970-01-01T00:00:01Z"}"#;
        let mut row = Subscription::default();
        row.attributes.insert("ReplayPolicy".into(), policy.into());
        begin(&mut row, "r");
        let message = |sequence: &str| Notification { sequence: Some(sequence.into()), ..Notification::default() };
        let (early, late) = (UnixMillis(999), UnixMillis(1000));
        assert!(comes_at_once(&row, &message("5"), early) && !comes_at_once(&row, &message("5"), late));
        went_on(&mut row, Status::Completed, Some("5"));
        assert!(!comes_at_once(&row, &message("5"), late) && comes_at_once(&row, &message("6"), late));
    }
}
