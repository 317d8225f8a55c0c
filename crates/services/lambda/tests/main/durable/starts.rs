//! Starting executions, by events and by calls, and by name.

use std::time::Duration;

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    CreateAliasInput, CreateFunctionInput, DurableConfig, InvocationType, InvokeInput, InvokeWithResponseStreamInput,
    PublishVersionInput, ResponseStreamingInvocationType, UpdateFunctionConfigurationInput,
};

use super::support::{PENDING, SUCCEEDED, call, durable_input, event, failed, succeeded, wait};
use crate::streaming::invoke;
use crate::support::{ARN, Platform, check, input, refused};

fn named(name: &str, call: InvokeInput) -> InvokeInput {
    InvokeInput { durable_execution_name: Some(name.into()), ..call }
}

#[tokio::test]
async fn a_durable_function_shows_its_configuration() {
    let platform = Platform::new();
    platform.lambda.create_function(&platform.cx(), durable_input("f", 60)).await.unwrap();
    let shown = platform.get("f").await.unwrap().durable_config.unwrap();
    assert_eq!((shown.execution_timeout, shown.retention_period_in_days), (Some(60), Some(1)));
    let update = |config| UpdateFunctionConfigurationInput {
        function_name: "f".into(),
        durable_config: Some(config),
        ..UpdateFunctionConfigurationInput::default()
    };
    let longer = DurableConfig { execution_timeout: Some(90), ..DurableConfig::default() };
    let answer = platform.lambda.update_function_configuration(&platform.cx(), update(longer)).await.unwrap();
    let shown = answer.durable_config.unwrap();
    assert_eq!((shown.execution_timeout, shown.retention_period_in_days), (Some(90), Some(1)));
    platform.create("plain").await;
    assert_eq!(platform.get("plain").await.unwrap().durable_config, None);
    let plain = UpdateFunctionConfigurationInput {
        function_name: "plain".into(),
        ..update(DurableConfig { execution_timeout: Some(90), ..DurableConfig::default() })
    };
    let answer = platform.lambda.update_function_configuration(&platform.cx(), plain).await;
    assert_eq!(refused(answer).0, "InvalidParameterValueException");
    platform.stop().await;
}

#[tokio::test]
async fn a_configuration_needs_a_time_limit() {
    let platform = Platform::new();
    let config = DurableConfig { retention_period_in_days: Some(1), ..DurableConfig::default() };
    let input = CreateFunctionInput { durable_config: Some(config), ..input("f") };
    check(
        platform.lambda.create_function(&platform.cx(), input).await,
        "InvalidParameterValueException",
        "You cannot create a function with a durable configuration without an executionTimeout",
    );
    platform.stop().await;
}

#[tokio::test]
async fn an_event_starts_an_execution_and_says_which() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            assert_eq!(turn.input(), r#"{"a":1}"#);
            assert_eq!(turn.operations().len(), 1);
            succeeded("\"done\"")
        })
        .await;
    let answer = platform.try_start(named("one", event("f:$LATEST", r#"{"a":1}"#))).await.unwrap();
    assert_eq!((answer.status_code, answer.payload.as_deref()), (Some(202), Some(&b""[..])));
    let arn = answer.durable_execution_arn.unwrap();
    assert!(arn.starts_with(&format!("{ARN}f:$LATEST/durable-execution/one/")), "{arn}");
    platform.settle().await;
    let execution = platform.execution(&arn).await;
    assert_eq!(execution.status.as_str(), "SUCCEEDED");
    assert_eq!((execution.durable_execution_arn.as_str(), execution.durable_execution_name.as_str()), (&*arn, "one"));
    assert_eq!(execution.function_arn, format!("{ARN}f:$LATEST"));
    assert_eq!(
        (execution.input_payload.as_deref(), execution.result.as_deref()),
        (Some(r#"{"a":1}"#), Some("\"done\""))
    );
    assert_eq!((execution.version.as_deref(), execution.error), (Some("$LATEST"), None));
    platform.stop().await;
}

#[tokio::test]
async fn a_call_waits_for_the_end_through_all_waits() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            if turn.status("w").is_empty() {
                turn.checkpoint(vec![wait("w", 60)]).await;
            }
            if turn.status("w") == "SUCCEEDED" { succeeded("2") } else { PENDING.into() }
        })
        .await;
    let answer = platform.try_start(call("f:$LATEST", "1"));
    let time = async {
        while platform.invocations() == 0 {
            tokio::task::yield_now().await;
        }
        for _ in 0..60 {
            platform.pass(1).await;
        }
    };
    let (answer, ()) = tokio::join!(answer, time);
    let answer = answer.unwrap();
    assert_eq!((answer.status_code, answer.payload.as_deref()), (Some(200), Some(&b"2"[..])));
    assert_eq!((answer.executed_version.as_deref(), answer.function_error), (Some("$LATEST"), None));
    assert!(answer.durable_execution_arn.is_some());
    assert_eq!(platform.invocations(), 2);
    platform.stop().await;
}

#[tokio::test]
async fn a_call_of_what_fails_gets_the_error() {
    let platform = Platform::new();
    platform.durable(|_| async { failed("E", "no") }).await;
    let answer = platform.try_start(call("f:$LATEST", "1"));
    let (answer, ()) = tokio::join!(answer, platform.settle());
    let answer = answer.unwrap();
    assert_eq!((answer.status_code, answer.function_error.as_deref()), (Some(200), Some("Unhandled")));
    assert_eq!(answer.payload.as_deref(), Some(&br#"{"errorMessage":"no","errorType":"E"}"#[..]));
    platform.stop().await;
}

#[tokio::test]
async fn an_answer_that_is_streamed_comes_at_the_end() {
    let platform = Platform::new();
    platform.durable(|_| async { SUCCEEDED.into() }).await;
    let input = |kind| InvokeWithResponseStreamInput {
        function_name: "f:$LATEST".into(),
        invocation_type: kind,
        ..InvokeWithResponseStreamInput::default()
    };
    let answer = invoke(&platform, input(None));
    let (answer, ()) = tokio::join!(answer, platform.settle());
    let (head, chunks, end) = answer.unwrap();
    assert_eq!((head.status_code, chunks), (Some(200), vec!["1".to_owned()]));
    assert_eq!(end.unwrap().error_code, None);
    let (head, chunks, end) = invoke(&platform, input(Some(ResponseStreamingInvocationType::DryRun))).await.unwrap();
    assert_eq!((head.status_code, chunks.len(), end), (Some(204), 0, None));
    assert_eq!(platform.invocations(), 1);
    let unqualified = InvokeWithResponseStreamInput { function_name: "f".into(), ..input(None) };
    assert_eq!(refused(invoke(&platform, unqualified).await).0, "InvalidParameterValueException");
    platform.stop().await;
}

#[tokio::test]
async fn a_name_makes_a_start_idempotent() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            if turn.status("w").is_empty() {
                turn.checkpoint(vec![wait("w", 60)]).await;
                return PENDING.into();
            }
            SUCCEEDED.into()
        })
        .await;
    let start = |payload| platform.try_start(named("one", event("f:$LATEST", payload)));
    let first = start("1").await.unwrap().durable_execution_arn;
    platform.settle().await;
    assert_eq!(start("1").await.unwrap().durable_execution_arn, first, "while it runs");
    assert_eq!(refused(start("2").await).0, "DurableExecutionAlreadyStartedException");
    platform.pass(60).await;
    assert_eq!(start("1").await.unwrap().durable_execution_arn, first, "when it has ended");
    assert_eq!(refused(start("2").await).0, "DurableExecutionAlreadyStartedException");
    let called = platform.try_start(named("one", call("f:$LATEST", "1"))).await.unwrap();
    assert_eq!((called.payload.as_deref(), called.durable_execution_arn), (Some(&b"1"[..]), first.clone()));
    assert_eq!(platform.invocations(), 2);
    platform.pass(86_400).await;
    let again = start("2").await.unwrap().durable_execution_arn;
    assert_ne!(again, first, "when it isn't kept any more");
    platform.stop().await;
}

#[tokio::test]
async fn an_execution_stays_with_the_version_it_began_with() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            if turn.status("w").is_empty() {
                turn.checkpoint(vec![wait("w", 60)]).await;
                return PENDING.into();
            }
            SUCCEEDED.into()
        })
        .await;
    let publish = PublishVersionInput { function_name: "f".into(), ..PublishVersionInput::default() };
    let published = platform.lambda.publish_version(&platform.cx(), publish.clone()).await.unwrap();
    assert!(published.durable_config.is_some());
    let arn = platform.try_start(event("f:1", "1")).await.unwrap().durable_execution_arn.unwrap();
    assert!(arn.starts_with(&format!("{ARN}f:1/durable-execution/")), "{arn}");
    platform.settle().await;
    let update = UpdateFunctionConfigurationInput {
        function_name: "f".into(),
        timeout: Some(9),
        durable_config: Some(DurableConfig { execution_timeout: Some(5), ..DurableConfig::default() }),
        ..UpdateFunctionConfigurationInput::default()
    };
    platform.lambda.update_function_configuration(&platform.cx(), update).await.unwrap();
    platform.lambda.publish_version(&platform.cx(), publish).await.unwrap();
    platform.pass(60).await;
    assert_eq!(platform.status_of(&arn).await, "SUCCEEDED");
    let specs: Vec<_> = platform.runner.calls.lock().iter().map(|(spec, _)| spec.clone()).collect();
    assert_eq!((specs[0].version.as_str(), specs[0].timeout), ("1", Duration::from_secs(3)));
    assert_eq!(specs[0], specs[1]);
    platform.stop().await;
}

#[tokio::test]
async fn what_may_not_be_started_is_refused() {
    let platform = Platform::new();
    platform.durable_as("f", 901, |_| async { SUCCEEDED.into() }).await;
    platform.create("plain").await;
    let invalid = "InvalidParameterValueException";
    let unqualified = "You cannot invoke a durable function using an unqualified ARN.";
    check(platform.try_start(event("f", "1")).await, invalid, unqualified);
    check(
        platform.try_start(call("f:$LATEST", "1")).await,
        invalid,
        "You cannot synchronously invoke a durable function with an executionTimeout greater than 15 minutes.",
    );
    assert_eq!(refused(platform.try_start(named("n", event("plain", "1"))).await).0, invalid);
    assert_eq!(refused(platform.try_start(event("f:7", "1")).await).0, "ResourceNotFoundException");
    let dry = InvokeInput { invocation_type: Some(InvocationType::DryRun), ..call("f:$LATEST", "1") };
    let answer = platform.try_start(dry).await.unwrap();
    assert_eq!((answer.status_code, answer.durable_execution_arn), (Some(204), None));
    platform.settle().await;
    assert_eq!(platform.invocations(), 0);
    platform.stop().await;
}

#[tokio::test]
async fn an_alias_starts_executions_of_its_version() {
    let platform = Platform::new();
    platform.durable(|_| async { SUCCEEDED.into() }).await;
    let publish = PublishVersionInput { function_name: "f".into(), ..PublishVersionInput::default() };
    platform.lambda.publish_version(&platform.cx(), publish).await.unwrap();
    let alias = CreateAliasInput {
        function_name: "f".into(),
        name: "live".into(),
        function_version: "1".into(),
        ..CreateAliasInput::default()
    };
    platform.lambda.create_alias(&platform.cx(), alias).await.unwrap();
    let arn = platform.try_start(event("f:live", "1")).await.unwrap().durable_execution_arn.unwrap();
    platform.settle().await;
    let execution = platform.execution(&arn).await;
    assert_eq!((execution.status.as_str(), execution.version.as_deref()), ("SUCCEEDED", Some("1")));
    let (spec, call) = platform.runner.calls.lock()[0].clone();
    assert_eq!((spec.version.as_str(), call.invoked_arn), ("1", format!("{ARN}f:live")));
    platform.stop().await;
}
