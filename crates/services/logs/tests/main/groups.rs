//! Groups and streams.

use serde_json::{Value, json};

use crate::support::Cloud;

fn names<'a>(answer: &'a Value, list: &str, name: &str) -> Vec<&'a str> {
    answer[list].as_array().unwrap().iter().map(|one| one[name].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_group_is_made_described_and_deleted_with_all_that_is_in_it() {
    let cloud = Cloud::with_stream().await;
    cloud.put("s", &[(0, "text")]).await;
    let told = cloud.ok("DescribeLogGroups", json!({})).await;
    let arn = "arn:aws:logs:us-east-1:000000000000:log-group:/g";
    assert_eq!(
        told["logGroups"],
        json!([{
            "logGroupName": "/g", "creationTime": cloud.now(), "metricFilterCount": 0, "arn": format!("{arn}:*"),
            "logGroupArn": arn, "storedBytes": 30, "logGroupClass": "STANDARD", "deletionProtectionEnabled": false,
        }])
    );
    let exists = cloud.refused("CreateLogGroup", json!({ "logGroupName": "/g" })).await;
    assert_eq!(exists, "ResourceAlreadyExistsException: The specified log group already exists");
    cloud.ok("DeleteLogGroup", json!({ "logGroupName": "/g" })).await;
    assert_eq!(cloud.rows().await, 0);
    for op in ["DeleteLogGroup", "DeleteRetentionPolicy", "ListTagsLogGroup"] {
        let refused = cloud.refused(op, json!({ "logGroupName": "/g" })).await;
        assert_eq!(refused, "ResourceNotFoundException: The specified log group does not exist.");
    }
}

#[tokio::test]
async fn more_than_a_transaction_holds_is_deleted() {
    let cloud = Cloud::with_stream().await;
    cloud.ok("CreateLogStream", json!({ "logGroupName": "/g", "logStreamName": "t" })).await;
    // Each of another minute, so a chunk of its own.
    let events: Vec<_> = (-1_200..0).map(|n| (n * 60_000, "x")).collect();
    cloud.put("s", &events).await;
    cloud.put("t", &events).await;
    let before = cloud.rows().await;
    cloud.ok("DeleteLogStream", json!({ "logGroupName": "/g", "logStreamName": "s" })).await;
    assert_eq!(cloud.rows().await, before - 2_401);
    let gone = cloud.refused("DeleteLogStream", json!({ "logGroupName": "/g", "logStreamName": "s" })).await;
    assert_eq!(gone, "ResourceNotFoundException: The specified log stream does not exist.");
    cloud.ok("DeleteLogGroup", json!({ "logGroupName": "/g" })).await;
    assert_eq!(cloud.rows().await, 0);
}

/// Recorded: `test_describe_log_groups_prefix_and_pattern_error`, `test_list_log_groups_with_pattern`.
#[tokio::test]
async fn groups_are_found_by_prefix_pattern_and_page() {
    let cloud = Cloud::new();
    for n in 0..55 {
        cloud.ok("CreateLogGroup", json!({ "logGroupName": format!("/a/{n:02}") })).await;
    }
    cloud.ok("CreateLogGroup", json!({ "logGroupName": "/b/x", "logGroupClass": "INFREQUENT_ACCESS" })).await;
    let first = cloud.ok("DescribeLogGroups", json!({})).await;
    assert_eq!(first["logGroups"].as_array().unwrap().len(), 50);
    let second = cloud.ok("DescribeLogGroups", json!({ "nextToken": first["nextToken"] })).await;
    let rest = names(&second, "logGroups", "logGroupName");
    assert_eq!((rest[0], rest[5], rest.len(), &second["nextToken"]), ("/a/50", "/b/x", 6, &Value::Null));
    for (input, expected) in [
        (json!({ "logGroupNamePrefix": "/b" }), vec!["/b/x"]),
        (json!({ "logGroupNamePrefix": "/a/5", "limit": 2 }), vec!["/a/50", "/a/51"]),
        (json!({ "logGroupNamePattern": "/x" }), vec!["/b/x"]),
        (json!({ "logGroupNamePattern": "no-such" }), vec![]),
        (json!({ "logGroupClass": "INFREQUENT_ACCESS" }), vec!["/b/x"]),
        (
            json!({ "logGroupIdentifiers": ["/a/07", "arn:aws:logs:us-east-1:000000000000:log-group:/b/x"] }),
            vec!["/a/07", "/b/x"],
        ),
    ] {
        let told = cloud.ok("DescribeLogGroups", input).await;
        assert_eq!(names(&told, "logGroups", "logGroupName"), expected);
    }
    let both = json!({ "logGroupNamePrefix": "a", "logGroupNamePattern": "a" });
    assert_eq!(
        cloud.refused("DescribeLogGroups", both).await,
        "InvalidParameterException: LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."
    );
    let wrong = cloud.refused("DescribeLogGroups", json!({ "nextToken": "!" })).await;
    assert_eq!(wrong, "InvalidParameterException: The specified nextToken is invalid.");
}

#[tokio::test]
async fn groups_are_listed_by_parts_of_their_names_and_by_tags() {
    let cloud = Cloud::new();
    for (name, team) in [("/app/one", "red"), ("/app/two", "blue"), ("/other/app", "red")] {
        cloud.ok("CreateLogGroup", json!({ "logGroupName": name, "tags": { "team": team } })).await;
    }
    for (input, expected) in [
        (json!({}), vec!["/app/one", "/app/two", "/other/app"]),
        (json!({ "logGroupNamePattern": "^/app" }), vec!["/app/one", "/app/two"]),
        (json!({ "logGroupNamePattern": "app/two|other" }), vec!["/app/two", "/other/app"]),
        (json!({ "logGroupTags": [{ "key": "team", "values": ["red"] }] }), vec!["/app/one", "/other/app"]),
        (json!({ "logGroupTags": [{ "key": "gone" }] }), vec![]),
        (json!({ "fieldIndexNames": ["any"] }), vec![]),
        (json!({ "limit": 1 }), vec!["/app/one"]),
    ] {
        let told = cloud.ok("ListLogGroups", input).await;
        assert_eq!(names(&told, "logGroups", "logGroupName"), expected);
    }
    let first = cloud.ok("ListLogGroups", json!({ "limit": 2 })).await;
    let rest = cloud.ok("ListLogGroups", json!({ "nextToken": first["nextToken"] })).await;
    let arn = "arn:aws:logs:us-east-1:000000000000:log-group:/other/app";
    let one = json!({ "logGroupName": "/other/app", "logGroupArn": arn, "logGroupClass": "STANDARD" });
    assert_eq!(rest, json!({ "logGroups": [one] }));
}

/// Recorded: `test_describe_log_streams_with_prefix`.
#[tokio::test]
async fn streams_are_told_by_name_or_by_their_last_events() {
    let cloud = Cloud::with_stream().await;
    for name in ["t1", "t2", "t3"] {
        cloud.ok("CreateLogStream", json!({ "logGroupName": "/g", "logStreamName": name })).await;
    }
    let ask = |more: Value| {
        let mut input = json!({ "logGroupName": "/g" });
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let told = cloud.ok("DescribeLogStreams", ask(json!({ "logStreamNamePrefix": "t" }))).await;
    assert_eq!(names(&told, "logStreams", "logStreamName"), ["t1", "t2", "t3"]);
    assert_eq!(
        told["logStreams"][0],
        json!({
            "logStreamName": "t1", "creationTime": cloud.now(), "storedBytes": 0,
            "arn": "arn:aws:logs:us-east-1:000000000000:log-group:/g:log-stream:t1",
        })
    );
    cloud.pass(10);
    cloud.put("t2", &[(-5, "a"), (0, "b")]).await;
    cloud.put("t1", &[(-1, "a")]).await;
    let told = cloud
        .ok("DescribeLogStreams", ask(json!({ "orderBy": "LastEventTime", "descending": true, "limit": 2 })))
        .await;
    assert_eq!(names(&told, "logStreams", "logStreamName"), ["t2", "t1"]);
    let one = &told["logStreams"][0];
    let now = cloud.now();
    assert_eq!(
        (&one["firstEventTimestamp"], &one["lastEventTimestamp"], &one["lastIngestionTime"]),
        (&json!(now - 5), &json!(now), &json!(now))
    );
    let more = json!({ "orderBy": "LastEventTime", "descending": true, "nextToken": told["nextToken"] });
    let rest = cloud.ok("DescribeLogStreams", ask(more)).await;
    assert_eq!(names(&rest, "logStreams", "logStreamName"), ["t3", "s"]);
    let by_name = cloud.ok("DescribeLogStreams", ask(json!({ "descending": true, "limit": 1 }))).await;
    assert_eq!(names(&by_name, "logStreams", "logStreamName"), ["t3"]);
    let both = ask(json!({ "orderBy": "LastEventTime", "logStreamNamePrefix": "t" }));
    assert_eq!(
        cloud.refused("DescribeLogStreams", both).await,
        "InvalidParameterException: Cannot order by LastEventTime with a logStreamNamePrefix."
    );
    let exists = cloud.refused("CreateLogStream", json!({ "logGroupName": "/g", "logStreamName": "s" })).await;
    assert_eq!(exists, "ResourceAlreadyExistsException: The specified log stream already exists");
}

/// Recorded: `test_tag_log_group`.
#[tokio::test]
async fn tags_of_groups_in_both_ways() {
    let cloud = Cloud::new();
    cloud.ok("CreateLogGroup", json!({ "logGroupName": "/g", "tags": { "a": "1" } })).await;
    cloud.ok("TagLogGroup", json!({ "logGroupName": "/g", "tags": { "b": "2" } })).await;
    let arn = "arn:aws:logs:us-east-1:000000000000:log-group:/g";
    cloud.ok("TagResource", json!({ "resourceArn": arn, "tags": { "c": "3", "a": "0" } })).await;
    cloud.ok("UntagLogGroup", json!({ "logGroupName": "/g", "tags": ["b"] })).await;
    let tags = json!({ "tags": { "a": "0", "c": "3" } });
    assert_eq!(cloud.ok("ListTagsLogGroup", json!({ "logGroupName": "/g" })).await, tags);
    assert_eq!(cloud.ok("ListTagsForResource", json!({ "resourceArn": arn })).await, tags);
    cloud.ok("UntagResource", json!({ "resourceArn": arn, "tagKeys": ["a", "c"] })).await;
    assert_eq!(cloud.ok("ListTagsForResource", json!({ "resourceArn": arn })).await, json!({ "tags": {} }));
    let many: serde_json::Map<_, _> = (0..50).map(|n| (format!("k{n}"), json!("v"))).collect();
    cloud.ok("TagResource", json!({ "resourceArn": arn, "tags": many })).await;
    let refused = cloud.refused("TagResource", json!({ "resourceArn": arn, "tags": { "one": "more" } })).await;
    assert!(refused.starts_with("TooManyTagsException"), "{refused}");
    let refused = cloud.refused("ListTagsForResource", json!({ "resourceArn": format!("{arn}one") })).await;
    assert_eq!(refused, "ResourceNotFoundException: The specified resource does not exist.");
}
