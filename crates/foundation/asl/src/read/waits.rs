//! `Wait`.

use jiff::Timestamp;
use serde_json::Value;

use super::field::{Fields, query};
use super::{LONGEST, Notes};
use crate::definition::{Language, Waits, Written};

const WAYS: &[&str] = &["Seconds", "SecondsPath", "Timestamp", "TimestampPath"];

pub(super) fn waits(notes: &mut Notes, of: &Fields<'_>, language: Language) -> Option<Waits> {
    if WAYS.iter().filter(|name| of.has(name)).count() != 1 {
        notes.say(&of.at, format!("Exactly one of these fields is required: [{}]", WAYS.join(", ")));
        return None;
    }
    if of.has("Seconds") || of.has("SecondsPath") {
        return of.number(notes, ("Seconds", language), 0..=LONGEST).map(Waits::Seconds);
    }
    timestamp(notes, of, language).map(Waits::Timestamp)
}

fn timestamp(notes: &mut Notes, of: &Fields<'_>, language: Language) -> Option<Written<String>> {
    if of.has("TimestampPath") {
        return of.path(notes, "TimestampPath").map(Written::Path);
    }
    let text = of.text(notes, "Timestamp")?;
    match of.get("Timestamp") {
        Some(Value::String(text)) if language == Language::Jsonata && text.starts_with("{%") => {
            query(notes, text, &of.place("Timestamp")).map(Written::Query)
        }
        _ if text.parse::<Timestamp>().is_ok() => Some(Written::Fixed(text.to_owned())),
        _ => {
            notes.say(&of.place("Timestamp"), "String does not match RFC3339 timestamp");
            None
        }
    }
}
