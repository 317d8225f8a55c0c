//! Asynchronous calls: accepted, durable, tried three times.

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{DeleteFunctionInput, InvocationType, InvokeInput, PutFunctionConcurrencyInput};
use updraft_kernel::ports::{FunctionErrorKind, RunnerRefusal};

use crate::support::{Platform, outcome, refused};

fn event(payload: &'static str) -> InvokeInput {
    InvokeInput {
        function_name: "f".into(),
        payload: Some(payload.into()),
        invocation_type: Some(InvocationType::Event),
        ..InvokeInput::default()
    }
}

async fn accepted(platform: &Platform) {
    let answer = platform.lambda.invoke(&platform.cx(), event(r#"{"a":1}"#)).await.unwrap();
    assert_eq!((answer.status_code, answer.executed_version), (Some(202), None));
    assert_eq!(answer.payload.as_deref(), Some(&b""[..]));
}

impl Platform {
    pub(crate) fn ran(&self) -> usize {
        self.runner.calls.lock().len()
    }
}

fn failed() -> Result<updraft_kernel::ports::RunOutcome, RunnerRefusal> {
    Ok(outcome("{}", Some(FunctionErrorKind::Unhandled)))
}

#[tokio::test]
async fn an_event_is_accepted_and_carried_out_once() {
    let platform = Platform::new();
    platform.create("f").await;
    accepted(&platform).await;
    platform.settle().await;
    platform.pass(6 * 3600).await;
    assert_eq!(platform.ran(), 1);
    assert_eq!(&platform.runner.calls.lock()[0].1.payload[..], br#"{"a":1}"#);
    platform.stop().await;
}

#[tokio::test]
async fn a_failing_function_is_tried_again_after_one_minute_and_after_two() {
    let platform = Platform::new();
    platform.create("f").await;
    (0..5).for_each(|_| platform.runner.plan(failed()));
    accepted(&platform).await;
    platform.settle().await;
    assert_eq!(platform.ran(), 1);
    for (seconds, ran) in [(59, 1), (1, 2), (119, 2), (1, 3), (6 * 3600, 3)] {
        platform.pass(seconds).await;
        assert_eq!(platform.ran(), ran, "after {seconds} more seconds");
    }
    let ids: Vec<_> = platform.runner.calls.lock().iter().map(|(_, call)| call.request_id.clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "all attempts have one request id");
    platform.stop().await;
}

#[tokio::test]
async fn a_full_or_stopping_platform_costs_no_attempt() {
    let platform = Platform::new();
    platform.create("f").await;
    let refusals = [RunnerRefusal::Throttled("full"), RunnerRefusal::Stopping];
    refusals.iter().cycle().take(4).for_each(|refusal| platform.runner.plan(Err(refusal.clone())));
    accepted(&platform).await;
    platform.settle().await;
    for (seconds, ran) in [(1, 2), (1, 2), (1, 3), (4, 4), (8, 5)] {
        platform.pass(seconds).await;
        assert_eq!(platform.ran(), ran);
    }
    assert!(platform.runner.plans.lock().is_empty());
    platform.stop().await;
}

#[tokio::test]
async fn an_event_for_a_function_that_went_is_dropped() {
    let platform = Platform::new();
    platform.create("f").await;
    platform.runner.plan(failed());
    accepted(&platform).await;
    platform.settle().await;
    let delete = DeleteFunctionInput { function_name: "f".into(), qualifier: None };
    platform.lambda.delete_function(&platform.cx(), delete).await.unwrap();
    platform.pass(3600).await;
    assert_eq!(platform.ran(), 1);
    platform.stop().await;
}

#[tokio::test]
async fn bad_events_are_refused_at_once() {
    let platform = Platform::new();
    platform.create("f").await;
    let broken = platform.lambda.invoke(&platform.cx(), event("nope")).await;
    assert_eq!(refused(broken).0, "InvalidRequestContentException");
    let large = InvokeInput { payload: Some(vec![b'1'; (1 << 20) + 1].into()), ..event("") };
    let (code, text) = refused(platform.lambda.invoke(&platform.cx(), large).await);
    assert_eq!(code, "RequestEntityTooLargeException");
    assert_eq!(text, "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)");
    platform.settle().await;
    assert_eq!(platform.ran(), 0);
    platform.stop().await;
}

/// Recorded: `test_reserved_concurrency`.
#[tokio::test]
async fn a_function_that_may_not_run_takes_events_and_drops_them() {
    let platform = Platform::new();
    platform.create("f").await;
    let reserve =
        |count| PutFunctionConcurrencyInput { function_name: "f".into(), reserved_concurrent_executions: count };
    platform.lambda.put_function_concurrency(&platform.cx(), reserve(0)).await.unwrap();
    accepted(&platform).await;
    platform.settle().await;
    platform.lambda.put_function_concurrency(&platform.cx(), reserve(1)).await.unwrap();
    platform.pass(3600).await;
    assert_eq!(platform.ran(), 0);
    platform.stop().await;
}
