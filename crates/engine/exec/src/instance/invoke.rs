//! One call of one instance.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use updraft_kernel::Clock;
use updraft_kernel::ports::{FunctionErrorKind, Invocation, RunOutcome};
use updraft_sandbox::Sandbox;

use super::Instance;
use crate::api::call::Call;
use crate::api::session::Finished;
use crate::failure::Failure;
use crate::logs::format::{self, Report};
use crate::logs::instance::InstanceLog;

/// What came of a call, and whether the instance can take another.
pub(crate) struct Called {
    pub(crate) outcome: RunOutcome,
    pub(crate) healthy: bool,
}

/// Gives the call to the runtime and waits for its answer, its end, or the function's time limit.
pub(crate) async fn invoke(instance: &Instance, clock: &dyn Clock, invocation: Invocation) -> Called {
    let limit = instance.spec.timeout;
    let (id, tail) = (invocation.request_id.clone(), invocation.tail);
    instance.thaw();
    instance.log.open(format::start(&id, &instance.spec.version));
    instance.with_sandbox(Sandbox::reset_peak);
    let began = clock.monotonic();
    let done = instance.session.begin(Call::new(invocation, clock.real_now().plus(limit)));
    let finished = tokio::select! {
        finished = done => finished.map_err(|_| Failure::Exited(instance.exit())),
        () = clock.pause(limit) => Err(Failure::TimedOut(limit)),
    };
    let (payload, error, failure) = match finished {
        Ok(Finished::Response(payload)) => (payload, None, None),
        Ok(Finished::Error(payload)) => (payload, Some(FunctionErrorKind::Unhandled), None),
        Ok(Finished::TooLarge) => failed(Failure::ResponseTooLarge, &id),
        Err(failure) => failed(failure, &id),
    };
    let healthy = matches!(failure, None | Some(Failure::ResponseTooLarge));
    let init = instance.init.lock().take();
    let report = Report {
        duration: clock.monotonic().saturating_sub(began).min(limit),
        memory_mb: instance.spec.memory_mb,
        peak_bytes: instance.with_sandbox(Sandbox::peak_memory).flatten(),
        init,
        failure: failure.as_ref(),
    };
    if !healthy {
        instance.kill();
    }
    let log_tail = close(&instance.log, clock, &id, &report, tail);
    Called { outcome: RunOutcome { payload, error, log_tail, cold_start: init.is_some() }, healthy }
}

/// The outcome of a call that found no instance to run on, because the start failed.
pub(crate) fn failed_start(
    log: &Arc<InstanceLog>,
    clock: &dyn Clock,
    spec: (&str, u32),
    call: &Invocation,
    how: Result<Bytes, Failure>,
) -> RunOutcome {
    let (version, memory_mb) = spec;
    log.open(format::start(&call.request_id, version));
    let failure = how.as_ref().err();
    let report = Report { duration: Duration::from_millis(1), memory_mb, peak_bytes: None, init: None, failure };
    let log_tail = close(log, clock, &call.request_id, &report, call.tail);
    let payload = how.unwrap_or_else(|failure| failure.payload(&call.request_id));
    RunOutcome { payload, error: Some(FunctionErrorKind::Unhandled), log_tail, cold_start: true }
}

fn failed(failure: Failure, id: &str) -> (Bytes, Option<FunctionErrorKind>, Option<Failure>) {
    (failure.payload(id), Some(FunctionErrorKind::Unhandled), Some(failure))
}

fn close(log: &Arc<InstanceLog>, clock: &dyn Clock, id: &str, report: &Report<'_>, tail: bool) -> Option<Bytes> {
    let verdict = report.failure.and_then(|failure| format::verdict(failure, id, clock.now()));
    log.close(verdict.into_iter().chain([format::end(id), format::report(id, report)]), tail)
}
