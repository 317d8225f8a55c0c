//! `PutLogEvents` and `GetLogEvents`.

use serde_json::{Value, json};

use crate::support::{Cloud, texts};

const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;

async fn get(cloud: &Cloud, more: Value) -> Value {
    let mut input = json!({ "logGroupName": "/g", "logStreamName": "s" });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    cloud.ok("GetLogEvents", input).await
}

#[tokio::test]
async fn events_are_told_in_the_order_of_their_times_whenever_they_came() {
    let cloud = Cloud::with_stream().await;
    cloud.put("s", &[(-2_000, "c"), (-1_000, "d")]).await;
    cloud.put("s", &[(-200_000, "a"), (-1_500, "between")]).await;
    cloud.put("s", &[(-2_000, "c again")]).await;
    let told = get(&cloud, json!({ "startFromHead": true })).await;
    assert_eq!(texts(&told), ["a", "c", "c again", "between", "d"]);
    let now = cloud.now();
    assert_eq!(told["events"][0], json!({ "timestamp": now - 200_000, "message": "a", "ingestionTime": now }));
    let some = get(&cloud, json!({ "startTime": now - 2_000, "endTime": now - 1_000 })).await;
    assert_eq!(texts(&some), ["c", "c again", "between"], "the end is exclusive");
}

#[tokio::test]
async fn tokens_lead_both_ways_and_stay_at_the_ends() {
    let cloud = Cloud::with_stream().await;
    let numbers: Vec<String> = (0..10).map(|n| n.to_string()).collect();
    let events: Vec<_> = numbers.iter().zip(0..).map(|(text, n)| ((n - 10) * 20_000, text.as_str())).collect();
    cloud.put("s", &events).await;
    let last = get(&cloud, json!({ "limit": 3 })).await;
    assert_eq!(texts(&last), ["7", "8", "9"], "the latest ones, where nothing else is said");
    let back = |from: &Value| json!({ "limit": 4, "nextToken": from["nextBackwardToken"] });
    let before = get(&cloud, back(&last)).await;
    assert_eq!(texts(&before), ["3", "4", "5", "6"]);
    let first = get(&cloud, back(&before)).await;
    assert_eq!(texts(&first), ["0", "1", "2"]);
    let none = get(&cloud, back(&first)).await;
    assert_eq!((texts(&none).len(), &none["nextBackwardToken"]), (0, &first["nextBackwardToken"]));

    let on = |from: &Value| json!({ "limit": 4, "nextToken": from["nextForwardToken"] });
    assert_eq!(texts(&get(&cloud, on(&first)).await), ["3", "4", "5", "6"]);
    let end = get(&cloud, on(&last)).await;
    assert_eq!((texts(&end).len(), &end["nextForwardToken"]), (0, &last["nextForwardToken"]));
    cloud.put("s", &[(0, "new")]).await;
    assert_eq!(texts(&get(&cloud, on(&end)).await), ["new"]);
}

/// Recorded: `test_get_log_events_invalid_token`, `test_put_log_events_to_invalid_stream`,
/// `test_put_log_events_wrong_order`.
#[tokio::test]
async fn what_is_refused() {
    let cloud = Cloud::with_stream().await;
    let now = cloud.now();
    let event = |at: i64, text: &str| json!({ "timestamp": at, "message": text });
    let put =
        |stream: &str, events: Value| json!({ "logGroupName": "/g", "logStreamName": stream, "logEvents": events });
    for (op, input, said) in [
        (
            "GetLogEvents",
            json!({ "logGroupName": "/g", "logStreamName": "s", "nextToken": "invalid" }),
            "InvalidParameterException: The specified nextToken is invalid.",
        ),
        (
            "PutLogEvents",
            put("gone", json!([event(now, "x")])),
            "ResourceNotFoundException: The specified log stream does not exist.",
        ),
        (
            "PutLogEvents",
            put("s", json!([event(now, "x"), event(now - 1, "y")])),
            "InvalidParameterException: Log events in a single PutLogEvents request must be in chronological order.",
        ),
        (
            "PutLogEvents",
            put("s", json!([event(now - DAY - 1, "x"), event(now, "y")])),
            "InvalidParameterException: The batch of log events in a single PutLogEvents request cannot span more than \
             24 hours.",
        ),
        (
            "PutLogEvents",
            put("s", json!([event(now, &"x".repeat(262_119))])),
            "InvalidParameterException: Log event too large: 262145 bytes exceeds limit of 262144",
        ),
        (
            "PutLogEvents",
            put("s", json!(vec![event(now, &"x".repeat(200_000)); 6])),
            "InvalidParameterException: Upload too large: 1200156 bytes exceeds limit of 1048576",
        ),
        (
            "GetLogEvents",
            json!({ "logStreamName": "s" }),
            "InvalidParameterException: Either logGroupName or logGroupIdentifier must be specified.",
        ),
    ] {
        assert_eq!(cloud.refused(op, input).await, said);
    }
    let by_arn = json!({
        "logGroupIdentifier": "arn:aws:logs:us-east-1:000000000000:log-group:/g", "logStreamName": "s",
    });
    assert_eq!(texts(&cloud.ok("GetLogEvents", by_arn).await).len(), 0, "and nothing was kept");
}

/// Recorded: `test_put_log_events_too_new`, `test_put_log_events_too_old`.
#[tokio::test]
async fn events_of_another_time_are_sorted_out() {
    let cloud = Cloud::with_stream().await;
    let told = cloud.put("s", &[(-15 * DAY, "old"), (-14 * DAY - 1, "old")]).await;
    assert_eq!(told["rejectedLogEventsInfo"], json!({ "tooOldLogEventEndIndex": 2 }));
    assert_eq!(told["nextSequenceToken"].as_str().unwrap().len(), 56);
    let told = cloud.put("s", &[(0, "fine"), (2 * HOUR, "just"), (2 * HOUR + 1, "new"), (3 * HOUR, "new")]).await;
    assert_eq!(told["rejectedLogEventsInfo"], json!({ "tooNewLogEventStartIndex": 2 }));
    assert_eq!(texts(&get(&cloud, json!({})).await), ["fine", "just"]);
    assert_eq!(cloud.put("s", &[(0, "fine")]).await["rejectedLogEventsInfo"], Value::Null);
}

#[tokio::test]
async fn large_events_and_many_of_them() {
    let cloud = Cloud::with_stream().await;
    let large = "x".repeat(262_118);
    cloud.put("s", &[(-1, &large), (-1, &large)]).await;
    let many: Vec<_> = (0..10_000).map(|n| (n % 7, "y")).collect::<Vec<_>>();
    let mut sorted = many.clone();
    sorted.sort_unstable();
    cloud.put("s", &sorted).await;
    let first = get(&cloud, json!({ "startFromHead": true })).await;
    assert_eq!((texts(&first)[0].len(), texts(&first).len()), (262_118, 10_000), "no more in one page");
    let rest = get(&cloud, json!({ "nextToken": first["nextForwardToken"] })).await;
    assert_eq!(texts(&rest).len(), 2);
}
