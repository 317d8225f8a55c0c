//! One attempt at one delivery: read it, hand it to its target, write down what came of it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use updraft_kernel::RngExt;
use updraft_store::{Result, StoreError, StoreExt, Tx};
use updraft_timers::Schedule;

use crate::delivery::{DeadLetter, Delivery, Failure, Verdict};
use crate::keys::{BodyKey, Stored};
use crate::lanes::{Entry, Left};
use crate::outbox::{OWNER, Shared, write_ready};
use crate::policy::{Next, Progress, RetryPolicy};

/// How often the outcome is written that conflicts with other transactions.
const ATTEMPTS: u32 = 64;

/// How long (in real time) to leave a store that fails.
const BROKEN_PAUSE: Duration = Duration::from_secs(1);

/// Carries out one attempt.
pub(crate) async fn attempt(shared: Arc<Shared>, entry: Entry) -> Left {
    match try_once(&shared, &entry).await {
        Ok(left) => left,
        Err(err) => {
            tracing::error!(id = entry.id, source = ?err, "what came of a delivery can't be written down; doing it again");
            shared.clock.pause(BROKEN_PAUSE).await;
            Left::Again
        }
    }
}

async fn try_once(shared: &Shared, entry: &Entry) -> Result<Left> {
    let stored = shared.store.read().await?.row(&BodyKey(&entry.id)).await?;
    match stored {
        Some(stored) if stored.waiting => Ok(Left::Blocked),
        Some(stored) => {
            let next = decide(shared, &stored).await;
            settle(shared, entry, &stored, &next).await
        }
        None => forget(shared, entry).await,
    }
}

/// Asks the target, unless it is too late for that.
async fn decide(shared: &Shared, stored: &Stored) -> Next {
    let Stored { delivery, enqueued, attempts, .. } = stored;
    if delivery.policy.is_expired(*enqueued, shared.clock.now()) {
        return Next::GiveUp { attempts: *attempts, reason: "it was not delivered within its maximum age".to_owned() };
    }
    let number = attempts.saturating_add(1);
    let verdict = ask(shared, delivery, number).await;
    let dice = u32::try_from(shared.rng.below(101)).unwrap_or(0);
    let progress = Progress { enqueued: *enqueued, attempts: number };
    delivery.policy.next(progress, verdict, shared.clock.now(), dice)
}

async fn ask(shared: &Shared, delivery: &Delivery, number: u32) -> Verdict {
    let Some(target) = shared.target(&delivery.kind) else {
        return Verdict::Retry { reason: format!("nothing carries out {:?}", delivery.kind), after: None };
    };
    let answer = AssertUnwindSafe(target.deliver(delivery, number)).catch_unwind().await;
    answer.unwrap_or_else(|_| {
        tracing::error!(kind = delivery.kind, id = delivery.id, "a delivery's target panicked");
        Verdict::Retry { reason: "its target failed".to_owned(), after: None }
    })
}

/// The log still names a delivery that is gone.
async fn forget(shared: &Shared, entry: &Entry) -> Result<Left> {
    let mut tx = shared.store.write().await?;
    remove_from_log(&mut tx, entry);
    tx.commit().await?;
    Ok(Left::Nothing)
}

/// Writes down what came of the attempt. The target isn't asked again if that conflicts.
async fn settle(shared: &Shared, entry: &Entry, stored: &Stored, next: &Next) -> Result<Left> {
    let mut tries = 1;
    loop {
        match settle_once(shared, entry, stored, next).await {
            Err(StoreError::Conflict) if tries < ATTEMPTS => tries += 1,
            done => return done,
        }
        tokio::task::yield_now().await;
    }
}

async fn settle_once(shared: &Shared, entry: &Entry, stored: &Stored, next: &Next) -> Result<Left> {
    let mut tx = shared.store.write().await?;
    let left = match next {
        Next::Remove => remove(&mut tx, entry),
        Next::GiveUp { attempts, reason } => {
            give_up(shared, &mut tx, &stored.delivery, *attempts, reason)?;
            remove(&mut tx, entry)
        }
        Next::TryAt { at, attempts } => {
            let waiting = Stored { attempts: *attempts, waiting: true, ..stored.clone() };
            tx.put_row(&BodyKey(&entry.id), &waiting)?;
            let timer = Schedule { owner: OWNER, id: entry.id.clone(), due: *at, payload: Vec::new() };
            shared.timers.schedule(&mut tx, timer).await?;
            wait(&mut tx, entry, &stored.delivery)
        }
    };
    tx.commit().await?;
    Ok(left)
}

fn remove(tx: &mut Tx, entry: &Entry) -> Left {
    tx.delete_row(&BodyKey(&entry.id));
    remove_from_log(tx, entry);
    Left::Nothing
}

/// An ordered delivery keeps its place in the log, so that it stays ahead of its followers over a restart.
fn wait(tx: &mut Tx, entry: &Entry, delivery: &Delivery) -> Left {
    if delivery.ordering_key.is_some() {
        return Left::Blocked;
    }
    remove_from_log(tx, entry);
    Left::Nothing
}

fn remove_from_log(tx: &mut Tx, entry: &Entry) {
    for key in &entry.keys {
        tx.raw().delete(key.clone());
    }
}

fn give_up(shared: &Shared, tx: &mut Tx, delivery: &Delivery, attempts: u32, reason: &str) -> Result<()> {
    let Delivery { id, kind, target, .. } = delivery;
    tracing::warn!(id, kind, target, attempts, reason, "a delivery was given up");
    let Some(dead_letter) = &delivery.dead_letter else { return Ok(()) };
    let failure = Failure { kind: kind.clone(), target: target.clone(), attempts, reason: reason.to_owned() };
    write_ready(shared, tx, dead(delivery, dead_letter, failure))
}

fn dead(delivery: &Delivery, to: &DeadLetter, failure: Failure) -> Delivery {
    Delivery {
        id: format!("{}/dead-letter", delivery.id),
        kind: to.kind.clone(),
        target: to.target.clone(),
        ordering_key: None,
        payload: delivery.payload.clone(),
        policy: RetryPolicy::default(),
        dead_letter: None,
        failure: Some(failure),
    }
}
