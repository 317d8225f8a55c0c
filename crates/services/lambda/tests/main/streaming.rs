//! `InvokeWithResponseStream`.

use bytes::Bytes;
use futures_util::StreamExt;
use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::service::Streaming;
use updraft_api_lambda::types::{
    InvokeWithResponseStreamCompleteEvent as Complete, InvokeWithResponseStreamInput, InvokeWithResponseStreamOutput,
    InvokeWithResponseStreamResponseEvent as Event, LogType, ResponseStreamingInvocationType,
};
use updraft_kernel::AwsError;
use updraft_kernel::ports::{FunctionErrorKind, RunnerRefusal};

use crate::support::{ARN, Platform, check, outcome, streamed};

fn call(name: &str, payload: &'static str) -> InvokeWithResponseStreamInput {
    InvokeWithResponseStreamInput {
        function_name: name.to_owned(),
        payload: Some(Bytes::from_static(payload.as_bytes())),
        ..InvokeWithResponseStreamInput::default()
    }
}

pub(crate) async fn invoke(
    platform: &Platform,
    input: InvokeWithResponseStreamInput,
) -> Result<(InvokeWithResponseStreamOutput, Vec<String>, Option<Complete>), AwsError> {
    let Streaming { head, events } = platform.lambda.invoke_with_response_stream(&platform.cx(), input).await?;
    let (mut chunks, mut end) = (Vec::new(), None);
    for event in events.collect::<Vec<_>>().await {
        assert!(end.is_none(), "nothing comes after the end");
        match event? {
            Event::PayloadChunk(chunk) => {
                chunks.push(String::from_utf8(chunk.payload.unwrap().to_vec()).unwrap());
            }
            Event::InvokeComplete(complete) => end = Some(complete),
        }
    }
    Ok((head, chunks, end))
}

#[tokio::test]
async fn pieces_are_chunks_and_the_end_says_how_it_went() {
    let platform = Platform::new();
    platform.create("f").await;
    platform.runner.streams.lock().push(streamed("text/plain", &["one", "two"], outcome("", None)));
    let input = InvokeWithResponseStreamInput { log_type: Some(LogType::Tail), ..call("f", "7") };
    let (head, chunks, end) = invoke(&platform, input).await.unwrap();
    assert_eq!((head.status_code, head.executed_version.as_deref()), (Some(200), Some("$LATEST")));
    assert_eq!(chunks, ["one", "two"]);
    let end = end.unwrap();
    assert_eq!((end.error_code, end.error_details), (None, None));
    assert_eq!(end.log_result.as_deref(), Some("U1RBUlQKRU5ECg=="));
    let (_, invocation) = platform.runner.calls.lock().pop().unwrap();
    assert_eq!((&invocation.payload[..], invocation.tail), (&b"7"[..], true));
    platform.stop().await;
}

#[tokio::test]
async fn a_function_that_fails_in_the_middle_is_told_at_the_end() {
    let platform = Platform::new();
    platform.create("f").await;
    let failed = outcome(r#"{"errorType":"E"}"#, Some(FunctionErrorKind::Unhandled));
    platform.runner.streams.lock().push(streamed("text/plain", &["one"], failed));
    let (_, chunks, end) = invoke(&platform, call("f", "7")).await.unwrap();
    assert_eq!(chunks, ["one"]);
    let end = end.unwrap();
    assert_eq!(end.error_code.as_deref(), Some("Unhandled"));
    assert_eq!(end.error_details.as_deref(), Some(r#"{"errorType":"E"}"#));
    platform.stop().await;
}

#[tokio::test]
async fn a_function_that_does_not_stream_is_one_chunk() {
    let platform = Platform::new();
    platform.create("f").await;
    let (_, chunks, end) = invoke(&platform, call("f", "[1]")).await.unwrap();
    assert_eq!((chunks.as_slice(), end), (&["[1]".to_owned()][..], Some(Complete::default())));
    let (_, chunks, _) = invoke(&platform, call("f", "")).await.unwrap();
    assert_eq!(chunks, ["{}"], "no payload is an empty object");
    platform.stop().await;
}

#[tokio::test]
async fn asking_only_whether_one_may_runs_nothing() {
    let platform = Platform::new();
    platform.create("f").await;
    let dry = |name: &str| InvokeWithResponseStreamInput {
        invocation_type: Some(ResponseStreamingInvocationType::DryRun),
        ..call(name, "{}")
    };
    let (head, chunks, end) = invoke(&platform, dry("f")).await.unwrap();
    assert_eq!((head.status_code, head.executed_version), (Some(204), None));
    assert!(chunks.is_empty() && end.is_none());
    assert!(platform.runner.calls.lock().is_empty());
    let missing = format!("Function not found: {ARN}g:$LATEST");
    check(invoke(&platform, dry("g")).await, "ResourceNotFoundException", &missing);
    platform.stop().await;
}

#[tokio::test]
async fn what_cannot_begin_is_an_ordinary_error() {
    let platform = Platform::new();
    platform.create("f").await;
    platform.runner.plan(Err(RunnerRefusal::Throttled("busy")));
    check(invoke(&platform, call("f", "{}")).await, "TooManyRequestsException", "Rate Exceeded.");
    let tenant = InvokeWithResponseStreamInput { tenant_id: Some("t".into()), ..call("f", "{}") };
    assert_eq!(invoke(&platform, tenant).await.unwrap_err().code().name, "InvalidParameterValueException");
    assert_eq!(invoke(&platform, call("f", "{")).await.unwrap_err().code().name, "InvalidRequestContentException");
    platform.stop().await;
}
