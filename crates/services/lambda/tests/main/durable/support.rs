//! A durable function played by a test.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};
use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    CallbackOptions, ChainedInvokeOptions, CheckpointDurableExecutionInput, CheckpointDurableExecutionOutput,
    CreateFunctionInput, DurableConfig, Event, GetDurableExecutionHistoryInput, GetDurableExecutionInput,
    GetDurableExecutionOutput, InvocationType, InvokeInput, InvokeOutput, Operation, OperationAction as Action,
    OperationType as Type, OperationUpdate, StepOptions, WaitOptions,
};
use updraft_kernel::ports::{FunctionErrorKind, Invocation, RunOutcome, RunnerRefusal, Usage};
use updraft_kernel::{AwsError, BoxFuture, Ctx};
use updraft_lambda::Lambda;
use updraft_testkit::ManualClock;

use crate::support::{Function, Platform, input};

pub(crate) const SUCCEEDED: &str = r#"{"Status":"SUCCEEDED","Result":"1"}"#;
pub(crate) const PENDING: &str = r#"{"Status":"PENDING"}"#;

/// One invocation, as its function sees it.
pub(crate) struct Turn {
    pub(crate) event: Value,
    /// Which invocation of this function it is, from 1.
    pub(crate) number: usize,
    pub(crate) clock: Arc<ManualClock>,
    lambda: Weak<Lambda>,
    cx: Ctx,
    token: Mutex<Option<String>>,
}

impl Turn {
    pub(crate) fn arn(&self) -> &str {
        self.event["DurableExecutionArn"].as_str().unwrap()
    }

    pub(crate) fn token(&self) -> String {
        self.token.lock().clone().unwrap()
    }

    /// What the caller gave.
    pub(crate) fn input(&self) -> &str {
        self.operations()[0]["ExecutionDetails"]["InputPayload"].as_str().unwrap()
    }

    pub(crate) fn operations(&self) -> &Vec<Value> {
        self.event["InitialExecutionState"]["Operations"].as_array().unwrap()
    }

    pub(crate) fn operation(&self, id: &str) -> Option<&Value> {
        self.operations().iter().find(|operation| operation["Id"] == id)
    }

    /// Empty where the operation isn't there.
    pub(crate) fn status(&self, id: &str) -> &str {
        self.operation(id).and_then(|operation| operation["Status"].as_str()).unwrap_or_default()
    }

    pub(crate) fn updated(&self) -> Vec<&str> {
        self.event["UpdatedOperationIds"].as_array().unwrap().iter().filter_map(Value::as_str).collect()
    }

    /// By the token that it has.
    pub(crate) async fn try_checkpoint(
        &self,
        updates: Vec<OperationUpdate>,
    ) -> Result<CheckpointDurableExecutionOutput, AwsError> {
        let token = self.token();
        let answer = self.checkpoint_by(&token, None, updates).await?;
        *self.token.lock() = answer.checkpoint_token.clone();
        Ok(answer)
    }

    pub(crate) async fn checkpoint_by(
        &self,
        token: &str,
        client_token: Option<&str>,
        updates: Vec<OperationUpdate>,
    ) -> Result<CheckpointDurableExecutionOutput, AwsError> {
        let input = CheckpointDurableExecutionInput {
            durable_execution_arn: self.arn().to_owned(),
            checkpoint_token: token.to_owned(),
            updates: Some(updates),
            client_token: client_token.map(str::to_owned),
        };
        self.lambda().checkpoint_durable_execution(&self.cx, input).await
    }

    pub(crate) async fn checkpoint(&self, updates: Vec<OperationUpdate>) -> Vec<Operation> {
        self.try_checkpoint(updates).await.unwrap().new_execution_state.operations.unwrap()
    }

    pub(crate) fn lambda(&self) -> Arc<Lambda> {
        self.lambda.upgrade().unwrap()
    }

    pub(crate) fn cx(&self) -> &Ctx {
        &self.cx
    }
}

type Code = dyn Fn(Turn) -> BoxFuture<'static, String> + Send + Sync;

/// A function that does what a test says. An answer `crash` is a crash, and `busy` no answer at all.
struct Played {
    code: Box<Code>,
    lambda: Weak<Lambda>,
    clock: Arc<ManualClock>,
    cx: Ctx,
    turns: Mutex<usize>,
}

impl fmt::Debug for Played {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Played")
    }
}

pub(crate) fn ran(payload: String, error: Option<FunctionErrorKind>) -> RunOutcome {
    let (log_tail, usage) = (None, Usage::default());
    RunOutcome { payload: payload.into(), error, log_tail, cold_start: false, usage }
}

impl Function for Played {
    fn run(&self, call: Invocation) -> BoxFuture<'static, Result<RunOutcome, RunnerRefusal>> {
        let event: Value = serde_json::from_slice(&call.payload).unwrap();
        let token = event["CheckpointToken"].as_str().map(str::to_owned);
        let number = {
            let mut turns = self.turns.lock();
            *turns += 1;
            *turns
        };
        let turn = Turn {
            event,
            number,
            clock: Arc::clone(&self.clock),
            lambda: self.lambda.clone(),
            cx: self.cx.clone(),
            token: Mutex::new(token),
        };
        let answer = (self.code)(turn);
        Box::pin(async move {
            match answer.await.as_str() {
                "crash" => {
                    let payload = r#"{"errorType":"Runtime.ExitError","errorMessage":"it died"}"#.to_owned();
                    Ok(ran(payload, Some(FunctionErrorKind::Unhandled)))
                }
                "busy" => Err(RunnerRefusal::Throttled("full")),
                answer => Ok(ran(answer.to_owned(), None)),
            }
        })
    }
}

pub(crate) fn durable_input(name: &str, timeout: i32) -> CreateFunctionInput {
    let config = DurableConfig {
        execution_timeout: Some(timeout),
        retention_period_in_days: Some(1),
        ..DurableConfig::default()
    };
    CreateFunctionInput { durable_config: Some(config), ..input(name) }
}

impl Platform {
    /// A durable function `f` that may take ten minutes.
    pub(crate) async fn durable<F, T>(&self, code: F)
    where
        F: Fn(Turn) -> T + Send + Sync + 'static,
        T: Future<Output = String> + Send + 'static,
    {
        self.durable_as("f", 600, code).await;
    }

    pub(crate) async fn durable_as<F, T>(&self, name: &str, timeout: i32, code: F)
    where
        F: Fn(Turn) -> T + Send + Sync + 'static,
        T: Future<Output = String> + Send + 'static,
    {
        self.lambda.create_function(&self.cx(), durable_input(name, timeout)).await.unwrap();
        let played = Played {
            code: Box::new(move |turn| Box::pin(code(turn))),
            lambda: Arc::downgrade(&self.lambda),
            clock: Arc::clone(&self.world.clock),
            cx: self.cx(),
            turns: Mutex::new(0),
        };
        self.runner.functions.lock().insert(name.to_owned(), Arc::new(played));
    }

    pub(crate) async fn try_start(&self, input: InvokeInput) -> Result<InvokeOutput, AwsError> {
        self.lambda.invoke(&self.cx(), input).await
    }

    /// Starts an execution of `f` and lets it go on as far as it does at this moment.
    pub(crate) async fn start(&self, payload: &'static str) -> String {
        let arn = self.try_start(event("f:$LATEST", payload)).await.unwrap().durable_execution_arn.unwrap();
        self.settle().await;
        arn
    }

    pub(crate) async fn try_execution(&self, arn: &str) -> Result<GetDurableExecutionOutput, AwsError> {
        let input = GetDurableExecutionInput { durable_execution_arn: arn.into(), include_execution_data: None };
        self.lambda.get_durable_execution(&self.cx(), input).await
    }

    pub(crate) async fn execution(&self, arn: &str) -> GetDurableExecutionOutput {
        self.try_execution(arn).await.unwrap()
    }

    pub(crate) async fn status_of(&self, arn: &str) -> String {
        self.execution(arn).await.status.as_str().to_owned()
    }

    pub(crate) async fn events(&self, arn: &str) -> Vec<Event> {
        let (durable_execution_arn, max_items) = (arn.into(), Some(1000));
        let input = GetDurableExecutionHistoryInput {
            durable_execution_arn,
            max_items,
            ..GetDurableExecutionHistoryInput::default()
        };
        self.lambda.get_durable_execution_history(&self.cx(), input).await.unwrap().events
    }

    /// The kinds of the events.
    pub(crate) async fn story(&self, arn: &str) -> Vec<String> {
        let kind = |event: Event| event.event_type.unwrap().as_str().to_owned();
        self.events(arn).await.into_iter().map(kind).collect()
    }

    /// How often the function was invoked.
    pub(crate) fn invocations(&self) -> usize {
        self.runner.calls.lock().len()
    }

    pub(crate) async fn pass_millis(&self, millis: u64) {
        self.world.clock.advance(Duration::from_millis(millis));
        self.settle().await;
    }
}

pub(crate) fn event(name: &str, payload: &'static str) -> InvokeInput {
    InvokeInput {
        function_name: name.into(),
        invocation_type: Some(InvocationType::Event),
        payload: Some(payload.into()),
        ..InvokeInput::default()
    }
}

pub(crate) fn call(name: &str, payload: &'static str) -> InvokeInput {
    InvokeInput { function_name: name.into(), payload: Some(payload.into()), ..InvokeInput::default() }
}

pub(crate) fn update(id: &str, kind: Type, action: Action) -> OperationUpdate {
    OperationUpdate { id: id.into(), r#type: kind, action, ..OperationUpdate::default() }
}

pub(crate) fn payload(text: &str, update: OperationUpdate) -> OperationUpdate {
    OperationUpdate { payload: Some(text.into()), ..update }
}

pub(crate) fn within(parent: &str, update: OperationUpdate) -> OperationUpdate {
    OperationUpdate { parent_id: Some(parent.into()), ..update }
}

pub(crate) fn wait(id: &str, seconds: i32) -> OperationUpdate {
    let wait_options = Some(WaitOptions { wait_seconds: Some(seconds) });
    OperationUpdate { wait_options, name: Some("pause".into()), ..update(id, Type::Wait, Action::Start) }
}

pub(crate) fn retry(id: &str, seconds: i32) -> OperationUpdate {
    let step_options = Some(StepOptions { next_attempt_delay_seconds: Some(seconds) });
    OperationUpdate { step_options, ..update(id, Type::Step, Action::Retry) }
}

pub(crate) fn callback(id: &str, timeout: i32, heartbeat: i32) -> OperationUpdate {
    let options = CallbackOptions { timeout_seconds: Some(timeout), heartbeat_timeout_seconds: Some(heartbeat) };
    OperationUpdate { callback_options: Some(options), ..update(id, Type::Callback, Action::Start) }
}

pub(crate) fn chained(id: &str, function: &str, input: &str) -> OperationUpdate {
    let options = ChainedInvokeOptions { function_name: function.into(), ..ChainedInvokeOptions::default() };
    let start = update(id, Type::ChainedInvoke, Action::Start);
    OperationUpdate { chained_invoke_options: Some(options), ..payload(input, start) }
}

/// The answer of an execution that succeeds with this result.
pub(crate) fn succeeded(result: &str) -> String {
    json!({"Status": "SUCCEEDED", "Result": result}).to_string()
}

pub(crate) fn failed(kind: &str, message: &str) -> String {
    json!({"Status": "FAILED", "Error": {"ErrorType": kind, "ErrorMessage": message}}).to_string()
}
