//! A state machine: its graph, its definition and its executions.

use http::HeaderValue;
use http::header::CONTENT_DISPOSITION;
use maud::{Markup, html};
use serde_json::{Value, json};
use updraft_kernel::ports::HttpResponse;

use super::executions::{self, Of, filter, listed, status};
use super::frame::{Frame, page};
use super::published::{described, published, qualified, weights};
use crate::api::{Api, Trouble, text};
use crate::asked::{Asked, link};
use crate::graph::{self, Marks};
use crate::{reply, show};

pub(crate) async fn machine(api: &Api, asked: &Asked, arn: &str) -> Result<Markup, Trouble> {
    let (machine, alias) = described(api, arn).await?;
    let (name, definition) = (text(&machine, "Name"), text(&machine, "Definition"));
    let published = if qualified(arn).is_some() {
        html! {}
    } else {
        published(api, arn).await?
    };
    Ok(page(
        api,
        asked,
        &Frame { title: name, room: "states/machines" },
        &html! {
            (head(arn, &machine, alias.as_ref()))
            (start(arn, "{}", Start::New))
            div.split {
                section {
                    div.head { h2 { "Workflow" } span.exports { (fitting(asked)) (exports(arn)) } }
                    div.canvas data-keep="canvas" { (plain(definition, asked.get("graph") == Some("fit"))) }
                }
                section { h2 { "Definition" } div.code { (show::document(definition)) } }
            }
            (published)
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

fn head(arn: &str, machine: &Value, alias: Option<&Value>) -> Markup {
    let whole = qualified(arn);
    let description = text(alias.unwrap_or(machine), "Description");
    html! {
        div.head {
            h1 {
                (text(machine, "Name"))
                @if whole.is_some() { ", " @if alias.is_some() { "alias " } @else { "version " } (show::last(arn)) }
            }
            @if whole.is_none() { a.button href=(link(&["states", "machines", arn, "edit"], &[])) { "Edit" } }
        }
        dl.facts {
            @if let Some(whole) = whole {
                div { dt { "State machine" } dd { a href=(link(&["states", "machines", whole], &[])) { (show::last(whole)) } } }
            }
            @if let Some(alias) = alias { div { dt { "Starts" } dd { (weights(alias)) } } }
            @if !description.is_empty() { div { dt { "Description" } dd { (description) } } }
            div { dt { "Status" } dd { (text(machine, "Status").to_lowercase()) } }
            div { dt { "Type" } dd { (text(machine, "Type").to_lowercase()) } }
            div { dt { "Created" } dd { (show::time(show::millis(machine.get("CreationDate")))) } }
            div { dt { "Role" } dd { (show::last(text(machine, "RoleArn"))) } }
            div.wide { dt { "ARN" } dd { code { (arn) } } }
        }
    }
}

/// Whether an execution is the first with its input.
#[derive(Clone, Copy, Debug)]
pub(super) enum Start {
    New,
    Again { opened: bool },
}

/// A form that starts an execution.
pub(super) fn start(arn: &str, input: &str, how: Start) -> Markup {
    html! {
        details.action open[matches!(how, Start::Again { opened: true })] {
            summary.button { @match how { Start::New => "Start an execution", Start::Again { .. } => "Start again" } }
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
        (pictures(&["states", "machines", arn, "graph.svg"], &[]))
        a href=(link(&["states", "machines", arn, "graph.mmd"], &[])) { "Mermaid" }
    }
}

/// The ways to a graph as a file. A PNG is made by the script, of the SVG.
pub(super) fn pictures(parts: &[&str], query: &[(&str, &str)]) -> Markup {
    let light: Vec<_> = query.iter().copied().chain([("light", "")]).collect();
    html! {
        a href=(link(parts, query)) { "SVG" }
        a href=(link(parts, &light)) data-png="workflow.png" { "PNG" }
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
    graph::picture(&graph::read(&definition), &Marks::none(fits))
}

async fn own(api: &Api, asked: &Asked, arn: &str) -> Result<Markup, Trouble> {
    let wanted = (status(asked), asked.get("q").unwrap_or_default());
    let listed = listed(api, Of::Machine(arn), wanted, asked.get("from")).await?;
    Ok(html! {
        (filter(asked))
        (executions::table(&listed.found, executions::Shown::Own))
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

/// `light` in the query: on a light ground.
pub(crate) async fn graph_file(api: &Api, asked: &Asked, arn: &str) -> Result<HttpResponse, Trouble> {
    let graph = graph::read(&definition(api, arn).await?);
    Ok(svg(graph::standalone(&graph, &Marks::none(false), asked.is_set("light"))))
}

pub(crate) async fn mermaid_file(api: &Api, arn: &str) -> Result<HttpResponse, Trouble> {
    let written = graph::mermaid(&graph::read(&definition(api, arn).await?));
    Ok(file("text/plain; charset=utf-8", "workflow.mmd", written))
}

async fn definition(api: &Api, arn: &str) -> Result<Value, Trouble> {
    let (machine, _) = described(api, arn).await?;
    Ok(serde_json::from_str(text(&machine, "Definition")).unwrap_or_default())
}

pub(super) fn svg(drawn: String) -> HttpResponse {
    file("image/svg+xml", "workflow.svg", drawn)
}

fn file(kind: &'static str, name: &str, body: String) -> HttpResponse {
    let mut answer = reply::of(200, kind, body);
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        answer.headers.insert(CONTENT_DISPOSITION, value);
    }
    answer
}
