//! One call of one instance.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use updraft_kernel::Clock;
use updraft_kernel::ports::{FunctionErrorKind, FunctionSpec, Invocation, RunOutcome, Usage};

use super::Instance;
use crate::api::call::Call;
use crate::api::server::ended;
use crate::api::session::Finished;
use crate::api::stream::Early;
use crate::extensions::event::{self, Reason};
use crate::failure::Failure;
use crate::logs::format::Report;
use crate::logs::instance::InstanceLog;
use crate::logs::platform::{Event, Status};

/// How long after its connection broke off a process that has ended is known to have.
const MOMENT: Duration = Duration::from_millis(500);

/// What came of a call.
pub(crate) enum Called {
    /// It is over; `healthy`: the instance can take another.
    Over { outcome: RunOutcome, healthy: bool },
    /// The function has answered, and its extensions are still at it.
    Answered { outcome: RunOutcome, rest: Rest },
    /// The instance was dying already and never saw it.
    Unseen(Invocation),
}

/// A call that has been given to an instance.
struct Given {
    id: String,
    trace: String,
    tail: bool,
    /// There are extensions, which take part.
    accompanied: bool,
    /// The start is a part of it.
    starts: bool,
    began: Duration,
}

/// What a function came to.
struct Verdict {
    payload: Bytes,
    error: Option<FunctionErrorKind>,
    failure: Option<Failure>,
}

/// Gives the call to the runtime and waits for its answer, its end, or the function's time limit.
/// `early` hears of an answer that is streamed as soon as it begins.
pub(crate) async fn invoke(
    instance: &Arc<Instance>,
    clock: &dyn Clock,
    invocation: Invocation,
    early: &Early,
) -> Called {
    let before = std::mem::take(&mut *instance.suppressed.lock());
    let limit = instance.spec.timeout;
    let left = limit.saturating_sub(before);
    let (id, tail) = (invocation.request_id.clone(), invocation.tail);
    instance.thaw();
    let call = Call::new(invocation, clock.real_now().plus(left), early.clone());
    let accompanied = !instance.extensions.is_empty();
    let trace = if instance.log.tells_more() { call.trace() } else { String::new() };
    let began = clock.monotonic().saturating_sub(before);
    let given = Given { id, trace, tail, accompanied, starts: !before.is_zero(), began };
    let (version, log) = (&instance.spec.version, &instance.log);
    let start = Event::Start { id: &given.id, version, trace: &given.trace };
    log.open(&start);
    let told = accompanied.then(|| event::invoke(&call));
    let done = instance.session.begin(call);
    told.iter().for_each(|event| instance.extensions.invoke(event));
    let finished = tokio::select! {
        biased;
        finished = done => finished.map_err(|_| Failure::Exited(instance.exit())),
        fault = instance.extensions.fault(), if accompanied => Err(fault.into()),
        () = clock.pause(left) => Err(Failure::TimedOut(limit)),
    };
    match finished {
        Ok(Finished::Undelivered(call)) => {
            log.reconsider(&start);
            Called::Unseen(call.invocation.clone())
        }
        finished => {
            let verdict = verdict(instance, clock, finished, &given.id).await;
            conclude(instance, clock, given, verdict).await
        }
    }
}

async fn verdict(instance: &Instance, clock: &dyn Clock, finished: Result<Finished, Failure>, id: &str) -> Verdict {
    let unhandled = Some(FunctionErrorKind::Unhandled);
    let answered = |payload, error| Verdict { payload, error, failure: None };
    let failed = |failure: Failure| Verdict { payload: failure.payload(id), error: unhandled, failure: Some(failure) };
    match finished {
        Ok(Finished::Response(payload)) => answered(payload, None),
        Ok(Finished::Streamed(None) | Finished::Undelivered(_)) => answered(Bytes::new(), None),
        Ok(Finished::Error(error) | Finished::Streamed(Some(error))) => answered(error, unhandled),
        Ok(Finished::TooLarge(limit)) => failed(Failure::ResponseTooLarge(limit)),
        Ok(Finished::Broken) => failed(broken(instance, clock).await),
        Err(failure) => failed(failure),
    }
}

/// Why an answer broke off: the process has ended, as is seen in a moment, or it has closed its connection.
async fn broken(instance: &Instance, clock: &dyn Clock) -> Failure {
    tokio::select! {
        () = ended(instance.runtime_over.subscribe()) => Failure::Exited(instance.exit()),
        () = clock.pause(MOMENT) => Failure::Truncated,
    }
}

/// Ends the call, or leaves its rest to be waited for.
async fn conclude(instance: &Arc<Instance>, clock: &dyn Clock, given: Given, verdict: Verdict) -> Called {
    let Verdict { payload, error, failure } = verdict;
    let took = clock.monotonic().saturating_sub(given.began).min(instance.spec.timeout);
    let status = match (&failure, error) {
        (None, Some(_)) => Status::Error,
        (failure, _) => Status::of(failure.as_ref()),
    };
    if instance.log.tells_more() {
        let (id, trace, bytes) = (&given.id, &given.trace, payload.len());
        instance.log.close(&[Event::RuntimeDone { id, trace, status: status.clone(), took, bytes }], false);
    }
    let (accompanied, starts, tail) = (given.accompanied, given.starts, given.tail);
    let init = instance.init.lock().take();
    let rest = Rest { given, init, status, failure };
    let usage = Usage { duration: took, init, ..Usage::default() };
    let mut outcome = RunOutcome { payload, error, log_tail: None, cold_start: starts || init.is_some(), usage };
    if !accompanied || rest.is_unhealthy() {
        let (healthy, tail) = rest.end(instance, clock);
        outcome.log_tail = tail;
        return Called::Over { outcome, healthy };
    }
    if !tail {
        // AWS: the caller has its answer while extensions still work.
        return Called::Answered { outcome, rest };
    }
    let (healthy, tail) = rest.wait_out(instance, clock).await;
    outcome.log_tail = tail;
    Called::Over { outcome, healthy }
}

/// What is left of a call when the function has answered.
pub(crate) struct Rest {
    given: Given,
    init: Option<Duration>,
    status: Status,
    failure: Option<Failure>,
}

impl Rest {
    /// Waits until the extensions are ready for the next call. Answers whether the instance is, too.
    pub(crate) async fn wait(self, instance: &Arc<Instance>, clock: &dyn Clock) -> bool {
        self.wait_out(instance, clock).await.0
    }

    async fn wait_out(mut self, instance: &Arc<Instance>, clock: &dyn Clock) -> (bool, Option<Bytes>) {
        let limit = instance.spec.timeout;
        let left = limit.saturating_sub(clock.monotonic().saturating_sub(self.given.began));
        let failure = tokio::select! {
            biased;
            ready = instance.extensions.ready() => ready.err().map(Failure::from),
            () = ended(instance.runtime_over.subscribe()) => Some(Failure::Exited(instance.exit())),
            () = clock.pause(left) => Some(Failure::TimedOut(limit)),
        };
        if failure.is_some() {
            (self.status, self.failure) = (Status::of(failure.as_ref()), failure);
        }
        self.end(instance, clock)
    }

    fn is_unhealthy(&self) -> bool {
        !matches!(self.failure, None | Some(Failure::ResponseTooLarge(_)))
    }

    /// Writes the last lines of the invocation, and ends an instance that failed.
    fn end(self, instance: &Arc<Instance>, clock: &dyn Clock) -> (bool, Option<Bytes>) {
        let now = clock.monotonic();
        let report = Report {
            duration: now.saturating_sub(self.given.began).min(instance.spec.timeout),
            memory_mb: instance.spec.memory_mb,
            peak_bytes: instance.peak(now),
            init: self.init,
            failure: self.failure.as_ref(),
        };
        let healthy = !self.is_unhealthy();
        let tail = close(&instance.log, &self.given, &report, self.status.clone());
        if !healthy {
            instance.part(match self.failure {
                Some(Failure::TimedOut(_)) => Reason::Timeout,
                _ => Reason::Failure,
            });
        }
        (healthy, tail)
    }
}

/// The outcome of a call that found no instance to run on, because the start failed.
pub(crate) fn failed_start(
    log: &Arc<InstanceLog>,
    (spec, peak_bytes): (&FunctionSpec, Option<u64>),
    call: &Invocation,
    how: Result<Bytes, Failure>,
) -> RunOutcome {
    let (version, memory_mb) = (&spec.version, spec.memory_mb);
    let (id, tail) = (call.request_id.clone(), call.tail);
    let given = Given { id, trace: String::new(), tail, accompanied: false, starts: true, began: Duration::ZERO };
    log.open_after_start(&Event::Start { id: &given.id, version, trace: "" });
    let failure = how.as_ref().err();
    let report = Report { duration: Duration::from_millis(1), memory_mb, peak_bytes, init: None, failure };
    let status = failure.map_or(Status::Error, |failure| Status::of(Some(failure)));
    let log_tail = close(log, &given, &report, status);
    let usage = Usage { duration: report.duration, ..Usage::default() };
    let payload = how.unwrap_or_else(|failure| failure.payload(&call.request_id));
    RunOutcome { payload, error: Some(FunctionErrorKind::Unhandled), log_tail, cold_start: true, usage }
}

fn close(log: &Arc<InstanceLog>, given: &Given, report: &Report<'_>, status: Status) -> Option<Bytes> {
    let (id, trace) = (&*given.id, &*given.trace);
    let last = [Event::End { id }, Event::Report { id, trace, report, status }];
    let fault = report.failure.map(|failure| Event::Fault { id, failure });
    let events: Vec<_> = fault.into_iter().chain(last).collect();
    log.close(&events, given.tail)
}
