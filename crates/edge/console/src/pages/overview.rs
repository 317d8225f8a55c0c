//! What there is, and what ran last.

use futures_util::future;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::executions::{self, recent};
use super::frame::{Frame, page};
use crate::api::{Api, Trouble, list};
use crate::asked::Asked;

/// A kind of things, and how they are listed.
struct Kind {
    name: &'static str,
    service: &'static str,
    operation: &'static str,
    member: &'static str,
    /// Where the console shows them, if it does.
    room: &'static [&'static str],
}

const fn kind(name: &'static str, how: [&'static str; 3], room: &'static [&'static str]) -> Kind {
    let [service, operation, member] = how;
    Kind { name, service, operation, member, room }
}

const KINDS: [Kind; 12] = [
    kind("State machines", ["sfn", "ListStateMachines", "StateMachines"], &["states", "machines"]),
    kind("Functions", ["lambda", "ListFunctions", "Functions"], &["lambda", "functions"]),
    kind("Queues", ["sqs", "ListQueues", "QueueUrls"], &["sqs", "queues"]),
    kind("Tables", ["dynamodb", "ListTables", "TableNames"], &["dynamodb", "tables"]),
    kind("Buckets", ["s3", "ListBuckets", "Buckets"], &["s3", "buckets"]),
    kind("Topics", ["sns", "ListTopics", "Topics"], &[]),
    kind("Event buses", ["eventbridge", "ListEventBuses", "EventBuses"], &[]),
    kind("Rules", ["eventbridge", "ListRules", "Rules"], &[]),
    kind("Schedules", ["scheduler", "ListSchedules", "Schedules"], &[]),
    kind("Pipes", ["pipes", "ListPipes", "Pipes"], &[]),
    kind("HTTP APIs", ["apigatewayv2", "GetApis", "Items"], &[]),
    kind("Log groups", ["cloudwatchlogs", "DescribeLogGroups", "LogGroups"], &[]),
];

pub(crate) async fn overview(api: &Api, asked: &Asked) -> Result<Markup, Trouble> {
    let counts = future::join_all(KINDS.iter().map(|kind| counted(api, kind))).await;
    let recent = recent(api, None, "", 10).await?;
    Ok(page(
        api,
        asked,
        &Frame { title: "Overview", room: "" },
        &html! {
            h1 { "Overview" }
            ul.tiles {
                @for (kind, count) in KINDS.iter().zip(counts) {
                    li { (tile(api, kind, &count)) }
                }
            }
            section {
                h2 { "Last executions" }
                (executions::table(&recent, executions::Shown::Machines))
            }
        },
    ))
}

/// `12`, `50+`, or `–` where that couldn't be told.
async fn counted(api: &Api, kind: &Kind) -> String {
    let Ok(said) = api.call(kind.service, kind.operation, json!({})).await else { return "–".to_owned() };
    let more = ["NextToken", "NextMarker", "LastEvaluatedTableName", "ContinuationToken"];
    let more = more.into_iter().any(|name| said.get(name).is_some_and(Value::is_string));
    format!("{}{}", list(&said, kind.member).len(), if more { "+" } else { "" })
}

fn tile(api: &Api, kind: &Kind, count: &str) -> Markup {
    let inside = html! { b { (count) } span { (kind.name) } };
    html! {
        @if kind.room.is_empty() { div.tile { (inside) } } @else { a.tile href=(api.link(kind.room, &[])) { (inside) } }
    }
}
