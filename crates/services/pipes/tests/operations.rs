//! Pipes made, changed, started, stopped and deleted.

use serde_json::{Value, json};
use updraft_kernel::UnixMillis;
use updraft_kernel::ports::{GivenUp, MappingsPort, StartingPosition};
use updraft_testkit::wait_until_async;

use crate::support::{PATIENCE, Plumbing, QUEUE, ROLE, arn};

fn function() -> String {
    arn("lambda function:f")
}

#[tokio::test]
async fn a_pipe_comes_to_run_and_its_source_is_polled_for_it() {
    let all = Plumbing::kept();
    let made = all.make(&function(), json!({ "Description": "d", "Tags": { "k": "v" } })).await;
    assert_eq!((&made["CurrentState"], &made["DesiredState"]), (&json!("CREATING"), &json!("RUNNING")));
    assert_eq!(made["Arn"], arn("pipes pipe/p"));
    let mut found = all.settled("RUNNING").await;
    for time in ["CreationTime", "LastModifiedTime"] {
        assert!(found.as_object_mut().unwrap().remove(time).is_some());
    }
    assert_eq!(
        found,
        json!({
            "Arn": arn("pipes pipe/p"), "Name": "p", "Description": "d", "DesiredState": "RUNNING",
            "CurrentState": "RUNNING", "Source": QUEUE, "Target": function(), "RoleArn": ROLE, "Tags": { "k": "v" },
            "SourceParameters": { "SqsQueueParameters": { "BatchSize": 10, "MaximumBatchingWindowInSeconds": 0 } },
        })
    );
    let begun = all.polled.begun.lock().clone();
    assert_eq!((begun.len(), begun[0].batch, begun[0].reports_failures), (1, 10, true));
    assert_eq!((begun[0].source.to_string(), begun[0].function.to_string()), (QUEUE.to_owned(), arn("pipes pipe/p")));
    all.end().await;
}

#[tokio::test]
async fn a_pipe_stops_and_starts_and_is_deleted() {
    let all = Plumbing::kept();
    all.make(&function(), json!({ "DesiredState": "STOPPED" })).await;
    all.settled("STOPPED").await;
    assert!(all.polled.begun.lock().is_empty(), "it was never to run");
    let started = all.ok("StartPipe", json!({ "Name": "p" })).await;
    assert_eq!((&started["CurrentState"], &started["DesiredState"]), (&json!("STARTING"), &json!("RUNNING")));
    all.settled("RUNNING").await;
    let stopped = all.ok("StopPipe", json!({ "Name": "p" })).await;
    assert_eq!((&stopped["CurrentState"], &stopped["DesiredState"]), (&json!("STOPPING"), &json!("STOPPED")));
    all.settled("STOPPED").await;
    assert_eq!((all.polled.begun.lock().len(), all.polled.stopped.lock().len()), (1, 1));
    let deleted = all.ok("DeletePipe", json!({ "Name": "p" })).await;
    assert_eq!((&deleted["CurrentState"], &deleted["DesiredState"]), (&json!("DELETING"), &json!("DELETED")));
    wait_until_async(PATIENCE, async || all.rows().await == 0).await.unwrap();
    let (code, message) = all.refused("DescribePipe", json!({ "Name": "p" })).await;
    assert_eq!((code, message.as_str()), ("NotFoundException", "Pipe p does not exist."));
    all.end().await;
}

#[tokio::test]
async fn what_a_pipe_cannot_run_from_or_to_is_its_states_reason() {
    let all = Plumbing::kept();
    *all.polled.missing.lock() = true;
    all.make(&function(), json!({})).await;
    let found = all.settled("CREATE_FAILED").await;
    assert_eq!(found["StateReason"], "Input parameter is invalid from the request due to : never");
    *all.polled.missing.lock() = false;
    all.ok("StartPipe", json!({ "Name": "p" })).await;
    assert_eq!(all.settled("RUNNING").await["StateReason"], Value::Null);

    let states = arn("states activity:a");
    all.ok("UpdatePipe", json!({ "Name": "p", "RoleArn": ROLE, "Target": states })).await;
    let reason = all.settled("UPDATE_FAILED").await["StateReason"].clone();
    assert!(reason.as_str().unwrap().ends_with(&format!("updraft does not run pipes to {states} yet")), "{reason}");
    assert_eq!(all.polled.stopped.lock().len(), 1, "as it was it isn't polled for either");
    all.end().await;
}

#[tokio::test]
async fn other_streams_are_kept_and_say_that_nobody_reads_them_yet() {
    let all = Plumbing::kept();
    let stream = arn("kinesis stream/s");
    let parameters = json!({ "KinesisStreamParameters": { "StartingPosition": "LATEST", "BatchSize": 5 } });
    let asked = json!({
        "Name": "p", "Source": stream, "SourceParameters": parameters, "Target": function(), "RoleArn": ROLE,
    });
    all.ok("CreatePipe", asked).await;
    let found = all.settled("CREATE_FAILED").await;
    assert_eq!(found["SourceParameters"], parameters);
    assert!(found["StateReason"].as_str().unwrap().contains("does not run pipes from arn:aws:kinesis"));
    // What an update can't say stays.
    let update = json!({ "KinesisStreamParameters": { "BatchSize": 7 } });
    all.ok("UpdatePipe", json!({ "Name": "p", "RoleArn": ROLE, "SourceParameters": update })).await;
    let found = all.settled("UPDATE_FAILED").await;
    let wanted = json!({ "BatchSize": 7, "StartingPosition": "LATEST" });
    assert_eq!(found["SourceParameters"]["KinesisStreamParameters"], wanted);
    all.end().await;
}

#[tokio::test]
async fn an_update_sets_what_it_names_as_a_whole() {
    let all = Plumbing::kept();
    let filters = json!({ "Filters": [{ "Pattern": "{\"body\":{\"a\":[1]}}" }] });
    let more = json!({
        "Description": "d",
        "SourceParameters": {
            "FilterCriteria": filters, "SqsQueueParameters": { "BatchSize": 5, "MaximumBatchingWindowInSeconds": 3 },
        },
        "TargetParameters": { "InputTemplate": "<$.body>", "LambdaFunctionParameters": { "InvocationType": "FIRE_AND_FORGET" } },
        "Enrichment": arn("lambda function:e"),
    });
    all.make(&function(), more).await;
    all.settled("RUNNING").await;
    assert_eq!(all.polled.begun.lock()[0].filters, ["{\"body\":{\"a\":[1]}}"]);
    let change = json!({
        "Name": "p", "RoleArn": ROLE, "Description": "", "Enrichment": "", "Target": arn("sqs q"),
        "SourceParameters": { "SqsQueueParameters": { "BatchSize": 7 } },
    });
    let updating = all.ok("UpdatePipe", change).await;
    assert_eq!(updating["CurrentState"], "UPDATING");
    let found = all.settled("RUNNING").await;
    let queue = json!({ "BatchSize": 7, "MaximumBatchingWindowInSeconds": 0 });
    assert_eq!(found["SourceParameters"], json!({ "FilterCriteria": filters, "SqsQueueParameters": queue }));
    assert_eq!(found["TargetParameters"], json!({ "InputTemplate": "<$.body>" }), "the rest was a function's");
    assert_eq!((&found["Description"], &found["Enrichment"]), (&Value::Null, &Value::Null));
    let begun = all.polled.begun.lock().clone();
    assert!(begun.len() == 2 && begun[1].batch == 7 && begun[1].revision > begun[0].revision);
    all.end().await;
}

#[tokio::test]
async fn a_pipe_on_its_way_is_left_alone_and_a_name_is_given_once() {
    let all = Plumbing::new();
    all.make(&function(), json!({})).await;
    let again = json!({ "Name": "p", "Source": QUEUE, "Target": function(), "RoleArn": ROLE });
    let err = all.call("CreatePipe", again).await.unwrap_err();
    assert_eq!((err.code().name, err.message()), ("ConflictException", "Pipe p already exists."));
    assert_eq!(err.members().len(), 2);
    for op in ["StartPipe", "StopPipe", "DeletePipe"] {
        let (code, message) = all.refused(op, json!({ "Name": "p" })).await;
        assert!(code == "ConflictException" && message.contains("CREATING"), "{op}: {message}");
        assert_eq!(all.refused(op, json!({ "Name": "none" })).await.0, "NotFoundException");
    }
    assert_eq!(all.refused("UpdatePipe", json!({ "Name": "p", "RoleArn": ROLE })).await.0, "ConflictException");
}

#[tokio::test]
async fn pipes_are_listed_by_what_they_are() {
    let all = Plumbing::new();
    for (name, target) in [("a1", "lambda function:f"), ("a2", "sqs q"), ("b1", "sqs q")] {
        let asked = json!({ "Name": name, "Source": QUEUE, "Target": arn(target), "RoleArn": ROLE });
        all.ok("CreatePipe", asked).await;
    }
    let names = async |asked: Value| -> Vec<String> {
        let found = all.ok("ListPipes", asked).await;
        found["Pipes"].as_array().unwrap().iter().map(|pipe| pipe["Name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(json!({})).await, ["a1", "a2", "b1"]);
    assert_eq!(names(json!({ "NamePrefix": "a" })).await, ["a1", "a2"]);
    assert_eq!(names(json!({ "TargetPrefix": "arn:aws:sqs" })).await, ["a2", "b1"]);
    assert_eq!(names(json!({ "SourcePrefix": "arn:aws:kinesis" })).await, Vec::<String>::new());
    assert_eq!(names(json!({ "CurrentState": "RUNNING" })).await, Vec::<String>::new());
    assert_eq!(names(json!({ "CurrentState": "CREATING", "DesiredState": "RUNNING" })).await.len(), 3);
    let first = all.ok("ListPipes", json!({ "Limit": 2 })).await;
    assert_eq!(names(json!({ "Limit": 2, "NextToken": first["NextToken"] })).await, ["b1"]);
    assert_eq!(all.refused("ListPipes", json!({ "NextToken": "%" })).await.0, "ValidationException");
}

#[tokio::test]
async fn pipes_have_tags() {
    let all = Plumbing::new();
    all.make(&function(), json!({ "Tags": { "a": "1", "b": "2" } })).await;
    let resource = arn("pipes pipe/p");
    all.ok("TagResource", json!({ "ResourceArn": resource, "Tags": { "b": "3", "c": "4" } })).await;
    all.ok("UntagResource", json!({ "ResourceArn": resource, "TagKeys": ["a", "none"] })).await;
    let tags = all.ok("ListTagsForResource", json!({ "ResourceArn": resource })).await;
    assert_eq!(tags["Tags"], json!({ "b": "3", "c": "4" }));
    assert_eq!(all.described().await["Tags"], tags["Tags"]);
    let reserved = json!({ "ResourceArn": resource, "Tags": { "aws:x": "" } });
    assert_eq!(all.refused("TagResource", reserved).await.0, "ValidationException");
    let none = json!({ "ResourceArn": arn("pipes pipe/none") });
    assert_eq!(all.refused("ListTagsForResource", none).await.0, "NotFoundException");
}

#[tokio::test]
async fn streams_of_tables_are_read_as_a_pipe_says() {
    let all = Plumbing::kept();
    let (stream, dead) = (arn("dynamodb table/t/stream/s"), arn("sqs dead"));
    let parameters = json!({ "DynamoDBStreamParameters": {
        "StartingPosition": "LATEST", "BatchSize": 500, "MaximumBatchingWindowInSeconds": 3, "ParallelizationFactor": 2,
        "MaximumRetryAttempts": 4, "MaximumRecordAgeInSeconds": -1, "OnPartialBatchItemFailure": "AUTOMATIC_BISECT",
        "DeadLetterConfig": { "Arn": dead },
    } });
    let asked = |target: &str| json!({ "Name": "p", "Source": stream, "SourceParameters": parameters, "Target": target, "RoleArn": ROLE });
    all.ok("CreatePipe", asked(&arn("sqs q"))).await;
    all.settled("RUNNING").await;
    let mapping = all.polled.begun.lock().pop().unwrap();
    assert_eq!((mapping.batch, mapping.window.as_secs()), (10, 3), "no more than the target takes at once");
    let reading = mapping.stream.clone().unwrap();
    assert_eq!((reading.from, reading.parallel, reading.bisect), (StartingPosition::Latest, 2, true));
    assert_eq!((reading.max_retries, reading.max_age, reading.on_failure), (Some(4), None, Some(dead.clone())));

    let what = GivenUp {
        shard: "shardId-1".into(),
        first: ("1".into(), UnixMillis(1000)),
        last: ("2".into(), UnixMillis(2000)),
        count: 2,
        event: "{}".into(),
        condition: "RetryAttemptsExhausted",
        invoked: 5,
        request_id: "r".into(),
        response: None,
    };
    for _ in 0..2 {
        all.pipes.given_up(&mapping, what.clone()).await.unwrap();
    }
    let told = std::mem::take(&mut *all.outside.messages.lock());
    assert_eq!(told[0].id, told[1].id, "the same, however often it is told");
    let body: Value = serde_json::from_slice(&told[0].body).unwrap();
    assert_eq!(
        body["context"],
        json!({ "partnerResourceArn": arn("pipes pipe/p"), "condition": "RetryAttemptsExhausted" })
    );
    let info = &body["DDBStreamBatchInfo"];
    assert_eq!(
        (&info["batchSize"], &info["approximateArrivalOfLastRecord"]),
        (&json!(2), &json!("1970-01-01T00:00:02Z"))
    );
    *all.outside.statuses.lock() = vec![Some(500)];
    assert!(all.pipes.given_up(&mapping, what.clone()).await.is_err(), "it is told later");
    *all.outside.statuses.lock() = vec![Some(400)];
    assert!(all.pipes.given_up(&mapping, what).await.is_ok(), "nobody will ever take it");
    all.end().await;
}
