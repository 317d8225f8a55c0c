//! `InvokeWithResponseStream`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use updraft_api_lambda::service::Streaming;
use updraft_api_lambda::types::{
    InvokeResponseStreamUpdate, InvokeWithResponseStreamCompleteEvent as Complete, InvokeWithResponseStreamInput,
    InvokeWithResponseStreamOutput, InvokeWithResponseStreamResponseEvent as Event, LogType,
    ResponseStreamingInvocationType as Asked,
};
use updraft_kernel::ports::{InvocationType, RunOutcome, Streamed};
use updraft_kernel::{AwsError, Ctx};

use super::invoke::missing_as_latest;
use crate::Lambda;
use crate::call::{Call, error_name};
use crate::model::absent;
use crate::model::name::Target;

pub(crate) async fn invoke_with_response_stream(
    svc: &Lambda,
    cx: &Ctx,
    input: InvokeWithResponseStreamInput,
) -> Result<Streaming<InvokeWithResponseStreamOutput, Event>, AwsError> {
    let target = Target::parse(cx, &input.function_name, input.qualifier.as_deref())?;
    absent::refuse_of_stream(&input)?;
    let call = Call {
        target: target.clone(),
        kind: match input.invocation_type {
            Some(Asked::DryRun) => InvocationType::DryRun,
            _ => InvocationType::RequestResponse,
        },
        payload: input.payload.unwrap_or_default(),
        client_context: input.client_context,
        tail: input.log_type == Some(LogType::Tail),
        trace: cx.trace.as_deref().map(str::to_owned),
        request_id: cx.request_id.as_str().to_owned(),
        source: None,
        caller: cx.account.clone(),
        execution_name: None,
    };
    let (answer, version) = svc.stream(call).await.map_err(|error| missing_as_latest(&target, error))?;
    let status = if answer.is_some() { 200 } else { 204 };
    let executed_version = answer.is_some().then_some(version);
    let head = InvokeWithResponseStreamOutput {
        status_code: Some(status),
        executed_version,
        // AWS: this is the type of the answer itself, whatever the function says of its own.
        response_stream_content_type: None,
    };
    Ok(Streaming { head, events: answer.map_or_else(|| stream::empty().boxed(), events) })
}

/// What the function answers, and at last how it ended. A function that fails is no error of the stream.
fn events(answer: Streamed) -> BoxStream<'static, Result<Event, AwsError>> {
    let Streamed { pieces, ended, .. } = answer;
    let chunks = pieces.map(chunk);
    let last = stream::once(async move { Event::InvokeComplete(complete(ended.await)) });
    chunks.chain(last).map(Ok).boxed()
}

fn chunk(payload: Bytes) -> Event {
    Event::PayloadChunk(InvokeResponseStreamUpdate { payload: Some(payload) })
}

fn complete(outcome: RunOutcome) -> Complete {
    Complete {
        error_code: outcome.error.map(|kind| error_name(kind).to_owned()),
        error_details: outcome.error.map(|_| String::from_utf8_lossy(&outcome.payload).into_owned()),
        log_result: outcome.log_tail.map(|tail| STANDARD.encode(tail)),
    }
}
