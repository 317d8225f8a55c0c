//! `FilterLogEvents`, over what functions print too.

use serde_json::{Value, json};

use crate::support::{Cloud, texts};

async fn filter(cloud: &Cloud, group: &str, more: Value) -> Value {
    let mut input = json!({ "logGroupName": group });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    cloud.ok("FilterLogEvents", input).await
}

#[tokio::test]
async fn what_functions_print_is_there_with_its_group_and_streams() {
    let cloud = Cloud::new();
    cloud.print("/aws/lambda/f", "2026/01/01/[$LATEST]a", &["START", "hello", "END"]).await;
    cloud.pass(90);
    cloud.print("/aws/lambda/f", "2026/01/01/[$LATEST]b", &["{\"level\":\"ERROR\"}"]).await;
    let all = filter(&cloud, "/aws/lambda/f", json!({})).await;
    assert_eq!(texts(&all), ["START", "hello", "END", "{\"level\":\"ERROR\"}"]);
    let event = &all["events"][1];
    assert_eq!(
        (&event["logStreamName"], &event["timestamp"]),
        (&json!("2026/01/01/[$LATEST]a"), &json!(cloud.now() - 90_000))
    );
    assert_eq!((all["searchedLogStreams"].clone(), &all["nextToken"]), (json!([]), &Value::Null));
    for (more, expected) in [
        (json!({ "filterPattern": "hello" }), vec!["hello"]),
        (json!({ "filterPattern": "?hello ?START" }), vec!["START", "hello"]),
        (json!({ "filterPattern": "{ $.level = ERROR }" }), vec!["{\"level\":\"ERROR\"}"]),
        (json!({ "logStreamNamePrefix": "2026/01/01/[$LATEST]b" }), vec!["{\"level\":\"ERROR\"}"]),
        (json!({ "logStreamNames": ["2026/01/01/[$LATEST]a"], "limit": 1 }), vec!["START"]),
        (json!({ "startTime": cloud.now() }), vec!["{\"level\":\"ERROR\"}"]),
        (json!({ "endTime": cloud.now(), "startFromHead": false }), vec!["END", "hello", "START"]),
    ] {
        let told = filter(&cloud, "/aws/lambda/f", more.clone()).await;
        assert_eq!(texts(&told), expected, "{more}");
    }
    let groups = cloud.ok("DescribeLogGroups", json!({})).await;
    assert_eq!(groups["logGroups"][0]["logGroupName"], "/aws/lambda/f");
    let streams = cloud.ok("DescribeLogStreams", json!({ "logGroupName": "/aws/lambda/f" })).await;
    assert_eq!(streams["logStreams"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn pages_hold_every_event_once_either_way() {
    let cloud = Cloud::with_stream().await;
    cloud.ok("CreateLogStream", json!({ "logGroupName": "/g", "logStreamName": "t" })).await;
    let numbers: Vec<String> = (0..40).map(|n| format!("{n:02}")).collect();
    for (stream, odd) in [("s", 0), ("t", 1)] {
        let mine = numbers.iter().zip(0..).filter(|(_, n)| n % 2 == odd);
        let events: Vec<_> = mine.map(|(text, n)| ((n / 4 - 10) * 30_000, text.as_str())).collect();
        cloud.put(stream, &events).await;
    }
    for forward in [true, false] {
        let mut all: Vec<String> = Vec::new();
        let mut token = Value::Null;
        loop {
            let mut more = json!({ "limit": 7, "startFromHead": forward });
            if !token.is_null() {
                more["nextToken"] = token;
            }
            let page = filter(&cloud, "/g", more).await;
            assert!(texts(&page).len() <= 7);
            all.extend(texts(&page).into_iter().map(str::to_owned));
            token = page["nextToken"].clone();
            if token.is_null() {
                break;
            }
        }
        if !forward {
            all.reverse();
        }
        let times: Vec<_> = all.iter().map(|text| text.parse::<i64>().unwrap() / 4).collect();
        assert!(times.is_sorted(), "{all:?}");
        all.sort();
        assert_eq!(all, numbers);
    }
}

/// Recorded: `test_filter_log_events_limit_validation`.
#[tokio::test]
async fn what_is_refused() {
    let cloud = Cloud::with_stream().await;
    for (more, said) in [
        (
            json!({ "limit": 10_001 }),
            "InvalidParameterException: 1 validation error detected: Value '10001' at 'limit' failed to satisfy \
             constraint: Member must have value less than or equal to 10000",
        ),
        (
            json!({ "filterPattern": "[a, b]" }),
            "InvalidParameterException: Invalid filter pattern: patterns of columns are not implemented",
        ),
        (json!({ "nextToken": "12" }), "InvalidParameterException: The specified nextToken is invalid."),
        (json!({ "logStreamNames": ["gone"] }), "ResourceNotFoundException: The specified log stream does not exist."),
        (json!({ "logGroupName": "/gone" }), "ResourceNotFoundException: The specified log group does not exist."),
    ] {
        let mut input = json!({ "logGroupName": "/g" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(cloud.refused("FilterLogEvents", input).await, said);
    }
}

#[tokio::test]
async fn patterns_can_be_tried() {
    let cloud = Cloud::new();
    let lines = json!([r#"{"a":{"n":7}}"#, "text", r#"{"a":{"n":1},"b":["x"]}"#]);
    let input = json!({ "filterPattern": "{ $.a.n > 5 || $.b[0] = x }", "logEventMessages": lines });
    let told = cloud.ok("TestMetricFilter", input).await;
    assert_eq!(
        told["matches"],
        json!([
            { "eventNumber": 1, "eventMessage": lines[0], "extractedValues": { "$.a.n": "7" } },
            { "eventNumber": 3, "eventMessage": lines[2], "extractedValues": { "$.a.n": "1", "$.b[0]": "x" } },
        ])
    );
    let told = cloud.ok("TestMetricFilter", json!({ "filterPattern": "ex", "logEventMessages": lines })).await;
    assert_eq!(told["matches"], json!([{ "eventNumber": 2, "eventMessage": "text", "extractedValues": {} }]));
}
