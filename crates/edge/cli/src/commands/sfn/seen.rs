//! What a history tells of states.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Of an execution, by the names of its states.
#[derive(Debug, Default)]
pub(super) struct Seen {
    states: BTreeMap<String, Counts>,
    /// From where to where it went.
    ways: BTreeSet<(String, String)>,
    /// Which state was left by which event.
    left: BTreeMap<u64, String>,
    first: Option<f64>,
}

#[derive(Debug, Default)]
struct Counts {
    entered: u32,
    left: u32,
    /// Seconds.
    took: f64,
    since: f64,
}

/// What became of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Never,
    Left,
    /// It was entered more often than left.
    Stuck,
}

/// Name and details of the state that an event is about.
pub(super) fn state(event: &Value) -> Option<(&str, &Value)> {
    let details = event.get("stateEnteredEventDetails").or_else(|| event.get("stateExitedEventDetails"))?;
    Some((details.get("name")?.as_str()?, details))
}

impl Seen {
    pub(super) fn add(&mut self, event: &Value) {
        let kind = event.get("type").and_then(Value::as_str).unwrap_or_default();
        let at = event.get("timestamp").and_then(Value::as_f64).unwrap_or_default();
        let number = |name: &str| event.get(name).and_then(Value::as_u64).unwrap_or_default();
        self.first.get_or_insert(at);
        let Some((name, _)) = state(event) else { return };
        let counts = self.states.entry(name.to_owned()).or_default();
        if kind.ends_with("Entered") {
            counts.entered += 1;
            counts.since = at;
            if let Some(from) = self.left.get(&number("previousEventId")) {
                self.ways.insert((from.clone(), name.to_owned()));
            }
        } else {
            counts.left += 1;
            counts.took += at - counts.since;
            self.left.insert(number("id"), name.to_owned());
        }
    }

    /// Seconds since the first event.
    pub(super) fn since(&self, event: &Value) -> f64 {
        let at = event.get("timestamp").and_then(Value::as_f64).unwrap_or_default();
        at - self.first.unwrap_or(at)
    }

    pub(super) fn fate(&self, name: &str) -> Fate {
        match self.states.get(name) {
            None => Fate::Never,
            Some(counts) if counts.left >= counts.entered => Fate::Left,
            Some(_) => Fate::Stuck,
        }
    }

    pub(super) fn taken(&self, from: &str, to: &str) -> bool {
        self.ways.contains(&(from.to_owned(), to.to_owned()))
    }

    /// How often and how long.
    pub(super) fn told(&self, name: &str) -> String {
        let Some(counts) = self.states.get(name) else { return String::new() };
        let often = if counts.entered > 1 { format!("{}×  ", counts.entered) } else { String::new() };
        if counts.left == 0 { often } else { format!("{often}{}", duration(counts.took)) }
    }
}

/// `12 ms`, `3.4 s`.
pub(super) fn duration(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.0} ms", seconds * 1_000.0) } else { format!("{seconds:.1} s") }
}
