//! Batches on their way.

use serde_json::{Value, json};
use updraft_kernel::UnixMillis;
use updraft_kernel::ports::{Again, InvocationType};

use crate::support::{Plan, Plumbing, arn};

async fn to(target: &str, more: Value) -> Plumbing {
    let all = Plumbing::new();
    all.make(&arn(target), more).await;
    all
}

fn bodies(count: usize) -> Vec<Value> {
    (0..count).map(|n| json!(format!("{{\"n\":{n}}}"))).collect()
}

#[tokio::test]
async fn a_function_gets_a_list_also_of_one() {
    let all = to("lambda function:f:live", json!({})).await;
    assert_eq!(all.carry(&bodies(1)).await, Ok(vec![]));
    let calls = all.outside.calls.lock().clone();
    let event = json!([{ "messageId": "m0", "body": "{\"n\":0}" }]);
    assert_eq!(calls, [("function:f:live".into(), InvocationType::RequestResponse, event)]);
}

#[tokio::test]
async fn a_template_is_applied_to_each_event() {
    let template = r#"{"n": <$.body.n>, "of": "<aws.pipes.pipe-name>", "at": <aws.pipes.event.ingestion-time>}"#;
    let parameters = json!({
        "InputTemplate": template, "LambdaFunctionParameters": { "InvocationType": "FIRE_AND_FORGET" },
    });
    let all = to("lambda function:f", json!({ "TargetParameters": parameters })).await;
    assert_eq!(all.carry(&bodies(2)).await, Ok(vec![]));
    let (_, kind, payload) = all.outside.calls.lock()[0].clone();
    assert_eq!(kind, InvocationType::Event);
    let now = payload[0]["at"].clone();
    assert!(now.as_str().unwrap().ends_with('Z'), "{now}");
    assert_eq!(payload, json!([{ "n": 0, "of": "p", "at": now }, { "n": 1, "of": "p", "at": now }]));
}

#[tokio::test]
async fn a_function_says_which_records_failed() {
    let all = to("lambda function:f", json!({})).await;
    let plans: [(Plan, Result<Vec<String>, &str>); 7] = [
        (Ok((r#"{"batchItemFailures":[{"itemIdentifier":"m1"}]}"#, None)), Ok(vec!["m1".into()])),
        (Ok((r#"{"batchItemFailures":[]}"#, None)), Ok(vec![])),
        (Ok((r#""any text""#, None)), Ok(vec![])),
        (Ok((r#"[1]"#, None)), Ok(vec![])),
        (Ok(("{}", Some("Unhandled"))), Err("failed")),
        (Err(429), Err("ThrottlingException")),
        (Err(400), Err("ValidationException")),
    ];
    for (plan, wanted) in plans {
        all.outside.plans.lock().push_back(plan);
        assert_eq!(all.carry(&bodies(3)).await, wanted, "{plan:?}");
    }
}

#[tokio::test]
async fn an_enrichment_makes_the_events() {
    let enrichment = json!({
        "Enrichment": arn("lambda function:e"), "EnrichmentParameters": { "InputTemplate": "<$.body.n>" },
        "TargetParameters": { "InputTemplate": "got <$.x> of <aws.pipes.enrichment-arn>" },
    });
    let all = to("sqs q", enrichment).await;
    all.outside.plans.lock().push_back(Ok((r#"[{"x":"a"},{"x":"b"},{"x":"c"}]"#, None)));
    assert_eq!(all.carry(&bodies(2)).await, Ok(vec![]));
    let calls = all.outside.calls.lock().clone();
    assert_eq!(calls, [("function:e".into(), InvocationType::RequestResponse, json!([0, 1]))]);
    let sent: Vec<_> = all.outside.messages.lock().iter().map(|message| message.body.clone()).collect();
    assert_eq!(sent, ["a", "b", "c"].map(|x| format!("got {x} of {}", arn("lambda function:e"))));
}

#[tokio::test]
async fn an_enrichment_may_keep_events_back_and_fails_as_a_whole() {
    let all = to("lambda function:f", json!({ "Enrichment": arn("lambda function:e") })).await;
    for (plan, fine) in
        [(Ok(("[]", None)), true), (Ok(("{}", None)), true), (Ok(("{}", Some("Unhandled"))), false), (Err(503), false)]
    {
        all.outside.plans.lock().push_back(plan);
        let came = all.carry(&bodies(2)).await;
        assert_eq!(came.is_ok(), fine, "{plan:?}: {came:?}");
    }
    let called = |name: &str| all.outside.calls.lock().iter().filter(|(function, ..)| function == name).count();
    assert_eq!((called("function:e"), called("function:f")), (4, 0));
    // What isn't a list is one event.
    all.outside.plans.lock().push_back(Ok((r#"{"batchItemFailures":[{"itemIdentifier":"m0"}]}"#, None)));
    assert_eq!(all.carry(&bodies(2)).await, Ok(vec![]));
    assert_eq!(
        all.outside.calls.lock().last().unwrap().2,
        json!([{ "batchItemFailures": [{ "itemIdentifier": "m0" }] }])
    );
}

#[tokio::test]
async fn what_a_queue_does_not_take_comes_again_under_the_same_id() {
    let all = to("sqs q", json!({ "TargetParameters": { "InputTemplate": "<$.body.n>" } })).await;
    *all.outside.statuses.lock() = vec![None, Some(500), Some(400)];
    assert_eq!(all.carry(&bodies(3)).await, Ok(vec!["m1".into(), "m2".into()]));
    *all.outside.statuses.lock() = vec![Some(429); 3];
    assert_eq!(all.carry(&bodies(3)).await, Err("ThrottlingException"), "nothing was taken: it may pass");
    assert_eq!(all.carry(&bodies(3)).await, Ok(vec![]));
    let messages = all.outside.messages.lock().clone();
    let ids: Vec<_> = messages.iter().map(|message| message.id.clone()).collect();
    assert_eq!((ids.len(), &ids[0..3], &ids[3..6]), (9, &ids[3..6], &ids[6..9]));
    assert!(ids[0] != ids[1] && messages[1].body == "1");
}

#[tokio::test]
async fn messages_of_a_fifo_queue_have_their_group_from_the_event() {
    let queue = json!({ "MessageGroupId": "$.body.n", "MessageDeduplicationId": "same" });
    let all = to("sqs q.fifo", json!({ "TargetParameters": { "SqsQueueParameters": queue } })).await;
    assert_eq!(all.carry(&bodies(1)).await, Ok(vec![]));
    let message = all.outside.messages.lock()[0].clone();
    assert_eq!((message.group.as_deref(), message.deduplication.as_deref()), (Some("0"), Some("same")));
    let record: Value = serde_json::from_slice(&message.body).unwrap();
    assert_eq!(record, json!({ "messageId": "m0", "body": "{\"n\":0}" }));
}

#[tokio::test]
async fn a_bus_gets_events_as_the_pipe_says() {
    let all = to("events event-bus/b", json!({ "TargetParameters": { "InputTemplate": "<$.body>" } })).await;
    assert_eq!(all.carry(&bodies(1)).await, Ok(vec![]));
    let (event, said) = all.outside.events.lock()[0].clone();
    assert_eq!((event.detail_type.as_deref(), said.source.as_str()), (Some("Event from aws:sqs"), "Pipe p"));
    assert_eq!((event.body, said.resources), ("{\"n\":0}".into(), vec![]));

    let bus = json!({ "DetailType": "t", "Source": "$.body.by", "Resources": ["r", "$.body.r"], "Time": "$.body.at" });
    let parameters = json!({ "InputTemplate": "<$.body>", "EventBridgeEventBusParameters": bus });
    let all = to("events event-bus/b", json!({ "TargetParameters": parameters })).await;
    let body = json!({ "by": "me", "r": "s", "at": "1970-01-01T00:00:05Z" }).to_string();
    assert_eq!(all.carry(&[json!(body)]).await, Ok(vec![]));
    let (event, said) = all.outside.events.lock()[0].clone();
    assert_eq!((event.detail_type.as_deref(), said.source.as_str()), (Some("t"), "me"));
    assert_eq!((said.resources, event.at), (vec!["r".to_owned(), "s".to_owned()], UnixMillis(5_000)));
}

#[tokio::test]
async fn topics_and_log_groups_get_texts() {
    let template = json!({ "TargetParameters": { "InputTemplate": "n is <$.body.n>" } });
    let all = to("sns t", template).await;
    assert_eq!(all.carry(&bodies(2)).await, Ok(vec![]));
    assert_eq!(
        all.outside.events.lock().iter().map(|(event, _)| event.body.clone()).collect::<Vec<_>>(),
        ["n is 0", "n is 1"]
    );

    let logs = json!({ "LogStreamName": "s", "Timestamp": "$.body.n" });
    let parameters = json!({ "InputTemplate": "n is <$.body.n>", "CloudWatchLogsParameters": logs });
    let all = to("logs log-group:/g:*", json!({ "TargetParameters": parameters })).await;
    assert_eq!(all.carry(&bodies(2)).await, Ok(vec![]));
    let lines = all.outside.lines.lock().clone();
    assert_eq!((lines[1].group.as_str(), lines[1].stream.as_str()), ("/g", "s"));
    assert_eq!((lines[1].lines[0].at, lines[1].lines[0].message.as_str()), (UnixMillis(1), "n is 1"));
}

#[tokio::test]
async fn more_than_the_target_takes_at_once_is_not_sent() {
    let all = to("sqs q", json!({ "Enrichment": arn("lambda function:e") })).await;
    all.outside.plans.lock().push_back(Ok(("[1,2,3,4,5,6,7,8,9,10,11]", None)));
    assert_eq!(all.carry(&bodies(1)).await, Err("failed"));
    assert!(all.outside.messages.lock().is_empty());
}

#[tokio::test]
async fn a_pipe_that_is_gone_takes_nothing() {
    let all = Plumbing::new();
    assert_eq!(all.carry(&bodies(1)).await, Err("NotFoundException"));
}

const DESTINATION: &str = "events api-destination/d/1";

#[tokio::test]
async fn a_server_is_asked_with_one_event_at_a_time() {
    let http = json!({
        "PathParameterValues": ["$.body.n"], "HeaderParameters": { "x-id": "$.messageId" }, "QueryStringParameters": { "a": "b" },
    });
    let all = to(
        DESTINATION,
        json!({ "TargetParameters": { "HttpParameters": http, "InputTemplate": "{\"m\": <$.body.n>}" } }),
    )
    .await;
    let described = all.described().await;
    assert_eq!(described["SourceParameters"]["SqsQueueParameters"]["BatchSize"], 1);
    assert_eq!(all.carry(&bodies(1)).await, Ok(vec![]));
    let asked = all.outside.asked.lock().pop().unwrap();
    assert_eq!((&asked.path[..], &asked.body[..]), (&["0".to_owned()][..], &br#"{"m":0}"#[..]));
    let pair = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    assert_eq!((asked.headers, asked.query), (pair("x-id", "m0"), pair("a", "b")));
    assert_eq!((asked.source.0, asked.source.1.resource.as_str()), ("pipes.amazonaws.com", "pipe/p"));
    for (again, wanted) in [
        (Again::Never, "ValidationException"),
        (Again::Later(None), "ThrottlingException"),
        (Again::Early(std::time::Duration::from_secs(1)), "ThrottlingException"),
    ] {
        all.outside.answers.lock().push_back(Err(again));
        assert_eq!(all.carry(&bodies(1)).await, Err(wanted));
    }
}

#[tokio::test]
async fn a_server_enriches_and_may_keep_an_event_back() {
    let more = json!({ "Enrichment": arn("execute-api a/stage/GET/x"), "EnrichmentParameters": { "InputTemplate": "<$.body>" } });
    let all = to("sqs q", more).await;
    let answers = [Ok(r#"[{"a":1},{"a":2}]"#), Ok(""), Ok("no JSON"), Err(Again::Never), Err(Again::Later(None))];
    all.outside.answers.lock().extend(answers);
    let mut outcomes = Vec::new();
    for _ in answers {
        outcomes.push(all.carry(&bodies(1)).await);
    }
    assert_eq!(outcomes, [Ok(vec![]), Ok(vec![]), Err("failed"), Err("failed"), Err("ThrottlingException")]);
    let sent: Vec<_> = all.outside.messages.lock().iter().map(|message| message.body.clone()).collect();
    assert_eq!(sent, [r#"{"a":1}"#, r#"{"a":2}"#]);
    assert_eq!(&all.outside.asked.lock()[0].body[..], br#"{"n":0}"#);
}

#[tokio::test]
async fn a_state_machine_is_started_with_the_list_and_waited_for_unless_it_is_forgotten() {
    let machine = "states stateMachine:s";
    let all = to(machine, json!({})).await;
    let ends: [(_, Result<Vec<String>, &str>); 4] = [
        (Ok(r#"{"batchItemFailures":[{"itemIdentifier":"m1"}]}"#), Ok(vec!["m1".into()])),
        (Ok("{}"), Ok(vec![])),
        (Err("FAILED"), Err("failed")),
        (Err("TIMED_OUT"), Err("failed")),
    ];
    for (end, wanted) in ends {
        all.outside.executions.lock().push_back(end);
        assert_eq!(all.carry(&bodies(2)).await, wanted, "{end:?}");
    }
    let call = all.outside.dispatched.lock()[0].clone();
    assert_eq!((call.service.as_str(), call.operation.as_str()), ("sfn", "startSyncExecution"));
    assert_eq!(call.input["StateMachineArn"], arn(machine));
    let input: Value = serde_json::from_str(call.input["Input"].as_str().unwrap()).unwrap();
    assert_eq!(input[1], json!({ "messageId": "m1", "body": "{\"n\":1}" }));

    let forgets = json!({ "StepFunctionStateMachineParameters": { "InvocationType": "FIRE_AND_FORGET" } });
    let all = to(machine, json!({ "TargetParameters": forgets })).await;
    all.outside.executions.lock().push_back(Err("FAILED"));
    assert_eq!(all.carry(&bodies(1)).await, Ok(vec![]));
    assert_eq!(all.outside.dispatched.lock()[0].operation, "startExecution");
}

#[tokio::test]
async fn a_state_machine_enriches_with_what_it_comes_to() {
    let all = to("lambda function:f", json!({ "Enrichment": arn("states stateMachine:s") })).await;
    all.outside.executions.lock().extend([Ok("[7]"), Ok("{}"), Err("FAILED")]);
    assert_eq!(all.carry(&bodies(2)).await, Ok(vec![]));
    assert_eq!(all.carry(&bodies(2)).await, Ok(vec![]));
    assert_eq!(all.carry(&bodies(2)).await, Err("failed"));
    let calls = all.outside.calls.lock().clone();
    assert_eq!(calls, [("function:f".into(), InvocationType::RequestResponse, json!([7]))]);
}
