//! How much there is in a queue.

use std::collections::HashSet;

use bytes::Bytes;
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::{KeyRange, Result as StoreResult, ScanOptions, StoreError, StoreExt, Tx, decode_row};

use super::desk::Desk;
use super::place::{Spot, corrupt};
use super::quiet::Quiet;
use crate::Sqs;
use crate::keys::messages::of_visible;
use crate::model::message::Entry;
use crate::model::queue::Queue;
use crate::queue_url::QueueName;

/// As `GetQueueAttributes` tells them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// `ApproximateNumberOfMessages`.
    pub(crate) visible: usize,
    /// `ApproximateNumberOfMessagesNotVisible`.
    pub(crate) not_visible: usize,
    /// `ApproximateNumberOfMessagesDelayed`.
    pub(crate) delayed: usize,
}

/// As CloudWatch is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gauge {
    pub(crate) counts: Counts,
    /// When the oldest of all its messages was sent.
    pub(crate) oldest: Option<UnixMillis>,
    pub(crate) groups: Groups,
}

/// What is told of a queue's groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Groups {
    /// No message says one.
    None,
    /// Of a FIFO queue: how many have messages in flight.
    InFlight(usize),
    /// Of a standard queue.
    Fair(Quiet),
}

impl Sqs {
    /// What has expired is taken away first.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn counts(&self, name: &QueueName, queue: &Queue) -> Result<Counts, AwsError> {
        let spot = Spot::new(name.clone(), queue.clone());
        self.expire(&spot).await?;
        spot.counts(&mut self.parts.store.read().await?, self.parts.clock.now()).await
    }
}

impl Spot {
    /// # Errors
    /// If the store fails.
    pub(crate) async fn gauge(&self, tx: &mut Tx, desk: &Desk, now: UnixMillis) -> Result<Gauge, AwsError> {
        let (counts, oldest) = (self.counts(tx, now).await?, self.oldest(tx).await?);
        let groups = if self.is_fifo() {
            Groups::InFlight(self.groups_in_flight(tx, now).await?)
        } else {
            let quiet = self.quiet(tx, &desk.tenants.noisy(now), (counts, oldest), now).await?;
            quiet.map_or(Groups::None, Groups::Fair)
        };
        Ok(Gauge { counts, oldest, groups })
    }

    /// Of a FIFO queue.
    async fn groups_in_flight(&self, tx: &mut Tx, now: UnixMillis) -> Result<usize, AwsError> {
        let (mut groups, mut range) = (HashSet::new(), self.rows.visible_later(now));
        loop {
            let page = tx.raw().scan(range.clone(), ScanOptions::default().untracked()).await?;
            let addresses = page.rows.iter().map(|(key, _)| of_visible(key).map(|(_, address)| address));
            let keys: Vec<_> = addresses.collect::<StoreResult<Vec<_>>>()?;
            let keys: Vec<_> = keys.into_iter().map(|address| self.rows.state(address)).collect();
            // What is delayed has none.
            groups.extend(tx.row_many(&keys).await?.into_iter().flatten().filter_map(|state| state.group));
            match page.rows.last().filter(|_| page.more) {
                Some((last, _)) => range = KeyRange::after(range, last),
                None => return Ok(groups.len()),
            }
        }
    }

    /// Exact, for what hasn't expired. Costs what can't be seen, not what can.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn counts(&self, tx: &mut Tx, now: UnixMillis) -> Result<Counts, AwsError> {
        let key = self.rows.count();
        let all = total(&key, tx.raw().get(&key).await?)?;
        let mut counts = Counts::default();
        let mut range = self.rows.visible_later(now);
        loop {
            let page = tx.raw().scan(range.clone(), ScanOptions::default().untracked()).await?;
            for (key, value) in &page.rows {
                let entry: Entry = decode_row(key, value)?;
                let of = if entry.receives > 0 { &mut counts.not_visible } else { &mut counts.delayed };
                *of += 1;
            }
            match page.rows.last().filter(|_| page.more) {
                Some((last, _)) => range = KeyRange::after(range, last),
                None => break,
            }
        }
        counts.visible = all.saturating_sub(counts.not_visible + counts.delayed);
        Ok(counts)
    }
}

fn total(key: &Bytes, value: Option<Bytes>) -> StoreResult<usize> {
    let Some(value) = value else { return Ok(0) };
    let bytes: [u8; 8] = value.as_ref().try_into().map_err(|_| corrupt(key, "it is no count"))?;
    usize::try_from(i64::from_le_bytes(bytes).max(0)).map_err(|why| StoreError::Engine(Box::new(why)))
}
