//! Lambda: every event that was accepted is carried out.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{CreateFunctionInput, FunctionCode, InvocationType, InvokeInput, Runtime};
use updraft_kernel::ports::{
    FunctionErrorKind, FunctionSpec, Invocation, Provisioned, RunOutcome, RunnerPort, RunnerRefusal, Usage,
};
use updraft_kernel::{AccountId, BoxFuture, Clock, Region, RngExt, SeededRng};

use super::durable::Player;
use crate::clock::SimClock;
use crate::journal::Journal;
use crate::model::{Known, Model, Sent, Step};
use crate::node::Node;
use crate::world::World;

const FUNCTION: &str = "simulated";
const ROLE: &str = "arn:aws:iam::000000000000:role/simulated";
/// Attempts that an event has.
const ATTEMPTS: usize = 3;

/// Functions without processes: they take a while, and some fail. Runs of a node that is killed come to an end, too.
#[derive(Debug)]
pub(crate) struct Runner {
    rng: SeededRng,
    clock: SimClock,
    journal: Arc<Journal>,
    runs: Mutex<Vec<(Bytes, bool)>>,
    /// What plays the durable functions.
    player: Mutex<Option<Arc<Player>>>,
}

impl Runner {
    pub(crate) fn new(seed: u64, clock: SimClock, journal: Arc<Journal>) -> Self {
        Self { rng: SeededRng::new(seed ^ 0x1A), clock, journal, runs: Mutex::default(), player: Mutex::default() }
    }

    pub(super) fn plays(&self, player: Arc<Player>) {
        *self.player.lock() = Some(player);
    }

    pub(super) fn journal(&self) -> Arc<Journal> {
        Arc::clone(&self.journal)
    }
}

impl RunnerPort for Runner {
    fn run<'a>(
        &'a self,
        spec: &'a Arc<FunctionSpec>,
        call: Invocation,
    ) -> BoxFuture<'a, Result<RunOutcome, RunnerRefusal>> {
        Box::pin(async move {
            self.clock.pause(Duration::from_millis(self.rng.below(300))).await;
            if self.rng.below(10) == 0 {
                return Err(RunnerRefusal::Throttled("simulated"));
            }
            let player = self.player.lock().clone().filter(|_| spec.name != FUNCTION);
            if let Some(player) = player {
                return Ok(player
                    .play(&spec.name, &call.payload)
                    .await
                    .map_or_else(died, |answer| ran(answer.into(), None)));
            }
            let failed = self.rng.below(8) == 0;
            self.journal.note(format_args!("the function runs: {:?}, failed: {failed}", call.payload));
            self.runs.lock().push((call.payload, failed));
            Ok(ran(Bytes::from_static(b"null"), failed.then_some(FunctionErrorKind::Unhandled)))
        })
    }

    fn provision(&self, _: &Arc<FunctionSpec>, _: u32) {}

    fn provisioned(&self, _: &FunctionSpec) -> Provisioned {
        Provisioned::default()
    }

    fn retire<'a>(&'a self, _: &'a AccountId, _: &'a Region, _: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }

    fn check_code(&self, zip: &[u8]) -> Result<u64, RunnerRefusal> {
        Ok(u64::try_from(zip.len()).unwrap_or(0))
    }
}

fn ran(payload: Bytes, error: Option<FunctionErrorKind>) -> RunOutcome {
    RunOutcome { payload, error, log_tail: None, cold_start: false, usage: Usage::default() }
}

fn died() -> RunOutcome {
    ran(Bytes::from_static(br#"{"errorMessage":"it died"}"#), Some(FunctionErrorKind::Unhandled))
}

/// Asynchronous invocations.
pub(super) struct Events {
    sent: Sent,
    runner: Arc<Runner>,
}

impl Events {
    pub(super) fn new(runner: Arc<Runner>) -> Self {
        Self { sent: Sent::default(), runner }
    }
}

fn event(number: u64) -> InvokeInput {
    InvokeInput {
        function_name: FUNCTION.into(),
        payload: Some(number.to_string().into()),
        invocation_type: Some(InvocationType::Event),
        ..InvokeInput::default()
    }
}

impl Model for Events {
    fn name(&self) -> &'static str {
        "lambda"
    }

    fn prepare<'a>(&'a self, node: &'a Node) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let input = CreateFunctionInput {
                function_name: FUNCTION.into(),
                runtime: Some(Runtime::Python312),
                role: ROLE.into(),
                handler: Some("index.handler".into()),
                code: FunctionCode { zip_file: Some("zip".into()), ..FunctionCode::default() },
                ..CreateFunctionInput::default()
            };
            if let Err(err) = node.lambda.create_function(&node.cx(), input).await {
                node.journal.wrong(format_args!("the function can't be made: {err:?}"));
            }
        })
    }

    fn step<'a>(&'a self, Step { node, .. }: Step<'a>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let number = self.sent.next();
            let answer = node.lambda.invoke(&node.cx(), event(number)).await;
            let known = match &answer {
                Ok(_) => Known::Acknowledged,
                Err(err) if err.is_conflict() => Known::Refused,
                Err(err) if err.code().status == 503 => Known::Sent,
                Err(err) => return node.journal.wrong(format_args!("event {number} on {}: {err:?}", node.name)),
            };
            self.sent.now(number, known);
            node.journal.note(format_args!("event {number} on {}: {known:?}", node.name));
        })
    }

    fn settled<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()> {
        let runs = self.runner.runs.lock().clone();
        let of = |number: u64| runs.iter().filter(move |(payload, _)| *payload == number.to_string());
        for (number, known) in self.sent.all() {
            let (ran, worked) = (of(number).count(), of(number).any(|(_, failed)| !failed));
            match known {
                Known::Acknowledged if ran == 0 => {
                    world.journal.wrong(format_args!("event {number} was accepted and never carried out"));
                }
                Known::Acknowledged if !worked && ran < ATTEMPTS => {
                    world.journal.wrong(format_args!("event {number} was given up after {ran} attempts"));
                }
                Known::Refused if ran > 0 => {
                    world.journal.wrong(format_args!("event {number} was refused and carried out"));
                }
                _ => {}
            }
        }
        let numbers: BTreeSet<String> = self.sent.all().keys().map(ToString::to_string).collect();
        let strange =
            runs.iter().filter(|(payload, _)| !std::str::from_utf8(payload).is_ok_and(|p| numbers.contains(p)));
        strange.for_each(|(payload, _)| world.journal.wrong(format_args!("nobody sent {payload:?}")));
        Box::pin(std::future::ready(()))
    }
}
