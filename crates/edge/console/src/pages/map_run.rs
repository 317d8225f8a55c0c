//! A run of a distributed map: how far it is, and what became of its children.

use maud::{Markup, html};
use serde_json::{Value, json};

use super::executions::{self, Of, filter, listed, status};
use super::frame::{Frame, page};
use crate::api::{Api, Trouble, list, text};
use crate::asked::{Asked, link};
use crate::live::stamp_of_run;
use crate::show;

/// The members of AWS's counts, what they are called here, and the class that they are shown in.
const COUNTS: [(&str, &str, &str); 6] = [
    ("Succeeded", "succeeded", "succeeded"),
    ("Failed", "failed", "failed"),
    ("TimedOut", "timed out", "failed"),
    ("Aborted", "aborted", "aborted"),
    ("Running", "running", "running"),
    ("Pending", "pending", ""),
];

pub(crate) async fn map_run(api: &Api, asked: &Asked, arn: &str) -> Result<Markup, Trouble> {
    let run = api.sfn("DescribeMapRun", json!({ "MapRunArn": arn })).await?;
    let wanted = (status(asked), asked.get("q").unwrap_or_default());
    let children = listed(api, Of::MapRun(arn), wanted, asked.get("from")).await?;
    let failed = failed_child(api, arn).await?;
    let running = text(&run, "Status") == "RUNNING";
    let live = link(&["states", "map-runs", arn, "live"], &[("after", &stamp_of_run(&run).to_string())]);
    Ok(page(
        api,
        asked,
        &Frame { title: show::last(arn), room: "states/executions" },
        &html! {
            div #live data-live=[running.then_some(live)] {}
            section #part-head { (head(api, arn, &run)) (to_failed(failed.as_deref())) }
            section #part-progress {
                h2 { "Progress" }
                (bar(counts(&run, "ItemCounts")))
                (table(&run))
            }
            section #part-children {
                h2 #executions { "Child executions" }
                (filter(asked))
                (executions::table(&children.found, executions::Shown::Children))
                @if let Some(next) = children.next { p { a href=(asked.with(&[("from", Some(&next))])) { "Older ones" } } }
            }
        },
    ))
}

/// The child to look at where a run has failed.
pub(super) async fn failed_child(api: &Api, run: &str) -> Result<Option<String>, Trouble> {
    for status in ["FAILED", "TIMED_OUT"] {
        let input = json!({ "MapRunArn": run, "StatusFilter": status, "MaxResults": 1 });
        let said = api.sfn("ListExecutions", input).await?;
        if let Some(found) = list(&said, "Executions").first() {
            return Ok(Some(text(found, "ExecutionArn").to_owned()));
        }
    }
    Ok(None)
}

pub(super) fn to_failed(child: Option<&str>) -> Markup {
    html! {
        @if let Some(child) = child {
            p { a href=(link(&["states", "executions", child], &[])) { "Go to a child execution that failed" } }
        }
    }
}

fn head(api: &Api, arn: &str, run: &Value) -> Markup {
    let (from, to) = (show::millis(run.get("StartDate")), show::millis(run.get("StopDate")));
    let took = from.map(|from| to.unwrap_or(api.cx.now().0) - from);
    let execution = text(run, "ExecutionArn");
    let number = |name: &str| run.get(name).and_then(Value::as_f64).filter(|number| *number > 0.0);
    html! {
        div.head {
            h1 { "Map run " (show::last(arn)) }
            span { (show::status(text(run, "Status"))) }
        }
        dl.facts {
            div { dt { "Execution" } dd { a href=(link(&["states", "executions", execution], &[])) { (show::last(execution)) } } }
            div { dt { "Started" } dd { (show::time(from)) } }
            @if let Some(took) = took { div { dt { @if to.is_some() { "Took" } @else { "Running for" } } dd { (show::span(took)) } } }
            div { dt { "At the same time" } dd { @match number("MaxConcurrency") { Some(most) => { "at most " (most) } None => "as many as go" } } }
            div { dt { "Tolerated failures" } dd { (tolerated(number("ToleratedFailureCount"), number("ToleratedFailurePercentage"))) } }
            @if let Some(times) = number("RedriveCount") { div { dt { "Redriven" } dd { (times) "×" } } }
            div.wide { dt { "ARN" } dd { code { (arn) } } }
        }
    }
}

fn tolerated(count: Option<f64>, percentage: Option<f64>) -> String {
    let said: Vec<String> =
        count.map(|count| count.to_string()).into_iter().chain(percentage.map(|part| format!("{part} %"))).collect();
    if said.is_empty() { "none".to_owned() } else { said.join(" or ") }
}

fn counts<'a>(run: &'a Value, of: &str) -> impl Fn(&str) -> u64 + use<'a> {
    let counts = run.get(of);
    move |name: &str| counts.and_then(|counts| counts.get(name)?.as_u64()).unwrap_or(0)
}

/// Items, by what became of them: as wide as there are many.
fn bar(count: impl Fn(&str) -> u64) -> Markup {
    let total = count("Total");
    let done = total.saturating_sub(count("Running")).saturating_sub(count("Pending"));
    let mut x = 0;
    html! {
        svg.progress width="100%" height="18" role="img" aria-label=(format!("{done} of {total} items are done")) {
            rect.track width="100%" height="18" {}
            @for (member, _, class) in COUNTS {
                rect class=(format!("bar {class}")) x=(percent(x, total)) width=(percent(count(member), total)) height="18" {}
                @let () = x += count(member);
            }
        }
    }
}

/// With two places: `33.33%`.
fn percent(part: u64, whole: u64) -> String {
    let part = u128::from(part.min(whole)) * 10_000 / u128::from(whole.max(1));
    format!("{}.{:02}%", part / 100, part % 100)
}

fn table(run: &Value) -> Markup {
    let more =
        [("Total", "in all"), ("ResultsWritten", "results written"), ("FailuresNotRedrivable", "not redrivable")];
    html! {
        div.scroll { table {
            thead { tr { th { "" }
                @for (_, name, class) in COUNTS { th.number { span class=(format!("dot {class}")) aria-hidden="true" {} (name) } }
                @for (_, name) in more { th.number { (name) } }
            } }
            tbody { @for (member, name) in [("ItemCounts", "Items"), ("ExecutionCounts", "Child executions")] {
                @let count = counts(run, member);
                tr { th scope="row" { (name) }
                    @for (member, ..) in COUNTS { td.number { (count(member)) } }
                    @for (member, _) in more { td.number { (count(member)) } }
                }
            } }
        } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_is_neither_running_nor_pending() {
        let run = json!({ "ItemCounts": { "Total": 10, "Succeeded": 4, "Failed": 1, "Running": 2, "Pending": 3 } });
        let drawn = bar(counts(&run, "ItemCounts")).into_string();
        assert!(drawn.contains("5 of 10 items are done"), "{drawn}");
        assert!(drawn.contains(r#"class="bar failed" x="40.00%" width="10.00%""#), "{drawn}");
        assert!(bar(counts(&json!({}), "ItemCounts")).into_string().contains("0 of 0 items are done"));
    }
}
