//! What happens later: waits that end, further tries, time that is up.

use std::sync::{Arc, Weak};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use updraft_asl::run::{Signal, Timer as Wanted, Turn};
use updraft_kernel::{AwsError, BoxFuture, UnixMillis};
use updraft_store::{Row, Tx, decode_row, encode_row};
use updraft_timers::{FireError, Schedule, Timer, TimerOwner};

use super::{names, rows, step};
use crate::StepFunctions;
use crate::model::name::ExecutionId;
use crate::model::redrives;

const OWNER: &str = "states";

/// What a timer is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Due {
    pub(crate) execution: ExecutionId,
    pub(crate) what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum What {
    Wait(Turn),
    Retry(Turn),
    Timeout(Turn),
    Heartbeat(Turn),
    /// The whole execution has taken too long.
    Overdue,
    /// An execution that ended otherwise than well can't be redriven anymore.
    Settled,
}

impl Row for Due {
    const VERSION: u8 = 1;
}

#[derive(Debug)]
struct Wakes(Weak<StepFunctions>);

pub(super) fn register(service: &Arc<StepFunctions>) {
    service.parts.timers.register(OWNER, Arc::new(Wakes(Arc::downgrade(service))));
}

pub(super) async fn set(
    svc: &StepFunctions,
    tx: &mut Tx,
    (id, turn): (&ExecutionId, Turn),
    timer: Wanted,
    at: i64,
) -> Result<(), AwsError> {
    let what = match timer {
        Wanted::Wait => What::Wait(turn),
        Wanted::Retry => What::Retry(turn),
        Wanted::Timeout => What::Timeout(turn),
        Wanted::Heartbeat => What::Heartbeat(turn),
    };
    schedule(svc, tx, names::timer(id, turn, timer), UnixMillis(at), &Due { execution: id.clone(), what }).await
}

pub(super) async fn forget(
    svc: &StepFunctions,
    tx: &mut Tx,
    (id, turn): (&ExecutionId, Turn),
    timer: Wanted,
) -> Result<(), AwsError> {
    svc.parts.timers.cancel(tx, OWNER, &names::timer(id, turn, timer)).await?;
    Ok(())
}

pub(crate) async fn overdue(
    svc: &StepFunctions,
    tx: &mut Tx,
    id: &ExecutionId,
    started: UnixMillis,
    seconds: u64,
) -> Result<(), AwsError> {
    let due = Due { execution: id.clone(), what: What::Overdue };
    schedule(svc, tx, names::overdue(id), started.plus(Duration::from_secs(seconds)), &due).await
}

pub(super) async fn not_overdue(svc: &StepFunctions, tx: &mut Tx, id: &ExecutionId) -> Result<(), AwsError> {
    svc.parts.timers.cancel(tx, OWNER, &names::overdue(id)).await?;
    Ok(())
}

async fn schedule(svc: &StepFunctions, tx: &mut Tx, id: String, due: UnixMillis, what: &Due) -> Result<(), AwsError> {
    let payload = encode_row(what)?.to_vec();
    Ok(svc.parts.timers.schedule(tx, Schedule { owner: OWNER, id, due, payload }).await?)
}

/// Where the execution stands is kept for as long as it may be redriven.
pub(super) async fn settled(svc: &StepFunctions, tx: &mut Tx, id: &ExecutionId) -> Result<(), AwsError> {
    let due = Due { execution: id.clone(), what: What::Settled };
    let after = redrives::PERIOD + Duration::from_millis(1);
    schedule(svc, tx, names::settled(id), svc.parts.clock.now().plus(after), &due).await
}

pub(super) async fn not_settled(svc: &StepFunctions, tx: &mut Tx, id: &ExecutionId) -> Result<(), AwsError> {
    svc.parts.timers.cancel(tx, OWNER, &names::settled(id)).await?;
    Ok(())
}

impl Due {
    /// `None`: it isn't the execution that is told.
    fn signal(&self) -> Option<Signal> {
        Some(match self.what {
            What::Wait(turn) => Signal::Elapsed(turn, Wanted::Wait),
            What::Retry(turn) => Signal::Elapsed(turn, Wanted::Retry),
            What::Timeout(turn) => Signal::Elapsed(turn, Wanted::Timeout),
            What::Heartbeat(turn) => Signal::Elapsed(turn, Wanted::Heartbeat),
            What::Overdue => Signal::Overdue,
            What::Settled => return None,
        })
    }
}

impl TimerOwner for Wakes {
    fn fire<'a>(&'a self, tx: &'a mut Tx, timer: &'a Timer, _: UnixMillis) -> BoxFuture<'a, Result<(), FireError>> {
        Box::pin(async move {
            let service = self.0.upgrade().ok_or_else(|| FireError::Other("the platform is stopping".to_owned()))?;
            let due: Due = decode_row(timer.id.as_bytes(), &timer.payload)?;
            match due.signal() {
                Some(signal) => {
                    step(&service, tx, &due.execution, signal).await?;
                }
                None => rows::forget_places(tx, &due.execution).await?,
            }
            Ok(())
        })
    }
}
