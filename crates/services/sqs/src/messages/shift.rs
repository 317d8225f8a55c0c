//! Moving messages out of a queue of dead letters, some in each transaction. AWS: each becomes a new message where it goes,
//! with an id and a time of its own. Unlike AWS's it is never there twice, nor nowhere.

use std::collections::HashMap;

use updraft_kernel::{AwsError, Rng, RngExt, UnixMillis};
use updraft_store::{Key, ScanOptions, Tx, decode_row};

use super::place::{Gone, Spot, pieces};
use crate::keys::messages::{of_message, of_visible};
use crate::model::message::{Address, Entry, Message, Stored};
use crate::queue_url::QueueName;

/// Bytes of bodies that one transaction moves, and then one message more.
const BYTES: usize = 4 << 20;
/// Messages of a FIFO queue that are looked through: those behind one in flight stay.
const LOOKED_THROUGH: usize = 2_000;

/// One portion at work.
pub(crate) struct Shift<'a> {
    pub(crate) tx: &'a mut Tx,
    pub(crate) rng: &'a dyn Rng,
    pub(crate) now: UnixMillis,
    pub(crate) from: &'a Spot,
    /// An ARN; else back to where each came from.
    pub(crate) to: Option<&'a str>,
    /// Messages at most.
    pub(crate) most: usize,
    /// Messages that were moved before: those of one moment are told apart in the order of their moving.
    pub(crate) before: u64,
}

/// How a portion ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// There may be more.
    Full,
    /// Nothing more can be moved.
    Empty,
    /// The next can't be moved: `FailureReason`.
    Failed(&'static str),
}

/// What a portion has done so far.
#[derive(Default)]
struct Done {
    /// Queues that messages go to, by ARN; `None`: it isn't there.
    spots: HashMap<String, Option<Spot>>,
    placed: HashMap<String, i64>,
    moved: u64,
    bytes: usize,
    expired: i64,
}

impl Shift<'_> {
    /// Moves a portion: how many messages, and why no more. The caller commits.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn run(mut self) -> Result<(u64, Stopped), AwsError> {
        let (found, more) = if self.from.is_fifo() { self.in_order().await? } else { self.visible().await? };
        let mut done = Done::default();
        let mut stopped = if more { Stopped::Full } else { Stopped::Empty };
        for found in found {
            if done.bytes >= BYTES {
                stopped = Stopped::Full;
                break;
            }
            if let Some(why) = self.one(&mut done, found).await? {
                stopped = Stopped::Failed(why);
                break;
            }
        }
        let gone = i64::try_from(done.moved).unwrap_or(i64::MAX) + done.expired;
        if gone > 0 {
            self.tx.raw().add_i64(self.from.rows.count(), -gone);
        }
        for (arn, count) in &done.placed {
            if let Some(Some(spot)) = done.spots.get(arn) {
                self.tx.raw().add_i64(spot.rows.count(), *count);
                self.tx.touch(spot.rows.topic());
            }
        }
        Ok((done.moved, stopped))
    }

    /// Of a standard queue, what can be received now.
    async fn visible(&mut self) -> Result<(Vec<Found>, bool), AwsError> {
        let options = ScanOptions::limit(self.most).from_head().untracked();
        let page = self.tx.raw().scan(self.from.rows.visible_by(self.now), options).await?;
        let mut found = Vec::with_capacity(page.rows.len());
        for (key, _) in &page.rows {
            let (visible, address) = of_visible(key)?;
            // Read so as to conflict with whoever receives or deletes it now.
            let entry = self.tx.row(&self.from.rows.visible(visible, address)).await?;
            let stored = self.tx.row(&self.from.rows.message(address)).await?;
            if let (Some(_), Some(stored)) = (entry, stored) {
                found.push(Found { address, visible, stored });
            }
        }
        Ok((found, page.more))
    }

    /// Of a FIFO queue, in the order of sending, what has nothing of its group in flight before it.
    async fn in_order(&mut self) -> Result<(Vec<Found>, bool), AwsError> {
        let options = ScanOptions::limit(LOOKED_THROUGH).untracked();
        let page = self.tx.raw().scan(self.from.rows.messages(), options).await?;
        let (mut found, mut waiting) = (Vec::new(), std::collections::HashSet::new());
        for (key, value) in page.rows {
            if found.len() >= self.most {
                return Ok((found, true));
            }
            let (address, stored): (Address, Stored) = (of_message(&key)?, decode_row(&key, &value)?);
            let there = self.tx.raw().get(&self.from.rows.message(address).encode()).await?.is_some();
            let message = self.from.whole(self.tx, address, stored.clone()).await?;
            let state = self.tx.row(&self.from.rows.state(address)).await?;
            let visible = state.map_or(message.available, |state| state.visible);
            let group = message.group.unwrap_or_default();
            if visible > self.now {
                waiting.insert(group);
            } else if there && !waiting.contains(&group) {
                found.push(Found { address, visible, stored });
            }
        }
        Ok((found, false))
    }

    /// Why it can't be moved, if it can't.
    async fn one(&mut self, done: &mut Done, found: Found) -> Result<Option<&'static str>, AwsError> {
        let Found { address, visible, stored } = found;
        let pieces = pieces(&stored);
        let message = self.from.whole(self.tx, address, stored).await?;
        let expired = self.from.has_expired(message.sent, self.now);
        if !expired {
            let Some(arn) = self.to.map(str::to_owned).or_else(|| message.source.clone()) else {
                // AWS: it was sent here, rather than having come as a dead letter.
                return Ok(Some("CouldNotDetermineMessageSource"));
            };
            if self.spot(done, &arn).await?.is_none() {
                return Ok(Some("AWS.SimpleQueueService.NonExistentQueue"));
            }
            self.place(done, arn, message.clone()).await?;
        }
        done.expired += i64::from(expired);
        let group = message.group.as_deref();
        self.from.take_away(self.tx, &Gone { address, visible, pieces, group }).await?;
        Ok(None)
    }

    async fn spot<'d>(&mut self, done: &'d mut Done, arn: &str) -> Result<Option<&'d Spot>, AwsError> {
        if !done.spots.contains_key(arn) {
            let spot = match QueueName::of_arn(arn) {
                Some(name) => self.tx.row(&name.key()).await?.map(|queue| Spot::new(name, queue)),
                None => None,
            };
            done.spots.insert(arn.to_owned(), spot);
        }
        Ok(done.spots.get(arn).and_then(Option::as_ref))
    }

    async fn place(&mut self, done: &mut Done, arn: String, message: Message) -> Result<(), AwsError> {
        let Some(Some(spot)) = done.spots.get(&arn) else { return Ok(()) };
        let order = (self.before + done.moved) << 32;
        // On standard queues others may send at the same moment.
        let minor = if spot.is_fifo() { done.moved } else { order | self.rng.u64() >> 32 };
        let (id, now) = (self.rng.uuid(), self.now);
        done.bytes += message.body.len();
        let message = Message { id, sent: now, available: now, source: None, ..message };
        spot.place(self.tx, message, Entry { sent: now, visible: now, receives: 0, first: now }, minor).await?;
        done.moved += 1;
        *done.placed.entry(arn).or_default() += 1;
        Ok(())
    }
}

/// A message that can be moved.
struct Found {
    address: Address,
    /// As in its [`Entry`].
    visible: UnixMillis,
    stored: Stored,
}
