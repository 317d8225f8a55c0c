//! Firing what is due in one bucket.

use bytes::Bytes;
use updraft_kernel::UnixMillis;
use updraft_store::{Page, Result, ScanOptions, StoreError, StoreExt, Tx, decode_row};

use crate::aside;
use crate::bucket::{Bucket, Mine, bucket_of, topic};
use crate::fire::fire_all;
use crate::keys::{self, ByIdKey, DueKey, Place, Timer};
use crate::timers::Wheel;

/// Timers fired in one transaction at most.
const BATCH: usize = 64;

/// What became of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Drained {
    pub(crate) fired: usize,
    pub(crate) then: Then,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// Another node has it.
    Elsewhere,
    /// Nothing is due until then; `None`: there is nothing.
    Idle(Option<UnixMillis>),
}

/// A timer and the key it lies at.
pub(crate) type Found = (Bytes, Timer);

/// A row as it lies in the store.
pub(crate) type Raw = (Bytes, Bytes);

/// The first row of a bucket.
#[derive(Debug)]
pub(crate) enum First {
    Nothing,
    At(UnixMillis),
    Unreadable(Raw),
}

/// Fires everything due in the bucket, in due order, until nothing is.
pub(crate) async fn drain(wheel: &Wheel, bucket: &Bucket) -> Result<Drained> {
    let _turn = bucket.turn.lock().await;
    let mut fired = 0;
    match drain_mine(wheel, bucket, &mut fired).await {
        Ok(then) => Ok(Drained { fired, then }),
        // How a node learns that it has been too slow.
        Err(StoreError::Fenced(_)) => Ok(Drained { fired, then: Then::Elsewhere }),
        Err(err) => Err(err),
    }
}

async fn drain_mine(wheel: &Wheel, bucket: &Bucket, fired: &mut usize) -> Result<Then> {
    loop {
        let Some(mine) = bucket.mine() else { return Ok(Then::Elsewhere) };
        let now = wheel.clock.now();
        match first(wheel, bucket.number).await? {
            First::Nothing => return Ok(Then::Idle(None)),
            First::At(at) if at > now => return Ok(Then::Idle(Some(at))),
            First::At(_) => while mine.still() && fire_page(wheel, &mine, now, fired).await? {},
            First::Unreadable(row) => aside::put_aside(wheel, &mine, &[row]).await?,
        }
    }
}

/// `true`: there was more than fits one transaction.
async fn fire_page(wheel: &Wheel, mine: &Mine<'_>, now: UnixMillis, fired: &mut usize) -> Result<bool> {
    let page = due(wheel, mine.bucket.number, now).await?;
    let (mut found, mut unreadable) = (Vec::with_capacity(page.rows.len()), Vec::new());
    for (key, value) in page.rows {
        match decode_row(&key, &value) {
            Ok(timer) => found.push((key, timer)),
            Err(_) => unreadable.push((key, value)),
        }
    }
    if !unreadable.is_empty() {
        aside::put_aside(wheel, mine, &unreadable).await?;
    }
    if !found.is_empty() {
        fire_all(wheel, mine, &found, now, fired).await?;
    }
    Ok(page.more)
}

async fn due(wheel: &Wheel, bucket: u8, now: UnixMillis) -> Result<Page> {
    let mut tx = wheel.store.read().await?;
    tx.raw().scan(keys::due(bucket, now), ScanOptions::limit(BATCH).from_head()).await
}

/// Looks at one row only: most who ask find that nothing is due.
pub(crate) async fn first(wheel: &Wheel, bucket: u8) -> Result<First> {
    let mut tx = wheel.store.read().await?;
    let page = tx.raw().scan(keys::whole(bucket), ScanOptions::limit(1).from_head()).await?;
    let Some(row) = page.rows.into_iter().next() else { return Ok(First::Nothing) };
    Ok(keys::at(&row.0).map_or(First::Unreadable(row), First::At))
}

/// Takes a timer out of the wheel.
pub(crate) fn remove(tx: &mut Tx, key: &Bytes, timer: &Timer) {
    tx.raw().delete(key.clone());
    tx.delete_row(&ByIdKey { owner: &timer.owner, id: &timer.id });
}

/// Puts a timer in the wheel, to be looked at `at` then.
pub(crate) fn place(tx: &mut Tx, at: UnixMillis, timer: &Timer) -> Result<()> {
    let Timer { owner, id, .. } = timer;
    let bucket = bucket_of(owner, id);
    tx.put_row(&DueKey { bucket, at, owner, id }, timer)?;
    tx.put_row(&ByIdKey { owner, id }, &Place { at })?;
    tx.touch(topic(bucket));
    Ok(())
}
