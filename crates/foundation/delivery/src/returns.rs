//! Bringing deliveries back when their pauses are over.

use std::sync::Weak;

use updraft_kernel::{BoxFuture, UnixMillis};
use updraft_store::{Key, StoreError, Tx, decode_row};
use updraft_timers::{FireError, Timer, TimerOwner};

use crate::keys::{BodyKey, LaneId};
use crate::outbox::Shared;
use crate::rows::Stored;
use crate::settle::put_aside;
use crate::write::{name, write};

type Fired = std::result::Result<(), FireError>;

/// The owner of the timers that retries wait for. Their payload is the lane.
#[derive(Debug)]
pub(crate) struct Returns(pub(crate) Weak<Shared>);

impl TimerOwner for Returns {
    fn fire<'a>(&'a self, tx: &'a mut Tx, timer: &'a Timer, _: UnixMillis) -> BoxFuture<'a, Fired> {
        Box::pin(async move {
            let Some(shared) = self.0.upgrade() else { return Err(FireError::Other("the outbox is gone".to_owned())) };
            bring_back(&shared, tx, timer).await.map_err(FireError::Store)
        })
    }
}

async fn bring_back(shared: &Shared, tx: &mut Tx, timer: &Timer) -> Result<(), StoreError> {
    let key = BodyKey(&timer.id).encode();
    let Some(found) = tx.raw().get(&key).await? else { return Ok(()) };
    if let Ok(stored) = decode_row::<Stored>(&key, &found) {
        return write(shared, tx, &Stored { waits_until: None, ..stored });
    }
    put_aside(shared, tx, &timer.id, &found).await?;
    // If it was the head of an ordered lane, those behind it go on: the lane finds it gone.
    match decode_row::<LaneId>(&key, &timer.payload) {
        Ok(lane) => name(shared, tx, &lane, &timer.id),
        Err(_) => Ok(()),
    }
}
