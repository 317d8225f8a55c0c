//! A durable function as an SDK would have it: skips what is done, does what comes next, tells of it, and waits.

use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};
use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    CallbackOptions, ChainedInvokeOptions, CheckpointDurableExecutionInput, CheckpointDurableExecutionOutput,
    ErrorObject, OperationAction as Action, OperationType as Type, OperationUpdate, StepOptions, WaitOptions,
};
use updraft_kernel::{Clock, RngExt, SeededRng, UnixMillis};

use super::told::Told;
use crate::clock::SimClock;
use crate::journal::Journal;
use crate::node::Node;
use crate::world::SKEW;

pub(super) const PARENT: &str = "durable-parent";
pub(super) const CHILD: &str = "durable-child";

/// How long the function waits for the answer to a checkpoint, and how often it asks.
const PATIENCE: Duration = Duration::from_secs(2);
const ATTEMPTS: usize = 4;
const CALLBACK_SECS: i32 = 15;

#[derive(Debug)]
pub(crate) struct Player {
    rng: SeededRng,
    clock: SimClock,
    journal: Arc<Journal>,
    told: Arc<Told>,
    nodes: Mutex<Vec<Weak<Node>>>,
}

/// Why an invocation goes no further.
pub(super) enum Stop {
    /// It waits.
    Pending,
    /// It was given up, or can't reach anybody.
    Crash,
}

/// One invocation.
struct Turn<'a> {
    player: &'a Player,
    event: Value,
    token: String,
    number: u64,
}

impl Player {
    pub(super) fn new(seed: u64, clock: SimClock, journal: Arc<Journal>, told: Arc<Told>) -> Self {
        Self { rng: SeededRng::new(seed ^ 0xD0), clock, journal, told, nodes: Mutex::default() }
    }

    pub(super) fn join(&self, node: &Arc<Node>) {
        self.nodes.lock().push(Arc::downgrade(node));
    }

    /// The answer to an invocation; `None`: the function died.
    pub(crate) async fn play(&self, function: &str, payload: &[u8]) -> Option<Vec<u8>> {
        let event: Value = serde_json::from_slice(payload).unwrap_or_default();
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let input = text("/InitialExecutionState/Operations/0/ExecutionDetails/InputPayload");
        let (token, number) = (text("/CheckpointToken"), input.parse().ok()?);
        let mut turn = Turn { player: self, event, token, number };
        let came = if function == CHILD { turn.child().await } else { turn.parent().await };
        self.journal.note(format_args!("{function} of execution {number}: {}", shown(&came)));
        let answer = match came {
            Ok(result) => json!({ "Status": "SUCCEEDED", "Result": json!(result).to_string() }),
            Err(Stop::Pending) => json!({ "Status": "PENDING" }),
            Err(Stop::Crash) => return None,
        };
        Some(answer.to_string().into_bytes())
    }

    fn node(&self) -> Option<Arc<Node>> {
        let nodes: Vec<Arc<Node>> = self.nodes.lock().iter().filter_map(Weak::upgrade).collect();
        let nth = self.rng.below(u64::try_from(nodes.len()).ok().filter(|count| *count > 0)?);
        nodes.get(usize::try_from(nth).ok()?).cloned()
    }

    /// `None`: nobody knows what came of it.
    async fn ask(
        &self,
        input: &CheckpointDurableExecutionInput,
    ) -> Option<Result<CheckpointDurableExecutionOutput, Stop>> {
        let node = self.node()?;
        let cx = node.cx();
        let answer = tokio::select! {
            biased;
            answer = node.lambda.checkpoint_durable_execution(&cx, input.clone()) => answer,
            () = self.clock.pause(PATIENCE) => return None,
        };
        match answer {
            Ok(told) => Some(Ok(told)),
            Err(err) if err.is_conflict() || err.code().status == 503 => None,
            Err(err) if err.message() == "Invalid checkpoint token" => Some(Err(Stop::Crash)),
            Err(err) => {
                self.journal.wrong(format_args!("a checkpoint is refused: {err:?}: {input:?}"));
                Some(Err(Stop::Crash))
            }
        }
    }
}

impl Turn<'_> {
    /// Steps with a wait, a callback and a call between them; the result has what each of them came to.
    async fn parent(&mut self) -> Result<String, Stop> {
        let mut words = vec![self.step("s1").await?];
        self.wait("w").await?;
        words.push(self.retried("s2").await?);
        words.push(self.callback("c").await?);
        words.push(self.call("i").await?);
        words.push(self.step("s3").await?);
        Ok(words.join(" "))
    }

    async fn child(&mut self) -> Result<String, Stop> {
        let value = format!("child-{}", self.player.told.value());
        let done = self.done("s").map(str::to_owned);
        let value = match done {
            Some(value) => value,
            None => {
                let end = OperationUpdate { payload: Some(value.clone()), ..update("s", Type::Step, Action::Succeed) };
                self.checkpoint(vec![end]).await?;
                value
            }
        };
        self.wait("w").await?;
        Ok(value)
    }

    fn operation(&self, id: &str) -> Option<&Value> {
        let operations = self.event.pointer("/InitialExecutionState/Operations")?.as_array()?;
        operations.iter().find(|operation| operation.get("Id").and_then(Value::as_str) == Some(id))
    }

    fn status(&self, id: &str) -> &str {
        self.operation(id).and_then(|operation| operation.get("Status")?.as_str()).unwrap_or_default()
    }

    fn detail(&self, id: &str, pointer: &str) -> Option<&str> {
        self.operation(id)?.pointer(pointer)?.as_str()
    }

    /// What the step came to, if it is over.
    fn done(&self, id: &str) -> Option<&str> {
        (self.status(id) == "SUCCEEDED").then(|| self.detail(id, "/StepDetails/Result")).flatten()
    }

    async fn checkpoint(&mut self, updates: Vec<OperationUpdate>) -> Result<CheckpointDurableExecutionOutput, Stop> {
        self.player.clock.pause(Duration::from_millis(self.player.rng.below(200))).await;
        if self.player.rng.below(15) == 0 {
            return Err(Stop::Crash);
        }
        let input = CheckpointDurableExecutionInput {
            durable_execution_arn: text(&self.event, "DurableExecutionArn"),
            checkpoint_token: self.token.clone(),
            updates: Some(updates),
            client_token: Some(self.player.told.value()),
        };
        for _ in 0..ATTEMPTS {
            let Some(answer) = self.player.ask(&input).await else { continue };
            let told = answer?;
            self.token = told.checkpoint_token.clone().ok_or(Stop::Crash)?;
            return Ok(told);
        }
        Err(Stop::Crash)
    }

    /// Ends a step with a value of its own.
    async fn end(&mut self, id: &str) -> Result<String, Stop> {
        let value = self.player.told.value();
        let end = OperationUpdate { payload: Some(value.clone()), ..update(id, Type::Step, Action::Succeed) };
        self.checkpoint(vec![end]).await?;
        if !self.player.told.acknowledged((self.number, id.to_owned()), value.clone()) {
            self.player.journal.wrong(format_args!("step {id} of execution {} was acknowledged twice", self.number));
        }
        Ok(value)
    }

    async fn step(&mut self, id: &str) -> Result<String, Stop> {
        if let Some(value) = self.done(id) {
            return Ok(value.to_owned());
        }
        // One that was begun before, and died, is done again.
        if self.status(id) != "STARTED" {
            self.checkpoint(vec![update(id, Type::Step, Action::Start)]).await?;
        }
        self.end(id).await
    }

    /// A step whose first attempt fails.
    async fn retried(&mut self, id: &str) -> Result<String, Stop> {
        match self.status(id) {
            "" => {
                let step_options = Some(StepOptions { next_attempt_delay_seconds: Some(2) });
                let error = Some(ErrorObject::default());
                let retry = OperationUpdate { step_options, error, ..update(id, Type::Step, Action::Retry) };
                self.checkpoint(vec![retry]).await?;
                Err(Stop::Pending)
            }
            "PENDING" => Err(Stop::Pending),
            "READY" | "STARTED" => self.step(id).await,
            _ => self.done(id).map(str::to_owned).ok_or(Stop::Crash),
        }
    }

    async fn wait(&mut self, id: &str) -> Result<(), Stop> {
        match self.status(id) {
            "" => {
                let seconds = i32::try_from(1 + self.player.rng.below(3)).unwrap_or(1);
                let wait_options = Some(WaitOptions { wait_seconds: Some(seconds) });
                let start = OperationUpdate { wait_options, ..update(id, Type::Wait, Action::Start) };
                self.checkpoint(vec![start]).await?;
                Err(Stop::Pending)
            }
            "SUCCEEDED" => {
                self.is_in_time(id);
                Ok(())
            }
            _ => Err(Stop::Pending),
        }
    }

    /// No wait is shorter than the shortest, but for clocks that differ.
    fn is_in_time(&self, id: &str) {
        let moment = |name: &str| self.operation(id)?.get(name)?.as_i64().map(UnixMillis);
        let (Some(began), Some(ended)) = (moment("StartTimestamp"), moment("EndTimestamp")) else { return };
        if ended.since(began) + Duration::from_millis(2 * SKEW) < Duration::from_secs(1) {
            self.player.journal.wrong(format_args!("the wait of execution {} ended too early", self.number));
        }
    }

    async fn callback(&mut self, id: &str) -> Result<String, Stop> {
        match self.status(id) {
            "" => {
                let options = CallbackOptions { timeout_seconds: Some(CALLBACK_SECS), ..CallbackOptions::default() };
                let callback_options = Some(options);
                let start = OperationUpdate { callback_options, ..update(id, Type::Callback, Action::Start) };
                let told = self.checkpoint(vec![start]).await?;
                let mut operations = told.new_execution_state.operations.unwrap_or_default().into_iter();
                let given = operations.find_map(|operation| operation.callback_details?.callback_id);
                self.player.told.gave(given.ok_or(Stop::Crash)?, self.number);
                Err(Stop::Pending)
            }
            "STARTED" => Err(Stop::Pending),
            "SUCCEEDED" => Ok(self.detail(id, "/CallbackDetails/Result").unwrap_or_default().to_owned()),
            _ => Ok("late".to_owned()),
        }
    }

    async fn call(&mut self, id: &str) -> Result<String, Stop> {
        match self.status(id) {
            "" => {
                let options = ChainedInvokeOptions {
                    function_name: format!("{CHILD}:$LATEST"),
                    ..ChainedInvokeOptions::default()
                };
                let start = OperationUpdate {
                    chained_invoke_options: Some(options),
                    payload: Some(self.number.to_string()),
                    ..update(id, Type::ChainedInvoke, Action::Start)
                };
                self.checkpoint(vec![start]).await?;
                Err(Stop::Pending)
            }
            "STARTED" => Err(Stop::Pending),
            "SUCCEEDED" => {
                let result = self.detail(id, "/ChainedInvokeDetails/Result").unwrap_or_default();
                Ok(result.trim_matches('"').to_owned())
            }
            status => {
                self.player.journal.wrong(format_args!("the call of execution {} is {status}", self.number));
                Err(Stop::Crash)
            }
        }
    }
}

fn shown(came: &Result<String, Stop>) -> &str {
    match came {
        Ok(result) => result,
        Err(Stop::Pending) => "waits",
        Err(Stop::Crash) => "died",
    }
}

fn text(event: &Value, name: &str) -> String {
    event.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn update(id: &str, kind: Type, action: Action) -> OperationUpdate {
    OperationUpdate { id: id.into(), r#type: kind, action, ..OperationUpdate::default() }
}
