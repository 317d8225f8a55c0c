//! What timers do: making schedules occur, and clearing groups that are going.

use std::sync::{Arc, Weak};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, AwsError, BoxFuture, Region, RngExt, UnixMillis};
use updraft_store::{Row, ScanOptions, Tx, decode_row, encode_row};
use updraft_timers::{FireError, Schedule as Wake, Timer, TimerOwner};

use crate::keys::{GroupKey, ScheduleKey, names};
use crate::model::name::{GroupId, ScheduleId};
use crate::model::schedule::Schedule;
use crate::model::timing::Timing;
use crate::{Scheduler, invoke};

const OWNER: &str = "scheduler";

/// Schedules deleted in one transaction, with their timers.
const PORTION: usize = 100;

/// What is to be done, and for whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) group: String,
    pub(crate) what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum What {
    /// The schedule of this name and number occurs: as scheduled for this moment.
    Occur { name: String, number: u64, scheduled: UnixMillis },
    /// All of the group goes.
    Clear,
}

impl Row for Task {
    const VERSION: u8 = 1;
}

/// Knows the service weakly, for the service owns the timers that own this.
#[derive(Debug)]
struct Wakes(Weak<Scheduler>);

pub(crate) fn register(service: &Arc<Scheduler>) {
    service.parts.timers.register(OWNER, Arc::new(Wakes(Arc::downgrade(service))));
}

/// Sets the timer for what comes first, or takes it away where nothing comes.
pub(crate) async fn plan(
    svc: &Scheduler,
    tx: &mut Tx,
    id: &ScheduleId,
    schedule: &Schedule,
    now: UnixMillis,
) -> Result<(), AwsError> {
    let first = Timing::of(schedule).filter(|_| schedule.settings.enabled).and_then(|timing| timing.first(now));
    match first {
        Some(at) => wake_at(svc, tx, id, schedule, at).await,
        None => forget(svc, tx, schedule).await,
    }
}

/// It occurs no more.
pub(crate) async fn forget(svc: &Scheduler, tx: &mut Tx, schedule: &Schedule) -> Result<(), AwsError> {
    svc.parts.timers.cancel(tx, OWNER, &timer_of(schedule)).await?;
    Ok(())
}

/// Begins when the transaction commits.
pub(crate) async fn clear_later(svc: &Scheduler, tx: &mut Tx, group: &GroupId) -> Result<(), AwsError> {
    let id = format!("{}/{}/{}", group.account, group.region, group.name);
    let task = Task::of(group, What::Clear);
    let wake = Wake { owner: OWNER, id, due: svc.parts.clock.now(), payload: encode_row(&task)?.to_vec() };
    Ok(svc.parts.timers.schedule(tx, wake).await?)
}

fn timer_of(schedule: &Schedule) -> String {
    format!("{:016x}", schedule.number)
}

async fn wake_at(
    svc: &Scheduler,
    tx: &mut Tx,
    id: &ScheduleId,
    schedule: &Schedule,
    scheduled: UnixMillis,
) -> Result<(), AwsError> {
    let window = u64::from(schedule.settings.window.unwrap_or(0)) * 60_000;
    let due = scheduled.plus(Duration::from_millis(svc.parts.rng.below(window)));
    let what = What::Occur { name: id.name.clone(), number: schedule.number, scheduled };
    let payload = encode_row(&Task::of(&id.group, what))?.to_vec();
    Ok(svc.parts.timers.schedule(tx, Wake { owner: OWNER, id: timer_of(schedule), due, payload }).await?)
}

impl Task {
    fn of(group: &GroupId, what: What) -> Self {
        let GroupId { account, region, name } = group.clone();
        Self { account, region, group: name, what }
    }

    fn group_id(&self) -> GroupId {
        GroupId { account: self.account.clone(), region: self.region.clone(), name: self.group.clone() }
    }

    async fn run(&self, svc: &Scheduler, tx: &mut Tx) -> Result<(), AwsError> {
        match &self.what {
            What::Clear => clear(svc, tx, &self.group_id()).await,
            What::Occur { name, number, scheduled } => {
                let id = ScheduleId { group: self.group_id(), name: name.clone() };
                let found = tx.row(&ScheduleKey(&id)).await?;
                match found.filter(|schedule| schedule.number == *number && schedule.settings.enabled) {
                    Some(schedule) => occur(svc, tx, &id, &schedule, *scheduled).await,
                    None => Ok(()),
                }
            }
        }
    }
}

/// Into the outbox, and on to the next one.
async fn occur(
    svc: &Scheduler,
    tx: &mut Tx,
    id: &ScheduleId,
    schedule: &Schedule,
    scheduled: UnixMillis,
) -> Result<(), AwsError> {
    invoke::enqueue(svc, tx, id, schedule, scheduled).await?;
    match Timing::of(schedule).and_then(|timing| timing.next(scheduled)) {
        Some(next) => wake_at(svc, tx, id, schedule, next).await?,
        // The occurrence in the outbox has all it needs.
        None if schedule.settings.ends => tx.delete_row(&ScheduleKey(id)),
        None => {}
    }
    Ok(())
}

async fn clear(svc: &Scheduler, tx: &mut Tx, group: &GroupId) -> Result<(), AwsError> {
    let page = tx.rows::<ScheduleKey<'_>>(ScheduleKey::of_group(group), ScanOptions::limit(PORTION)).await?;
    for (key, schedule) in &page.rows {
        if let (_, Some(name)) = names(key)? {
            tx.delete_row(&ScheduleKey(&ScheduleId { group: group.clone(), name }));
        }
        forget(svc, tx, schedule).await?;
    }
    if page.more {
        return clear_later(svc, tx, group).await;
    }
    tx.delete_row(&GroupKey(group));
    Ok(())
}

impl TimerOwner for Wakes {
    fn fire<'a>(&'a self, tx: &'a mut Tx, timer: &'a Timer, _: UnixMillis) -> BoxFuture<'a, Result<(), FireError>> {
        Box::pin(async move {
            let service = self.0.upgrade().ok_or_else(|| FireError::Other("the platform is stopping".to_owned()))?;
            let task: Task = decode_row(timer.id.as_bytes(), &timer.payload)?;
            Ok(task.run(&service, tx).await?)
        })
    }
}
