//! Calling the function, and calling it again while it is refused.

use bytes::Bytes;
use updraft_kernel::ports::{InvocationType, InvokeOutcome, InvokeRequest};
use updraft_kernel::{AwsError, Ctx, RngExt, Shutdown};
use updraft_timers::Patience;

use crate::batch::Batch;
use crate::mapped::Mapped;
use crate::source::Source;

/// What came of a call.
#[derive(Debug)]
pub(crate) enum Called {
    Answered(Bytes),
    /// The function failed, or never takes such a call.
    Failed,
    /// It had no room for so long that others may have the records by now.
    Refused,
    /// The platform stops; the function was not called.
    Stopped,
}

/// Calls it until others may have the records.
pub(crate) async fn call<S: Source>(mapped: &Mapped<S>, batch: &Batch<S::Token>, mut shutdown: Shutdown) -> Called {
    let (payload, until) = (batch.payload(), batch.hidden_until());
    let mut patience = Patience::with_outages(mapped.parts.rng.u64());
    let mut refused = false;
    loop {
        let outcome = tokio::select! {
            biased;
            outcome = invoke(mapped, payload.clone(), batch.trace()) => outcome,
            () = shutdown.requested() => return Called::Stopped,
        };
        match outcome {
            Ok(InvokeOutcome { function_error: None, payload, .. }) => return Called::Answered(payload),
            Ok(_) => return Called::Failed,
            Err(err) if !may_pass(&err) => {
                tracing::debug!(uuid = mapped.mapping.uuid, error = ?err, "a batch can't be handed over");
                return Called::Failed;
            }
            Err(err) => {
                if !refused {
                    refused = true;
                    mapped.scaling.lock().throttled();
                    tracing::debug!(uuid = mapped.mapping.uuid, error = ?err, "a batch is to be handed over again");
                }
                if mapped.parts.clock.now() >= until {
                    mapped.problem(err.message()).await;
                    return Called::Refused;
                }
            }
        }
        tokio::select! {
            () = shutdown.requested() => return Called::Stopped,
            () = mapped.parts.clock.pause(patience.pause()) => {}
            () = mapped.parts.clock.sleep_until(until) => {}
        }
    }
}

async fn invoke<S: Source>(mapped: &Mapped<S>, payload: Bytes, trace: Option<&str>) -> Result<InvokeOutcome, AwsError> {
    invoke_as(mapped, payload, &mapped.cx(trace)).await
}

pub(crate) async fn invoke_as<S>(mapped: &Mapped<S>, payload: Bytes, cx: &Ctx) -> Result<InvokeOutcome, AwsError> {
    let stopping = || AwsError::unavailable("the platform is stopping");
    let functions = mapped.parts.functions.upgrade().ok_or_else(stopping)?;
    let request = InvokeRequest {
        function: mapped.mapping.function.clone(),
        kind: InvocationType::RequestResponse,
        payload,
        client_context: None,
        tail: false,
        source: None,
    };
    functions.invoke(cx, request).await
}

/// Whether the same call may go well later: there is no room, the function isn't there (yet), or something is broken that
/// the records can't be blamed for.
pub(crate) fn may_pass(err: &AwsError) -> bool {
    let status = err.code().status;
    matches!(status, 404 | 409 | 429) || status >= 500
}
