//! Taking away what was kept for as long as it is to be kept. Receivers do so with what they meet; this is for queues that
//! nobody receives from: a timer of each queue that was ever sent to looks when the oldest message is due.

use std::time::Duration;

use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::{Key, ScanOptions, StoreExt, Tx, decode_row};

use super::place::{Gone, Spot, pieces};
use crate::Sqs;
use crate::keys::messages::of_message;
use crate::model::message::{Address, Stored};

/// Messages that one transaction takes away.
const PORTION: usize = 32;
/// Ids that one transaction forgets.
const IDS: usize = 200;

/// How soon at the earliest a queue is looked at in which there is nothing, and at the latest any.
const SOONEST: Duration = Duration::from_secs(3600);
const LATEST: Duration = Duration::from_secs(24 * 3600);

impl Sqs {
    /// Takes away all that has expired of a queue. Cheap where that is nothing: the oldest message is read.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn expire(&self, spot: &Spot) -> Result<(), AwsError> {
        let now = self.parts.clock.now();
        loop {
            let mut tx = self.parts.store.write().await?;
            match spot.expire(&mut tx, now).await? {
                0 => return Ok(()),
                gone => tx.raw().add_i64(spot.rows.count(), -gone),
            }
            match tx.commit_relaxed().await.map_err(AwsError::from) {
                Err(err) if !err.is_conflict() => return Err(err),
                _ => {}
            }
        }
    }
}

impl Spot {
    /// Takes away some of what is due, messages and ids; when the next look is due.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn tend(&self, tx: &mut Tx, now: UnixMillis) -> Result<UnixMillis, AwsError> {
        let gone = self.expire(tx, now).await?;
        if gone > 0 {
            tx.raw().add_i64(self.rows.count(), -gone);
        }
        let ids = self.forget_ids(tx, now, IDS).await?;
        if self.forget_once(tx, now, IDS).await? || ids || gone > 0 {
            return Ok(now);
        }
        Ok(self.next_tending(now, self.oldest(tx).await?))
    }

    /// When a queue is looked at in which the oldest message was sent then.
    pub(crate) fn next_tending(&self, now: UnixMillis, oldest: Option<UnixMillis>) -> UnixMillis {
        let kept = Duration::from_secs(self.queue.settings.retention.into());
        let latest = now.plus(LATEST);
        oldest.map_or_else(|| now.plus(kept.max(SOONEST)), |sent| sent.plus(kept)).min(latest)
    }

    /// When the oldest of its messages was sent.
    pub(crate) async fn oldest(&self, tx: &mut Tx) -> Result<Option<UnixMillis>, AwsError> {
        let page = tx.raw().scan(self.rows.messages(), ScanOptions::limit(1).from_head().untracked()).await?;
        let Some((key, value)) = page.rows.into_iter().next() else { return Ok(None) };
        let address = of_message(&key)?;
        if !self.is_fifo() {
            return Ok(Some(UnixMillis(i64::try_from(address.major).unwrap_or(i64::MAX))));
        }
        Ok(Some(self.whole(tx, address, decode_row(&key, &value)?).await?.sent))
    }

    /// Some of it; how much that was.
    async fn expire(&self, tx: &mut Tx, now: UnixMillis) -> Result<i64, AwsError> {
        let options = ScanOptions::limit(PORTION).from_head().untracked();
        let page = tx.raw().scan(self.rows.messages(), options).await?;
        let mut gone = 0;
        for (key, value) in page.rows {
            if !self.expire_one(tx, of_message(&key)?, decode_row(&key, &value)?, now).await? {
                break;
            }
            gone += 1;
        }
        Ok(gone)
    }

    async fn expire_one(
        &self,
        tx: &mut Tx,
        address: Address,
        stored: Stored,
        now: UnixMillis,
    ) -> Result<bool, AwsError> {
        let pieces = pieces(&stored);
        let message = self.whole(tx, address, stored).await?;
        if !self.has_expired(message.sent, now) {
            return Ok(false);
        }
        // Read so as to conflict with whoever receives or deletes it now.
        let key = self.rows.message(address).encode();
        let there = tx.raw().get(&key).await?.is_some();
        let visible = tx.row(&self.rows.state(address)).await?.map_or(message.available, |state| state.visible);
        self.take_away(tx, &Gone { address, visible, pieces, group: message.group.as_deref() }).await?;
        Ok(there)
    }
}
