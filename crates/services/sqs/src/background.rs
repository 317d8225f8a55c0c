//! What timers do: deleting what a queue held, bit by bit, letting its name be used again, moving dead letters, taking away
//! what was kept for long enough, and telling how full queues are.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use updraft_kernel::ports::MetricsPort;
use updraft_kernel::{AccountId, AwsError, BoxFuture, Region, Rng, UnixMillis};
use updraft_store::{Row, ScanOptions, StoreError, Tx, decode_row, encode_row};
use updraft_timers::{FireError, Schedule, Timer, TimerOwner, Timers};

use crate::keys;
use crate::messages::{Desks, LONGER, MINUTE, Shift, Spot, Stopped, measure};
use crate::model::move_task::Status;
use crate::queue_url::QueueName;

pub(crate) const OWNER: &str = "sqs-queues";

/// AWS: how long a deleted queue's name can't be used, in milliseconds.
pub(crate) const NAME_PAUSE: i64 = 60_000;

/// Rows deleted in one transaction.
const PORTION: usize = 500;

/// Messages moved in one transaction where no rate is asked for.
const UNHURRIED: usize = 100;
/// Into so many parts a second's messages are divided where one is.
const TIMES: u32 = 10;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Job {
    /// The queue of this number is gone; what it held is to go.
    Clear(u64),
    /// The name can be used again.
    Free(String),
    /// Messages are to be moved out of a queue.
    Move { queue: String, started: UnixMillis, task: String },
    /// What a queue has kept for long enough is to go.
    Tend(String),
    /// CloudWatch is to be told how full a queue is, each minute until then, and longer if there is something in it.
    Gauge { queue: String, until: UnixMillis },
}

/// On disks, as a timer's payload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Payload {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) job: Job,
}

impl Row for Payload {
    const VERSION: u8 = 1;
}

/// # Errors
/// Only if its names can't be encoded.
pub(crate) fn schedule(
    account: &AccountId,
    region: &Region,
    job: Job,
    due: UnixMillis,
) -> Result<Schedule, StoreError> {
    let id = match &job {
        Job::Clear(number) => format!("{account}/{region}/clear/{number}"),
        Job::Free(name) => format!("{account}/{region}/free/{name}"),
        Job::Move { task, .. } => format!("{account}/{region}/move/{task}"),
        Job::Tend(name) => format!("{account}/{region}/tend/{name}"),
        Job::Gauge { queue, .. } => format!("{account}/{region}/gauge/{queue}"),
    };
    let payload = Payload { account: account.to_string(), region: region.to_string(), job };
    Ok(Schedule { owner: OWNER, id, due, payload: encode_row(&payload)?.to_vec() })
}

/// Called by the wheel.
pub(crate) struct Wakes {
    pub(crate) timers: Timers,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) metrics: Arc<dyn MetricsPort>,
    pub(crate) desks: Arc<Desks>,
}

impl TimerOwner for Wakes {
    fn fire<'a>(&'a self, tx: &'a mut Tx, timer: &'a Timer, now: UnixMillis) -> BoxFuture<'a, Result<(), FireError>> {
        Box::pin(async move {
            let Payload { account, region, job } = decode_row(timer.id.as_bytes(), &timer.payload)?;
            let (Ok(account), Ok(region)) = (AccountId::parse(&account), Region::parse(&region)) else {
                return Err(FireError::Other("its account or region is none".to_owned()));
            };
            let again = match &job {
                Job::Clear(number) => clear(tx, &account, &region, *number).await?.then_some(now),
                Job::Free(name) => {
                    let name = QueueName { account: account.clone(), region: region.clone(), name: name.clone() };
                    tx.delete_row(&name.key().deleted());
                    None
                }
                Job::Move { queue, started, task } => {
                    let name = QueueName { account: account.clone(), region: region.clone(), name: queue.clone() };
                    self.shift(tx, name, (*started, task), now).await?
                }
                Job::Tend(name) => match spot(tx, &account, &region, name).await? {
                    Some(spot) => Some(spot.tend(tx, now).await.map_err(told)?),
                    None => None,
                },
                Job::Gauge { queue, until } => match spot(tx, &account, &region, queue).await? {
                    Some(spot) => self.gauge(tx, &spot, *until, now).await.map_err(told)?,
                    None => None,
                },
            };
            if let Some(due) = again {
                self.timers.schedule(tx, schedule(&account, &region, job, due)?).await?;
            }
            Ok(())
        })
    }
}

/// `None`: it is no more, and so is what was to be done.
async fn spot(tx: &mut Tx, account: &AccountId, region: &Region, name: &str) -> Result<Option<Spot>, StoreError> {
    let name = QueueName { account: account.clone(), region: region.clone(), name: name.to_owned() };
    let queue = tx.row(&name.key()).await?;
    Ok(queue.map(|queue| Spot::new(name, queue)))
}

fn told(err: AwsError) -> FireError {
    FireError::Other(err.to_string())
}

impl Wakes {
    /// Tells how full it is; when to do so again: as long as something is done with the queue, and a while longer.
    async fn gauge(
        &self,
        tx: &mut Tx,
        spot: &Spot,
        until: UnixMillis,
        now: UnixMillis,
    ) -> Result<Option<UnixMillis>, AwsError> {
        let desk = self.desks.of(spot.rows.number);
        let gauge = spot.gauge(tx, &desk, now).await?;
        measure::gauge(&*self.metrics, spot, now, gauge);
        let until = until.max(desk.lively_until());
        let until = if gauge.oldest.is_some() { until.plus(LONGER) } else { until };
        Ok((now < until).then(|| now.plus(MINUTE)))
    }

    /// Moves some messages; when the next are to be moved, if the task goes on.
    async fn shift(
        &self,
        tx: &mut Tx,
        name: QueueName,
        (started, id): (UnixMillis, &str),
        now: UnixMillis,
    ) -> Result<Option<UnixMillis>, FireError> {
        let task = tx.row(&name.key().move_task(started, id)).await?;
        let Some(mut task) = task.filter(|task| task.status == Status::Running) else { return Ok(None) };
        let Some(queue) = tx.row(&name.key()).await? else { return Ok(None) };
        let from = Spot::new(name, queue);
        let most = task.rate.map_or(UNHURRIED, |rate| usize::try_from(rate.div_ceil(TIMES)).unwrap_or(1));
        let to = task.destination.as_deref();
        let shift = Shift { tx, rng: &*self.rng, now, from: &from, to, most, before: task.moved };
        let (moved, stopped) = shift.run().await?;
        task.moved += moved;
        task.status = match stopped {
            Stopped::Full => Status::Running,
            Stopped::Empty => Status::Completed,
            Stopped::Failed(why) => Status::Failed(why.to_owned()),
        };
        let goes_on = task.status == Status::Running;
        tx.put_row(&from.name.key().move_task(started, id), &task)?;
        // As long as the rate allows for so many.
        let pause = task.rate.map_or(0, |rate| moved * 1000 / u64::from(rate));
        Ok(goes_on.then(|| now.plus(Duration::from_millis(pause))))
    }
}

/// Deletes some of what a queue held; whether there may be more.
async fn clear(tx: &mut Tx, account: &AccountId, region: &Region, number: u64) -> Result<bool, StoreError> {
    let range = keys::held(account, region, number).prefix_range();
    let page = tx.raw().scan(range, ScanOptions::limit(PORTION)).await?;
    for (key, _) in &page.rows {
        tx.raw().delete(key.clone());
    }
    Ok(page.more)
}

impl fmt::Debug for Wakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wakes").finish_non_exhaustive()
    }
}
