//! Callbacks: answered from outside, kept alive, and too late.

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    ErrorObject, SendDurableExecutionCallbackFailureInput, SendDurableExecutionCallbackHeartbeatInput,
    SendDurableExecutionCallbackSuccessInput, StopDurableExecutionInput,
};
use updraft_kernel::AwsError;

use super::support::{PENDING, Turn, callback, succeeded};
use crate::support::{Platform, check, refused};

/// Waits for a callback, and comes to its status and what came with it.
async fn asks(turn: Turn, timeout: i32, heartbeat: i32) -> String {
    let Some(known) = turn.operation("c") else {
        let told = turn.checkpoint(vec![callback("c", timeout, heartbeat)]).await;
        assert!(told[0].callback_details.as_ref().unwrap().callback_id.is_some());
        return PENDING.into();
    };
    match known["Status"].as_str().unwrap() {
        "STARTED" => PENDING.into(),
        status => succeeded(&format!("{status} {}", known["CallbackDetails"]["Error"]["ErrorType"])),
    }
}

impl Platform {
    /// An execution that waits for a callback, and the callback's id.
    async fn asking(&self, timeout: i32, heartbeat: i32) -> (String, String) {
        self.durable(move |turn| asks(turn, timeout, heartbeat)).await;
        let arn = self.start("1").await;
        let events = self.events(&arn).await;
        let started = events.iter().find_map(|event| event.callback_started_details.clone()).unwrap();
        let seconds = |asked| Some(asked).filter(|asked| *asked > 0);
        assert_eq!((started.timeout, started.heartbeat_timeout), (seconds(timeout), seconds(heartbeat)));
        (arn, started.callback_id)
    }

    async fn answer(&self, id: &str, result: Option<&'static str>) -> Result<(), AwsError> {
        let input = SendDurableExecutionCallbackSuccessInput {
            callback_id: id.into(),
            result: result.map(|text| text.as_bytes().into()),
        };
        self.lambda.send_durable_execution_callback_success(&self.cx(), input).await.map(drop)
    }

    async fn refuse(&self, id: &str, error: Option<ErrorObject>) -> Result<(), AwsError> {
        let input = SendDurableExecutionCallbackFailureInput { callback_id: id.into(), error };
        self.lambda.send_durable_execution_callback_failure(&self.cx(), input).await.map(drop)
    }

    async fn beat(&self, id: &str) -> Result<(), AwsError> {
        let input = SendDurableExecutionCallbackHeartbeatInput { callback_id: id.into() };
        self.lambda.send_durable_execution_callback_heartbeat(&self.cx(), input).await.map(drop)
    }

    async fn came_to(&self, arn: &str) -> Option<String> {
        self.settle().await;
        self.execution(arn).await.result
    }
}

const LATE: (&str, &str) = ("CallbackTimeoutException", "The callback is either timed out or already completed");

#[tokio::test]
async fn an_answer_resumes_the_execution_once() {
    let platform = Platform::new();
    let (arn, id) = platform.asking(60, 0).await;
    platform.answer(&id, Some(r#"{"ok":true}"#)).await.unwrap();
    assert_eq!(platform.came_to(&arn).await.as_deref(), Some("SUCCEEDED null"));
    let events = platform.events(&arn).await;
    let answered = events.iter().find_map(|event| event.callback_succeeded_details.clone()).unwrap();
    assert_eq!(answered.result.payload.as_deref(), Some(r#"{"ok":true}"#));
    check(platform.answer(&id, Some("2")).await, LATE.0, LATE.1);
    check(platform.refuse(&id, None).await, LATE.0, LATE.1);
    check(platform.beat(&id).await, LATE.0, LATE.1);
    platform.pass(60).await;
    assert_eq!(platform.invocations(), 2);
    platform.stop().await;
}

#[tokio::test]
async fn a_failure_resumes_it_with_the_error() {
    let platform = Platform::new();
    let (arn, id) = platform.asking(0, 0).await;
    let error = ErrorObject { error_type: Some("Refused".into()), ..ErrorObject::default() };
    platform.refuse(&id, Some(error)).await.unwrap();
    assert_eq!(platform.came_to(&arn).await.as_deref(), Some("FAILED \"Refused\""));
    platform.stop().await;
}

#[tokio::test]
async fn nobody_answers_in_time() {
    let platform = Platform::new();
    let (arn, id) = platform.asking(60, 0).await;
    platform.pass(59).await;
    assert_eq!(platform.invocations(), 1);
    platform.pass(1).await;
    assert_eq!(platform.came_to(&arn).await.as_deref(), Some("TIMED_OUT \"Callback.Timeout\""));
    check(platform.answer(&id, None).await, LATE.0, LATE.1);
    platform.stop().await;
}

#[tokio::test]
async fn a_heartbeat_buys_time_and_a_missing_one_costs_it() {
    let platform = Platform::new();
    let (arn, id) = platform.asking(300, 10).await;
    for _ in 0..5 {
        platform.pass(9).await;
        platform.beat(&id).await.unwrap();
    }
    assert_eq!(platform.invocations(), 1);
    platform.pass(9).await;
    assert_eq!(platform.invocations(), 1);
    platform.pass(1).await;
    assert_eq!(platform.came_to(&arn).await.as_deref(), Some("TIMED_OUT \"Callback.Heartbeat\""));
    let events = platform.events(&arn).await;
    let late = events.iter().find_map(|event| event.callback_timed_out_details.clone()).unwrap();
    assert_eq!(late.error.payload.unwrap().error_message.as_deref(), Some("Callback timed out on heartbeat"));
    platform.stop().await;
}

#[tokio::test]
async fn heartbeats_dont_move_the_time_limit() {
    let platform = Platform::new();
    let (arn, id) = platform.asking(20, 10).await;
    for _ in 0..2 {
        platform.pass(9).await;
        platform.beat(&id).await.unwrap();
    }
    platform.pass(2).await;
    assert_eq!(platform.came_to(&arn).await.as_deref(), Some("TIMED_OUT \"Callback.Timeout\""));
    platform.stop().await;
}

#[tokio::test]
async fn what_isnt_a_callback_is_refused() {
    let platform = Platform::new();
    let (arn, id) = platform.asking(0, 0).await;
    assert_eq!(refused(platform.answer("AAAA", None).await).0, "InvalidParameterValueException");
    // "1 nobody 1"
    assert_eq!(refused(platform.answer("MSBub2JvZHkgMQ==", None).await).0, "ResourceNotFoundException");
    let broken = SendDurableExecutionCallbackSuccessInput { callback_id: id.clone(), result: Some(b"\xff"[..].into()) };
    let answer = platform.lambda.send_durable_execution_callback_success(&platform.cx(), broken).await;
    assert_eq!(refused(answer).0, "InvalidParameterValueException");
    let large = ErrorObject { error_data: Some("1".repeat(1 << 20)), ..ErrorObject::default() };
    assert_eq!(refused(platform.refuse(&id, Some(large)).await).0, "InvalidParameterValueException");
    let stop = StopDurableExecutionInput { durable_execution_arn: arn, error: None };
    platform.lambda.stop_durable_execution(&platform.cx(), stop).await.unwrap();
    check(platform.answer(&id, None).await, LATE.0, LATE.1);
    platform.stop().await;
}
