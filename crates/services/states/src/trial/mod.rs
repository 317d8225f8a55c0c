//! `TestState`: one state, tried alone by the machine that executes it. Nothing is kept.

mod answer;
mod mock;
mod wanted;

use updraft_api_states::types::{TestStateInput, TestStateOutput};
use updraft_asl::definition::Resource;
use updraft_asl::run::{Effect, Engine, Failed, Run, Signal, Timer, timestamp};
use updraft_kernel::{AwsError, Ctx, RngExt};

use crate::StepFunctions;
use crate::model::name::{ExecutionId, MachineId};
use crate::run::call;
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
        let facts = trial.facts(&self.id, timestamp(now.0));
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
    for effect in asked {
        match effect {
            Effect::Timer { turn, timer: Timer::Wait, .. } => return Ok(Some(Signal::Elapsed(turn, Timer::Wait))),
            Effect::Call(wanted) if matches!(&wanted.resource, Resource::Service { service, .. } if service == "http") =>
            {
                let came = servers::exchange(svc, &wanted.arguments).await;
                let came = came.and_then(|came| exchange.insert(came).answered());
                return Ok(Some(match came {
                    Ok(output) => Signal::Succeeded(wanted.turn, output),
                    Err(failed) => Signal::Failed(wanted.turn, failed),
                }));
            }
            Effect::Call(wanted) => {
                return call::call(svc, (id, wanted.turn), &wanted.resource, wanted.arguments).await;
            }
            _ => {}
        }
    }
    Ok(None)
}

/// What a mock says came of the state.
type Came = Result<serde_json::Value, Failed>;
