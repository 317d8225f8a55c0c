//! Ids that were delivered lately, so that they aren't again.

use bytes::Bytes;
use updraft_kernel::{BoxFuture, UnixMillis};
use updraft_store::{Result, Tx, decode_row};
use updraft_timers::{FireError, Schedule, Timer, TimerOwner};

use crate::delivery::Delivery;
use crate::keys::RememberedKey;
use crate::outbox::Shared;
use crate::rows::Remembered;

/// Whose timers forget ids.
pub(crate) const FORGETS: &str = "delivery.forget";

/// It was delivered when `tx` commits.
pub(crate) async fn remember(shared: &Shared, tx: &mut Tx, delivery: &Delivery) -> Result<()> {
    let Some(span) = delivery.dedup_for else { return Ok(()) };
    let until = shared.clock.now().plus(span);
    tx.put_row(&RememberedKey(&delivery.id), &Remembered { until })?;
    let timer = Schedule { owner: FORGETS, id: delivery.id.clone(), due: until, payload: Vec::new() };
    shared.timers.schedule(tx, timer).await
}

/// Whether one of this id was delivered within the time it asked to be remembered for, by what `found` says.
pub(crate) fn is_remembered(key: &Bytes, found: Option<&Bytes>, now: UnixMillis) -> bool {
    let Some(found) = found else { return false };
    match decode_row::<Remembered>(key, found) {
        Ok(row) => row.until > now,
        // Delivered at least once is what is promised; not at all would be worse.
        Err(err) => {
            tracing::error!(source = %err, "whether a delivery was carried out lately can't be read; taking it as new");
            false
        }
    }
}

/// Removes the row when its time is over.
#[derive(Debug)]
pub(crate) struct Forgets;

impl TimerOwner for Forgets {
    fn fire<'a>(
        &'a self,
        tx: &'a mut Tx,
        timer: &'a Timer,
        _: UnixMillis,
    ) -> BoxFuture<'a, std::result::Result<(), FireError>> {
        tx.delete_row(&RememberedKey(&timer.id));
        Box::pin(std::future::ready(Ok(())))
    }
}
