//! Why an execution ended as it did, in one sentence.

use maud::{Markup, html};
use serde_json::Value;

use super::event::Fault;
use super::fold::Trace;
use crate::api::text;

/// `None` where nothing went wrong. `link`: to a visit.
pub(crate) fn why(execution: &Value, trace: &Trace, link: &dyn Fn(usize) -> String) -> Option<Markup> {
    let told = Fault { error: text(execution, "Error").to_owned(), cause: text(execution, "Cause").to_owned() };
    let reason = html! {
        @if !told.error.is_empty() { ": " b { (told.error) } }
        @if !told.cause.is_empty() { " – " (told.message()) }
    };
    match text(execution, "Status") {
        "FAILED" => Some(match trace.culprit() {
            Some((at, fault)) => {
                html! { (culprit(trace, at, link)) " failed" (tries(trace, at)) (items(trace, at)) (because(&fault, &told)) }
            }
            None => html! { "The execution failed" (reason) },
        }),
        "TIMED_OUT" => Some(html! { "It took longer than the state machine's TimeoutSeconds allows" (reason) }),
        "ABORTED" => Some(html! { "It was stopped" (reason) }),
        _ => None,
    }
}

fn culprit(trace: &Trace, at: usize, link: &dyn Fn(usize) -> String) -> Markup {
    let name = trace.visits.get(at).map(|visit| visit.name.as_str()).unwrap_or_default();
    html! { a href=(link(at)) { (name) } }
}

fn tries(trace: &Trace, at: usize) -> String {
    match trace.visits.get(at).map_or(0, |visit| visit.tries) {
        0 | 1 => String::new(),
        tries => format!(" after {tries} tries"),
    }
}

fn items(trace: &Trace, at: usize) -> String {
    let items = trace.items_around(at).into_iter().filter_map(|pick| {
        let map = trace.visits.get(pick.map)?;
        Some(format!(", in item {} of {}", pick.item, map.name))
    });
    items.collect()
}

/// The failure where it began, and what became of it where that has another name.
fn because(fault: &Fault, told: &Fault) -> Markup {
    let error = if fault.error.is_empty() { &told.error } else { &fault.error };
    let message = fault.message();
    html! {
        ": " b { (error) }
        @if !message.is_empty() { " – " (message) }
        @if !told.error.is_empty() && told.error != *error { " (told as " (told.error) ")" }
    }
}
