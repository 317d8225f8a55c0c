//! Pipes under test.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use serde_json::{Value, json};
use updraft_kernel::ports::{
    Again, ApiCall, BusEvent, CallFailure, DispatchPort, EventSourcePort, EventTargetPort, EventTargets, FunctionPort,
    InvocationType, InvokeOutcome, InvokeRequest, LogBatch, LogPage, LogQuery, LogsPort, Mapping, QueueMessage,
    QueuePort, Sender, ServerCall, Source, TargetEvent,
};
use updraft_kernel::{Arn, AwsError, BoxFuture, Ctx, Tasks};
use updraft_pipes::{Parts, Pipes};
use updraft_store::{KeyRange, ScanOptions, StoreExt, tags};
use updraft_testkit::World;
use updraft_testkit::wait_until_async;
use updraft_wire::{Service, typed};

/// Of real time.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:source";
pub(crate) const ROLE: &str = "arn:aws:iam::000000000000:role/r";

pub(crate) fn arn(rest: &str) -> String {
    let (service, resource) = rest.split_once(' ').unwrap();
    format!("arn:aws:{service}:us-east-1:000000000000:{resource}")
}

fn answered<T: Send + 'static>(value: T) -> BoxFuture<'static, T> {
    Box::pin(std::future::ready(value))
}

/// An error as the port of another service answers it.
pub(crate) fn error(status: u16) -> AwsError {
    match status {
        500.. => AwsError::unavailable("broken"),
        429 => AwsError::new(&updraft_api_pipes::errors::THROTTLING_EXCEPTION, "slower"),
        _ => AwsError::new(&updraft_api_pipes::errors::VALIDATION_EXCEPTION, "never"),
    }
}

/// A source that polls nobody, and says what it was asked.
#[derive(Debug, Default)]
pub(crate) struct Polled {
    pub(crate) begun: Mutex<Vec<Mapping>>,
    pub(crate) stopped: Mutex<Vec<String>>,
    pub(crate) missing: Mutex<bool>,
}

impl EventSourcePort for Polled {
    fn check<'a>(&'a self, _: &'a Ctx, _: Source<'a>) -> BoxFuture<'a, Result<(), AwsError>> {
        let missing = *self.missing.lock();
        answered(if missing { Err(error(400)) } else { Ok(()) })
    }

    fn begin<'a>(&'a self, mapping: &'a Arc<Mapping>) -> BoxFuture<'a, Result<(), String>> {
        self.begun.lock().push(Mapping::clone(mapping));
        answered(Ok(()))
    }

    fn stop<'a>(&'a self, uuid: &'a str) -> BoxFuture<'a, ()> {
        self.stopped.lock().push(uuid.to_owned());
        answered(())
    }
}

/// What a function does with its next call.
pub(crate) type Plan = Result<(&'static str, Option<&'static str>), u16>;

/// Everything outside; calls and messages are kept.
#[derive(Debug, Default)]
pub(crate) struct Outside {
    pub(crate) plans: Mutex<VecDeque<Plan>>,
    pub(crate) calls: Mutex<Vec<(String, InvocationType, Value)>>,
    /// A status for each message to be sent; none: all are taken.
    pub(crate) statuses: Mutex<Vec<Option<u16>>>,
    pub(crate) messages: Mutex<Vec<QueueMessage>>,
    pub(crate) events: Mutex<Vec<(TargetEvent, BusEvent)>>,
    pub(crate) lines: Mutex<Vec<LogBatch>>,
    pub(crate) asked: Mutex<Vec<ServerCall>>,
    pub(crate) dispatched: Mutex<Vec<ApiCall>>,
    /// What executions come to next: an output, or a status without one.
    pub(crate) executions: Mutex<VecDeque<Result<&'static str, &'static str>>>,
    /// What servers answer next, or how they refuse; then an empty object.
    pub(crate) answers: Mutex<VecDeque<Result<&'static str, Again>>>,
}

impl FunctionPort for Outside {
    fn invoke<'a>(&'a self, _: &'a Ctx, request: InvokeRequest) -> BoxFuture<'a, Result<InvokeOutcome, AwsError>> {
        let payload = serde_json::from_slice(&request.payload).unwrap();
        self.calls.lock().push((request.function.resource.clone(), request.kind, payload));
        let plan = self.plans.lock().pop_front().unwrap_or(Ok(("null", None)));
        answered(plan.map_err(error).map(|(payload, function_error)| InvokeOutcome {
            status: 200,
            payload: Bytes::from_static(payload.as_bytes()),
            function_error,
            log_tail: None,
            executed_version: "1".into(),
        }))
    }
}

impl DispatchPort for Outside {
    fn call<'a>(&'a self, _: &'a Ctx, call: ApiCall) -> BoxFuture<'a, Result<Value, AwsError>> {
        self.dispatched.lock().push(call);
        let output = self.executions.lock().pop_front().unwrap_or(Ok("null"));
        answered(Ok(match output {
            Ok(output) => json!({ "Status": "SUCCEEDED", "Output": output }),
            Err(status) => json!({ "Status": status }),
        }))
    }
}

impl QueuePort for Outside {
    fn send<'a>(
        &'a self,
        _: &'a Arn,
        _: &'a Sender,
        messages: Vec<QueueMessage>,
    ) -> BoxFuture<'a, Result<Vec<Result<(), AwsError>>, AwsError>> {
        let statuses = std::mem::take(&mut *self.statuses.lock());
        let status = |n: usize| statuses.get(n).copied().flatten();
        let results = (0..messages.len()).map(|n| status(n).map_or(Ok(()), |status| Err(error(status)))).collect();
        self.messages.lock().extend(messages);
        answered(Ok(results))
    }
}

impl EventTargetPort for Outside {
    fn exists<'a>(&'a self, _: &'a Arn) -> BoxFuture<'a, Result<bool, AwsError>> {
        answered(Ok(true))
    }

    fn send(&self, _: TargetEvent) -> BoxFuture<'_, Result<(), AwsError>> {
        answered(Err(error(400)))
    }

    fn put(&self, event: TargetEvent, said: BusEvent) -> BoxFuture<'_, Result<(), AwsError>> {
        self.events.lock().push((event, said));
        answered(Ok(()))
    }

    fn call(&self, call: ServerCall) -> BoxFuture<'_, Result<Bytes, CallFailure>> {
        self.asked.lock().push(call);
        let answer = self.answers.lock().pop_front().unwrap_or(Ok("{}"));
        let failure = |again| CallFailure { code: "ERROR_FROM_TARGET", message: "no".into(), again };
        answered(answer.map(|body| Bytes::from_static(body.as_bytes())).map_err(failure))
    }
}

impl LogsPort for Outside {
    fn append(&self, batch: LogBatch) {
        self.lines.lock().push(batch);
    }

    fn read<'a>(&'a self, _: LogQuery) -> BoxFuture<'a, Result<LogPage, AwsError>> {
        answered(Ok(LogPage::default()))
    }
}

pub(crate) struct Plumbing {
    pub(crate) world: World,
    pub(crate) polled: Arc<Polled>,
    pub(crate) outside: Arc<Outside>,
    pub(crate) pipes: Arc<Pipes>,
    service: Arc<dyn Service>,
    pub(crate) tasks: Tasks,
}

impl Plumbing {
    pub(crate) fn new() -> Self {
        let world = World::new(updraft_store_mem::open().unwrap());
        let (polled, outside) = (Arc::<Polled>::default(), Arc::<Outside>::default());
        let targets = EventTargets::default();
        targets.register("sns", outside.clone());
        targets.register("events", outside.clone());
        targets.register("execute-api", outside.clone());
        let pipes = Pipes::new(Parts {
            store: Arc::clone(&world.store),
            clock: world.clock(),
            rng: Arc::clone(&world.rng),
            functions: outside.clone(),
            queues: outside.clone(),
            logs: outside.clone(),
            targets,
            dispatch: outside.clone(),
        });
        pipes.poll_with("sqs", polled.clone());
        pipes.poll_with("dynamodb", polled.clone());
        let service = updraft_api_pipes::service(pipes.clone());
        let tasks = Tasks::new();
        Self { world, polled, outside, pipes, service, tasks }
    }

    /// With somebody who looks after the pipes.
    pub(crate) fn kept() -> Self {
        let all = Self::new();
        all.pipes.start(&all.tasks);
        all
    }

    pub(crate) async fn call(&self, op: &str, input: Value) -> Result<Value, AwsError> {
        let op = self.service.model().operations.iter().find(|known| known.name == op).unwrap();
        loop {
            let input = typed::from_json(op.input.unwrap(), &input).unwrap();
            match self.service.call(&self.world.cx(), op, input).await {
                // As the layer around every operation does.
                Err(err) if err.is_conflict() => {}
                answer => return answer.map(|output| typed::to_json(op.output.unwrap(), &output)),
            }
        }
    }

    pub(crate) async fn ok(&self, op: &str, input: Value) -> Value {
        self.call(op, input).await.unwrap_or_else(|err| panic!("{op}: {err:?}"))
    }

    /// Code and message.
    pub(crate) async fn refused(&self, op: &str, input: Value) -> (&'static str, String) {
        let err = self.call(op, input).await.unwrap_err();
        (err.code().name, err.message().to_owned())
    }

    /// A pipe from the queue to a target, with more said of it.
    pub(crate) async fn make(&self, target: &str, more: Value) -> Value {
        let mut asked = json!({ "Name": "p", "Source": QUEUE, "Target": target, "RoleArn": ROLE });
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.ok("CreatePipe", asked).await
    }

    pub(crate) async fn described(&self) -> Value {
        self.ok("DescribePipe", json!({ "Name": "p" })).await
    }

    /// The description, once the pipe is in this state.
    pub(crate) async fn settled(&self, state: &str) -> Value {
        let there = async || self.described().await["CurrentState"] == state;
        wait_until_async(PATIENCE, there).await.unwrap();
        self.described().await
    }

    /// Hands over a batch as whoever polls would: which messages come again, or the whole batch.
    pub(crate) async fn carry(&self, bodies: &[Value]) -> Result<Vec<String>, &'static str> {
        let record = |(n, body): (usize, &Value)| json!({ "messageId": format!("m{n}"), "body": body });
        let records: Vec<Value> = bodies.iter().enumerate().map(record).collect();
        let request = InvokeRequest {
            function: Arn::parse(&arn("pipes pipe/p")).unwrap(),
            kind: InvocationType::RequestResponse,
            payload: json!({ "Records": records }).to_string().into(),
            client_context: None,
            tail: false,
            source: None,
        };
        let outcome = self.pipes.invoke(&self.world.cx(), request).await.map_err(|err| err.code().name)?;
        if outcome.function_error.is_some() {
            return Err("failed");
        }
        let answer: Value = serde_json::from_slice(&outcome.payload).unwrap_or_default();
        let failures = answer["batchItemFailures"].as_array().cloned().unwrap_or_default();
        Ok(failures.iter().map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned()).collect())
    }

    pub(crate) async fn rows(&self) -> usize {
        let mut tx = self.world.store.read().await.unwrap();
        let ours = KeyRange::new(vec![tags::PIPES], vec![tags::PIPES + 1]);
        tx.raw().scan(ours, ScanOptions::limit(100)).await.unwrap().rows.len()
    }

    pub(crate) async fn end(self) {
        self.tasks.stop().await;
        assert_eq!(self.tasks.panics(), 0);
    }
}
