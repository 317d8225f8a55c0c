//! Where the records of asynchronous calls and dead letters go, and the settings that say so.

use std::time::Duration;

use serde_json::{Value, json};
use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    CreateFunctionInput, DeadLetterConfig, DeleteFunctionEventInvokeConfigInput, DeleteFunctionInput,
    DestinationConfig, FunctionEventInvokeConfig, GetFunctionEventInvokeConfigInput, InvocationType, InvokeInput,
    ListFunctionEventInvokeConfigsInput, OnFailure, OnSuccess, PutFunctionConcurrencyInput,
    PutFunctionEventInvokeConfigInput, UpdateFunctionConfigurationInput, UpdateFunctionEventInvokeConfigInput,
};
use updraft_kernel::ports::{FunctionErrorKind, RunOutcome, RunnerRefusal, TargetEvent};
use updraft_kernel::{AwsError, error::code};

use crate::aliases::alias;
use crate::support::{ARN, Platform, check, input, outcome, refused};

pub(crate) const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:q-there";
const NO_QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:never";

pub(crate) fn to(success: Option<&str>, failure: Option<&str>) -> Option<DestinationConfig> {
    Some(DestinationConfig {
        on_success: success.map(|arn| OnSuccess { destination: Some(arn.to_owned()) }),
        on_failure: failure.map(|arn| OnFailure { destination: Some(arn.to_owned()) }),
    })
}

pub(crate) fn put(name: &str) -> PutFunctionEventInvokeConfigInput {
    PutFunctionEventInvokeConfigInput { function_name: name.into(), ..PutFunctionEventInvokeConfigInput::default() }
}

impl Platform {
    pub(crate) async fn put(
        &self,
        input: PutFunctionEventInvokeConfigInput,
    ) -> Result<FunctionEventInvokeConfig, AwsError> {
        self.lambda.put_function_event_invoke_config(&self.cx(), input).await
    }

    async fn settings(&self, name: &str) -> Result<FunctionEventInvokeConfig, AwsError> {
        let input = GetFunctionEventInvokeConfigInput { function_name: name.into(), qualifier: None };
        self.lambda.get_function_event_invoke_config(&self.cx(), input).await
    }

    async fn event(&self, name: &str) {
        let input = InvokeInput {
            function_name: name.into(),
            payload: Some(r#"{"n":1}"#.into()),
            invocation_type: Some(InvocationType::Event),
            ..InvokeInput::default()
        };
        assert_eq!(self.lambda.invoke(&self.cx(), input).await.unwrap().status_code, Some(202));
        self.settle().await;
    }

    /// What the queue has: target and body.
    fn taken(&self) -> Vec<(String, Value)> {
        let taken = self.things.taken.lock();
        taken.iter().map(|event| (event.target.to_string(), serde_json::from_slice(&event.body).unwrap())).collect()
    }

    /// What a service's thing got.
    pub(crate) fn letter(&self, service: &str) -> TargetEvent {
        self.things.taken.lock().iter().find(|event| event.target.service == service).unwrap().clone()
    }

    fn fails(&self, times: usize) {
        (0..times).for_each(|_| self.runner.plan(failed()));
    }
}

fn failed() -> Result<RunOutcome, RunnerRefusal> {
    Ok(outcome(r#"{"errorMessage":"oops","errorType":"E"}"#, Some(FunctionErrorKind::Unhandled)))
}

#[tokio::test]
async fn success_goes_to_its_destination_with_its_answer() {
    let platform = Platform::new();
    platform.create("f").await;
    platform
        .put(PutFunctionEventInvokeConfigInput { destination_config: to(Some(QUEUE), None), ..put("f") })
        .await
        .unwrap();
    platform.event("f").await;
    let [(target, record)] = &platform.taken()[..] else { panic!("{:?}", platform.taken()) };
    assert_eq!(target, QUEUE);
    let call = platform.runner.calls.lock()[0].1.clone();
    assert_eq!(
        *record,
        json!({
            "version": "1.0",
            "timestamp": "2030-01-01T00:00:00.000Z",
            "requestContext": {
                "requestId": call.request_id,
                "functionArn": format!("{ARN}f:$LATEST"),
                "condition": "Success",
                "approximateInvokeCount": 1,
            },
            "requestPayload": { "n": 1 },
            "responseContext": { "statusCode": 200, "executedVersion": "$LATEST" },
            "responsePayload": { "n": 1 },
        })
    );
    let event = platform.things.taken.lock()[0].clone();
    let source = updraft_kernel::Arn::parse(&format!("{ARN}f")).unwrap();
    assert_eq!((event.sender.service, &event.sender.source), ("lambda.amazonaws.com", &source));
    assert!(!event.sender.is_service(), "it is sent as the function's role");
    assert_eq!(event.detail_type.as_deref(), Some("Lambda Function Invocation Result - Success"));
    assert!(event.object_key.unwrap().starts_with("aws/lambda/async/f/2030/01/01/2030-01-01T00.00.00-"));
    assert!(event.attributes.is_empty());
    assert_eq!(platform.metrics.values("AsyncEventsReceived", "FunctionName=f,Resource=f"), [1.0]);
    assert_eq!(platform.metrics.values("AsyncEventAge", "FunctionName=f"), [0.0]);
    assert_eq!(platform.metrics.values("AsyncEventsDropped", ""), [0.0; 0]);
    platform.stop().await;
}

/// Recorded: `test_retries`, `test_dead_letter_queue`.
#[tokio::test]
async fn what_failed_at_last_goes_to_both_the_destination_and_the_dead_letter_target() {
    let platform = Platform::new();
    let dead = Some(DeadLetterConfig { target_arn: Some("arn:aws:sns:us-east-1:000000000000:t-there".into()) });
    let create = CreateFunctionInput { dead_letter_config: dead.clone(), ..input("f") };
    let made = platform.lambda.create_function(&platform.cx(), create).await.unwrap();
    assert_eq!(made.dead_letter_config, dead);
    platform
        .put(PutFunctionEventInvokeConfigInput { destination_config: to(None, Some(QUEUE)), ..put("f") })
        .await
        .unwrap();
    platform.fails(9);
    platform.event("f").await;
    for (seconds, ran, taken) in [(59, 1, 0), (1, 2, 0), (119, 2, 0), (1, 3, 2), (6 * 3600, 3, 2)] {
        platform.pass(seconds).await;
        assert_eq!((platform.ran(), platform.taken().len()), (ran, taken), "after {seconds} more seconds");
    }
    let taken = platform.taken();
    let record = &taken.iter().find(|(target, _)| target == QUEUE).unwrap().1;
    assert_eq!(record["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 3);
    let context = json!({ "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" });
    assert_eq!(record["responseContext"], context);
    assert_eq!(record["responsePayload"]["errorMessage"], "oops");
    let letter = platform.letter("sns");
    assert_eq!(&letter.body[..], br#"{"n":1}"#, "the event itself");
    let attributes: Vec<_> = letter.attributes.iter().map(|one| (one.name.as_str(), one.value.as_str())).collect();
    let id = platform.runner.calls.lock()[0].1.request_id.clone();
    assert_eq!(attributes, [("RequestID", id.as_str()), ("ErrorCode", "200"), ("ErrorMessage", "oops")]);
    assert_eq!(platform.metrics.values("AsyncEventsDropped", "FunctionName=f"), [1.0]);
    assert_eq!(platform.metrics.values("AsyncEventAge", "FunctionName=f"), [0.0, 60_000.0, 180_000.0]);
    assert_eq!(platform.metrics.values("Errors", "FunctionName=f"), [1.0; 3]);
    platform.stop().await;
}

#[tokio::test]
async fn retries_are_as_many_as_are_set_also_for_what_waits_already() {
    let platform = Platform::new();
    platform.create("f").await;
    let retries = |count| PutFunctionEventInvokeConfigInput {
        maximum_retry_attempts: Some(count),
        destination_config: to(None, Some(QUEUE)),
        ..put("f")
    };
    platform.fails(20);
    for (count, ran) in [(0, 1), (1, 2), (2, 3)] {
        platform.runner.calls.lock().clear();
        platform.put(retries(count)).await.unwrap();
        platform.event("f").await;
        platform.pass(60).await;
        platform.pass(120).await;
        platform.pass(3600).await;
        assert_eq!(platform.ran(), ran, "{count} retries");
    }
    assert_eq!(platform.taken().len(), 3);
    platform.runner.calls.lock().clear();
    platform.event("f").await;
    platform.put(retries(0)).await.unwrap();
    platform.pass(60).await;
    platform.pass(3600).await;
    assert_eq!(platform.ran(), 2, "the second attempt was the last");
    platform.stop().await;
}

/// Recorded: `test_maxeventage`.
#[tokio::test]
async fn an_event_that_would_be_too_old_is_not_waited_for() {
    let platform = Platform::new();
    platform.create("f").await;
    let age = |seconds| PutFunctionEventInvokeConfigInput {
        maximum_event_age_in_seconds: Some(seconds),
        destination_config: to(None, Some(QUEUE)),
        ..put("f")
    };
    platform.fails(20);
    platform.put(age(179)).await.unwrap();
    platform.event("f").await;
    platform.pass(60).await;
    let condition = |n: usize| platform.taken()[n].1["requestContext"].clone();
    assert_eq!((platform.ran(), platform.taken().len()), (2, 1), "the third would be after 180 seconds");
    assert_eq!(condition(0)["condition"], "EventAgeExceeded");
    assert_eq!(condition(0)["approximateInvokeCount"], 2);
    platform.put(age(180)).await.unwrap();
    platform.event("f").await;
    platform.pass(60).await;
    platform.pass(120).await;
    assert_eq!((platform.ran(), platform.taken().len()), (5, 2));
    assert_eq!(condition(1)["condition"], "RetriesExhausted");
    platform.stop().await;
}

#[tokio::test]
async fn without_room_an_event_waits_in_growing_pauses_up_to_its_age() {
    let platform = Platform::new();
    platform.create("f").await;
    let settings = PutFunctionEventInvokeConfigInput {
        maximum_event_age_in_seconds: Some(600),
        destination_config: to(None, Some(QUEUE)),
        ..put("f")
    };
    platform.put(settings).await.unwrap();
    (0..100).for_each(|_| platform.runner.plan(Err(RunnerRefusal::Throttled("full"))));
    platform.event("f").await;
    let mut ran = vec![platform.ran()];
    for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 89] {
        platform.pass(seconds).await;
        ran.push(platform.ran());
    }
    assert_eq!(ran, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], "the last pause is what was left of its age");
    let record = platform.taken().pop().unwrap().1;
    assert_eq!(record["requestContext"]["condition"], "EventAgeExceeded");
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 0);
    assert!(record.get("responseContext").is_none());
    assert_eq!(platform.metrics.values("Throttles", "FunctionName=f").len(), 11);
    platform.stop().await;
}

#[tokio::test]
async fn pauses_without_room_cost_no_retry_and_begin_anew_after_a_failure() {
    let platform = Platform::new();
    platform.create("f").await;
    let full = || Err(RunnerRefusal::Throttled("full"));
    let broken = || Err(RunnerRefusal::Unavailable("no python".into()));
    let plans = [full(), broken(), failed(), full(), full(), failed(), failed()];
    plans.into_iter().rev().for_each(|plan| platform.runner.plan(plan));
    platform.event("f").await;
    let mut ran = vec![platform.ran()];
    for seconds in [1, 2, 60, 1, 2, 120] {
        platform.pass(seconds).await;
        ran.push(platform.ran());
    }
    assert_eq!(ran, [1, 2, 3, 4, 5, 6, 7]);
    platform.pass(6 * 3600).await;
    assert_eq!(platform.ran(), 7);
    platform.stop().await;
}

/// Recorded: `test_reserved_concurrency`.
#[tokio::test]
async fn a_function_that_may_never_run_gives_events_up_at_once() {
    let platform = Platform::new();
    let dead = Some(DeadLetterConfig { target_arn: Some(QUEUE.into()) });
    let create = CreateFunctionInput { dead_letter_config: dead, ..input("f") };
    platform.lambda.create_function(&platform.cx(), create).await.unwrap();
    let topic = "arn:aws:sns:us-east-1:000000000000:t-there";
    platform
        .put(PutFunctionEventInvokeConfigInput { destination_config: to(None, Some(topic)), ..put("f") })
        .await
        .unwrap();
    let none = PutFunctionConcurrencyInput { function_name: "f".into(), reserved_concurrent_executions: 0 };
    platform.lambda.put_function_concurrency(&platform.cx(), none).await.unwrap();
    platform.event("f").await;
    let taken = platform.taken();
    let record = &taken.iter().find(|(target, _)| target == topic).unwrap().1;
    assert_eq!(record["requestContext"]["condition"], "ZeroReservedConcurrency");
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 0);
    assert!(record.get("responsePayload").is_none());
    let letter = platform.letter("sqs");
    assert_eq!(letter.attributes[1].value, "429");
    assert_eq!(platform.ran(), 0);
    platform.stop().await;
}

#[tokio::test]
async fn a_function_is_a_destination_and_is_called_with_the_record() {
    let platform = Platform::new();
    platform.create("f").await;
    platform.create("g").await;
    let g = format!("{ARN}g");
    platform
        .put(PutFunctionEventInvokeConfigInput { destination_config: to(Some(&g), None), ..put("f") })
        .await
        .unwrap();
    platform.event("f").await;
    let calls = platform.runner.calls.lock().clone();
    let names: Vec<_> = calls.iter().map(|(spec, _)| spec.name.as_str()).collect();
    assert_eq!(names, ["f", "g"]);
    let record: Value = serde_json::from_slice(&calls[1].1.payload).unwrap();
    assert_eq!(record["requestContext"]["requestId"], calls[0].1.request_id.as_str());
    assert_ne!(calls[1].1.request_id, calls[0].1.request_id);
    platform.stop().await;
}

#[tokio::test]
async fn a_destination_that_cant_take_it_now_is_tried_again_and_one_that_never_will_is_measured() {
    let platform = Platform::new();
    let dead = Some(DeadLetterConfig { target_arn: Some(QUEUE.into()) });
    let create = CreateFunctionInput { dead_letter_config: dead, ..input("f") };
    platform.lambda.create_function(&platform.cx(), create).await.unwrap();
    let never = || AwsError::new(&code::ACCESS_DENIED, "no");
    platform.things.answers.lock().extend([AwsError::unavailable("later"), AwsError::internal("later")]);
    let settings = PutFunctionEventInvokeConfigInput { destination_config: to(Some(QUEUE), Some(QUEUE)), ..put("f") };
    platform.put(settings).await.unwrap();
    platform.event("f").await;
    assert_eq!(platform.taken().len(), 0);
    platform.pass(1).await;
    platform.pass(2).await;
    assert_eq!((platform.taken().len(), *platform.things.asked.lock()), (1, 3));
    assert_eq!(platform.metrics.values("DestinationDeliveryFailures", ""), [0.0; 0]);

    platform.things.answers.lock().push(never());
    platform.event("f").await;
    platform.pass(3600).await;
    assert_eq!((platform.taken().len(), *platform.things.asked.lock()), (1, 4));
    assert_eq!(platform.metrics.values("DestinationDeliveryFailures", "FunctionName=f,Resource=f"), [1.0]);

    platform.put(PutFunctionEventInvokeConfigInput { maximum_retry_attempts: Some(0), ..put("f") }).await.unwrap();
    platform.things.answers.lock().extend((0..200).map(|_| AwsError::unavailable("later")));
    platform.fails(1);
    platform.event("f").await;
    for _ in 0..80 {
        platform.pass(300).await;
    }
    assert_eq!(platform.metrics.values("DeadLetterErrors", "FunctionName=f"), [1.0], "after six hours");
    assert_eq!(platform.taken().len(), 1);
    platform.stop().await;
}

#[tokio::test]
async fn large_events_and_answers_are_recorded_whole() {
    let platform = Platform::new();
    platform.create("f").await;
    platform
        .put(PutFunctionEventInvokeConfigInput { destination_config: to(Some(QUEUE), None), ..put("f") })
        .await
        .unwrap();
    let payload = format!("\"{}\"", "x".repeat((1 << 20) - 2));
    let answer = Box::leak(format!("\"{}\"", "y".repeat(6 << 20)).into_boxed_str());
    platform.runner.plan(Ok(outcome(answer, None)));
    let call = InvokeInput {
        function_name: "f".into(),
        payload: Some(payload.clone().into()),
        invocation_type: Some(InvocationType::Event),
        ..InvokeInput::default()
    };
    platform.lambda.invoke(&platform.cx(), call).await.unwrap();
    platform.settle().await;
    let record = platform.taken().pop().unwrap().1;
    assert_eq!(record["requestPayload"].as_str().unwrap().len(), (1 << 20) - 2);
    assert_eq!(record["responsePayload"].as_str().unwrap().len(), 6 << 20);
    platform.stop().await;
}

/// Recorded: `test_lambda_eventinvokeconfig_lifecycle`.
#[tokio::test]
async fn settings_are_put_shown_updated_listed_and_deleted() {
    let platform = Platform::with_versions(1).await;
    platform.alias(alias("live", "1")).await.unwrap();
    let first = PutFunctionEventInvokeConfigInput { maximum_retry_attempts: Some(0), ..put("f") };
    let first = platform.put(first).await.unwrap();
    assert_eq!(first.function_arn, Some(format!("{ARN}f:$LATEST")));
    assert_eq!((first.maximum_retry_attempts, first.maximum_event_age_in_seconds), (Some(0), None));
    assert_eq!(
        first.destination_config,
        Some(DestinationConfig { on_success: Some(OnSuccess::default()), on_failure: Some(OnFailure::default()) })
    );
    platform.world.clock.advance(Duration::from_secs(1));
    let second = PutFunctionEventInvokeConfigInput { maximum_event_age_in_seconds: Some(60), ..put("f:$LATEST") };
    let second = platform.put(second).await.unwrap();
    assert_eq!((second.maximum_retry_attempts, second.maximum_event_age_in_seconds), (None, Some(60)), "overwritten");
    assert_ne!(second.last_modified, first.last_modified);
    assert_eq!(platform.settings("f").await.unwrap(), second);

    let update = UpdateFunctionEventInvokeConfigInput {
        function_name: "f".into(),
        maximum_retry_attempts: Some(1),
        destination_config: to(None, Some(QUEUE)),
        ..UpdateFunctionEventInvokeConfigInput::default()
    };
    let updated = platform.lambda.update_function_event_invoke_config(&platform.cx(), update).await.unwrap();
    assert_eq!((updated.maximum_retry_attempts, updated.maximum_event_age_in_seconds), (Some(1), Some(60)));
    for name in ["f:1", "f:live"] {
        platform.put(PutFunctionEventInvokeConfigInput { maximum_retry_attempts: Some(1), ..put(name) }).await.unwrap();
    }
    let list = |marker, count| ListFunctionEventInvokeConfigsInput {
        function_name: "f".into(),
        marker,
        max_items: Some(count),
    };
    let page = platform.lambda.list_function_event_invoke_configs(&platform.cx(), list(None, 2)).await.unwrap();
    let arns = |configs: Option<Vec<FunctionEventInvokeConfig>>| {
        configs.unwrap().into_iter().map(|one| one.function_arn.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(arns(page.function_event_invoke_configs), [format!("{ARN}f:$LATEST"), format!("{ARN}f:1")]);
    let rest =
        platform.lambda.list_function_event_invoke_configs(&platform.cx(), list(page.next_marker, 2)).await.unwrap();
    assert_eq!((arns(rest.function_event_invoke_configs), rest.next_marker), (vec![format!("{ARN}f:live")], None));

    let delete = || DeleteFunctionEventInvokeConfigInput { function_name: "f".into(), qualifier: Some("live".into()) };
    platform.lambda.delete_function_event_invoke_config(&platform.cx(), delete()).await.unwrap();
    let text = format!("The function {ARN}f:live doesn't have an EventInvokeConfig");
    let again = platform.lambda.delete_function_event_invoke_config(&platform.cx(), delete()).await;
    check(again, "ResourceNotFoundException", &text);
    check(platform.settings("f:live").await, "ResourceNotFoundException", &text);
    let all = DeleteFunctionInput { function_name: "f".into(), qualifier: None };
    platform.lambda.delete_function(&platform.cx(), all).await.unwrap();
    platform.create("f").await;
    assert!(
        platform.settings("f").await.is_err() && platform.settings("f:1").await.is_err(),
        "they go with the function"
    );
    platform.stop().await;
}

/// Recorded: `test_lambda_eventinvokeconfig_exceptions`.
#[tokio::test]
async fn what_nothing_could_be_sent_to_is_refused_at_once() {
    let platform = Platform::new();
    platform.create("f").await;
    let failing = |arn: &str| PutFunctionEventInvokeConfigInput { destination_config: to(None, Some(arn)), ..put("f") };
    let invalid = "InvalidParameterValueException";
    check(
        platform.put(put("f")).await,
        invalid,
        "You must specify at least one of error handling or destination setting.",
    );
    check(platform.put(failing(NO_QUEUE)).await, invalid, &format!("The destination ARN {NO_QUEUE} is invalid."));
    let nobody = format!("{ARN}nobody");
    check(platform.put(failing(&nobody)).await, invalid, &format!("The destination ARN {nobody} is invalid."));
    let unknown = "arn:aws:kinesis:us-east-1:000000000000:stream/s-there";
    assert!(refused(platform.put(failing(unknown)).await).1.ends_with("is invalid."));
    let itself = format!("{ARN}f");
    check(platform.put(failing(&itself)).await, invalid, "You can't specify the function as a destination for itself.");
    let missing = PutFunctionEventInvokeConfigInput { maximum_retry_attempts: Some(1), ..put("g") };
    check(platform.put(missing).await, "ResourceNotFoundException", "The function doesn't exist.");
    let missing = PutFunctionEventInvokeConfigInput { maximum_retry_attempts: Some(1), ..put("f:live") };
    check(platform.put(missing).await, "ResourceNotFoundException", "The function doesn't exist.");

    let dead = |arn: &str| Some(DeadLetterConfig { target_arn: Some(arn.into()) });
    let create = CreateFunctionInput { dead_letter_config: dead(NO_QUEUE), ..input("g") };
    let text = format!("Invalid dead letter queue ARN: {NO_QUEUE} does not exist");
    check(platform.lambda.create_function(&platform.cx(), create).await, invalid, &text);
    let update = |arn: &str| UpdateFunctionConfigurationInput {
        function_name: "f".into(),
        dead_letter_config: dead(arn),
        ..UpdateFunctionConfigurationInput::default()
    };
    check(platform.lambda.update_function_configuration(&platform.cx(), update(NO_QUEUE)).await, invalid, &text);
    platform.lambda.update_function_configuration(&platform.cx(), update(QUEUE)).await.unwrap();
    assert_eq!(platform.get("f").await.unwrap().dead_letter_config, dead(QUEUE));
    platform.lambda.update_function_configuration(&platform.cx(), update("")).await.unwrap();
    assert_eq!(platform.get("f").await.unwrap().dead_letter_config, None);
    platform.stop().await;
}
