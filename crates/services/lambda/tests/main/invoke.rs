//! Synchronous calls.

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    InvocationType, InvokeInput, InvokeOutput, LogType, PublishVersionInput, UpdateFunctionConfigurationInput,
};
use updraft_kernel::AwsError;
use updraft_kernel::ports::{FunctionErrorKind, RunnerRefusal};

use crate::support::{ARN, Platform, outcome, refused};

fn call(name: &str, payload: &'static str) -> InvokeInput {
    InvokeInput { function_name: name.into(), payload: Some(payload.into()), ..InvokeInput::default() }
}

async fn invoke(platform: &Platform, input: InvokeInput) -> Result<InvokeOutput, AwsError> {
    platform.lambda.invoke(&platform.cx(), input).await
}

#[tokio::test]
async fn the_payload_goes_in_and_the_answer_comes_out() {
    let platform = Platform::new();
    platform.create("f").await;
    let answer = invoke(&platform, call("f", r#"{"a":1}"#)).await.unwrap();
    assert_eq!((answer.status_code, answer.function_error, answer.log_result), (Some(200), None, None));
    assert_eq!(answer.payload.as_deref(), Some(&br#"{"a":1}"#[..]));
    assert_eq!(answer.executed_version.as_deref(), Some("$LATEST"));
    let (spec, invocation) = platform.runner.calls.lock()[0].clone();
    assert_eq!((spec.name.as_str(), spec.version.as_str(), spec.memory_mb), ("f", "$LATEST", 128));
    assert_eq!((spec.handler.as_str(), spec.logging.group.as_str()), ("index.handler", "/aws/lambda/f"));
    assert_eq!(spec.code.sha256.len(), 64);
    assert_eq!(invocation.invoked_arn, format!("{ARN}f"));
    assert!(!invocation.tail);
    platform.stop().await;
}

#[tokio::test]
async fn no_payload_is_an_empty_object() {
    let platform = Platform::new();
    platform.create("f").await;
    let answer = invoke(&platform, InvokeInput { function_name: "f".into(), ..InvokeInput::default() }).await.unwrap();
    assert_eq!(answer.payload.as_deref(), Some(&b"{}"[..]));
    platform.stop().await;
}

#[tokio::test]
async fn a_functions_own_failure_is_an_answer_with_its_log() {
    let platform = Platform::new();
    platform.create("f").await;
    platform.runner.plan(Ok(outcome(r#"{"errorType":"E"}"#, Some(FunctionErrorKind::Unhandled))));
    let answer = invoke(&platform, InvokeInput { log_type: Some(LogType::Tail), ..call("f", "{}") }).await.unwrap();
    assert_eq!((answer.status_code, answer.function_error.as_deref()), (Some(200), Some("Unhandled")));
    assert_eq!(answer.log_result.as_deref(), Some("U1RBUlQKRU5ECg=="));
    assert!(platform.runner.calls.lock()[0].1.tail);
    platform.stop().await;
}

#[tokio::test]
async fn a_version_is_called_by_its_number() {
    let platform = Platform::new();
    platform.create("f").await;
    let publish = PublishVersionInput { function_name: "f".into(), ..PublishVersionInput::default() };
    platform.lambda.publish_version(&platform.cx(), publish).await.unwrap();
    let answer = invoke(&platform, call("f:1", "1")).await.unwrap();
    assert_eq!(answer.executed_version.as_deref(), Some("1"));
    assert_eq!(platform.runner.calls.lock()[0].1.invoked_arn, format!("{ARN}f:1"));
    platform.stop().await;
}

#[tokio::test]
async fn instances_are_kept_as_long_as_what_they_are_made_of() {
    let platform = Platform::new();
    platform.create("f").await;
    invoke(&platform, call("f", "1")).await.unwrap();
    let publish = PublishVersionInput { function_name: "f".into(), ..PublishVersionInput::default() };
    platform.lambda.publish_version(&platform.cx(), publish).await.unwrap();
    invoke(&platform, call("f", "1")).await.unwrap();
    let update = UpdateFunctionConfigurationInput {
        function_name: "f".into(),
        timeout: Some(4),
        ..UpdateFunctionConfigurationInput::default()
    };
    platform.lambda.update_function_configuration(&platform.cx(), update).await.unwrap();
    invoke(&platform, call("f", "1")).await.unwrap();
    let specs: Vec<_> = platform.runner.calls.lock().iter().map(|(spec, _)| spec.clone()).collect();
    assert_eq!(specs[0], specs[1], "publishing changes nothing");
    assert_ne!(specs[1].revision, specs[2].revision);
    platform.stop().await;
}

#[tokio::test]
async fn a_dry_run_runs_nothing() {
    let platform = Platform::new();
    platform.create("f").await;
    let dry = |name: &str| InvokeInput { invocation_type: Some(InvocationType::DryRun), ..call(name, "{}") };
    let answer = invoke(&platform, dry("f")).await.unwrap();
    assert_eq!((answer.status_code, answer.executed_version), (Some(204), None));
    assert!(platform.runner.calls.lock().is_empty());
    assert!(invoke(&platform, dry("g")).await.is_err());
    platform.stop().await;
}

#[tokio::test]
async fn what_cant_be_called_is_refused() {
    let platform = Platform::new();
    platform.create("f").await;
    let (code, text) = refused(invoke(&platform, call("g", "{}")).await);
    assert_eq!((code, text), ("ResourceNotFoundException", format!("Function not found: {ARN}g:$LATEST")));
    let (_, text) = refused(invoke(&platform, call("f:7", "{}")).await);
    assert_eq!(text, format!("Function not found: {ARN}f:7"));
    let (code, text) = refused(invoke(&platform, call("f", "not json")).await);
    assert_eq!(code, "InvalidRequestContentException");
    assert!(
        text.starts_with(
            "Could not parse request body into json: Could not parse payload into json: Unrecognized token 'not'"
        ),
        "{text}"
    );
    let large = InvokeInput { payload: Some(vec![b'1'; 6_291_457].into()), ..call("f", "") };
    let (code, text) = refused(invoke(&platform, large).await);
    assert_eq!(code, "RequestEntityTooLargeException");
    assert_eq!(text, "6291457 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)");
    let context = InvokeInput { client_context: Some("%%%".into()), ..call("f", "{}") };
    assert_eq!(refused(invoke(&platform, context).await).0, "InvalidRequestContentException");
    platform.stop().await;
}

#[tokio::test]
async fn the_client_context_arrives_decoded() {
    let platform = Platform::new();
    platform.create("f").await;
    let context = InvokeInput { client_context: Some("eyJhIjoxfQ==".into()), ..call("f", "{}") };
    invoke(&platform, context).await.unwrap();
    assert_eq!(platform.runner.calls.lock()[0].1.client_context.as_deref(), Some(r#"{"a":1}"#));
    platform.stop().await;
}

#[tokio::test]
async fn a_runners_refusal_is_an_error_of_aws() {
    let platform = Platform::new();
    platform.create("f").await;
    let refusals = [
        (RunnerRefusal::Throttled("full"), "TooManyRequestsException", 429),
        (RunnerRefusal::Full("no memory".into()), "TooManyRequestsException", 429),
        (RunnerRefusal::UnknownRuntime("python3.12".into()), "InvalidRuntimeException", 502),
        (RunnerRefusal::BadCode("broken".into()), "InvalidZipFileException", 502),
        (RunnerRefusal::Unavailable("install python3.12".into()), "ServiceException", 500),
        (RunnerRefusal::Stopping, "ServiceUnavailable", 503),
    ];
    for (refusal, code, status) in refusals {
        platform.runner.plan(Err(refusal));
        let error = invoke(&platform, call("f", "{}")).await.unwrap_err();
        assert_eq!((error.code().name, error.code().status), (code, status));
    }
    platform.stop().await;
}
