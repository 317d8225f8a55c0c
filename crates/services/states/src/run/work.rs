//! Deliveries: calls of tasks, and telling who waits that an execution has ended.

use std::sync::{Arc, Weak};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use updraft_asl::definition::Resource;
use updraft_asl::run::{Failed, Signal, Turn};
use updraft_delivery::{Attempt, Backoff, Delivery, RetryPolicy, Target, Verdict};
use updraft_kernel::{AwsError, BoxFuture, UnixMillis};
use updraft_store::{Row, StoreExt, Tx, decode_row, encode_row};
use updraft_wire::typed::capitalised;

use super::{call, signal};
use crate::StepFunctions;
use crate::keys::ExecutionKey;
use crate::maps;
use crate::mocks::case;
use crate::model::execution::{Execution, How};
use crate::model::name::{ExecutionId, MapRunId};
use crate::table;

const KIND: &str = "states.work";

/// Longer than any execution lives.
const YEAR: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Work {
    /// `arguments` is JSON.
    Call { execution: ExecutionId, turn: Turn, resource: Resource, arguments: String },
    /// That execution has ended: who waits for it is told.
    Ended(ExecutionId),
    /// That an execution was begun or has ended is for the account's bus to know.
    Status(Status),
    /// The run of a distributed map may go on.
    MapRun(MapRunId),
}

/// How an execution stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Status {
    pub(crate) execution: ExecutionId,
    /// The event's id: the same however often it is sent.
    pub(crate) event: String,
    pub(crate) at: UnixMillis,
    pub(crate) ended: Option<How>,
}

impl Row for Work {
    const VERSION: u8 = 1;
}

#[derive(Debug)]
struct Carrier(Weak<StepFunctions>);

pub(super) fn register(service: &Arc<StepFunctions>) {
    service.parts.outbox.register(KIND, Arc::new(Carrier(Arc::downgrade(service))));
}

/// Each is its own target: a task that takes long holds no other one up.
pub(crate) async fn enqueue(svc: &StepFunctions, tx: &mut Tx, id: String, work: &Work) -> Result<(), AwsError> {
    let target = id.clone();
    put(svc, tx, (id, target, None), work).await
}

/// One after the other, of those that are for the same.
pub(super) async fn enqueue_in_order(
    svc: &StepFunctions,
    tx: &mut Tx,
    (id, target): (String, String),
    work: &Work,
) -> Result<(), AwsError> {
    put(svc, tx, (id, target, Some(String::new())), work).await
}

async fn put(
    svc: &StepFunctions,
    tx: &mut Tx,
    (id, target, ordering_key): (String, String, Option<String>),
    work: &Work,
) -> Result<(), AwsError> {
    let backoff =
        Backoff::Exponential { min: Duration::from_secs(1), max: Duration::from_secs(60), jitter_percent: 25 };
    let delivery = Delivery {
        target,
        id,
        kind: KIND.to_owned(),
        ordering_key,
        payload: encode_row(work)?.to_vec(),
        policy: RetryPolicy { max_attempts: u32::MAX, max_age: YEAR, backoff },
        dead_letter: None,
        failure: None,
        dedup_for: None,
    };
    svc.parts.outbox.enqueue(tx, delivery).await?;
    Ok(())
}

impl Target for Carrier {
    fn deliver<'a>(&'a self, delivery: &'a Delivery, _: Attempt) -> BoxFuture<'a, Verdict> {
        Box::pin(async move {
            let Some(service) = self.0.upgrade() else {
                return Verdict::Retry { reason: "the platform is stopping".to_owned(), after: None };
            };
            let work: Work = match decode_row(delivery.id.as_bytes(), &delivery.payload) {
                Ok(work) => work,
                Err(why) => return Verdict::Fail(why.to_string()),
            };
            match service.carry_out(work).await {
                Ok(()) => Verdict::Done,
                Err(error) => Verdict::Retry { reason: error.to_string(), after: None },
            }
        })
    }
}

impl StepFunctions {
    async fn carry_out(&self, work: Work) -> Result<(), AwsError> {
        match work {
            Work::Ended(id) => self.tell(&id).await,
            Work::MapRun(run) => maps::pump(self, &run).await,
            Work::Status(status) => super::status::tell(self, status).await,
            Work::Call { execution, turn, resource, arguments } => {
                // A worker takes an activity's task: here it is a mock.
                let begun = match resource {
                    Resource::Activity(_) => Signal::Taken(turn, None),
                    _ => Signal::Started(turn),
                };
                if !signal(self, &execution, begun).await? {
                    return Ok(());
                }
                if case::answered(self, (&execution, turn), &resource).await? {
                    return Ok(());
                }
                let arguments = serde_json::from_str(&arguments).map_err(AwsError::internal)?;
                if let Some(came) = call::call(self, (&execution, turn), &resource, arguments).await? {
                    signal(self, &execution, came).await?;
                }
                Ok(())
            }
        }
    }

    /// The end of an execution is the end of the task that began it.
    async fn tell(&self, id: &ExecutionId) -> Result<(), AwsError> {
        let mut tx = self.parts.store.read().await?;
        let Some(execution) = tx.row(&ExecutionKey(id)).await? else { return Ok(()) };
        let Some(waiter) = execution.waiter.clone() else { return Ok(()) };
        let redrives = table::redrives(&mut tx, id).await?;
        let refusal = table::refusal(&mut tx, id, &execution, self.parts.clock.now()).await?;
        let told = ended(id, &execution, waiter.json, redrives.told(refusal));
        signal(self, &waiter.execution, told_as(&execution, waiter.turn, told)).await?;
        Ok(())
    }
}

/// AWS: a failed execution makes the task fail with everything about it as the cause.
fn told_as(execution: &Execution, turn: Turn, told: Value) -> Signal {
    match execution.end.as_ref().map(|end| end.how) {
        Some(How::Succeeded) => Signal::Succeeded(turn, told),
        _ => {
            let (error, cause) = (Some("States.TaskFailed".to_owned()), Some(told.to_string()));
            Signal::Failed(turn, Failed { error, cause })
        }
    }
}

/// What `.sync` answers: the description, and `redrives`.
fn ended(id: &ExecutionId, execution: &Execution, as_json: bool, redrives: [(&str, Value); 4]) -> Value {
    let text = |text: &str| match serde_json::from_str::<Value>(text) {
        Ok(value) if as_json => value,
        _ => json!(text),
    };
    let mut told = execution.told(id, text, |at| json!(at.0));
    let there = redrives.into_iter().filter(|(_, value)| !value.is_null());
    told.extend(there.map(|(name, value)| (capitalised(name), value)));
    told.into()
}
