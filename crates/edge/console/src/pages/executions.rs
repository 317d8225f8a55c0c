//! Executions, by status and name: of one state machine, or the last of all.

use maud::{Markup, html};
use serde_json::{Value, json};

use super::frame::{Frame, page};
use super::machines::{all, kept};
use crate::api::{Api, Trouble, list, text};
use crate::asked::{Asked, link};
use crate::show;

const STATUSES: [&str; 5] = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"];
/// Shown at once.
const SHOWN: usize = 50;
/// Machines that are looked through for the last executions of all.
const MACHINES: usize = 50;
/// Pages of a machine's executions that a search looks through at once.
const SEARCHED: usize = 10;

pub(crate) async fn executions(api: &Api, asked: &Asked) -> Result<Markup, Trouble> {
    let found = recent(api, status(asked), asked.get("q").unwrap_or_default(), SHOWN).await?;
    Ok(page(
        api,
        asked,
        &Frame { title: "Executions", room: "states/executions" },
        &html! {
            h1 { "Executions" }
            (filter(asked))
            (table(&found, Shown::Machines))
            p.hint { "The last that were started, of up to " (MACHINES) " state machines. A state machine's page has all of its own." }
        },
    ))
}

/// The last executions of all machines.
pub(super) async fn recent(api: &Api, status: Option<&str>, name: &str, most: usize) -> Result<Vec<Value>, Trouble> {
    let mut found = Vec::new();
    for machine in all(api).await?.iter().filter(|machine| text(machine, "Type") != "EXPRESS").take(MACHINES) {
        let listed = listed(api, Of::Machine(text(machine, "StateMachineArn")), (status, name), None).await?;
        found.extend(listed.found.into_iter().take(most));
    }
    found.sort_by(|a, b| text(b, "StartDate").cmp(text(a, "StartDate")));
    found.truncate(most);
    Ok(found)
}

/// Whose executions.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of<'a> {
    /// Or of a version, or an alias.
    Machine(&'a str),
    MapRun(&'a str),
}

/// Some of the executions, and where the others begin.
pub(super) struct Listed {
    pub(super) found: Vec<Value>,
    pub(super) next: Option<String>,
}

pub(super) async fn listed(
    api: &Api,
    of: Of<'_>,
    (status, name): (Option<&str>, &str),
    from: Option<&str>,
) -> Result<Listed, Trouble> {
    let (name, mut next) = (name.to_lowercase(), from.map(str::to_owned));
    let mut found = Vec::new();
    let at_once = if name.is_empty() { SHOWN } else { 1000 };
    let (machine, run) = match of {
        Of::Machine(arn) => (Some(arn), None),
        Of::MapRun(arn) => (None, Some(arn)),
    };
    for _ in 0..SEARCHED {
        let input = json!({
            "StateMachineArn": machine, "MapRunArn": run, "StatusFilter": status, "NextToken": next, "MaxResults": at_once,
        });
        let said = api.sfn("ListExecutions", input).await?;
        let fits = |one: &&Value| text(one, "Name").to_lowercase().contains(&name);
        found.extend(list(&said, "Executions").iter().filter(fits).cloned());
        next = said.get("NextToken").and_then(Value::as_str).map(str::to_owned);
        if next.is_none() || name.is_empty() || found.len() >= SHOWN {
            break;
        }
    }
    Ok(Listed { found, next })
}

pub(super) fn status(asked: &Asked) -> Option<&str> {
    asked.get("status").filter(|status| STATUSES.contains(status))
}

/// By status (links) and by name (a field).
pub(super) fn filter(asked: &Asked) -> Markup {
    let now = status(asked);
    html! {
        div.filters {
            div.chips role="group" aria-label="Status" {
                a href=(asked.with(&[("status", None), ("from", None)])) aria-current=[now.is_none().then_some("true")] { "all" }
                @for status in STATUSES {
                    a href=(asked.with(&[("status", Some(status)), ("from", None)]))
                        aria-current=[(now == Some(status)).then_some("true")] {
                        span class=(format!("dot {}", show::sign(status).0)) aria-hidden="true" {}
                        (status.replace('_', " ").to_lowercase())
                    }
                }
            }
            form.filter method="get" role="search" {
                (kept(asked, &["q", "from"]))
                label { "Name " input type="search" name="q" value=(asked.get("q").unwrap_or_default()); }
                button { "Find" }
            }
        }
    }
}

/// What is said of executions besides how they went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Own,
    /// Whose they are.
    Machines,
    /// How many items each has, of a map.
    Children,
}

pub(super) fn table(executions: &[Value], shown: Shown) -> Markup {
    if executions.is_empty() {
        return html! { p.none { "There are none." } };
    }
    html! {
        div.scroll { table {
            thead { tr {
                th { "Status" } th { "Name" }
                @match shown {
                    Shown::Own => {}
                    Shown::Machines => th { "State machine" }
                    Shown::Children => th.number { "Items" }
                }
                th { "Started" } th.number { "Took" }
            } }
            tbody { @for execution in executions { (row(execution, shown)) } }
        } }
    }
}

fn row(execution: &Value, shown: Shown) -> Markup {
    let machine = text(execution, "StateMachineArn");
    let (from, to) = (show::millis(execution.get("StartDate")), show::millis(execution.get("StopDate")));
    html! {
        tr {
            td { (show::status(text(execution, "Status"))) }
            td.name { a href=(link(&["states", "executions", text(execution, "ExecutionArn")], &[])) { (text(execution, "Name")) } }
            @match shown {
                Shown::Own => {}
                Shown::Machines => td { a href=(link(&["states", "machines", machine], &[])) { (show::last(machine)) } }
                Shown::Children => td.number { (execution.get("ItemCount").and_then(Value::as_u64).unwrap_or(1)) }
            }
            td { (show::time(from)) }
            td.number { @match from.zip(to) { Some((from, to)) => (show::span(to - from)), None => "–" } }
        }
    }
}
