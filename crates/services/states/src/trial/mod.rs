//! `TestState`: one state, tried alone by the machine that executes it. Nothing is kept.

mod answer;
mod mock;
mod wanted;

use std::time::Duration;

use futures_util::future::{Either, select};
use updraft_api_states::types::{TestStateInput, TestStateOutput};
use updraft_asl::definition::Resource;
use updraft_asl::run::{Call, Effect, Engine, Facts, Failed, Run, Signal, Timer, timestamp};
use updraft_kernel::{AwsError, Ctx, RngExt, UnixMillis, clock};

use crate::StepFunctions;
use crate::model::name::{ExecutionId, MachineId};
use crate::run::call;
use crate::run::fits::fits;
use crate::run::servers::{self, Exchange};
use wanted::Trial;

/// # Errors
/// If the state can't be tried so. That it fails is an answer.
pub(crate) async fn try_state(
    svc: &StepFunctions,
    cx: &Ctx,
    input: TestStateInput,
) -> Result<TestStateOutput, AwsError> {
    let mut trial = Trial::of(svc, cx, input)?;
    let (mock, mut exchange, mut run) = (trial.mock.take(), None, Run::default());
    let bench = Bench { svc, cx, id: execution(cx) };
    let signal = Signal::Start(trial.input.clone());
    let asked = bench.step(&trial, &mut run, |engine| engine.take(signal));
    if let Some(came) = mock {
        let came = mock::tolerated(&trial, came);
        bench.step(&trial, &mut run, |engine| engine.mocked(came));
    } else if let Some(signal) = carried_out(svc, &bench.id, asked, &mut exchange).await? {
        bench.step(&trial, &mut run, |engine| engine.take(signal));
    }
    Ok(answer::answer(trial, exchange.as_ref()))
}

/// AWS: it is as if it were executed by an Express workflow of no name.
fn execution(cx: &Ctx) -> ExecutionId {
    let machine = MachineId { account: cx.account.clone(), region: cx.region.clone(), name: cx.rng.uuid() };
    ExecutionId { machine, name: cx.rng.uuid() }
}

/// What a state is tried with.
struct Bench<'a> {
    svc: &'a StepFunctions,
    cx: &'a Ctx,
    id: ExecutionId,
}

impl Bench<'_> {
    fn step(&self, trial: &Trial, run: &mut Run, go: impl FnOnce(&mut Engine<'_>)) -> Vec<Effect> {
        let now = self.cx.now();
        let facts = Facts { fits: fits(self.svc), ..trial.facts(&self.id, timestamp(now.0)) };
        let engine = Engine::new(&trial.definition, &facts, run, now.0, &*self.svc.parts.rng);
        let mut engine = engine.inspected(&trial.inspector);
        go(&mut engine);
        engine.outcome().1
    }
}

/// What was asked for is done at once; nobody waits for a `Wait`.
async fn carried_out(
    svc: &StepFunctions,
    id: &ExecutionId,
    asked: Vec<Effect>,
    exchange: &mut Option<Exchange>,
) -> Result<Option<Signal>, AwsError> {
    let now = svc.parts.clock.now();
    let timeout = asked.iter().find_map(|effect| match effect {
        Effect::Timer { at, timer: Timer::Timeout, .. } => Some(UnixMillis(*at)),
        _ => None,
    });
    for effect in asked {
        match effect {
            Effect::Timer { turn, timer: Timer::Wait, .. } => return Ok(Some(Signal::Elapsed(turn, Timer::Wait))),
            Effect::Call(wanted) => {
                let (turn, most) = (wanted.turn, now.plus(LONGEST));
                let due = timeout.map_or(most, |at| at.min(most));
                let slept = std::pin::pin!(clock::reached(&*svc.parts.clock, due));
                let called = std::pin::pin!(called(svc, id, wanted, exchange));
                return match select(called, slept).await {
                    Either::Left((came, _)) => came,
                    Either::Right(_) if timeout == Some(due) => Ok(Some(Signal::Elapsed(turn, Timer::Timeout))),
                    Either::Right(_) => Ok(Some(Signal::Failed(turn, too_long()))),
                };
            }
            _ => {}
        }
    }
    Ok(None)
}

/// AWS: so long may a trial take.
const LONGEST: Duration = Duration::from_secs(300);

fn too_long() -> Failed {
    Failed { error: Some("States.Timeout".to_owned()), cause: None }
}

async fn called(
    svc: &StepFunctions,
    id: &ExecutionId,
    wanted: Call,
    exchange: &mut Option<Exchange>,
) -> Result<Option<Signal>, AwsError> {
    if !matches!(&wanted.resource, Resource::Service { service, .. } if service == "http") {
        return call::call(svc, (id, wanted.turn), &wanted.resource, wanted.arguments).await;
    }
    let came = servers::exchange(svc, &wanted.arguments).await;
    let came = came.and_then(|came| exchange.insert(came).answered());
    Ok(Some(match came {
        Ok(output) => Signal::Succeeded(wanted.turn, output),
        Err(failed) => Signal::Failed(wanted.turn, failed),
    }))
}

/// What a mock says came of the state.
type Came = Result<serde_json::Value, Failed>;
