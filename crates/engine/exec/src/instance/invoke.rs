//! One call of one instance.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use updraft_kernel::Clock;
use updraft_kernel::ports::{FunctionErrorKind, Invocation, RunOutcome, Usage};

use super::Instance;
use crate::api::call::Call;
use crate::api::server::ended;
use crate::api::session::Finished;
use crate::api::stream::Early;
use crate::failure::Failure;
use crate::logs::format::{self, Report};
use crate::logs::instance::InstanceLog;

/// How long after its connection broke off a process that has ended is known to have.
const MOMENT: Duration = Duration::from_millis(500);

/// What came of a call.
pub(crate) enum Called {
    /// It is over; `healthy`: the instance can take another.
    Over { outcome: RunOutcome, healthy: bool },
    /// The instance was dying already and never saw it.
    Unseen(Invocation),
}

/// Gives the call to the runtime and waits for its answer, its end, or the function's time limit.
/// `early` hears of an answer that is streamed as soon as it begins.
pub(crate) async fn invoke(instance: &Instance, clock: &dyn Clock, invocation: Invocation, early: &Early) -> Called {
    let limit = instance.spec.timeout;
    let (id, tail) = (invocation.request_id.clone(), invocation.tail);
    instance.thaw();
    let start = format::start(&id, &instance.spec.version);
    instance.log.open(start.clone());
    let began = clock.monotonic();
    let done = instance.session.begin(Call::new(invocation, clock.real_now().plus(limit), early.clone()));
    let finished = tokio::select! {
        finished = done => finished.map_err(|_| Failure::Exited(instance.exit())),
        () = clock.pause(limit) => Err(Failure::TimedOut(limit)),
    };
    let (payload, error, failure) = match finished {
        Ok(Finished::Response(payload)) => (payload, None, None),
        Ok(Finished::Error(payload)) => (payload, Some(FunctionErrorKind::Unhandled), None),
        Ok(Finished::Streamed(None)) => (Bytes::new(), None, None),
        Ok(Finished::Streamed(Some(error))) => (error, Some(FunctionErrorKind::Unhandled), None),
        Ok(Finished::TooLarge(limit)) => failed(Failure::ResponseTooLarge(limit), &id),
        Ok(Finished::Broken) => failed(broken(instance, clock).await, &id),
        Ok(Finished::Undelivered(call)) => {
            instance.log.reconsider(&start);
            return Called::Unseen(call.invocation.clone());
        }
        Err(failure) => failed(failure, &id),
    };
    let took = clock.monotonic().saturating_sub(began).min(limit);
    conclude(instance, clock, (&id, tail), took, (payload, error, failure))
}

/// Why an answer broke off: the process has ended, as is seen in a moment, or it has closed its connection.
async fn broken(instance: &Instance, clock: &dyn Clock) -> Failure {
    tokio::select! {
        () = ended(instance.ended.subscribe()) => Failure::Exited(instance.exit()),
        () = clock.pause(MOMENT) => Failure::Truncated,
    }
}

type Verdict = (Bytes, Option<FunctionErrorKind>, Option<Failure>);

/// Writes the last lines of the invocation, and ends an instance that failed.
fn conclude(
    instance: &Instance,
    clock: &dyn Clock,
    (id, tail): (&str, bool),
    duration: Duration,
    (payload, error, failure): Verdict,
) -> Called {
    let healthy = matches!(failure, None | Some(Failure::ResponseTooLarge(_)));
    let init = instance.init.lock().take();
    let report = Report {
        duration,
        memory_mb: instance.spec.memory_mb,
        peak_bytes: instance.peak(clock.monotonic()),
        init,
        failure: failure.as_ref(),
    };
    if !healthy {
        instance.kill();
    }
    let log_tail = close(&instance.log, clock, id, &report, tail);
    let usage = Usage { duration, init, ..Usage::default() };
    Called::Over { outcome: RunOutcome { payload, error, log_tail, cold_start: init.is_some(), usage }, healthy }
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
    log.open_after_start(format::start(&call.request_id, version));
    let failure = how.as_ref().err();
    let report = Report { duration: Duration::from_millis(1), memory_mb, peak_bytes: None, init: None, failure };
    let log_tail = close(log, clock, &call.request_id, &report, call.tail);
    let usage = Usage { duration: report.duration, ..Usage::default() };
    let payload = how.unwrap_or_else(|failure| failure.payload(&call.request_id));
    RunOutcome { payload, error: Some(FunctionErrorKind::Unhandled), log_tail, cold_start: true, usage }
}

fn failed(failure: Failure, id: &str) -> Verdict {
    (failure.payload(id), Some(FunctionErrorKind::Unhandled), Some(failure))
}

fn close(log: &Arc<InstanceLog>, clock: &dyn Clock, id: &str, report: &Report<'_>, tail: bool) -> Option<Bytes> {
    let verdict = report.failure.and_then(|failure| format::verdict(failure, id, clock.now()));
    log.close(verdict.into_iter().chain([format::end(id), format::report(id, report)]), tail)
}
