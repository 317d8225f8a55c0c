//! How much there is in a queue.

use bytes::Bytes;
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::{KeyRange, Result as StoreResult, ScanOptions, StoreError, StoreExt, Tx, decode_row};

use super::place::{Spot, corrupt};
use crate::Sqs;
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
    pub(crate) async fn gauge(&self, tx: &mut Tx, now: UnixMillis) -> Result<Gauge, AwsError> {
        let counts = self.counts(tx, now).await?;
        Ok(Gauge { counts, oldest: self.oldest(tx).await? })
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
