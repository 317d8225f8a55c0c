//! A queue of SQS: how much is in it.

use maud::{Markup, html};
use serde_json::{Value, json};

use super::frame::{Frame, page};
use crate::api::{Api, Trouble, text};
use crate::asked::Asked;
use crate::show;

pub(crate) async fn queue(api: &Api, asked: &Asked, name: &str) -> Result<Markup, Trouble> {
    let said = api.call("sqs", "GetQueueUrl", json!({ "QueueName": name })).await?;
    let url = text(&said, "QueueUrl");
    let said = api.call("sqs", "GetQueueAttributes", json!({ "QueueUrl": url, "AttributeNames": ["All"] })).await?;
    let none = Value::Null;
    let attributes = said.get("Attributes").unwrap_or(&none);
    let of = |name: &str| text(attributes, name);
    let seconds = |name: &str| match of(name).parse::<i64>() {
        Ok(0) | Err(_) => "none".to_owned(),
        Ok(seconds) => show::span(seconds * 1000),
    };
    Ok(page(
        api,
        asked,
        &Frame { title: name, room: "sqs/queues" },
        &html! {
            h1 { (name) }
            ul.tiles {
                @for (name, label) in [("ApproximateNumberOfMessages", "to be received"), ("ApproximateNumberOfMessagesNotVisible", "in flight"), ("ApproximateNumberOfMessagesDelayed", "delayed")] {
                    li { div.tile { b { (of(name)) } span { (label) } } }
                }
            }
            h2 { "Settings" }
            dl.facts {
                div { dt { "Type" } dd { @if of("FifoQueue") == "true" { "FIFO" } @else { "standard" } } }
                @for (name, label) in [("VisibilityTimeout", "Visibility timeout"), ("MessageRetentionPeriod", "Kept for"), ("DelaySeconds", "Delay"), ("ReceiveMessageWaitTimeSeconds", "Waits for messages")] {
                    div { dt { (label) } dd { (seconds(name)) } }
                }
                @if let Some((dead, after)) = redrive(of("RedrivePolicy")) {
                    div { dt { "Dead letters" } dd { a href=(api.link(&["sqs", "queues", show::last(&dead)], &[])) { (show::last(&dead)) } ", after " (after) " receipts" } }
                }
                div.wide { dt { "ARN" } dd { code { (of("QueueArn")) } } }
                div.wide { dt { "URL" } dd { code { (url) } } }
            }
            p.hint { "Messages aren't shown: whoever looks at one receives it, and hides it from those that it is for." }
        },
    ))
}

/// Where messages go that nobody could do with, and after how many receipts.
fn redrive(policy: &str) -> Option<(String, String)> {
    let policy: Value = serde_json::from_str(policy).ok()?;
    let after = policy.get("maxReceiveCount")?;
    let after = after.as_str().map_or_else(|| after.to_string(), str::to_owned);
    Some((text(&policy, "deadLetterTargetArn").to_owned(), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_of_receipts_are_numbers_or_text() {
        for count in ["3", "\"3\""] {
            let policy = format!(r#"{{"deadLetterTargetArn": "arn:aws:sqs:r:a:dead", "maxReceiveCount": {count}}}"#);
            assert_eq!(redrive(&policy), Some(("arn:aws:sqs:r:a:dead".to_owned(), "3".to_owned())));
        }
        assert_eq!(redrive(""), None);
    }
}
