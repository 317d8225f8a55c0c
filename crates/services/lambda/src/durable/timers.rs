//! What happens to executions by itself.

use std::sync::Weak;

use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, AwsError, BoxFuture, Region, UnixMillis};
use updraft_store::{Row, Tx, decode_row, encode_row};
use updraft_timers::{FireError, Schedule, Timer, TimerOwner};

use super::arn::ExecutionId;
use super::finish::{End, HEARTBEAT, TIMEOUT};
use super::rows::{Details, Kind, Phase, State, Status};
use super::work::Work;
use crate::Lambda;

/// Whose timers these are.
pub(crate) const OWNER: &str = "lambda.durable";

/// What is due. Operations go by their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum What {
    /// The execution has taken too long.
    Timeout,
    /// The execution has been kept long enough.
    Expire,
    /// An invocation that failed is made again.
    Invoke,
    /// A wait is over, or a step may be tried again.
    Operation(u64),
    CallbackTimeout(u64),
    HeartbeatTimeout(u64),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WakeRow {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) id: String,
    pub(crate) what: What,
}

impl Row for WakeRow {
    const VERSION: u8 = 1;
}

/// Unique among this owner's timers.
fn name(id: &ExecutionId, what: What) -> String {
    let id = &id.id;
    match what {
        What::Timeout => format!("{id}/timeout"),
        What::Expire => format!("{id}/expire"),
        What::Invoke => format!("{id}/invoke"),
        What::Operation(number) => format!("{id}/{number}"),
        What::CallbackTimeout(number) => format!("{id}/{number}/timeout"),
        What::HeartbeatTimeout(number) => format!("{id}/{number}/heartbeat"),
    }
}

impl Work<'_> {
    /// # Errors
    /// If the store fails.
    pub(crate) async fn wait(&mut self, what: What, due: UnixMillis) -> Result<(), AwsError> {
        let (account, region) = (self.id.account.clone(), self.id.region.clone());
        let wake = WakeRow { account, region, id: self.id.id.clone(), what };
        let payload = encode_row(&wake)?.to_vec();
        let schedule = Schedule { owner: OWNER, id: name(&self.id, what), due, payload };
        Ok(self.svc.timers.schedule(self.tx, schedule).await?)
    }

    /// # Errors
    /// If the store fails.
    pub(crate) async fn wait_no_more(&mut self, what: What) -> Result<(), AwsError> {
        self.svc.timers.cancel(self.tx, OWNER, &name(&self.id, what)).await?;
        Ok(())
    }

    /// Of an operation that is over otherwise.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn wait_for_none_of(&mut self, number: u64, kind: Kind) -> Result<(), AwsError> {
        match kind {
            Kind::Step | Kind::Wait => self.wait_no_more(What::Operation(number)).await,
            Kind::Callback => {
                self.wait_no_more(What::CallbackTimeout(number)).await?;
                self.wait_no_more(What::HeartbeatTimeout(number)).await
            }
            Kind::Context | Kind::ChainedInvoke => Ok(()),
        }
    }
}

/// Knows the service weakly, for the service owns the wheel that owns this.
#[derive(Debug)]
pub(crate) struct Wakes(pub(crate) Weak<Lambda>);

impl TimerOwner for Wakes {
    fn fire<'a>(&'a self, tx: &'a mut Tx, timer: &'a Timer, _now: UnixMillis) -> BoxFuture<'a, Result<(), FireError>> {
        Box::pin(async move {
            let svc = self.0.upgrade().ok_or_else(|| FireError::Other("the platform is stopping".to_owned()))?;
            let wake: WakeRow = decode_row(timer.id.as_bytes(), &timer.payload)?;
            let id = ExecutionId { account: wake.account, region: wake.region, id: wake.id };
            // One that is gone needs nothing any more.
            let Some(mut work) = Work::load(&svc, tx, id).await? else { return Ok(()) };
            fire(&mut work, wake.what).await?;
            work.save()?;
            Ok(())
        })
    }
}

async fn fire(work: &mut Work<'_>, what: What) -> Result<(), AwsError> {
    match what {
        What::Expire if !work.row.status.is_open() => work.delete().await,
        _ if !work.row.status.is_open() => Ok(()),
        What::Timeout => work.time_out().await,
        What::Invoke => invoke(work).await,
        What::Operation(number) => operation(work, number).await,
        What::CallbackTimeout(number) => work.time_out_callback(number, &TIMEOUT).await,
        What::HeartbeatTimeout(number) => work.time_out_callback(number, &HEARTBEAT).await,
        What::Expire => Ok(()),
    }
}

async fn invoke(work: &mut Work<'_>) -> Result<(), AwsError> {
    if work.row.turn.phase != Phase::Backoff {
        return Ok(());
    }
    work.row.turn.phase = Phase::Idle;
    if work.row.status == Status::Running { work.invoke().await } else { work.wake().await }
}

async fn operation(work: &mut Work<'_>, number: u64) -> Result<(), AwsError> {
    let Some(mut row) = work.operation(number).await? else { return Ok(()) };
    match (row.state, &mut row.details) {
        (State::Pending, Details::Step { next, .. }) => {
            (row.state, *next) = (State::Ready, None);
            work.put(number, &row)?;
            work.expect_no_more(number);
            work.updated(number)?;
            work.wake().await
        }
        (State::Started, Details::Wait { .. }) => work.complete(number, row, End::good(None)).await,
        _ => Ok(()),
    }
}
