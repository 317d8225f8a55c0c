//! Taking away what was kept for as long as it is to be kept. Receivers do so with what they meet; this is for queues that
//! nobody receives from.

use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::{Key, ScanOptions, StoreExt, Tx, decode_row};

use super::groups::hint_anew;
use super::place::{Gone, Spot, pieces};
use crate::Sqs;
use crate::keys::messages::of_message;
use crate::model::message::{Address, Stored};

/// Messages that one transaction takes away.
const PORTION: usize = 32;

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
        let group = message.group.as_deref().filter(|_| self.is_fifo());
        self.remove(tx, &Gone { address, visible, pieces, group });
        if let Some(group) = group {
            hint_anew(tx, self, group, visible).await?;
        }
        Ok(there)
    }
}
