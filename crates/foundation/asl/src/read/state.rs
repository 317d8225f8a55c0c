//! One state.

use std::sync::Arc;

use serde_json::Value;

use super::field::{Fields, wrong};
use super::{Notes, choices, handlers, machine, maps, resource, shape, waits};
use crate::definition::{After, Failure, Handling, Kind, Language, Machine, State, Written};
use crate::lang::Expression;

/// Of all states.
const COMMON: &[&str] = &["Type", "Comment", "QueryLanguage"];
const FLOW: &[&str] = &["Next", "End"];
const HANDLERS: &[&str] = &["Retry", "Catch"];

pub(crate) fn state(notes: &mut Notes, name: &str, value: &Value, at: &str, outer: Language) -> Option<State> {
    let fields = Fields::of(notes, value, at)?;
    if !fields.required(notes, &["Type"]) {
        return None;
    }
    let language = fields.language(notes, outer);
    let kind_name = fields.text(notes, "Type")?;
    let Some(own) = own_fields(kind_name) else {
        let kinds = "[Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]";
        return wrong(notes, &fields.place("Type"), &format!("one of {kinds}"));
    };
    let shaping = shape::fields(kind_name, language);
    let flow: &[&str] = if ends_by_itself(kind_name) { &[] } else { FLOW };
    let handled: &[&str] = if handles(kind_name) { HANDLERS } else { &[] };
    fields.only(notes, &[COMMON, own, shaping, flow, handled].concat());
    let after = if flow.is_empty() { After::End } else { after(notes, &fields)? };
    let kind = kind(notes, &fields, kind_name, language)?;
    let handling = if handles(kind_name) { handlers::handling(notes, &fields, language) } else { Handling::default() };
    let data = shape::data(notes, &fields, kind_name, language);
    let comment = fields.text(notes, "Comment").map(str::to_owned);
    Some(State { name: Arc::from(name), language, data, kind, after, handling, comment })
}

/// What only states of this kind have. `None`: there is no such kind.
fn own_fields(kind: &str) -> Option<&'static [&'static str]> {
    Some(match kind {
        "Pass" => &["Result"],
        "Task" => &[
            "Resource",
            "TimeoutSeconds",
            "TimeoutSecondsPath",
            "HeartbeatSeconds",
            "HeartbeatSecondsPath",
            "Credentials",
        ],
        "Choice" => &["Choices", "Default"],
        "Wait" => &["Seconds", "SecondsPath", "Timestamp", "TimestampPath"],
        "Succeed" => &[],
        "Fail" => &["Error", "ErrorPath", "Cause", "CausePath"],
        "Parallel" => &["Branches"],
        "Map" => maps::FIELDS,
        _ => return None,
    })
}

fn ends_by_itself(kind: &str) -> bool {
    matches!(kind, "Succeed" | "Fail" | "Choice")
}

fn handles(kind: &str) -> bool {
    matches!(kind, "Task" | "Parallel" | "Map")
}

fn after(notes: &mut Notes, fields: &Fields<'_>) -> Option<After> {
    let (next, end) = (fields.text(notes, "Next"), fields.flag(notes, "End"));
    match (next, end) {
        (Some(next), None | Some(false)) => Some(After::Next(Arc::from(next))),
        (None, Some(true)) => Some(After::End),
        (Some(_), Some(true)) => {
            notes.say(&fields.at, "Only one of [Next, End] is allowed");
            None
        }
        _ => {
            notes.say(&fields.at, "One of these fields is required: [Next, End]");
            None
        }
    }
}

fn kind(notes: &mut Notes, fields: &Fields<'_>, kind: &str, language: Language) -> Option<Kind> {
    Some(match kind {
        "Pass" => Kind::Pass(fields.get("Result").cloned()),
        "Task" => Kind::Task(Box::new(resource::task(notes, fields, language)?)),
        "Choice" => Kind::Choice(choices::choice(notes, fields, language)?),
        "Wait" => Kind::Wait(waits::waits(notes, fields, language)?),
        "Succeed" => Kind::Succeed,
        "Fail" => Kind::Fail(failure(notes, fields, language)),
        "Parallel" => Kind::Parallel(branches(notes, fields, language)?),
        _ => Kind::Map(Box::new(maps::map(notes, fields, language)?)),
    })
}

fn failure(notes: &mut Notes, fields: &Fields<'_>, language: Language) -> Failure {
    let mut said = |name| said(notes, fields, name, language);
    Failure { error: said("Error"), cause: said("Cause") }
}

/// Text: written, by a path or an intrinsic function, or by JSONata.
fn said(notes: &mut Notes, fields: &Fields<'_>, name: &str, language: Language) -> Option<Written<String>> {
    let by_path = format!("{name}Path");
    match language {
        Language::Jsonata => match fields.text(notes, name)? {
            text if text.starts_with("{%") => fields.query(notes, name).map(Written::Query),
            text => Some(Written::Fixed(text.to_owned())),
        },
        Language::Paths if fields.has(&by_path) => {
            let text = fields.text(notes, &by_path)?;
            match Expression::parse(text) {
                Ok(Expression::Path(path)) => Some(Written::Path(path)),
                Ok(call) => Some(Written::Call(call)),
                Err(wrong) => {
                    notes.say(&fields.place(&by_path), format!("The value for the field '{by_path}' {wrong}"));
                    None
                }
            }
        }
        Language::Paths => fields.text(notes, name).map(|text| Written::Fixed(text.to_owned())),
    }
}

fn branches(notes: &mut Notes, fields: &Fields<'_>, language: Language) -> Option<Vec<Machine>> {
    if !fields.required(notes, &["Branches"]) {
        return None;
    }
    let list = fields.list(notes, "Branches")?;
    let mut branches = Vec::with_capacity(list.len());
    for (n, branch) in list.iter().enumerate() {
        let at = format!("{}[{n}]", fields.place("Branches"));
        let fields = Fields::of(notes, branch, &at)?;
        fields.only(notes, &["Comment", "StartAt", "States", "QueryLanguage"]);
        branches.push(machine(notes, &fields, language)?);
    }
    if branches.is_empty() {
        notes.say(&fields.place("Branches"), "Branches must have at least one branch");
    }
    Some(branches)
}
