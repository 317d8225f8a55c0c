//! One visit of a state: what it got, what it did, and how that went.

use maud::{Markup, html};
use serde_json::Value;

use super::Scene;
use super::logs::{self, Call};
use super::variables;
use crate::api::{Trouble, text};
use crate::asked::link;
use crate::pages::map_run::{failed_child, to_failed};
use crate::show;
use crate::trace::{Event, Visit, details};

/// Other visits of the state that are linked, and tries that are told.
const SHOWN: usize = 30;

pub(super) async fn panel(scene: &Scene<'_>) -> Result<Markup, Trouble> {
    let named = scene.asked.get("state");
    let Some((at, visit)) = scene.chosen.and_then(|at| Some((at, scene.trace.visits.get(at)?))) else {
        return Ok(match named {
            Some(name) => {
                html! { div.panel { h2 { (name) } p.none { "It hasn't been entered." } (written(scene, name)) } }
            }
            None => of_all(scene),
        });
    };
    let own = |event: &&Event| scene.trace.visit_of(event.id) == Some(at);
    let events: Vec<&Event> = scene.history.events.iter().filter(own).collect();
    let mut wanted = vec![visit.entered];
    wanted.extend(visit.exited);
    let calls = ["TaskScheduled", "LambdaFunctionScheduled", "ActivityScheduled", "TaskSucceeded", "TaskSubmitted"];
    wanted
        .extend(events.iter().rev().filter(|event| calls.contains(&event.kind.as_str())).take(3).map(|event| event.id));
    let setting = variables::setting(scene, at);
    wanted.extend(&setting);
    let whole = scene.history.whole(scene.api, &wanted).await?;
    let of = |kinds: &[&str], member: &str| {
        let mut fitting: Vec<&Value> =
            whole.values().filter(|event| kinds.contains(&text(event, "Type"))).filter_map(details).collect();
        fitting.sort_by_key(|details| text(details, member).is_empty());
        fitting.first().map(|details| text(details, member).to_owned()).filter(|text| !text.is_empty())
    };
    let data = |event: Option<u64>, member: &str| {
        let details = event.and_then(|event| whole.get(&event)).and_then(details)?;
        Some(text(details, member).to_owned()).filter(|text| !text.is_empty())
    };
    let arguments =
        of(&["TaskScheduled"], "Parameters").or_else(|| of(&["LambdaFunctionScheduled", "ActivityScheduled"], "Input"));
    let result = of(&["TaskSucceeded"], "Output").or_else(|| of(&["TaskSubmitted"], "Output"));
    let cause = visit.fault.as_ref().map(|fault| fault.cause.as_str());
    let call = Call { arguments: arguments.as_deref(), answers: [cause, result.as_deref()] };
    Ok(html! {
        div.panel {
            (facts(scene, at, visit))
            (others(scene, at, visit))
            @if let Some(fault) = &visit.fault {
                p.why { b { (fault.error) } @if !fault.cause.is_empty() { " – " (fault.message()) } }
                @if fault.message() != fault.cause { (folded("Cause", Some(&fault.cause))) }
            }
            (run(scene, &events).await?)
            (tries(scene, &events, visit))
            (opened("Input", data(Some(visit.entered), "Input").as_deref()))
            (folded("Arguments", arguments.as_deref()))
            (folded("Result", result.as_deref()))
            @if let Some(child) = result.as_deref().and_then(child) {
                p { a href=(link(&["states", "executions", &child], &[])) { "To the execution that it started" } }
            }
            (opened("Output", data(visit.exited, "Output").as_deref()))
            (variables::variables(&whole, &setting, visit.exited))
            (logs::logs(scene, visit, &events, call).await)
            (written(scene, &visit.name))
        }
    })
}

/// Of a distributed map: the way to its children.
async fn run(scene: &Scene<'_>, events: &[&Event]) -> Result<Markup, Trouble> {
    let Some(started) = events.iter().rev().find(|event| event.kind == "MapRunStarted") else { return Ok(html! {}) };
    let child = failed_child(scene.api, &started.resource).await?;
    Ok(html! {
        p { a href=(link(&["states", "map-runs", &started.resource], &[])) { "To the map run and its child executions" } }
        (to_failed(child.as_deref()))
    })
}

/// Of the execution, where no state is chosen.
fn of_all(scene: &Scene<'_>) -> Markup {
    let member = |name: &str| Some(text(&scene.execution, name)).filter(|text| !text.is_empty());
    html! {
        div.panel {
            h2 { "Execution" }
            p.hint { "Choose a state of the workflow to see what it got and what it made of it." }
            (opened("Input", member("Input")))
            (opened("Output", member("Output")))
        }
    }
}

fn facts(scene: &Scene<'_>, at: usize, visit: &Visit) -> Markup {
    let took = visit.to.unwrap_or_else(|| scene.now()) - visit.from;
    let items = scene.trace.items_around(at);
    html! {
        h2 { (visit.name) }
        dl.facts {
            div { dt { "How" } dd { span class=(format!("status {}", visit.outcome.class())) {
                span aria-hidden="true" { (visit.outcome.sign()) } " " (visit.outcome.class())
            } } }
            div { dt { "Type" } dd { (visit.kind) } }
            div { dt { "After" } dd { (show::span(visit.from - scene.began())) } }
            div { dt { "Took" } dd { (show::span(took)) } }
            @if visit.tries > 1 { div { dt { "Retries" } dd { (visit.tries - 1) } } }
            @for pick in items {
                div { dt { "Item" } dd { (pick.item) " of " (scene.trace.visits.get(pick.map).map(|map| map.name.as_str()).unwrap_or_default()) } }
            }
        }
    }
}

/// Where a state was visited more than once.
fn others(scene: &Scene<'_>, chosen: usize, visit: &Visit) -> Markup {
    let all = scene.visits_of(&visit.name);
    if all.len() < 2 {
        return html! {};
    }
    let at = all.iter().position(|at| *at == chosen).unwrap_or(0);
    let first = at.saturating_sub(SHOWN / 2).min(all.len().saturating_sub(SHOWN));
    html! {
        h3 { "Visits (" (all.len()) ")" }
        div.items {
            @for (number, at) in all.iter().enumerate().skip(first).take(SHOWN) {
                @let how = scene.trace.visits.get(*at).map(|visit| visit.outcome.class()).unwrap_or_default();
                a class=(how) href=(scene.link_to(*at)) aria-label=(format!("visit {}, {how}", number + 1))
                    aria-current=[(*at == chosen).then_some("true")] { (number + 1) }
            }
        }
    }
}

/// The failures on the way, where it was tried more than once.
fn tries(scene: &Scene<'_>, events: &[&Event], visit: &Visit) -> Markup {
    let failed: Vec<&&Event> = events.iter().filter(|event| event.fault.is_some()).collect();
    if visit.tries < 2 || failed.is_empty() {
        return html! {};
    }
    html! {
        h3 { "Failures on the way" }
        ol.found {
            @for event in failed.iter().take(SHOWN) { li { "after " (show::span(event.at - scene.began())) " – " (event.note()) } }
        }
    }
}

fn opened(title: &str, document: Option<&str>) -> Markup {
    html! { @if let Some(document) = document { h3 { (title) } (show::document(document)) } }
}

fn folded(title: &str, document: Option<&str>) -> Markup {
    html! { @if let Some(document) = document { details { summary { (title) } (show::document(document)) } } }
}

/// A state as its definition has it.
fn written(scene: &Scene<'_>, name: &str) -> Markup {
    let found = state(&scene.definition, name).map(Value::to_string);
    folded("Definition", found.as_deref())
}

pub(super) fn state<'a>(level: &'a Value, name: &str) -> Option<&'a Value> {
    let states = level.get("States")?.as_object()?;
    if let Some(found) = states.get(name) {
        return Some(found);
    }
    states.values().find_map(|one| {
        let inner = ["ItemProcessor", "Iterator"].into_iter().filter_map(|part| one.get(part));
        let branches = one.get("Branches").and_then(Value::as_array).into_iter().flatten();
        inner.chain(branches).find_map(|level| state(level, name))
    })
}

/// The execution that a task has started.
fn child(result: &str) -> Option<String> {
    let result: Value = serde_json::from_str(result).ok()?;
    let arn = ["ExecutionArn", "executionArn"].into_iter().find_map(|name| result.get(name)?.as_str())?;
    arn.contains(":states:").then(|| arn.to_owned())
}
