//! Executions that call other functions.

use serde_json::Value;
use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    DeleteFunctionInput, ListDurableExecutionsByFunctionInput, PutFunctionConcurrencyInput, StopDurableExecutionInput,
};
use updraft_kernel::ports::FunctionErrorKind;

use super::support::{PENDING, SUCCEEDED, Turn, chained, failed, ran, succeeded, wait};
use crate::support::{ARN, Platform, refused};

/// Calls the function, and comes to what that came to.
async fn calls(turn: Turn, function: &str) -> String {
    let Some(known) = turn.operation("i") else {
        let told = turn.checkpoint(vec![chained("i", function, r#"{"n":1}"#)]).await;
        if told[0].status.as_str() == "STARTED" {
            return PENDING.into();
        }
        let error = told[0].chained_invoke_details.clone().unwrap().error.unwrap();
        return succeeded(&format!("at once: {}", error.error_type.unwrap_or_default()));
    };
    let details = &known["ChainedInvokeDetails"];
    match (known["Status"].as_str().unwrap(), details["Result"].as_str(), &details["Error"]) {
        ("STARTED", ..) => PENDING.into(),
        (status, Some(result), Value::Null) => succeeded(&format!("{status} {result}")),
        (status, _, error) => succeeded(&format!("{status} {} {}", error["ErrorType"], error["ErrorMessage"])),
    }
}

impl Platform {
    async fn calling(&self, function: &'static str) -> String {
        self.durable(move |turn| calls(turn, function)).await;
        self.start("1").await
    }

    async fn child(&self) -> String {
        let input = ListDurableExecutionsByFunctionInput {
            function_name: "child".into(),
            ..ListDurableExecutionsByFunctionInput::default()
        };
        let listed = self.lambda.list_durable_executions_by_function(&self.cx(), input).await.unwrap();
        listed.durable_executions.unwrap()[0].durable_execution_arn.clone()
    }
}

#[tokio::test]
async fn a_plain_function_answers_its_caller() {
    let platform = Platform::new();
    platform.create("plain").await;
    let arn = platform.calling("plain").await;
    assert_eq!(platform.execution(&arn).await.result.as_deref(), Some(r#"SUCCEEDED {"n":1}"#));
    let call = platform.runner.calls.lock()[1].1.clone();
    assert_eq!((call.invoked_arn, &call.payload[..]), (format!("{ARN}plain"), &br#"{"n":1}"#[..]));
    let events = platform.events(&arn).await;
    let started = events.iter().find_map(|event| event.chained_invoke_started_details.clone()).unwrap();
    assert_eq!((started.function_name.as_str(), started.executed_version.as_deref()), ("plain", Some("$LATEST")));
    assert_eq!((started.input.unwrap().payload.as_deref(), started.durable_execution_arn), (Some(r#"{"n":1}"#), None));
    platform.stop().await;
}

#[tokio::test]
async fn a_plain_functions_failure_is_told_and_not_repeated() {
    let platform = Platform::new();
    platform.create("plain").await;
    let payload = r#"{"errorType":"E","errorMessage":"no"}"#.to_owned();
    platform.runner.plan(Ok(ran(payload, Some(FunctionErrorKind::Unhandled))));
    let arn = platform.calling("plain").await;
    assert_eq!(platform.execution(&arn).await.result.as_deref(), Some(r#"FAILED "E" "no""#));
    assert_eq!(platform.invocations(), 3);
    platform.stop().await;
}

#[tokio::test]
async fn a_plain_function_that_may_not_run_is_waited_for() {
    let platform = Platform::new();
    platform.create("plain").await;
    let reserve =
        |count| PutFunctionConcurrencyInput { function_name: "plain".into(), reserved_concurrent_executions: count };
    platform.lambda.put_function_concurrency(&platform.cx(), reserve(0)).await.unwrap();
    let arn = platform.calling("plain").await;
    platform.pass(60).await;
    assert_eq!(platform.status_of(&arn).await, "RUNNING");
    platform.lambda.put_function_concurrency(&platform.cx(), reserve(1)).await.unwrap();
    platform.pass(300).await;
    assert_eq!(platform.status_of(&arn).await, "SUCCEEDED");
    platform.stop().await;
}

#[tokio::test]
async fn a_durable_function_is_an_execution_of_its_own() {
    let platform = Platform::new();
    platform
        .durable_as("child", 300, |turn| async move {
            if turn.number == 1 {
                assert_eq!(turn.input(), r#"{"n":1}"#);
                turn.checkpoint(vec![wait("w", 60)]).await;
                return PENDING.into();
            }
            succeeded("\"c\"")
        })
        .await;
    let arn = platform.calling("child:$LATEST").await;
    let child = platform.child().await;
    let events = platform.events(&arn).await;
    let started = events.iter().find_map(|event| event.chained_invoke_started_details.clone()).unwrap();
    assert_eq!(started.durable_execution_arn.as_deref(), Some(&*child));
    platform.pass(60).await;
    assert_eq!(platform.status_of(&child).await, "SUCCEEDED");
    assert_eq!(platform.execution(&arn).await.result.as_deref(), Some("SUCCEEDED \"c\""));
    platform.stop().await;
}

#[tokio::test]
async fn whatever_ends_the_child_is_told() {
    for (end, expected) in [
        ("fails", r#"FAILED "E" "no""#),
        ("stops", r#"STOPPED null "Execution stopped by user request""#),
        ("waits", r#"TIMED_OUT "ChainedInvoke.Timeout" "CHAINED_INVOKE timed out after 300 seconds.""#),
    ] {
        let platform = Platform::new();
        platform
            .durable_as("child", 300, move |turn| async move {
                if end == "fails" {
                    return failed("E", "no");
                }
                turn.checkpoint(vec![wait("w", 500)]).await;
                PENDING.into()
            })
            .await;
        let arn = platform.calling("child:$LATEST").await;
        if end == "stops" {
            let stop = StopDurableExecutionInput { durable_execution_arn: platform.child().await, error: None };
            platform.lambda.stop_durable_execution(&platform.cx(), stop).await.unwrap();
        }
        platform.pass(300).await;
        assert_eq!(platform.execution(&arn).await.result.as_deref(), Some(expected));
        platform.stop().await;
    }
}

#[tokio::test]
async fn what_cant_be_called_fails_at_once() {
    let platform = Platform::new();
    platform.durable_as("child", 300, |_| async { SUCCEEDED.into() }).await;
    platform
        .durable(|turn| async move {
            let function = turn.input().trim_matches('"').to_owned();
            calls(turn, &function).await
        })
        .await;
    for (function, expected) in [
        ("\"nobody\"", "at once: ResourceNotFoundException"),
        ("\"child\"", "at once: InvalidParameterValueException"),
        ("\"child:7\"", "at once: ResourceNotFoundException"),
    ] {
        let arn = platform.start(function).await;
        assert_eq!(platform.execution(&arn).await.result.as_deref(), Some(expected), "{function}");
        assert_eq!(platform.story(&arn).await[1..3], ["ChainedInvokeStarted", "ChainedInvokeFailed"]);
    }
    platform.stop().await;
}

#[tokio::test]
async fn other_accounts_and_regions_are_out_of_reach() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            let of = |region: &str, account: &str| format!("arn:aws:lambda:{region}:{account}:function:g");
            for (function, what) in
                [(of("us-east-1", "111111111111"), "account"), (of("eu-west-1", "000000000000"), "region")]
            {
                let (code, text) = refused(turn.try_checkpoint(vec![chained("i", &function, "1")]).await);
                assert_eq!(code, "InvalidParameterValueException");
                assert_eq!(text, format!("Cannot start a CHAINED_INVOKE on a function in another {what}."));
            }
            SUCCEEDED.into()
        })
        .await;
    let arn = platform.start("1").await;
    assert_eq!(platform.status_of(&arn).await, "SUCCEEDED");
    platform.stop().await;
}

#[tokio::test]
async fn a_child_that_outlives_its_parent_harms_nobody() {
    let platform = Platform::new();
    platform
        .durable_as("child", 300, |turn| async move {
            if turn.number == 1 {
                turn.checkpoint(vec![wait("w", 60)]).await;
                return PENDING.into();
            }
            SUCCEEDED.into()
        })
        .await;
    let arn = platform.calling("child:$LATEST").await;
    let stop = StopDurableExecutionInput { durable_execution_arn: arn.clone(), error: None };
    platform.lambda.stop_durable_execution(&platform.cx(), stop).await.unwrap();
    platform.pass(60).await;
    assert_eq!(platform.status_of(&platform.child().await).await, "SUCCEEDED");
    assert_eq!(platform.status_of(&arn).await, "STOPPED");
    platform.stop().await;
}

#[tokio::test]
async fn a_function_that_is_deleted_ends_its_executions() {
    let platform = Platform::new();
    platform
        .durable(|turn| async move {
            turn.checkpoint(vec![wait("w", 60)]).await;
            PENDING.into()
        })
        .await;
    let arn = platform.start("1").await;
    let delete = DeleteFunctionInput { function_name: "f".into(), qualifier: None };
    platform.lambda.delete_function(&platform.cx(), delete).await.unwrap();
    platform.pass(60).await;
    let execution = platform.execution(&arn).await;
    assert_eq!(execution.status.as_str(), "FAILED");
    assert_eq!(execution.error.unwrap().error_type.as_deref(), Some("ResourceNotFoundException"));
    platform.stop().await;
}
