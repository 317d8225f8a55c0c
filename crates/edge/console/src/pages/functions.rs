//! Functions, with what they were called for lately and what they printed.

use maud::{Markup, html};
use serde_json::{Value, json};

use super::frame::{Frame, page};
use crate::api::{Api, Trouble, list, text};
use crate::asked::Asked;
use crate::show;

/// Lines that are shown at once, and how far back they go without an end.
const LINES: usize = 500;
const BACK: i64 = 24 * 3_600_000;

pub(crate) async fn functions(api: &Api, asked: &Asked) -> Result<Markup, Trouble> {
    let from = asked.get("from");
    let said = api.call("lambda", "ListFunctions", json!({ "Marker": from, "MaxItems": 50 })).await?;
    let functions = list(&said, "Functions");
    Ok(page(
        api,
        asked,
        &Frame { title: "Functions", room: "lambda/functions" },
        &html! {
            h1 { "Functions" }
            @if functions.is_empty() { p.none { "There are none in this account and region." } } @else {
                div.scroll { table {
                    thead { tr { th { "Name" } th { "Runtime" } th.number { "Memory" } th.number { "Timeout" } th { "Changed" } } }
                    tbody { @for function in functions { (row(api, function)) } }
                } }
            }
            @if let Some(next) = said.get("NextMarker").and_then(Value::as_str) {
                p { a href=(asked.with(&[("from", Some(next))])) { "More" } }
            }
        },
    ))
}

fn number(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or(0)
}

fn row(api: &Api, function: &Value) -> Markup {
    let name = text(function, "FunctionName");
    html! {
        tr {
            td.name { a href=(api.link(&["lambda", "functions", name], &[])) { (name) } }
            td { (runtime(function)) }
            td.number { (number(function, "MemorySize")) " MB" }
            td.number { (number(function, "Timeout")) " s" }
            td { (text(function, "LastModified").split('.').next().unwrap_or_default().replace('T', " ")) }
        }
    }
}

fn runtime(function: &Value) -> &str {
    let runtime = text(function, "Runtime");
    if runtime.is_empty() { text(function, "PackageType") } else { runtime }
}

pub(crate) async fn function(api: &Api, asked: &Asked, name: &str) -> Result<Markup, Trouble> {
    let function = api.call("lambda", "GetFunctionConfiguration", json!({ "FunctionName": name })).await?;
    let input = json!({
        "LogGroupName": format!("/aws/lambda/{}", text(&function, "FunctionName")),
        "StartTime": (api.cx.now().0 - BACK).max(0), "Limit": 10_000,
    });
    // A function that has printed nothing has no group.
    let said = api.call("cloudwatchlogs", "FilterLogEvents", input).await.unwrap_or_default();
    let lines = list(&said, "Events");
    let reports: Vec<&Value> =
        lines.iter().rev().filter(|line| text(line, "Message").starts_with("REPORT ")).take(50).collect();
    Ok(page(
        api,
        asked,
        &Frame { title: name, room: "lambda/functions" },
        &html! {
            h1 { (name) }
            dl.facts {
                div { dt { "Runtime" } dd { (runtime(&function)) } }
                div { dt { "Handler" } dd { code { (text(&function, "Handler")) } } }
                div { dt { "Memory" } dd { (number(&function, "MemorySize")) " MB" } }
                div { dt { "Timeout" } dd { (number(&function, "Timeout")) " s" } }
                div { dt { "State" } dd { (text(&function, "State").to_lowercase()) } }
                div.wide { dt { "ARN" } dd { code { (text(&function, "FunctionArn")) } } }
            }
            h2 { "Last invocations" }
            @if reports.is_empty() { p.none { "There were none in the last day." } } @else { (invocations(&reports)) }
            h2 { "Log of the last day" }
            @if lines.is_empty() { p.none { "It printed nothing." } } @else {
                pre.log tabindex="0" { @for line in last(lines) { (text(line, "Message").trim_end()) "\n" } }
            }
        },
    ))
}

fn last(lines: &[Value]) -> &[Value] {
    lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default()
}

fn invocations(reports: &[&Value]) -> Markup {
    html! {
        div.scroll { table {
            thead { tr { th { "Ended" } th { "Request" } th.number { "Took" } th.number { "Memory used" } th.number { "Cold start" } } }
            tbody { @for report in reports {
                @let message = text(report, "Message");
                tr {
                    td { (show::time(report.get("Timestamp").and_then(Value::as_i64))) }
                    td { code { (said(message, "RequestId")) } }
                    td.number { (said(message, "Duration")) }
                    td.number { (said(message, "Max Memory Used")) }
                    td.number { (said(message, "Init Duration")) }
                }
            } }
        } }
    }
}

/// A value of a line of reports, whose parts stand between tabs: `Duration: 1.23 ms`.
fn said<'a>(report: &'a str, name: &str) -> &'a str {
    let parts = report.trim_start_matches("REPORT ").split('\t');
    let found = parts.filter_map(|part| part.trim().split_once(": ")).find(|(key, _)| *key == name);
    found.map(|(_, value)| value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_taken_apart() {
        let report = "REPORT RequestId: 8f5\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMax Memory Used: 30 MB\t\n";
        assert_eq!((said(report, "RequestId"), said(report, "Duration")), ("8f5", "1.23 ms"));
        assert_eq!((said(report, "Max Memory Used"), said(report, "Init Duration")), ("30 MB", ""));
    }
}
