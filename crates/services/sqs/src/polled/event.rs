//! Messages as functions get them. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use updraft_kernel::ports::{AttributeContent, QueueAttribute};

use crate::messages::Received;
use crate::model::digest;
use crate::model::message::Message;

/// One record of an event. AWS: its names begin in lower case, and where there are no message attributes, their digest is
/// `null` (recorded: `test_sqs_event_source_mapping`).
pub(super) fn record(received: &Received, arn: &str, region: &str) -> Value {
    let Message { id, body, md5, attributes, .. } = &received.message;
    json!({
        "messageId": id,
        "receiptHandle": received.receipt,
        "body": body,
        "attributes": known(received),
        "messageAttributes": attributes.iter().map(|(name, given)| (name.clone(), attribute(given))).collect::<Map<_, _>>(),
        "md5OfMessageAttributes": digest::of_attributes(attributes),
        "md5OfBody": updraft_kernel::hex(md5),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": region,
    })
}

/// What is known of a message beside what was sent.
fn known(received: &Received) -> Map<String, Value> {
    let Received { message, receives, first, sequence, .. } = received;
    let fifo = sequence.is_some();
    let all = [
        ("ApproximateReceiveCount", Some(receives.to_string())),
        ("AWSTraceHeader", message.trace.clone()),
        ("DeadLetterQueueSourceArn", message.source.clone()),
        ("SentTimestamp", Some(message.sent.0.to_string())),
        ("SequenceNumber", sequence.clone()),
        ("MessageGroupId", message.group.clone()),
        ("SenderId", Some(message.sender.clone())),
        ("MessageDeduplicationId", message.deduplication.clone().filter(|_| fifo)),
        ("ApproximateFirstReceiveTimestamp", Some(first.0.to_string())),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?)))).collect()
}

fn attribute(given: &QueueAttribute) -> Value {
    let (name, value) = match &given.content {
        AttributeContent::Text(text) => ("stringValue", text.clone()),
        AttributeContent::Binary(bytes) => ("binaryValue", STANDARD.encode(bytes)),
    };
    json!({ name: value, "stringListValues": [], "binaryListValues": [], "dataType": given.data_type })
}

/// As filter patterns see it: AWS looks into a body that is JSON.
pub(super) fn seen(record: &Value) -> Value {
    let mut seen = record.clone();
    if let Some(body) = seen.get_mut("body")
        && let Some(parsed) = body.as_str().and_then(|text| serde_json::from_str(text).ok())
        && matches!(parsed, Value::Object(_) | Value::Array(_))
    {
        *body = parsed;
    }
    seen
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use updraft_kernel::UnixMillis;

    use super::*;

    fn received(body: &str) -> Received {
        let message = Message {
            id: "m".into(),
            body: body.into(),
            md5: digest::of_body(body),
            attributes: BTreeMap::new(),
            sender: "AIDA".into(),
            sent: UnixMillis(1_000),
            available: UnixMillis(1_000),
            trace: None,
            group: None,
            deduplication: None,
            source: None,
        };
        Received { message, receipt: "AQEB".into(), receives: 2, first: UnixMillis(1_500), sequence: None }
    }

    const ARN: &str = "arn:aws:sqs:us-east-1:000000000000:q";

    #[test]
    fn a_plain_message() {
        assert_eq!(
            record(&received("hello"), ARN, "us-east-1"),
            json!({
                "messageId": "m",
                "receiptHandle": "AQEB",
                "body": "hello",
                "attributes": {
                    "ApproximateReceiveCount": "2",
                    "SentTimestamp": "1000",
                    "SenderId": "AIDA",
                    "ApproximateFirstReceiveTimestamp": "1500",
                },
                "messageAttributes": {},
                "md5OfMessageAttributes": null,
                "md5OfBody": "5d41402abc4b2a76b9719d911017c592",
                "eventSource": "aws:sqs",
                "eventSourceARN": ARN,
                "awsRegion": "us-east-1",
            })
        );
    }

    #[test]
    fn what_only_some_messages_have() {
        let mut received = received("x");
        received.sequence = Some("18446744073709551616".into());
        received.message.group = Some("g".into());
        received.message.deduplication = Some("d".into());
        received.message.trace = Some("Root=1".into());
        received.message.source = Some(ARN.into());
        let attribute = |data_type: &str, content| QueueAttribute { data_type: data_type.into(), content };
        received.message.attributes = BTreeMap::from([
            ("n".into(), attribute("Number.int", AttributeContent::Text("5".into()))),
            ("b".into(), attribute("Binary", AttributeContent::Binary(vec![1, 255]))),
        ]);
        let record = record(&received, ARN, "us-east-1");
        let names: Vec<_> = record["attributes"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            names,
            [
                "ApproximateReceiveCount",
                "AWSTraceHeader",
                "DeadLetterQueueSourceArn",
                "SentTimestamp",
                "SequenceNumber",
                "MessageGroupId",
                "SenderId",
                "MessageDeduplicationId",
                "ApproximateFirstReceiveTimestamp"
            ]
        );
        assert_eq!(
            record["messageAttributes"],
            json!({
                "b": {"binaryValue": "Af8=", "stringListValues": [], "binaryListValues": [], "dataType": "Binary"},
                "n": {"stringValue": "5", "stringListValues": [], "binaryListValues": [], "dataType": "Number.int"},
            })
        );
        assert_eq!(record["md5OfMessageAttributes"].as_str().unwrap().len(), 32);
        received.sequence = None;
        assert_eq!(super::record(&received, ARN, "r")["attributes"]["MessageDeduplicationId"], Value::Null);
    }

    #[test]
    fn patterns_look_into_bodies_that_are_json() {
        for (body, expected) in [
            (r#"{"a":1}"#, json!({"a": 1})),
            ("[1]", json!([1])),
            ("5", json!("5")),
            ("{broken", json!("{broken")),
            ("text", json!("text")),
        ] {
            assert_eq!(seen(&record(&received(body), ARN, "r"))["body"], expected, "{body}");
        }
    }
}
