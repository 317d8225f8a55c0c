//! Plain lists.

use maud::{Markup, html};
use serde_json::{Value, json};

use super::frame::{Frame, page};
use crate::api::{Api, Trouble, list, text};
use crate::asked::Asked;
use crate::show;

struct Kind {
    room: &'static str,
    title: &'static str,
    service: &'static str,
    operation: &'static str,
    member: &'static str,
    /// In an answer, where the next page begins; in a request, how it is asked for.
    more: (&'static str, &'static str),
}

const KINDS: [Kind; 3] = [
    Kind {
        room: "sqs/queues",
        title: "Queues",
        service: "sqs",
        operation: "ListQueues",
        member: "QueueUrls",
        more: ("NextToken", "NextToken"),
    },
    Kind {
        room: "dynamodb/tables",
        title: "Tables",
        service: "dynamodb",
        operation: "ListTables",
        member: "TableNames",
        more: ("LastEvaluatedTableName", "ExclusiveStartTableName"),
    },
    Kind {
        room: "s3/buckets",
        title: "Buckets",
        service: "s3",
        operation: "ListBuckets",
        member: "Buckets",
        more: ("ContinuationToken", "ContinuationToken"),
    },
];

/// `None`: there is no such list.
pub(crate) async fn plain(api: &Api, asked: &Asked, room: &str) -> Result<Option<Markup>, Trouble> {
    let Some(kind) = KINDS.iter().find(|kind| kind.room == room) else { return Ok(None) };
    let mut input = json!({});
    if let (Some(from), Some(input)) = (asked.get("from"), input.as_object_mut()) {
        input.insert(kind.more.1.to_owned(), from.into());
        if kind.service == "sqs" {
            input.insert("MaxResults".to_owned(), 1000.into());
        }
    }
    let said = api.call(kind.service, kind.operation, input).await?;
    let things = list(&said, kind.member);
    Ok(Some(page(
        api,
        asked,
        &Frame { title: kind.title, room: kind.room },
        &html! {
            h1 { (kind.title) }
            @if things.is_empty() { p.none { "There are none in this account and region." } } @else {
                div.scroll { table {
                    thead { tr { th { "Name" } th { "" } } }
                    tbody { @for thing in things { (row(api, kind, thing)) } }
                } }
            }
            @if let Some(next) = said.get(kind.more.0).and_then(Value::as_str) {
                p { a href=(asked.with(&[("from", Some(next))])) { "More" } }
            }
        },
    )))
}

fn row(api: &Api, kind: &Kind, thing: &Value) -> Markup {
    let name = thing.as_str().unwrap_or_else(|| text(thing, "Name"));
    let last = name.rsplit('/').next().unwrap_or_default();
    let parts: Vec<&str> = kind.room.split('/').chain([last]).collect();
    let created = show::millis(thing.get("CreationDate"));
    html! {
        tr {
            td.name { a href=(api.link(&parts, &[])) { (last) } }
            td.note { @if created.is_some() { (show::time(created)) } @else if name.contains('/') { code { (name) } } }
        }
    }
}
