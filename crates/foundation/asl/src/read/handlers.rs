//! `Retry` and `Catch`.

use std::sync::Arc;

use serde_json::Value;

use super::field::{Fields, wrong};
use super::{Notes, shape};
use crate::definition::{Catcher, Handling, Language, Retrier};

pub(super) fn handling(notes: &mut Notes, of: &Fields<'_>, language: Language) -> Handling {
    let retry = each(notes, of, "Retry", &mut |notes, of| retrier(notes, of));
    let catch = each(notes, of, "Catch", &mut |notes, of| catcher(notes, of, language));
    Handling { retry, catch }
}

fn each<T>(
    notes: &mut Notes,
    of: &Fields<'_>,
    name: &str,
    read: &mut dyn FnMut(&mut Notes, &Fields<'_>) -> Option<T>,
) -> Vec<T> {
    let list = of.list(notes, name).unwrap_or_default();
    let mut found = Vec::with_capacity(list.len());
    for (n, value) in list.iter().enumerate() {
        let at = format!("{}[{n}]", of.place(name));
        let Some(one) = Fields::of(notes, value, &at) else { continue };
        all_comes_last(notes, &one, n + 1 == list.len());
        found.extend(read(notes, &one));
    }
    found
}

/// `States.ALL` stands alone, and in the last one.
fn all_comes_last(notes: &mut Notes, of: &Fields<'_>, last: bool) {
    let names = of.get("ErrorEquals").and_then(Value::as_array);
    let all = names.is_some_and(|names| names.iter().any(|name| name == "States.ALL"));
    if all && (!last || names.is_some_and(|names| names.len() > 1)) {
        let message = "'States.ALL' must appear alone and in the last retrier or catcher";
        notes.say(&of.place("ErrorEquals"), message);
    }
}

fn errors(notes: &mut Notes, of: &Fields<'_>) -> Option<Vec<String>> {
    if !of.required(notes, &["ErrorEquals"]) {
        return None;
    }
    let list = of.list(notes, "ErrorEquals")?;
    let names: Option<Vec<String>> = list.iter().map(|name| name.as_str().map(str::to_owned)).collect();
    match names {
        Some(names) if !names.is_empty() => Some(names),
        _ => wrong(notes, &of.place("ErrorEquals"), "an array of error names that isn't empty"),
    }
}

fn retrier(notes: &mut Notes, of: &Fields<'_>) -> Option<Retrier> {
    of.only(
        notes,
        &[
            "Comment",
            "ErrorEquals",
            "IntervalSeconds",
            "MaxAttempts",
            "BackoffRate",
            "MaxDelaySeconds",
            "JitterStrategy",
        ],
    );
    let errors = errors(notes, of)?;
    let most = of.whole(notes, "MaxAttempts", 0..=99_999_999).unwrap_or(3);
    Some(Retrier {
        errors,
        interval: of.whole(notes, "IntervalSeconds", 1..=99_999_999).unwrap_or(1),
        most: u32::try_from(most).unwrap_or(u32::MAX),
        rate: rate(notes, of),
        max_delay: of.whole(notes, "MaxDelaySeconds", 1..=31_622_399),
        jitter: jitter(notes, of),
    })
}

fn rate(notes: &mut Notes, of: &Fields<'_>) -> f64 {
    let Some(written) = of.get("BackoffRate") else { return 2.0 };
    let rate = written.as_f64().filter(|rate| *rate >= 1.0);
    rate.or_else(|| wrong(notes, &of.place("BackoffRate"), "a number of at least 1.0")).unwrap_or(2.0)
}

fn jitter(notes: &mut Notes, of: &Fields<'_>) -> bool {
    match of.text(notes, "JitterStrategy") {
        None | Some("NONE") => false,
        Some("FULL") => true,
        Some(_) => wrong(notes, &of.place("JitterStrategy"), "one of [FULL, NONE]").unwrap_or(false),
    }
}

fn catcher(notes: &mut Notes, of: &Fields<'_>, language: Language) -> Option<Catcher> {
    let own = if language == Language::Paths { "ResultPath" } else { "Output" };
    of.only(notes, &["Comment", "ErrorEquals", "Next", "Assign", own]);
    let errors = errors(notes, of)?;
    if !of.required(notes, &["Next"]) {
        return None;
    }
    Some(Catcher {
        errors,
        next: Arc::from(of.text(notes, "Next")?),
        result: shape::place(notes, of),
        output: if language == Language::Jsonata { of.template(notes, "Output", language) } else { None },
        assign: shape::assign(notes, of, language),
    })
}
