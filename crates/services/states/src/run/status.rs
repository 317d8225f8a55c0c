//! That executions begin and end, for everybody to know: metrics, and events on the account's bus.

use std::sync::Arc;

use serde_json::{Value, json};
use updraft_kernel::ports::{BusEvent, Metric, MetricBatch, Sender, TargetEvent, Unit};
use updraft_kernel::{Arn, AwsError, RngExt, UnixMillis};
use updraft_store::{StoreExt, Tx};

use super::work::{self, Status, Work};
use crate::StepFunctions;
use crate::keys::{ExecutionKey, OriginKey};
use crate::model::billing;
use crate::model::execution::{Execution, How};
use crate::model::name::{ExecutionId, MachineId};
use crate::model::version::Origin;
use crate::table;

const SOURCE: &str = "aws.states";
const SERVICE: &str = "states.amazonaws.com";
const NAMESPACE: &str = "AWS/States";
const KIND: &str = "Step Functions Execution Status Change";

/// Once the transaction that begins it has committed.
pub(super) async fn begun(svc: &StepFunctions, tx: &mut Tx, id: &ExecutionId) -> Result<(), AwsError> {
    count(svc, tx, id, None);
    enqueue(svc, tx, id, None).await
}

/// Once the transaction that ends it has committed. `took`: how many milliseconds.
pub(super) async fn ended(
    svc: &StepFunctions,
    tx: &mut Tx,
    id: &ExecutionId,
    (how, took): (How, i64),
) -> Result<(), AwsError> {
    count(svc, tx, id, Some((how, took)));
    enqueue(svc, tx, id, Some(how)).await
}

fn count(svc: &StepFunctions, tx: &mut Tx, id: &ExecutionId, ended: Option<(How, i64)>) {
    let batch = measured((&id.machine, id.is_express()), svc.parts.clock.now(), ended);
    let metrics = Arc::clone(&svc.parts.metrics);
    tx.when_committed(move || metrics.record(batch));
}

/// The event for the bus, where anybody would hear of it. AWS: of Express executions there are none.
pub(super) async fn enqueue(
    svc: &StepFunctions,
    tx: &mut Tx,
    id: &ExecutionId,
    ended: Option<How>,
) -> Result<(), AwsError> {
    let bus = bus(id);
    let heard = match svc.parts.targets.of(&bus).filter(|_| !id.is_express()) {
        Some(buses) => buses.hears(&bus).await?,
        None => false,
    };
    if !heard {
        return Ok(());
    }
    let (execution, at) = (id.clone(), svc.parts.clock.now());
    let status = Status { execution, event: svc.parts.rng.uuid(), at, ended };
    let name = format!("states/{}/status/{}", id.arn(), status.event);
    work::enqueue_in_order(svc, tx, (name, format!("{}/status", id.arn())), &Work::Status(status)).await
}

fn bus(id: &ExecutionId) -> Arn {
    Arn::new("events", &id.machine.region, &id.machine.account, "event-bus/default".to_owned())
}

/// Puts the event on the bus.
pub(super) async fn tell(svc: &StepFunctions, status: Status) -> Result<(), AwsError> {
    let id = &status.execution;
    let mut tx = svc.parts.store.read().await?;
    let Some(execution) = tx.row(&ExecutionKey(id)).await? else { return Ok(()) };
    let redrives = table::redrives(&mut tx, id).await?;
    let refusal = table::refusal(&mut tx, id, &execution, status.at).await?;
    let mut detail = detail(id, &execution, tx.row(&OriginKey(id)).await?.as_ref(), status.ended);
    if let Some(detail) = detail.as_object_mut() {
        detail.extend(redrives.told(refusal).map(|(name, value)| (name.to_owned(), value)));
    }
    put_event(svc, &status, &detail).await
}

async fn put_event(svc: &StepFunctions, status: &Status, detail: &Value) -> Result<(), AwsError> {
    let (id, at) = (&status.execution, status.at);
    let bus = bus(id);
    let Some(buses) = svc.parts.targets.of(&bus) else { return Ok(()) };
    let event = TargetEvent {
        id: status.event.clone(),
        target: bus,
        sender: Sender::new(SERVICE, id.arn()),
        body: detail.to_string().into(),
        attributes: Vec::new(),
        detail_type: Some(KIND.to_owned()),
        object_key: None,
        at,
        trace: None,
    };
    let said = BusEvent { source: SOURCE.to_owned(), resources: vec![id.arn().to_string()] };
    buses.put(event, said).await
}

fn detail(id: &ExecutionId, execution: &Execution, origin: Option<&Origin>, how: Option<How>) -> Value {
    let end = execution.end.as_ref().filter(|_| how.is_some());
    let output = end.and_then(|end| end.output.as_ref());
    json!({
        "executionArn": id.arn().to_string(),
        "stateMachineArn": id.machine.arn().to_string(),
        "name": id.name,
        "status": how.map_or("RUNNING", How::status),
        "startDate": execution.started.0,
        "stopDate": end.map(|end| end.at.0),
        "input": execution.input,
        "output": output,
        "inputDetails": { "included": true },
        "outputDetails": output.map(|_| json!({ "included": true })),
        "error": end.and_then(|end| end.error.as_ref()),
        "cause": end.and_then(|end| end.cause.as_ref()),
        "stateMachineVersionArn": origin.map(|origin| origin.version_arn(&id.machine)),
        "stateMachineAliasArn": origin.and_then(|origin| origin.alias_arn(&id.machine)),
    })
}

/// At once, for what isn't kept.
pub(crate) fn measure(svc: &StepFunctions, machine: &MachineId, at: UnixMillis, ended: Option<(How, i64)>) {
    svc.parts.metrics.record(measured((machine, true), at, ended));
}

/// `ended`: how, and after how many milliseconds.
fn measured((machine, express): (&MachineId, bool), at: UnixMillis, ended: Option<(How, i64)>) -> MetricBatch {
    let count = |name| Metric { name, unit: Unit::Count, value: 1.0 };
    let metrics = match ended {
        None => vec![count("ExecutionsStarted")],
        Some((how, took)) => {
            let millis = |name, took| Metric { name, unit: Unit::Milliseconds, value: to_number(took) };
            let mut metrics = vec![count(how.metric()), millis("ExecutionTime", took)];
            if express {
                let took = std::time::Duration::from_millis(u64::try_from(took).unwrap_or(0));
                metrics.push(millis("ExpressExecutionBilledDuration", billing::milliseconds(took)));
            }
            metrics
        }
    };
    MetricBatch {
        account: machine.account.clone(),
        region: machine.region.clone(),
        namespace: NAMESPACE,
        at,
        dimensions: vec![vec![("StateMachineArn", machine.arn().to_string())]],
        metrics,
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of a year are exact")]
fn to_number(millis: i64) -> f64 {
    millis as f64
}
