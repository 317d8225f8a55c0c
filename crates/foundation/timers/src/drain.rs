//! Firing what is due in one bucket.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use updraft_kernel::UnixMillis;
use updraft_store::{MaybeConflict, Result, ScanOptions, StoreExt, Tx};

use crate::bucket::{Bucket, bucket_of, topic};
use crate::clock_rows;
use crate::keys::{self, ByIdKey, DueKey, Place, Timer};
use crate::owner::FireError;
use crate::timers::Wheel;

/// How long a node has a bucket for itself. It is taken when there is something to do and never renewed while idle, so
/// that an idle platform doesn't wake up. Should it run out during a slow batch, nothing fires twice: each firing
/// removes its timer in its own transaction, and that is the fence.
pub(crate) const LEASE: Duration = Duration::from_secs(10);

/// Timers fired in one transaction at most.
const BATCH: usize = 64;

/// How often a firing is tried that conflicts with other transactions, before it is put off.
const ATTEMPTS: u32 = 64;

/// The longest pause after a failure.
const MAX_BACKOFF: Duration = Duration::from_secs(3600);

/// What became of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drained {
    /// Another node has it.
    Elsewhere,
    /// Nothing is due any more.
    Done { fired: usize, next: Option<UnixMillis> },
}

/// How many fired.
type Fired = std::result::Result<usize, FireError>;

/// A timer and the key it lies at.
type Found = (Bytes, Timer);

/// Fires everything due in the bucket, in due order, until nothing is.
pub(crate) async fn drain(wheel: &Wheel, bucket: &Bucket) -> Result<Drained> {
    let mut floor = bucket.floor.lock().await;
    let mut from = floor.start(&*wheel.clock);
    let mut fired = 0;
    loop {
        let page = scan(wheel, bucket, from).await?;
        let first = page.first().map(|(key, _)| keys::at(key)).transpose()?;
        let now = wheel.clock.now();
        let Some(due) = first.filter(|at| *at <= now) else {
            // Twice its age: a transaction begins to commit within it, and may wait for others meanwhile.
            let oldest = wheel.store.limits().txn_age.saturating_mul(2);
            floor.emptied(first.unwrap_or(UnixMillis::MAX), oldest);
            return Ok(Drained::Done { fired, next: first });
        };
        if bucket.lease.held().is_none() {
            return Ok(Drained::Elsewhere);
        }
        fired += fire_batch(wheel, &due_by(page, now)?, now).await?;
        // What firing schedules lies at `now` or later, so within this drain the dead rows before are passed once.
        from = due;
    }
}

async fn scan(wheel: &Wheel, bucket: &Bucket, from: UnixMillis) -> Result<Vec<Found>> {
    let mut tx = wheel.store.read().await?;
    Ok(tx.rows::<DueKey<'_>>(keys::from(bucket.number, from), ScanOptions::limit(BATCH)).await?.rows)
}

fn due_by(page: Vec<Found>, now: UnixMillis) -> Result<Vec<Found>> {
    let mut due = Vec::with_capacity(page.len());
    for found in page {
        if keys::at(&found.0)? > now {
            break;
        }
        due.push(found);
    }
    Ok(due)
}

/// All in one transaction; where that fails, one by one, so that a single broken timer holds nobody up.
async fn fire_batch(wheel: &Wheel, due: &[Found], now: UnixMillis) -> Result<usize> {
    if due.len() > 1
        && let Ok(fired) = fire(wheel, due, now).await
    {
        return Ok(fired);
    }
    let mut fired = 0;
    for one in due {
        match fire(wheel, std::slice::from_ref(one), now).await {
            Ok(count) => fired += count,
            Err(err) => put_off(wheel, one, now, &err).await?,
        }
    }
    Ok(fired)
}

async fn fire(wheel: &Wheel, due: &[Found], now: UnixMillis) -> Fired {
    let mut attempt = 1;
    loop {
        match AssertUnwindSafe(fire_once(wheel, due, now)).catch_unwind().await {
            Ok(Err(err)) if err.is_conflict() && attempt < ATTEMPTS => attempt += 1,
            Ok(done) => return done,
            Err(_) => return Err(FireError::Other("its owner panicked".to_owned())),
        }
        tokio::task::yield_now().await;
    }
}

async fn fire_once(wheel: &Wheel, due: &[Found], now: UnixMillis) -> Fired {
    let mut tx = wheel.store.write().await?;
    let mut fired = 0;
    for (key, timer) in due {
        // Cancelled meanwhile, perhaps by the one fired before it.
        if tx.raw().get(key).await?.is_none() {
            continue;
        }
        remove(&mut tx, key, timer);
        wheel.owners.find(&timer.owner)?.fire(&mut tx, timer, now).await?;
        fired += 1;
    }
    clock_rows::put_floor(&mut tx, now)?;
    tx.commit().await?;
    Ok(fired)
}

/// Looked at again later; its `due` stays what it was.
async fn put_off(wheel: &Wheel, (key, timer): &Found, now: UnixMillis, why: &FireError) -> Result<()> {
    let pause = backoff(timer.failures);
    tracing::error!(owner = timer.owner, id = timer.id, ?pause, source = ?why, "a timer could not be fired");
    let later = Timer { failures: timer.failures.saturating_add(1), ..timer.clone() };
    let mut tx = wheel.store.write().await?;
    if tx.raw().get(key).await?.is_some() {
        remove(&mut tx, key, timer);
        place(&mut tx, now.plus(pause), &later)?;
    }
    match tx.commit().await {
        // Somebody cancelled or moved it: the next look decides.
        Err(err) if !err.is_conflict() => Err(err),
        _ => Ok(()),
    }
}

/// 1 s, doubled with each failure, up to an hour.
fn backoff(failures: u32) -> Duration {
    Duration::from_secs(1).saturating_mul(1 << failures.min(12)).min(MAX_BACKOFF)
}

fn remove(tx: &mut Tx, key: &Bytes, timer: &Timer) {
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
