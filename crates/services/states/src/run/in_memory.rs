//! Synchronous Express executions: they live in memory, for as long as somebody waits for their answer. Nothing of them
//! is written, so nothing of them goes on after the process.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde_json::Value;
use updraft_asl::definition::Definition;
use updraft_asl::run::{Call, Effect, Ending, Engine, Event, Facts, Failed, Run, Signal, Timer, Turn};
use updraft_kernel::{AwsError, BoxFuture, UnixMillis};

use super::{begin, call};
use crate::StepFunctions;
use crate::mocks::case::{self, Case};
use crate::model::name::ExecutionId;

/// What is to be executed.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: ExecutionId,
    pub(crate) definition: Arc<Definition>,
    pub(crate) facts: Facts,
    pub(crate) started: UnixMillis,
    /// The test case that answers in place of services.
    pub(crate) case: Option<String>,
}

/// A call under way, and what is to be told of it.
type Calling<'a> = BoxFuture<'a, (Turn, Result<Option<Signal>, AwsError>)>;

/// An execution under way.
struct Walk<'a> {
    svc: &'a StepFunctions,
    job: &'a Job,
    run: Run,
    /// When the step that is taken happens.
    now: UnixMillis,
    calls: FuturesUnordered<Calling<'a>>,
    /// By when they are due, and in the order in which they were set.
    timers: BTreeMap<(UnixMillis, u64), (Turn, Timer)>,
    set: u64,
    signals: VecDeque<Signal>,
    case: Option<Case>,
    ending: Option<Ending>,
}

/// Executes to the end. `told` gets the events as they come.
///
/// # Errors
/// If a call can't be made at all.
pub(crate) async fn execute(
    svc: &StepFunctions,
    job: &Job,
    input: String,
    mut told: impl FnMut(&[Event]),
) -> Result<(Ending, UnixMillis), AwsError> {
    let mut walk = Walk {
        svc,
        job,
        run: Run::default(),
        now: job.started,
        calls: FuturesUnordered::new(),
        timers: BTreeMap::new(),
        set: 0,
        signals: VecDeque::from([Signal::Start(input)]),
        case: job.case.clone().map(Case::of),
        ending: None,
    };
    loop {
        let signal = match walk.signals.pop_front() {
            Some(signal) => signal,
            None => walk.next().await?,
        };
        told(&walk.step(signal));
        if let Some(ending) = walk.ending.take() {
            return Ok((ending, walk.now));
        }
    }
}

impl<'a> Walk<'a> {
    fn step(&mut self, signal: Signal) -> Vec<Event> {
        let (definition, facts, rng) = (&self.job.definition, &self.job.facts, &*self.svc.parts.rng);
        let mut engine = Engine::new(definition, facts, &mut self.run, self.now.0, rng);
        engine.take(signal);
        let (events, asked) = engine.outcome();
        for effect in asked {
            match effect {
                Effect::Call(call) => self.begin(call),
                Effect::Timer { turn, at, timer } => {
                    self.set += 1;
                    self.timers.insert((UnixMillis(at), self.set), (turn, timer));
                }
                // A call that has begun is heard out, and what it says comes too late.
                Effect::Cancel(turn) => self.timers.retain(|_, (of, _)| *of != turn),
                // No Express state machine has a distributed map: that is refused when it is made.
                Effect::MapRun(run) => {
                    let cause = Some("A distributed Map is only supported by Standard state machines.".to_owned());
                    let failed = Failed { error: Some("States.Runtime".to_owned()), cause };
                    self.signals.push_back(Signal::MapEnded(run.turn, Err(failed)));
                }
                // Nothing in memory is redriven.
                Effect::StopRun(_) | Effect::RedriveRun(..) => {}
                Effect::Ended(ending) => self.ending = Some(ending),
            }
        }
        events
    }

    fn begin(&mut self, call: Call) {
        let Call { turn, resource, arguments, .. } = call;
        self.signals.push_back(Signal::Started(turn));
        if let Some(came) = self.mocked(turn) {
            self.signals.extend(case::signals(turn, &resource, came));
            return;
        }
        let (svc, id) = (self.svc, &self.job.id);
        self.calls.push(Box::pin(async move { (turn, call::call(svc, (id, turn), &resource, arguments).await) }));
    }

    /// What the test case answers in place of the call's target.
    fn mocked(&mut self, turn: Turn) -> Option<Result<Value, Failed>> {
        let (mocks, case) = (self.svc.parts.mocks.as_ref()?, self.case.as_mut()?);
        let state = &self.run.frame(turn.frame)?.state;
        case.answer(mocks, &self.job.id.machine, state)
    }

    /// Waits for what comes first: an answer, or something that is due. Where the clock was moved over several of those,
    /// they come one after the other, each in its time.
    async fn next(&mut self) -> Result<Signal, AwsError> {
        loop {
            let clock = &self.svc.parts.clock;
            let due = self.due();
            if due <= clock.now() {
                self.now = self.now.max(due);
                return Ok(self.elapsed(due));
            }
            let slept = clock.sleep_until(due);
            if self.calls.is_empty() {
                slept.await;
                continue;
            }
            if let Either::Left((Some((_, came)), _)) = select(self.calls.next(), slept).await
                && let Some(signal) = came?
            {
                self.now = clock.now().clamp(self.now, due);
                return Ok(signal);
            }
        }
    }

    /// When it has taken too long.
    fn deadline(&self) -> UnixMillis {
        let seconds = begin::longest(self.job.definition.timeout, true).unwrap_or_default();
        self.job.started.plus(Duration::from_secs(seconds))
    }

    fn due(&self) -> UnixMillis {
        self.timers.keys().map(|(at, _)| *at).chain([self.deadline()]).min().unwrap_or(UnixMillis::MAX)
    }

    fn elapsed(&mut self, due: UnixMillis) -> Signal {
        match self.timers.first_entry().filter(|first| first.key().0 <= due) {
            Some(first) => {
                let (turn, timer) = first.remove();
                Signal::Elapsed(turn, timer)
            }
            None => Signal::Overdue,
        }
    }
}
