//! Durable functions: what a checkpoint acknowledged stays, each execution that was started comes to its end, and that
//! holds everything that was acknowledged on the way, once.
//!
//! The function is played by [`player`]: it does what an SDK does, through any node.

mod player;
mod told;

use std::sync::Arc;

use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    CreateFunctionInput, DurableConfig, Event, EventType, FunctionCode, GetDurableExecutionHistoryInput,
    GetDurableExecutionInput, InvocationType, InvokeInput, ListDurableExecutionsByFunctionInput, Runtime,
    SendDurableExecutionCallbackSuccessInput,
};
use updraft_kernel::{AwsError, BoxFuture, RngExt, SeededRng};

use super::Runner;
use crate::clock::SimClock;
use crate::model::{Known, Model, Sent, Step};
use crate::node::Node;
use crate::world::World;
pub(crate) use player::Player;
use player::{CHILD, PARENT};
use told::Told;

const ROLE: &str = "arn:aws:iam::000000000000:role/simulated";
/// Longer than everything takes with all retries.
const TIMEOUT_SECS: i32 = 3_000;

pub(super) struct Executions {
    sent: Sent,
    told: Arc<Told>,
    player: Arc<Player>,
}

impl Executions {
    pub(super) fn new(runner: &Runner, seed: u64, clock: SimClock) -> Self {
        let told = Arc::new(Told::default());
        let player = Arc::new(Player::new(seed, clock, runner.journal(), Arc::clone(&told)));
        runner.plays(Arc::clone(&player));
        Self { sent: Sent::default(), told, player }
    }

    /// A new execution, or one that was asked for before: by its name it is the same.
    async fn start(&self, node: &Node, rng: &SeededRng) {
        let number = match self.told.last() {
            Some(last) if rng.below(4) == 0 => rng.below(last + 1),
            _ => self.sent.next(),
        };
        let known = match node.lambda.invoke(&node.cx(), event(number)).await {
            Ok(answer) => self.started(node, number, answer.durable_execution_arn),
            Err(err) => unanswered(&err),
        };
        let Some(known) = known else {
            return node.journal.wrong(format_args!("execution {number} on {} has no good answer", node.name));
        };
        // What was acknowledged once stays so, whatever a repetition is told.
        if self.sent.known(number) != Some(Known::Acknowledged)
            && !(known == Known::Refused && self.told.repeated(number))
        {
            self.sent.now(number, known);
        }
        node.journal.note(format_args!("execution {number} on {}: {known:?}", node.name));
    }

    fn started(&self, node: &Node, number: u64, arn: Option<String>) -> Option<Known> {
        if !self.told.is_execution(number, arn?) {
            node.journal.wrong(format_args!("execution {number} was started twice"));
        }
        Some(Known::Acknowledged)
    }

    async fn answer(&self, node: &Node, rng: &SeededRng) {
        let Some((id, value)) = self.told.callback(rng) else { return };
        let input = SendDurableExecutionCallbackSuccessInput {
            callback_id: id.clone(),
            result: Some(value.clone().into_bytes().into()),
        };
        if node.lambda.send_durable_execution_callback_success(&node.cx(), input).await.is_ok() {
            node.journal.note(format_args!("callback {id} is answered: {value}"));
            if let Some(before) = self.told.answered(id, value) {
                node.journal.wrong(format_args!("a callback was answered twice, first with {before}"));
            }
        }
    }

    /// What became of an execution that was acknowledged.
    async fn look(&self, world: &World, node: &Node, number: u64) -> Result<(), AwsError> {
        let Some(arn) = self.told.execution(number) else { return Ok(()) };
        let get = GetDurableExecutionInput { durable_execution_arn: arn.clone(), include_execution_data: None };
        let found = node.lambda.get_durable_execution(&node.cx(), get).await?;
        let (status, result) = (found.status.as_str(), found.result.unwrap_or_default());
        let get = GetDurableExecutionHistoryInput {
            durable_execution_arn: arn,
            max_items: Some(1_000),
            ..GetDurableExecutionHistoryInput::default()
        };
        let events = node.lambda.get_durable_execution_history(&node.cx(), get).await?.events;
        if status != "SUCCEEDED" {
            let story: Vec<_> =
                events.iter().filter_map(|event| Some((event.event_type.clone()?, event.id.clone()))).collect();
            world.journal.wrong(format_args!("execution {number} is {status}: {:?}: {story:?}", found.error));
            return Ok(());
        }
        if let Err(why) = self.told.compare(number, &result, &steps(&events)) {
            world.journal.wrong(format_args!("execution {number}: {why}"));
        }
        Ok(())
    }

    async fn is_unknown(&self, node: &Node, number: u64) -> Result<bool, AwsError> {
        let input = ListDurableExecutionsByFunctionInput {
            function_name: PARENT.into(),
            durable_execution_name: Some(name(number)),
            ..ListDurableExecutionsByFunctionInput::default()
        };
        let listed = node.lambda.list_durable_executions_by_function(&node.cx(), input).await?;
        Ok(listed.durable_executions.unwrap_or_default().is_empty())
    }
}

fn name(number: u64) -> String {
    format!("run-{number}")
}

fn event(number: u64) -> InvokeInput {
    InvokeInput {
        function_name: format!("{PARENT}:$LATEST"),
        payload: Some(number.to_string().into()),
        invocation_type: Some(InvocationType::Event),
        durable_execution_name: Some(name(number)),
        ..InvokeInput::default()
    }
}

/// `None`: it is an error that nothing here explains.
fn unanswered(err: &AwsError) -> Option<Known> {
    match err {
        err if err.is_conflict() => Some(Known::Refused),
        err if err.code().status == 503 => Some(Known::Sent),
        _ => None,
    }
}

/// The results of steps, in the order of their ends: operation and payload.
fn steps(events: &[Event]) -> Vec<(String, String)> {
    let ended = events.iter().filter(|event| event.event_type == Some(EventType::StepSucceeded));
    let result = |event: &Event| event.step_succeeded_details.clone()?.result.payload;
    ended.map(|event| (event.id.clone().unwrap_or_default(), result(event).unwrap_or_default())).collect()
}

async fn make(node: &Node, name: &str) {
    let durable = DurableConfig {
        execution_timeout: Some(TIMEOUT_SECS),
        retention_period_in_days: Some(1),
        ..DurableConfig::default()
    };
    let input = CreateFunctionInput {
        function_name: name.into(),
        runtime: Some(Runtime::Python312),
        role: ROLE.into(),
        handler: Some("index.handler".into()),
        code: FunctionCode { zip_file: Some("zip".into()), ..FunctionCode::default() },
        durable_config: Some(durable),
        ..CreateFunctionInput::default()
    };
    if let Err(err) = node.lambda.create_function(&node.cx(), input).await {
        node.journal.wrong(format_args!("{name} can't be made: {err:?}"));
    }
}

impl Model for Executions {
    fn name(&self) -> &'static str {
        "durable"
    }

    fn prepare<'a>(&'a self, node: &'a Node) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            make(node, PARENT).await;
            make(node, CHILD).await;
        })
    }

    fn join(&self, node: &Arc<Node>) {
        self.player.join(node);
    }

    fn step<'a>(&'a self, Step { node, rng }: Step<'a>) -> BoxFuture<'a, ()> {
        Box::pin(
            async move { if rng.below(3) == 0 { self.answer(node, rng).await } else { self.start(node, rng).await } },
        )
    }

    fn settled<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let Some(node) = world.node(0) else { return };
            for (number, known) in self.sent.all() {
                let looked = match known {
                    Known::Acknowledged => self.look(world, &node, number).await,
                    Known::Refused => self.is_unknown(&node, number).await.map(|unknown| {
                        if !unknown {
                            world.journal.wrong(format_args!("execution {number} was refused and is there"));
                        }
                    }),
                    Known::Sent => Ok(()),
                };
                if let Err(err) = looked {
                    world.journal.wrong(format_args!("execution {number} can't be looked at: {err:?}"));
                }
            }
        })
    }
}
