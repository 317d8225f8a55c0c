//! A state machine: its graph, its definition and its executions.

use http::HeaderValue;
use http::header::CONTENT_DISPOSITION;
use maud::{Markup, html};
use serde_json::{Value, json};
use updraft_kernel::ports::HttpResponse;

use super::executions::{self, filter, listed, status};
use super::frame::{Frame, page};
use crate::api::{Api, Trouble, text};
use crate::asked::{Asked, link};
use crate::graph::{self, Mark, Marks};
use crate::{reply, show};

pub(crate) async fn machine(api: &Api, asked: &Asked, arn: &str) -> Result<Markup, Trouble> {
    let machine = api.sfn("DescribeStateMachine", json!({ "StateMachineArn": arn })).await?;
    let (name, definition) = (text(&machine, "Name"), text(&machine, "Definition"));
    Ok(page(
        api,
        asked,
        &Frame { title: name, room: "states/machines" },
        &html! {
            (head(arn, &machine))
            (start(arn, "{}", false))
            div.split {
                section {
                    div.head { h2 { "Workflow" } span.exports { (fitting(asked)) (exports(arn)) } }
                    div.canvas data-keep="canvas" { (plain(definition, asked.get("graph") == Some("fit"))) }
                }
                section { h2 { "Definition" } div.code { (show::document(definition)) } }
            }
            section #executions {
                h2 { "Executions" }
                @if text(&machine, "Type") == "EXPRESS" {
                    p.none { "Express workflows keep no executions: what they did is in their log group, where they have one." }
                } @else {
                    (own(api, asked, arn).await?)
                }
            }
        },
    ))
}

fn head(arn: &str, machine: &Value) -> Markup {
    html! {
        div.head {
            h1 { (text(machine, "Name")) }
            a.button href=(link(&["states", "machines", arn, "edit"], &[])) { "Edit" }
        }
        dl.facts {
            div { dt { "Status" } dd { (text(machine, "Status").to_lowercase()) } }
            div { dt { "Type" } dd { (text(machine, "Type").to_lowercase()) } }
            div { dt { "Created" } dd { (show::time(show::millis(machine.get("CreationDate")))) } }
            div { dt { "Role" } dd { (show::last(text(machine, "RoleArn"))) } }
            div.wide { dt { "ARN" } dd { code { (arn) } } }
        }
    }
}

/// A form that starts an execution. `again`: of an execution that was there before.
pub(super) fn start(arn: &str, input: &str, again: bool) -> Markup {
    html! {
        details.action {
            summary.button { @if again { "Start again" } @else { "Start an execution" } }
            form method="post" action=(link(&["states", "machines", arn, "start"], &[])) {
                label { "Input" textarea name="input" rows="8" spellcheck="false" { (show::pretty(input)) } }
                label { "Name, if it is to have a certain one" input name="name" maxlength="80" autocomplete="off"; }
                button.main { "Start" }
            }
        }
    }
}

fn exports(arn: &str) -> Markup {
    html! {
        a href=(link(&["states", "machines", arn, "graph.svg"], &[])) { "SVG" }
        a href=(link(&["states", "machines", arn, "graph.mmd"], &[])) { "Mermaid" }
    }
}

/// A way to the graph in the other size.
pub(super) fn fitting(asked: &Asked) -> Markup {
    let fits = asked.get("graph") == Some("fit");
    let other = (!fits).then_some("fit");
    html! { a href=(asked.with(&[("graph", other)])) { @if fits { "Full size" } @else { "Fit to the width" } } }
}

/// A definition's graph, of no execution.
pub(super) fn plain(definition: &str, fits: bool) -> Markup {
    let definition: Value = serde_json::from_str(definition).unwrap_or_default();
    let marks = Marks { of: &|_| Mark::default(), link: &|_| None, chosen: None, fits };
    graph::picture(&graph::read(&definition), &marks)
}

async fn own(api: &Api, asked: &Asked, arn: &str) -> Result<Markup, Trouble> {
    let wanted = (status(asked), asked.get("q").unwrap_or_default());
    let listed = listed(api, arn, wanted, asked.get("from")).await?;
    Ok(html! {
        (filter(asked))
        (executions::table(&listed.found, false))
        @if let Some(next) = listed.next { p { a href=(asked.with(&[("from", Some(&next))]) + "#executions") { "Older ones" } } }
    })
}

pub(crate) async fn started(api: &Api, asked: &Asked, arn: &str) -> Result<HttpResponse, Trouble> {
    let input = asked.field("input").unwrap_or("{}");
    let wish = json!({ "StateMachineArn": arn, "Input": input, "Name": asked.field("name") });
    let said = api.sfn("StartExecution", wish).await?;
    let execution = text(&said, "ExecutionArn");
    // Of those nothing is kept that could be shown.
    let page =
        if execution.contains(":express:") { ["states", "machines", arn] } else { ["states", "executions", execution] };
    Ok(reply::see(&link(&page, &[])))
}

pub(crate) async fn graph_file(api: &Api, arn: &str) -> Result<HttpResponse, Trouble> {
    file(api, arn, "image/svg+xml", (graph::standalone, "workflow.svg")).await
}

pub(crate) async fn mermaid_file(api: &Api, arn: &str) -> Result<HttpResponse, Trouble> {
    file(api, arn, "text/plain; charset=utf-8", (graph::mermaid, "workflow.mmd")).await
}

async fn file(
    api: &Api,
    arn: &str,
    kind: &'static str,
    (made, name): (fn(&graph::Graph) -> String, &str),
) -> Result<HttpResponse, Trouble> {
    let machine = api.sfn("DescribeStateMachine", json!({ "StateMachineArn": arn })).await?;
    let definition: Value = serde_json::from_str(text(&machine, "Definition")).unwrap_or_default();
    let mut answer = reply::of(200, kind, made(&graph::read(&definition)));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        answer.headers.insert(CONTENT_DISPOSITION, value);
    }
    Ok(answer)
}
