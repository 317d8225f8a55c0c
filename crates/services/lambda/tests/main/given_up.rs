//! Records of streams that were given up, and who is told.

use std::time::Duration;

use serde_json::{Value, json};
use updraft_kernel::ports::{GivenUp, Mapping, MappingsPort as _, StartingPosition, StreamReading};
use updraft_kernel::{AccountId, Arn, Region, UnixMillis};

use crate::destinations::QUEUE;
use crate::support::{ARN, Platform};

fn read_by(function: &str, to: &str) -> Mapping {
    let arn = |text: &str| Arn::parse(text).unwrap();
    Mapping {
        uuid: "11111111-0000-4000-8000-000000000000".into(),
        revision: 1,
        account: AccountId::local(),
        region: Region::default_region(),
        source: arn("arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/l"),
        function: arn(&format!("{ARN}{function}")),
        batch: 1,
        window: Duration::ZERO,
        filters: vec![],
        reports_failures: false,
        max_concurrency: None,
        counts: false,
        stream: Some(StreamReading {
            from: StartingPosition::TrimHorizon,
            parallel: 1,
            bisect: false,
            max_age: None,
            max_retries: Some(1),
            tumbling: None,
            on_failure: Some(to.to_owned()),
        }),
    }
}

fn given_up(response: Option<(String, Option<&'static str>)>) -> GivenUp {
    GivenUp {
        shard: "shardId-1".into(),
        first: ("1".into(), UnixMillis(1_000)),
        last: ("2".into(), UnixMillis(2_000)),
        count: 2,
        event: r#"{"Records":[]}"#.into(),
        condition: "RetryAttemptsExhausted",
        invoked: 2,
        request_id: "r".into(),
        response,
    }
}

/// Recorded: `test_dynamodb_event_source_mapping_with_on_failure_destination_config`.
#[tokio::test]
async fn records_of_a_stream_that_were_given_up_are_told() {
    let platform = Platform::new();
    platform.create("f").await;
    let failed = given_up(Some(("$LATEST".into(), Some("Unhandled"))));
    platform.lambda.given_up(&read_by("f", QUEUE), failed).await.unwrap();
    platform.settle().await;
    let letter = platform.letter("sqs");
    assert_eq!(letter.target.to_string(), QUEUE);
    assert_eq!(
        serde_json::from_slice::<Value>(&letter.body).unwrap(),
        json!({
            "version": "1.0",
            "timestamp": "2030-01-01T00:00:00.000Z",
            "requestContext": {
                "requestId": "r",
                "functionArn": format!("{ARN}f"),
                "condition": "RetryAttemptsExhausted",
                "approximateInvokeCount": 2,
            },
            "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
            "DDBStreamBatchInfo": {
                "shardId": "shardId-1",
                "startSequenceNumber": "1",
                "endSequenceNumber": "2",
                "approximateArrivalOfFirstRecord": "1970-01-01T00:00:01Z",
                "approximateArrivalOfLastRecord": "1970-01-01T00:00:02Z",
                "batchSize": 2,
                "streamArn": "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/l",
            },
        })
    );
    platform.lambda.given_up(&read_by("f", "arn:aws:s3:::b"), given_up(None)).await.unwrap();
    platform.settle().await;
    let object = platform.letter("s3");
    let record: Value = serde_json::from_slice(&object.body).unwrap();
    assert_eq!((&record["payload"], &record["responseContext"]), (&json!(r#"{"Records":[]}"#), &Value::Null));
    let key = object.object_key.unwrap();
    let start = "aws/lambda/11111111-0000-4000-8000-000000000000/shardId-1/2030/01/01/2030-01-01T00.00.00-";
    assert!(key.starts_with(start), "{key}");
}
