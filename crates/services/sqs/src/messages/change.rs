//! Changing when a message in flight can be seen again.

use std::time::Duration;

use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::{Result as StoreResult, Tx};

use super::fair;
use super::groups::hint_anew;
use super::place::Spot;
use crate::Sqs;
use crate::errors::invalid_value;
use crate::model::message::{Address, Entry, State};
use crate::model::receipt::Receipt;
use crate::refusals::{no_receipt, not_changeable, receipt_expired};

/// AWS: from its receive on a message can be in flight for twelve hours, in seconds.
pub(crate) const LONGEST: u32 = 43_200;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) receipt: Receipt,
    /// As it was given: for errors.
    pub(crate) handle: String,
    /// In seconds from now; at most [`LONGEST`].
    pub(crate) seconds: u32,
}

impl Change {
    /// # Errors
    /// If there can't be such a one.
    pub(crate) fn read(handle: String, seconds: i32) -> Result<Self, AwsError> {
        let legal = u32::try_from(seconds).ok().filter(|seconds| *seconds <= LONGEST);
        let reason = "VisibilityTimeout must be an integer between 0 and 43200";
        let seconds = legal.ok_or_else(|| invalid_value(&seconds.to_string(), "VisibilityTimeout", reason))?;
        let receipt = Receipt::parse(&handle).ok_or_else(|| no_receipt(&handle))?;
        Ok(Self { receipt, handle, seconds })
    }
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Changed {
    Yes(Moved),
    /// AWS: the handle's time has passed, which isn't told on standard queues.
    No,
}

/// A message that can be seen at another moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moved {
    address: Address,
    before: UnixMillis,
    visible: UnixMillis,
    group: Option<String>,
}

impl Sqs {
    /// Receivers here learn of it once it is through.
    pub(crate) fn changed(&self, spot: &Spot, moved: &[Moved]) {
        if !spot.is_fifo() {
            let (desk, now) = (self.desks.of(spot.rows.number), self.parts.clock.now());
            for Moved { address, before, visible, group } in moved {
                desk.tenants.left(*address, *before, now);
                desk.tenants.took(*address, *visible, group.as_deref(), now);
            }
        }
    }
}

impl Spot {
    /// # Errors
    /// If there is no such message any more, or it can't be.
    pub(crate) async fn change(&self, tx: &mut Tx, change: &Change, now: UnixMillis) -> Result<Changed, AwsError> {
        let Receipt { number, address, receives } = change.receipt;
        let state = if number == self.rows.number { tx.row(&self.rows.state(address)).await? } else { None };
        let Some(state) = state else { return self.without_state(tx, change).await };
        if state.receives != receives || state.visible <= now {
            return if self.is_fifo() { Err(receipt_expired(&change.handle)) } else { Ok(Changed::No) };
        }
        let visible = now.plus(Duration::from_secs(change.seconds.into()));
        if visible.since(state.received) > Duration::from_secs(LONGEST.into()) {
            let reason = "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]";
            return Err(invalid_value(&change.seconds.to_string(), "VisibilityTimeout", reason));
        }
        let fifo = state.group.clone().filter(|_| self.is_fifo());
        let entry = match &fifo {
            Some(group) => tx.row(&self.rows.group(group, address)).await?,
            None => tx.row(&self.rows.visible(state.visible, address)).await?,
        };
        let Some(entry) = entry else { return Ok(Changed::No) };
        let moved = Moved { address, before: state.visible, visible, group: state.group.clone() };
        self.move_to(tx, address, state, Entry { visible, ..entry }).await?;
        if let Some(group) = fifo {
            hint_anew(tx, self, &group, moved.before).await?;
        }
        tx.touch(self.rows.topic());
        Ok(Changed::Yes(moved))
    }

    /// The message is gone; or it is there, and a power cut has taken its receive.
    async fn without_state(&self, tx: &mut Tx, change: &Change) -> Result<Changed, AwsError> {
        let there = change.receipt.number == self.rows.number
            && tx.row(&self.rows.message(change.receipt.address)).await?.is_some();
        if there { Ok(Changed::No) } else { Err(not_changeable(&change.handle)) }
    }

    /// From where the state says it is to where the entry does.
    pub(super) async fn move_to(&self, tx: &mut Tx, address: Address, state: State, entry: Entry) -> StoreResult<()> {
        let rows = &self.rows;
        tx.delete_row(&rows.visible(state.visible, address));
        tx.put_row(&rows.visible(entry.visible, address), &entry)?;
        match &state.group {
            Some(group) if self.is_fifo() => tx.put_row(&rows.group(group, address), &entry)?,
            Some(group) => fair::moves(tx, self, group, (state.visible, entry.visible, address)).await?,
            None => {}
        }
        tx.put_row(&rows.state(address), &State { visible: entry.visible, ..state })
    }
}
