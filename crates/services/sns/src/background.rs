//! What timers do: clearing what is left of deleted topics, and forgetting what duplicates were told by.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, AwsError, BoxFuture, Region, UnixMillis};
use updraft_store::{KeyRange, Row, ScanOptions, Tx, decode_row, encode_row};
use updraft_timers::{FireError, Schedule, Timer, TimerOwner, Timers};

use crate::keys::{ArchivedKey, EndedKey, Numbered, Place, TopicKey};
use crate::model::archive::kept_for;
use crate::model::name::TopicId;
use crate::publish::end_of;
use crate::{Sns, table};

const OWNER: &str = "sns";

/// How often what a topic keeps is looked through.
pub(crate) const LOOKS: Duration = Duration::from_secs(24 * 3600);

/// Rows looked at in one transaction.
const PORTION: usize = 500;

/// Whose rows, and which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Task {
    account: AccountId,
    region: Region,
    topic: String,
    number: u64,
    what: What,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum What {
    /// All that a deleted topic left.
    Everything,
    /// By what duplicates were told in a window of time.
    Seen(u64),
    /// What a topic keeps for longer than it is to.
    Archive,
    /// An ended subscription that nobody wanted back, by its token.
    Ended(String),
}

impl Row for Task {
    const VERSION: u8 = 1;
}

/// Called by the wheel.
#[derive(Debug)]
struct Wakes {
    timers: Timers,
}

pub(crate) fn register(service: &Arc<Sns>) {
    let timers = service.parts.timers.clone();
    service.parts.timers.register(OWNER, Arc::new(Wakes { timers }));
}

/// Begins when the transaction commits.
pub(crate) async fn clear_later(svc: &Sns, tx: &mut Tx, topic: Numbered<'_>) -> Result<(), AwsError> {
    let task = Task::of(topic, What::Everything);
    Ok(svc.parts.timers.schedule(tx, task.schedule(svc.parts.clock.now())?).await?)
}

/// Looks after what the topic keeps, from `due` on, for as long as it keeps something.
pub(crate) async fn thin_out(svc: &Sns, tx: &mut Tx, topic: Numbered<'_>, due: UnixMillis) -> Result<(), AwsError> {
    let task = Task::of(topic, What::Archive);
    Ok(svc.parts.timers.schedule(tx, task.schedule(due)?).await?)
}

/// When nobody asks for them any more.
pub(crate) async fn forget_later(svc: &Sns, tx: &mut Tx, topic: Numbered<'_>, window: u64) -> Result<(), AwsError> {
    // The first of a window sees to all.
    let there = tx.raw().scan(topic.seen_in(window), ScanOptions::limit(1)).await?;
    if there.rows.is_empty() {
        let task = Task::of(topic, What::Seen(window));
        svc.parts.timers.schedule(tx, task.schedule(end_of(window))?).await?;
    }
    Ok(())
}

/// When nobody can bring it back any more.
pub(crate) async fn forget_ended_later(
    svc: &Sns,
    tx: &mut Tx,
    topic: Numbered<'_>,
    (token, at): (&str, UnixMillis),
) -> Result<(), AwsError> {
    let task = Task::of(topic, What::Ended(token.to_owned()));
    Ok(svc.parts.timers.schedule(tx, task.schedule(at)?).await?)
}

impl Task {
    fn of(topic: Numbered<'_>, what: What) -> Self {
        let TopicId { account, region, name } = topic.topic.clone();
        Self { account, region, topic: name, number: topic.number, what }
    }

    fn schedule(&self, due: UnixMillis) -> Result<Schedule, AwsError> {
        let which = match self.what {
            What::Everything => "all".to_owned(),
            What::Seen(window) => window.to_string(),
            What::Archive => "archive".to_owned(),
            What::Ended(ref token) => token.clone(),
        };
        let id = format!("{}/{which}", self.number);
        Ok(Schedule { owner: OWNER, id, due, payload: encode_row(self)?.to_vec() })
    }

    /// When to go on; `None`: it is done.
    async fn run(&self, tx: &mut Tx, now: UnixMillis) -> Result<Option<UnixMillis>, AwsError> {
        let id = TopicId { account: self.account.clone(), region: self.region.clone(), name: self.topic.clone() };
        let topic = Numbered { topic: &id, number: self.number };
        match self.what {
            What::Ended(ref token) => {
                tx.delete_row(&EndedKey { account: &self.account, region: &self.region, token });
                Ok(None)
            }
            What::Seen(window) => Ok(clear(tx, topic.seen_in(window)).await?.then_some(now)),
            What::Archive => {
                let row = tx.row(&TopicKey(&id)).await?.filter(|row| row.number == self.number);
                let kept = row.as_ref().and_then(kept_for);
                let kept_from =
                    kept.map_or(UnixMillis::MAX, |kept| UnixMillis(0).plus(now.since(UnixMillis(0).plus(kept))));
                let more = clear(tx, ArchivedKey::before(topic, kept_from)).await?;
                Ok(if more { Some(now) } else { kept.map(|_| now.plus(LOOKS)) })
            }
            What::Everything => {
                let mut more = self.clear_subscriptions(tx, topic).await?;
                for range in topic.leftovers() {
                    more |= clear(tx, range).await?;
                }
                Ok(more.then_some(now))
            }
        }
    }

    async fn clear_subscriptions(&self, tx: &mut Tx, topic: Numbered<'_>) -> Result<bool, AwsError> {
        let (rows, more) = table::subscriptions(tx, topic, None, ScanOptions::limit(PORTION)).await?;
        for (id, row) in rows {
            let (account, region) = (self.account.clone(), self.region.clone());
            let place = Place { account, region, topic: self.topic.clone(), number: self.number, id };
            table::delete_subscription(tx, &place, &row).await?;
        }
        Ok(more)
    }
}

async fn clear(tx: &mut Tx, range: KeyRange) -> Result<bool, AwsError> {
    let page = tx.raw().scan(range, ScanOptions::limit(PORTION)).await?;
    for (key, _) in page.rows {
        tx.raw().delete(key);
    }
    Ok(page.more)
}

impl TimerOwner for Wakes {
    fn fire<'a>(&'a self, tx: &'a mut Tx, timer: &'a Timer, now: UnixMillis) -> BoxFuture<'a, Result<(), FireError>> {
        Box::pin(async move {
            let task: Task = decode_row(timer.id.as_bytes(), &timer.payload)?;
            let told = |error: AwsError| FireError::Other(error.to_string());
            if let Some(due) = task.run(tx, now).await.map_err(told)? {
                self.timers.schedule(tx, task.schedule(due).map_err(told)?).await?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden::golden;

    /// They lie in timers.
    #[test]
    fn golden_tasks() {
        let task = |what| Task {
            account: AccountId::local(),
            region: Region::default_region(),
            topic: "t".into(),
            number: 300,
            what,
        };
        golden(&task(What::Everything), r"\x01\x0c000000000000\tus-east-1\x01t\xac\x02\x00");
        golden(&task(What::Seen(3)), r"\x01\x0c000000000000\tus-east-1\x01t\xac\x02\x01\x03");
        golden(&task(What::Archive), r"\x01\x0c000000000000\tus-east-1\x01t\xac\x02\x02");
    }
}
