//! Deleting what was received.

use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::Tx;

use super::desk::Left;
use super::measure;
use super::place::{Gone, Spot, pieces};
use crate::Sqs;
use crate::model::message::State;
use crate::model::receipt::Receipt;
use crate::refusals::receipt_expired;

impl Sqs {
    /// Deletes what these receipts are of from a queue that was read in the same transaction; one result for each. The
    /// handle is for errors.
    ///
    /// # Errors
    /// If the store fails.
    pub(crate) async fn discard(
        &self,
        mut tx: Tx,
        spot: &Spot,
        receipts: &[(Receipt, String)],
        now: UnixMillis,
    ) -> Result<Vec<Result<(), AwsError>>, AwsError> {
        let (mut results, mut gone) = (Vec::with_capacity(receipts.len()), Vec::new());
        let keys: Vec<_> = receipts.iter().map(|(receipt, _)| spot.rows.state(receipt.address)).collect();
        let states = tx.row_many(&keys).await?;
        for ((receipt, handle), state) in receipts.iter().zip(states) {
            // Of one message there may be several handles.
            let state = state.filter(|_| gone.iter().all(|left: &Left| left.address != receipt.address));
            match spot.discard(&mut tx, *receipt, state, (handle, now)).await {
                Ok(was_there) => {
                    gone.extend(was_there);
                    results.push(Ok(()));
                }
                Err(err) if err.code().status < 500 => results.push(Err(err)),
                Err(err) => return Err(err),
            }
        }
        if !gone.is_empty() {
            tx.raw().add_i64(spot.rows.count(), -i64::try_from(gone.len()).unwrap_or(i64::MAX));
            if spot.is_fifo() {
                // What was behind it can be received now.
                tx.touch(spot.rows.topic());
            }
            tx.commit().await?;
        }
        self.desks.of(spot.rows.number).left(&gone, now);
        measure::deleted(&*self.parts.metrics, spot, now, results.iter().filter(|result| result.is_ok()).count());
        Ok(results)
    }
}

impl Spot {
    /// `None`: it wasn't there.
    async fn discard(
        &self,
        tx: &mut Tx,
        receipt: Receipt,
        state: Option<State>,
        (handle, now): (&str, UnixMillis),
    ) -> Result<Option<Left>, AwsError> {
        if receipt.number != self.rows.number {
            return Ok(None);
        }
        let Some(state) = state else { return self.discard_unreceived(tx, receipt).await };
        if self.is_fifo() && (state.receives != receipt.receives || state.visible <= now) {
            return Err(receipt_expired(handle));
        }
        // AWS: on standard queues an outdated receipt is answered with success, and the message stays.
        if receipt.receives < state.receives {
            return Ok(None);
        }
        let State { visible, pieces, group, .. } = state;
        let gone = Gone { address: receipt.address, visible, pieces, group: group.as_deref() };
        let was_last = self.take_away(tx, &gone).await?;
        Ok(Some(Left { address: receipt.address, until: visible, drained: group.filter(|_| was_last) }))
    }

    /// Of a message that is there, and of which nobody knows that it was received: a power cut has taken that.
    async fn discard_unreceived(&self, tx: &mut Tx, receipt: Receipt) -> Result<Option<Left>, AwsError> {
        let address = receipt.address;
        let stored = tx.row(&self.rows.message(address)).await?.filter(|_| !self.is_fifo());
        let Some(stored) = stored else { return Ok(None) };
        let pieces = pieces(&stored);
        let message = self.whole(tx, address, stored).await?;
        let (visible, group) = (message.available, message.group);
        let entry = tx.row(&self.rows.visible(visible, address)).await?;
        if entry.is_none_or(|entry| receipt.receives <= entry.receives) {
            return Ok(None);
        }
        let was_last = self.take_away(tx, &Gone { address, visible, pieces, group: group.as_deref() }).await?;
        Ok(Some(Left { address, until: visible, drained: group.filter(|_| was_last) }))
    }
}
