//! Activities, and who waits for a worker of them or has one.

use maud::{Markup, html};
use serde_json::{Value, json};

use super::executions::{Of, listed};
use super::frame::{Frame, page};
use super::machines::all;
use crate::api::{Api, Trouble, list, text};
use crate::asked::{Asked, link};
use crate::show;
use crate::trace::{Event, History, Outcome, Visit, fold};

/// Machines that are looked through, and running executions of each.
const MACHINES: usize = 50;
const EXECUTIONS: usize = 20;

pub(crate) async fn activities(api: &Api, asked: &Asked) -> Result<Markup, Trouble> {
    let said = api.sfn("ListActivities", json!({ "MaxResults": 100, "NextToken": asked.get("from") })).await?;
    let activities = list(&said, "Activities");
    Ok(page(
        api,
        asked,
        &Frame { title: "Activities", room: "states/activities" },
        &html! {
            h1 { "Activities" }
            @if activities.is_empty() { p.none { "There are none in this account and region." } } @else {
                div.scroll { table {
                    thead { tr { th { "Name" } th { "Created" } } }
                    tbody { @for activity in activities {
                        tr {
                            td.name { a href=(link(&["states", "activities", text(activity, "ActivityArn")], &[])) { (text(activity, "Name")) } }
                            td { (show::time(show::millis(activity.get("CreationDate")))) }
                        }
                    } }
                } }
            }
            @if let Some(next) = said.get("NextToken").and_then(Value::as_str) {
                p { a href=(asked.with(&[("from", Some(next))])) { "More" } }
            }
        },
    ))
}

pub(crate) async fn activity(api: &Api, asked: &Asked, arn: &str) -> Result<Markup, Trouble> {
    let activity = api.sfn("DescribeActivity", json!({ "ActivityArn": arn })).await?;
    let mut tasks = tasks(api, arn).await?;
    tasks.sort_by_key(|task| task.since);
    Ok(page(
        api,
        asked,
        &Frame { title: text(&activity, "Name"), room: "states/activities" },
        &html! {
            h1 { (text(&activity, "Name")) }
            dl.facts {
                div { dt { "Created" } dd { (show::time(show::millis(activity.get("CreationDate")))) } }
                div.wide { dt { "ARN" } dd { code { (arn) } } }
            }
            h2 { "Tasks" }
            @if tasks.is_empty() { p.none { "No execution waits for this activity, and none is worked on." } } @else { (table(api, &tasks)) }
            p.hint { "Looked through are the last " (EXECUTIONS) " running executions of each of up to " (MACHINES) " state machines that name the activity." }
        },
    ))
}

/// A task that isn't done.
struct Task {
    execution: String,
    state: String,
    /// The event by which the state was entered.
    entered: u64,
    since: i64,
    /// Who works at it; `None`: it waits for a worker.
    worker: Option<String>,
}

async fn tasks(api: &Api, activity: &str) -> Result<Vec<Task>, Trouble> {
    let mut found = Vec::new();
    for machine in all(api).await?.iter().filter(|machine| text(machine, "Type") != "EXPRESS").take(MACHINES) {
        let arn = text(machine, "StateMachineArn");
        let said = api.sfn("DescribeStateMachine", json!({ "StateMachineArn": arn })).await?;
        if !text(&said, "Definition").contains(activity) {
            continue;
        }
        let running = listed(api, Of::Machine(arn), (Some("RUNNING"), ""), None).await?;
        for execution in running.found.iter().take(EXECUTIONS) {
            let execution = text(execution, "ExecutionArn");
            let history = History::fetch(api, execution).await?;
            found.extend(open(&history.events, activity, execution));
        }
    }
    Ok(found)
}

/// The tasks of an activity that aren't done by these events.
fn open(events: &[Event], activity: &str, execution: &str) -> Vec<Task> {
    let trace = fold(events);
    let running = trace.visits.iter().enumerate().filter(|(_, visit)| visit.outcome == Outcome::Running);
    let task = |(at, visit): (usize, &Visit)| {
        let own = |event: &&Event| event.kind.starts_with("Activity") && trace.visit_of(event.id) == Some(at);
        let last = events.iter().rev().find(own)?;
        let scheduled = events.iter().rev().filter(own).find(|event| event.kind == "ActivityScheduled")?;
        let worker = (last.kind == "ActivityStarted").then(|| last.resource.clone());
        (scheduled.resource == activity && matches!(last.kind.as_str(), "ActivityScheduled" | "ActivityStarted")).then(
            || Task {
                execution: execution.to_owned(),
                state: visit.name.clone(),
                entered: visit.entered,
                since: last.at,
                worker,
            },
        )
    };
    running.filter_map(task).collect()
}

fn table(api: &Api, tasks: &[Task]) -> Markup {
    html! {
        div.scroll { table {
            thead { tr { th { "Worker" } th { "State" } th { "Execution" } th.number { "Since" } } }
            tbody { @for task in tasks { tr {
                td { @match &task.worker {
                    Some(worker) => { span.status.running { span aria-hidden="true" { "▶" } " " (if worker.is_empty() { "a nameless one" } else { worker }) } }
                    None => { span.status.waiting { span aria-hidden="true" { "…" } " waits for a worker" } }
                } }
                td { a href=(link(&["states", "executions", &task.execution], &[("visit", &task.entered.to_string())])) { (task.state) } }
                td.name { (show::last(&task.execution)) }
                td.number { (show::span(api.cx.now().0 - task.since)) }
            } } }
        } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_a_worker_is_told_from_who_waits() {
        let event = |id: u64, kind: &str, told: &str| Event {
            id,
            previous: id - 1,
            kind: kind.to_owned(),
            name: if kind.ends_with("Entered") { told.to_owned() } else { String::new() },
            resource: told.to_owned(),
            ..Event::default()
        };
        let mut events = vec![event(1, "ExecutionStarted", ""), event(2, "TaskStateEntered", "Ask")];
        assert!(open(&events, "a", "e").is_empty());
        events.push(event(3, "ActivityScheduled", "a"));
        let found = |events: &[Event]| open(events, "a", "e").into_iter().map(|task| task.worker).collect::<Vec<_>>();
        assert_eq!(found(&events), [None]);
        assert!(open(&events, "another", "e").is_empty());
        events.push(event(4, "ActivityStarted", "w"));
        assert_eq!(found(&events), [Some("w".to_owned())]);
        events.push(event(5, "ActivityFailed", ""));
        assert!(found(&events).is_empty());
        events.push(event(6, "ActivityScheduled", "a"));
        assert_eq!(found(&events), [None]);
    }
}
