//! What can be done to an execution.

use std::collections::HashMap;

use maud::{Markup, html};
use serde_json::{Value, json};
use updraft_kernel::ports::HttpResponse;

use super::Scene;
use crate::api::{Api, Trouble, text};
use crate::asked::{Asked, link};
use crate::pages::machine::{Start, start};
use crate::reply;
use crate::trace::{Outcome, details};

/// Tasks that wait for somebody and are shown at once.
const SHOWN: usize = 10;
/// Bytes of an input.
const LARGE: usize = 10_000;

pub(super) async fn actions(scene: &Scene<'_>) -> Result<Markup, Trouble> {
    let (execution, arn) = (&scene.execution, scene.arn);
    let running = text(execution, "Status") == "RUNNING";
    let waiting = if running && scene.until.is_none() { waiting(scene).await? } else { Vec::new() };
    let to = |what: &str| link(&["states", "executions", arn, what], &[]);
    Ok(html! {
        @for (state, token) in &waiting {
            (answer(&to("task"), state, token))
        }
        div.actions {
            @if running {
                details.action {
                    summary.button { "Stop" }
                    form method="post" action=(to("stop")) {
                        label { "Error" input name="error" maxlength="256" autocomplete="off"; }
                        label { "Cause" input name="cause" autocomplete="off"; }
                        button.bad { "Stop the execution" }
                    }
                }
            } @else if text(execution, "RedriveStatus") == "REDRIVABLE" {
                form method="post" action=(to("redrive")) { button.main { "Redrive from where it failed" } }
            }
            (again(scene))
        }
    })
}

/// A large input is sent only where it is asked for.
fn again(scene: &Scene<'_>) -> Markup {
    let (machine, input) = (text(&scene.execution, "StateMachineArn"), text(&scene.execution, "Input"));
    let opened = scene.asked.get("again").is_some();
    html! {
        @if opened || input.len() <= LARGE { (start(machine, input, Start::Again { opened })) } @else {
            a.button href=(scene.asked.with(&[("again", Some("1"))])) { "Start again" }
        }
    }
}

/// A task that waits for an answer by its token.
fn answer(to: &str, state: &str, token: &str) -> Markup {
    html! {
        form.waiting method="post" action=(to) {
            p { b { (state) } " waits for an answer." }
            input type="hidden" name="token" value=(token);
            label { "Output" textarea name="output" rows="2" spellcheck="false" { "{\"approved\": true}" } }
            div.actions {
                button.main name="answer" value="approve" { "Approve" }
                label { "Error " input name="error" value="Denied" size="12" maxlength="256"; }
                label { "Cause " input name="cause" size="18" autocomplete="off"; }
                button.bad name="answer" value="deny" { "Deny" }
            }
        }
    }
}

/// The states that wait, with their tokens.
async fn waiting(scene: &Scene<'_>) -> Result<Vec<(String, String)>, Trouble> {
    let open = |at: usize| scene.trace.visits.get(at).is_some_and(|visit| visit.outcome == Outcome::Running);
    let mut last: HashMap<usize, u64> = HashMap::new();
    for event in scene.history.events.iter().filter(|event| event.kind == "TaskScheduled") {
        match scene.trace.visit_of(event.id).filter(|at| open(*at)) {
            Some(at) if event.resource.ends_with(".waitForTaskToken") => last.insert(at, event.id),
            Some(at) => last.remove(&at),
            None => None,
        };
    }
    let mut ids: Vec<(usize, u64)> = last.into_iter().collect();
    ids.sort_unstable();
    ids.truncate(SHOWN);
    let whole = scene.history.whole(scene.api, &ids.iter().map(|(_, id)| *id).collect::<Vec<_>>()).await?;
    let found = ids.into_iter().filter_map(|(at, id)| {
        let parameters = text(details(whole.get(&id)?)?, "Parameters");
        let token = token(&serde_json::from_str(parameters).ok()?)?;
        Some((scene.trace.visits.get(at)?.name.clone(), token))
    });
    Ok(found.collect())
}

/// Where in its parameters a task has its token is its own affair: by a name that says so, or as what else looks like one.
fn token(parameters: &Value) -> Option<String> {
    let mut texts = Vec::new();
    gather(parameters, "", &mut texts);
    let says = |name: &str| name.to_lowercase().contains("token");
    let looks =
        |text: &str| text.len() >= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=-_".contains(&b));
    let named = texts.iter().find(|(name, text)| says(name) && looks(text));
    let found = named.or_else(|| texts.iter().find(|(_, text)| looks(text)));
    found.map(|(_, text)| text.to_string())
}

fn gather<'a>(value: &'a Value, name: &'a str, into: &mut Vec<(&'a str, &'a str)>) {
    match value {
        Value::String(text) => into.push((name, text)),
        Value::Array(items) => items.iter().for_each(|item| gather(item, name, into)),
        Value::Object(members) => members.iter().for_each(|(name, member)| gather(member, name, into)),
        _ => {}
    }
}

pub(crate) async fn stopped(api: &Api, asked: &Asked, arn: &str) -> Result<HttpResponse, Trouble> {
    let wish = json!({ "ExecutionArn": arn, "Error": asked.field("error"), "Cause": asked.field("cause") });
    api.sfn("StopExecution", wish).await?;
    Ok(back(arn))
}

pub(crate) async fn redriven(api: &Api, _: &Asked, arn: &str) -> Result<HttpResponse, Trouble> {
    api.sfn("RedriveExecution", json!({ "ExecutionArn": arn })).await?;
    Ok(back(arn))
}

/// A waiting task's answer.
pub(crate) async fn told(api: &Api, asked: &Asked, arn: &str) -> Result<HttpResponse, Trouble> {
    let token = asked.field("token");
    if asked.field("answer") == Some("approve") {
        let output = asked.field("output").unwrap_or("{}");
        api.sfn("SendTaskSuccess", json!({ "TaskToken": token, "Output": output })).await?;
    } else {
        let (error, cause) = (asked.field("error"), asked.field("cause"));
        api.sfn("SendTaskFailure", json!({ "TaskToken": token, "Error": error, "Cause": cause })).await?;
    }
    Ok(back(arn))
}

fn back(arn: &str) -> HttpResponse {
    reply::see(&link(&["states", "executions", arn], &[]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_found_by_its_name_or_its_looks() {
        let made = "AQB4".repeat(30);
        let long = "x".repeat(100);
        for parameters in [
            json!({ "FunctionName": "f", "Payload": { "key": long, "taskToken": made } }),
            json!({ "MessageBody": { "Answer": made } }),
            json!({ "MessageBody": ["a b", { "t": made }] }),
        ] {
            assert_eq!(token(&parameters).as_deref(), Some(made.as_str()), "{parameters}");
        }
        assert_eq!(token(&json!({ "token": "short" })), None);
    }
}
