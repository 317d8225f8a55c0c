//! Firing timers: many in one transaction, and fewer where that fails.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use updraft_kernel::UnixMillis;
use updraft_store::{MaybeConflict, Result, StoreError, StoreExt};

use crate::bucket::Mine;
use crate::clock_rows;
use crate::drain::{Found, place, remove};
use crate::owner::FireError;
use crate::timers::Wheel;

/// How often a batch is tried that conflicts with other transactions, before it is halved. Of the many rows that it
/// reads, one or two are contended; smaller batches leave them to themselves.
const BATCH_ATTEMPTS: u32 = 4;

/// How often one timer is tried that conflicts, before it is put off.
const ATTEMPTS: u32 = 32;

/// The longest pause after a failure.
const MAX_BACKOFF: Duration = Duration::from_secs(3600);

/// How many fired.
type Fired = std::result::Result<usize, FireError>;

/// All in one transaction; where that fails in halves, and so on, so that a single broken timer holds nobody up. Adds
/// to `fired` as it goes on.
pub(crate) async fn fire_all(
    wheel: &Wheel,
    mine: &Mine<'_>,
    due: &[Found],
    now: UnixMillis,
    fired: &mut usize,
) -> Result<()> {
    let mut rest = vec![due];
    while let Some(part) = rest.pop() {
        match (fire(wheel, mine, part, now).await, part) {
            (Ok(count), _) => *fired += count,
            // The store's trouble and no timer's.
            (Err(FireError::Store(err)), _) if !is_of_the_timers(&err) => return Err(err),
            (Err(err), [one]) => put_off(wheel, mine, one, now, &err).await?,
            (Err(_), _) => {
                let (first, second) = part.split_at(part.len() / 2);
                rest.extend([second, first]);
            }
        }
    }
    Ok(())
}

/// What another batch, or none of this timer, might not meet.
fn is_of_the_timers(err: &StoreError) -> bool {
    use StoreError::{Conflict, Corrupt, ReadOnly, TooLarge};
    matches!(err, Conflict | Corrupt { .. } | ReadOnly | TooLarge { .. })
}

async fn fire(wheel: &Wheel, mine: &Mine<'_>, due: &[Found], now: UnixMillis) -> Fired {
    let attempts = if due.len() > 1 { BATCH_ATTEMPTS } else { ATTEMPTS };
    let mut attempt = 1;
    loop {
        match AssertUnwindSafe(fire_once(wheel, mine, due, now)).catch_unwind().await {
            Ok(Err(err)) if err.is_conflict() && attempt < attempts => attempt += 1,
            Ok(done) => return done,
            Err(_) => return Err(FireError::Other("its owner panicked".to_owned())),
        }
        tokio::task::yield_now().await;
    }
}

async fn fire_once(wheel: &Wheel, mine: &Mine<'_>, due: &[Found], now: UnixMillis) -> Fired {
    let mut tx = wheel.store.write().await?;
    mine.fence(&mut tx).await?;
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
    clock_rows::put_floor(&mut tx, mine.bucket.number, now)?;
    tx.commit().await?;
    Ok(fired)
}

/// Looked at again later; its `due` stays what it was.
async fn put_off(wheel: &Wheel, mine: &Mine<'_>, found: &Found, now: UnixMillis, why: &FireError) -> Result<()> {
    let timer = &found.1;
    let pause = backoff(timer.failures);
    tracing::error!(owner = timer.owner, id = timer.id, ?pause, source = ?why, "a timer could not be fired");
    let mut attempt = 1;
    loop {
        match put_off_once(wheel, mine, found, now.plus(pause)).await {
            // Somebody cancelled or moved it: the next look decides.
            Err(StoreError::Conflict) if attempt < ATTEMPTS => attempt += 1,
            done => return done,
        }
        tokio::task::yield_now().await;
    }
}

async fn put_off_once(wheel: &Wheel, mine: &Mine<'_>, (key, timer): &Found, until: UnixMillis) -> Result<()> {
    let mut tx = wheel.store.write().await?;
    mine.fence(&mut tx).await?;
    if tx.raw().get(key).await?.is_some() {
        let later = crate::keys::Timer { failures: timer.failures.saturating_add(1), ..timer.clone() };
        remove(&mut tx, key, timer);
        place(&mut tx, until, &later)?;
    }
    tx.commit().await.map(drop)
}

/// 1 s, doubled with each failure, up to an hour.
fn backoff(failures: u32) -> Duration {
    Duration::from_secs(1).saturating_mul(1 << failures.min(12)).min(MAX_BACKOFF)
}
