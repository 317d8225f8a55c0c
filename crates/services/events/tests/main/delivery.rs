//! From `PutEvents` to whoever gets it.

use std::time::Duration;

use serde_json::Value;
use updraft_api_events::EventBridge as _;
use updraft_api_events::types::{
    CreateEventBusInput, DeadLetterConfig, DisableRuleInput, HttpParameters, PutEventsInput, PutEventsRequestEntry,
    RetryPolicy, SqsParameters, Target,
};
use updraft_kernel::UnixMillis;
use updraft_kernel::ports::{Again, AttributeContent, CallFailure};

use crate::support::{Cloud, entry, queue, queue_arn, words};

#[tokio::test]
async fn who_matches_gets_the_event_as_aws_writes_it() {
    let cloud = Cloud::new();
    cloud.rule(None, "r", "s").await;
    cloud.rule(None, "other", "x").await;
    cloud.target(None, "r", queue("q")).await;
    cloud.target(None, "other", queue("p")).await;
    let whole = PutEventsRequestEntry {
        time: Some(UnixMillis(1_700_000_000_000)),
        resources: Some(vec!["r1".into()]),
        trace_header: Some("Root=1-2-3".into()),
        ..entry("s", r#"{ "b": 1.0, "a": [ ] }"#)
    };
    let told = cloud.put(vec![whole]).await;
    let id = told[0].event_id.clone().unwrap();
    cloud.settle().await;
    let [message] = cloud.got("q").try_into().unwrap();
    let expected = format!(
        r#"{{"version":"0","id":"{id}","detail-type":"t","source":"s","account":"000000000000","time":"2023-11-14T22:13:20Z","region":"us-east-1","resources":["r1"],"detail":{{"b":1.0,"a":[]}}}}"#
    );
    assert_eq!(std::str::from_utf8(&message.body).unwrap(), expected);
    assert_eq!(message.trace.as_deref(), Some("Root=1-2-3"));
    assert!(cloud.got("p").is_empty());
    assert_eq!((cloud.measured("MatchedEvents"), cloud.measured("Invocations")), (1.0, 1.0));
}

#[tokio::test]
async fn each_entry_is_taken_or_refused_by_itself() {
    let cloud = Cloud::new();
    cloud.rule(None, "r", "s").await;
    cloud.target(None, "r", queue("q")).await;
    let without = |wrong: fn(&mut PutEventsRequestEntry)| {
        let mut one = entry("s", "{}");
        wrong(&mut one);
        one
    };
    let told = cloud
        .put(vec![
            entry("s", "{}"),
            without(|one| one.source = None),
            without(|one| one.detail_type = None),
            without(|one| one.detail = None),
            entry("s", "[]"),
            entry("s", r#""text""#),
            entry("aws.s3", "{}"),
            entry("s", r#"{"n":2}"#),
        ])
        .await;
    let codes: Vec<_> = told.iter().map(|one| one.error_code.as_deref().unwrap_or("taken")).collect();
    let invalid = "InvalidArgument";
    let malformed = "MalformedDetail";
    let expected =
        ["taken", invalid, invalid, invalid, malformed, malformed, "NotAuthorizedForSourceException", "taken"];
    assert_eq!(codes, expected);
    let message = "Parameter DetailType is not valid. Reason: DetailType is a required argument.";
    assert_eq!(told[2].error_message.as_deref(), Some(message));
    assert_eq!(told[4].error_message.as_deref(), Some("Detail is malformed."));
    cloud.settle().await;
    assert_eq!(cloud.got("q").len(), 2);
}

#[tokio::test]
async fn a_request_has_a_megabyte_at_most() {
    let cloud = Cloud::new();
    let of_size = |size: usize| PutEventsInput {
        entries: vec![entry("s", &format!(r#"{{"a":"{}"}}"#, "x".repeat(size - 10)))],
        endpoint_id: None,
    };
    cloud.events.put_events(&cloud.world.cx(), of_size(1 << 20)).await.unwrap();
    let told = words(cloud.events.put_events(&cloud.world.cx(), of_size((1 << 20) + 1)).await);
    assert_eq!(told, "ValidationException: Total size of the entries in the request is over the limit.");
}

#[tokio::test]
async fn everything_that_takes_events_gets_them_its_way() {
    let cloud = Cloud::new();
    let rule = cloud.rule(None, "r", "s").await;
    let target = |id: &str, arn: &str| Target { id: id.into(), arn: arn.into(), ..Target::default() };
    let function = "arn:aws:lambda:us-east-1:000000000000:function:f";
    cloud.target(None, "r", target("f", function)).await;
    let constant = Some(r#"{"constant":true}"#.to_owned());
    let topic = target("t", "arn:aws:sns:us-east-1:000000000000:t");
    cloud.target(None, "r", Target { input: constant, ..topic }).await;
    cloud.target(None, "r", target("l", "arn:aws:logs:us-east-1:000000000000:log-group:/aws/events/g:*")).await;
    let group = Some(SqsParameters { message_group_id: Some("g".into()) });
    let fifo = Target { sqs_parameters: group, input_path: Some("$.detail.n".into()), ..queue("q.fifo") };
    cloud.target(None, "r", fifo).await;
    cloud.put(vec![entry("s", r#"{"n":1}"#)]).await;
    cloud.settle().await;

    let (to, event, source) = cloud.outside.functions.lock()[0].clone();
    assert_eq!((to.to_string().as_str(), &event["detail"]["n"], source), (function, &Value::from(1), rule));
    assert_eq!(&cloud.outside.topics.lock()[0].body[..], br#"{"constant":true}"#);
    let line = cloud.outside.logs.lock()[0].clone();
    assert_eq!(line.group, "/aws/events/g");
    assert!(line.lines[0].message.starts_with(r#"{"version":"0""#));
    let [message] = cloud.got("q.fifo").try_into().unwrap();
    assert_eq!((&message.body[..], message.group.as_deref()), (&b"1"[..], Some("g")));
}

#[tokio::test]
async fn what_isnt_taken_is_tried_again_and_given_up_in_the_end() {
    let cloud = Cloud::new();
    let rule = cloud.rule(None, "r", "s").await;
    let policy = Some(RetryPolicy { maximum_retry_attempts: Some(2), maximum_event_age_in_seconds: Some(3600) });
    let dead = Some(DeadLetterConfig { arn: Some(queue_arn("dead")) });
    cloud.target(None, "r", Target { retry_policy: policy, dead_letter_config: dead, ..queue("q") }).await;

    cloud.outside.busy.lock().insert(queue_arn("q"), 2);
    cloud.put(vec![entry("s", "{}")]).await;
    for _second in 0..10 {
        cloud.settle().await;
        cloud.world.clock.advance(Duration::from_secs(1));
    }
    assert_eq!((cloud.got("q").len(), cloud.got("dead").len()), (1, 0));

    cloud.outside.busy.lock().insert(queue_arn("q"), 3);
    cloud.put(vec![entry("s", r#"{"lost":true}"#)]).await;
    for _second in 0..10 {
        cloud.settle().await;
        cloud.world.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(cloud.got("q").len(), 0);
    let [letter] = cloud.got("dead").try_into().unwrap();
    let event: Value = serde_json::from_slice(&letter.body).unwrap();
    assert_eq!(event["detail"]["lost"], true);
    let said = |name: &str| match &letter.attributes[name].content {
        AttributeContent::Text(text) => text.clone(),
        AttributeContent::Binary(_) => panic!("{name} is text"),
    };
    assert_eq!((said("RULE_ARN"), said("TARGET_ARN")), (rule, queue_arn("q")));
    assert_eq!((said("ERROR_CODE").as_str(), said("RETRY_ATTEMPTS").as_str()), ("ERROR_FROM_TARGET", "2"));
    assert_eq!(said("EXHAUSTED_RETRY_CONDITION"), "MaximumRetryAttempts");
    assert_eq!((cloud.measured("FailedInvocations"), cloud.measured("InvocationsSentToDlq")), (1.0, 1.0));
}

#[tokio::test]
async fn what_is_too_old_is_given_up() {
    let cloud = Cloud::new();
    cloud.rule(None, "r", "s").await;
    let policy = Some(RetryPolicy { maximum_retry_attempts: Some(185), maximum_event_age_in_seconds: Some(60) });
    let dead = Some(DeadLetterConfig { arn: Some(queue_arn("dead")) });
    cloud.target(None, "r", Target { retry_policy: policy, dead_letter_config: dead, ..queue("q") }).await;
    cloud.outside.busy.lock().insert(queue_arn("q"), 1000);
    cloud.put(vec![entry("s", "{}")]).await;
    for _time in 0..20 {
        cloud.settle().await;
        cloud.world.clock.advance(Duration::from_secs(10));
    }
    let [letter] = cloud.got("dead").try_into().unwrap();
    let condition = &letter.attributes["EXHAUSTED_RETRY_CONDITION"].content;
    assert_eq!(condition, &AttributeContent::Text("MaximumEventAgeInSeconds".into()));
}

#[tokio::test]
async fn what_can_never_be_delivered_isnt_tried_again() {
    let cloud = Cloud::new();
    cloud.rule(None, "r", "s").await;
    let dead = Some(DeadLetterConfig { arn: Some(queue_arn("dead")) });
    cloud.target(None, "r", Target { dead_letter_config: dead.clone(), ..queue("q") }).await;
    let ecs = Target {
        id: "ecs".into(),
        arn: "arn:aws:apprunner:us-east-1:000000000000:x".into(),
        dead_letter_config: dead,
        ..Target::default()
    };
    cloud.target(None, "r", ecs).await;
    cloud.outside.gone.lock().push(queue_arn("q"));
    cloud.put(vec![entry("s", "{}")]).await;
    cloud.settle().await;
    let mut codes: Vec<_> =
        cloud.got("dead").iter().map(|letter| letter.attributes["ERROR_CODE"].content.clone()).collect();
    codes.sort_by_key(|code| format!("{code:?}"));
    assert_eq!(codes, ["INVALID_PARAMETER", "NO_RESOURCE"].map(|code| AttributeContent::Text(code.into())));
}

#[tokio::test]
async fn a_rule_counts_as_it_is_when_an_event_comes() {
    let cloud = Cloud::new();
    cloud.rule(None, "r", "s").await;
    cloud.target(None, "r", queue("q")).await;
    cloud.put(vec![entry("s", "{}")]).await;
    cloud.settle().await;
    let disable = DisableRuleInput { name: "r".into(), ..Default::default() };
    cloud.events.disable_rule(&cloud.world.cx(), disable).await.unwrap();
    cloud.put(vec![entry("s", "{}")]).await;
    cloud.settle().await;
    assert_eq!(cloud.got("q").len(), 1);
    cloud.rule(None, "r", "x").await;
    cloud.put(vec![entry("s", "{}"), entry("x", "{}")]).await;
    cloud.settle().await;
    assert_eq!(cloud.got("q").len(), 1);
}

#[tokio::test]
async fn events_go_from_bus_to_bus_once() {
    let cloud = Cloud::new();
    for name in ["one", "two"] {
        let input = CreateEventBusInput { name: name.into(), ..Default::default() };
        cloud.events.create_event_bus(&cloud.world.cx(), input).await.unwrap();
    }
    let bus = |id: &str, region: &str, name: &str| Target {
        id: id.into(),
        arn: format!("arn:aws:events:{region}:000000000000:event-bus/{name}"),
        ..Target::default()
    };
    cloud.rule(None, "r", "s").await;
    cloud.target(None, "r", bus("b", "us-east-1", "one")).await;
    cloud.rule(Some("one"), "r", "s").await;
    cloud.target(Some("one"), "r", queue("q")).await;
    cloud.target(Some("one"), "r", bus("b", "us-east-1", "two")).await;
    cloud.rule(Some("two"), "r", "s").await;
    cloud.target(Some("two"), "r", queue("never")).await;
    let told = cloud.put(vec![entry("s", "{}")]).await;
    cloud.settle().await;
    let [body] = cloud.bodies("q").try_into().unwrap();
    let event: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(event["id"].as_str(), told[0].event_id.as_deref());
    assert!(cloud.got("never").is_empty());
}

#[tokio::test]
async fn a_bus_that_isnt_there_takes_and_forgets() {
    let cloud = Cloud::new();
    let elsewhere = PutEventsRequestEntry { event_bus_name: Some("nobody".into()), ..entry("s", "{}") };
    assert!(cloud.put(vec![elsewhere]).await[0].event_id.is_some());
    cloud.settle().await;
}

#[tokio::test]
async fn many_large_events_that_nobody_can_take_now_are_all_tried_again() {
    let cloud = Cloud::new();
    for n in 0..8 {
        cloud.rule(None, &format!("r{n}"), "s").await;
        cloud.target(None, &format!("r{n}"), queue("q")).await;
    }
    cloud.outside.busy.lock().insert(queue_arn("q"), 8);
    cloud.put(vec![entry("s", &format!(r#"{{"a":"{}"}}"#, "x".repeat(1_000_000)))]).await;
    for _second in 0..5 {
        cloud.settle().await;
        cloud.world.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(cloud.got("q").len(), 8);
}

#[tokio::test]
async fn an_api_is_called_as_its_target_says() {
    let cloud = Cloud::new();
    cloud.rule(None, "r", "s").await;
    let parameters = HttpParameters {
        path_parameter_values: Some(vec!["x".into()]),
        header_parameters: Some([("h".to_owned(), "1".to_owned())].into()),
        query_string_parameters: Some([("q".to_owned(), "2".to_owned())].into()),
    };
    let arn = "arn:aws:execute-api:us-east-1:000000000000:abc/test/POST/a/*".to_owned();
    let target = Target { id: "t".into(), arn, http_parameters: Some(parameters), ..Target::default() };
    cloud.target(None, "r", target).await;
    let again = Again::Later(None);
    *cloud.outside.refusal.lock() = Some(CallFailure { code: "THROTTLING", message: "slower".into(), again });
    cloud.put(vec![entry("s", "{}")]).await;
    cloud.settle().await;
    assert_eq!(cloud.outside.calls.lock().len(), 1);
    cloud.world.clock.advance(Duration::from_secs(2));
    cloud.settle().await;
    let calls = cloud.outside.calls.lock();
    let [_, call] = &calls[..] else { panic!("{calls:?}") };
    assert_eq!((call.filled("a/*"), call.source.1.resource.as_str()), ("a/x".into(), "rule/r"));
    assert_eq!((&call.headers[0].1[..], &call.query[0].1[..]), ("1", "2"));
    assert_eq!(call.source.0, "events.amazonaws.com");
}
