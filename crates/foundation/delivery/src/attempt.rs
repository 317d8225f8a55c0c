//! One attempt at one delivery: read it, hand it to its target, have it written down what came of it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use updraft_kernel::RngExt;
use updraft_store::{Key, Result, StoreError, StoreExt, decode_row};
use updraft_timers::Patience;

use crate::delivery::{Attempt, Verdict};
use crate::keys::{BodyKey, LaneId};
use crate::lanes::{Entry, Left};
use crate::outbox::Shared;
use crate::pieces;
use crate::policy::{Next, Progress};
use crate::rows::Stored;
use crate::settle::{self, Outcome};
use crate::share::Share;

/// How often something is tried at once that conflicts with other transactions; then there are pauses.
const AT_ONCE: u32 = 8;

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) left: Left,
    /// Whether the target answered; `None`: it wasn't asked.
    pub(crate) answered: Option<bool>,
}

/// Carries out one attempt. The target is asked once, however long it takes to write down its answer.
pub(crate) async fn attempt(shared: Arc<Shared>, share: Share, lane: Arc<LaneId>, entry: Entry) -> Ended {
    let mut answered = None;
    let left = match try_once(&shared, &share, (&lane, &entry), &mut answered).await {
        Ok(left) => left,
        Err(err) => {
            // Only what can't be tried again comes here, and it is the lease that ends it.
            tracing::debug!(id = entry.id, source = %err, "another node has taken over a delivery");
            Left::Lost
        }
    };
    Ended { left, answered }
}

async fn try_once(
    shared: &Shared,
    share: &Share,
    (lane, entry): (&LaneId, &Entry),
    answered: &mut Option<bool>,
) -> Result<Left> {
    let (found, stored) = match look(shared, entry).await? {
        None => return settle::write(shared, share, entry, &Outcome::Gone).await,
        Some((found, None)) => return settle::write(shared, share, entry, &Outcome::Unreadable(found)).await,
        Some((found, Some(stored))) => (found, stored),
    };
    if LaneId::of(&stored.delivery) != *lane {
        // Another of that id came in place of the one that was cancelled, and its own lane carries it out.
        return settle::write(shared, share, entry, &Outcome::Gone).await;
    }
    if stored.waits_until.is_some() {
        return match stored.delivery.ordering_key {
            Some(_) => Ok(Left::Blocked),
            // The log names it no more, or is about to name it anew.
            None => settle::write(shared, share, entry, &Outcome::Gone).await,
        };
    }
    if !share.still() {
        return Ok(Left::Again);
    }
    let (next, stored) = (decide(shared, &stored, answered).await, Box::new(stored));
    settle::write(shared, share, entry, &Outcome::Decided { found, stored, next }).await
}

/// The row, and the delivery in it if it can be read.
type Found = (Bytes, Option<Stored>);

async fn look(shared: &Shared, entry: &Entry) -> Result<Option<Found>> {
    let mut persistence = Persistence::new(shared);
    loop {
        match look_once(shared, entry).await {
            Ok(found) => return Ok(found),
            Err(err) => persistence.after(err).await?,
        }
    }
}

async fn look_once(shared: &Shared, entry: &Entry) -> Result<Option<Found>> {
    let (mut tx, key) = (shared.store.read().await?, BodyKey(&entry.id).encode());
    let Some(found) = tx.raw().get(&key).await? else { return Ok(None) };
    let stored = match decode_row::<Stored>(&key, &found) {
        Ok(stored) => pieces::join(&mut tx, stored).await?,
        Err(_) => None,
    };
    Ok(Some((found, stored)))
}

/// Asks the target, unless it is too late for that.
async fn decide(shared: &Shared, stored: &Stored, answered: &mut Option<bool>) -> Next {
    let Stored { delivery, enqueued, attempts, busy, .. } = stored;
    if delivery.policy.is_expired(*enqueued, shared.clock.now()) {
        return Next::GiveUp { attempts: *attempts, reason: "it was not delivered within its maximum age".to_owned() };
    }
    let number = attempts.saturating_add(1);
    let attempt = Attempt { number, busy: *busy, enqueued: *enqueued };
    let answer = ask(shared, stored, attempt).await;
    *answered = Some(answer.is_some());
    let verdict = answer.unwrap_or_else(no_answer);
    let dice = u32::try_from(shared.rng.below(101)).unwrap_or(0);
    let progress = Progress { enqueued: *enqueued, attempts: number, busy: *busy };
    delivery.policy.next(progress, verdict, shared.clock.now(), dice)
}

/// `None`: it gave no answer for as long as it may take.
async fn ask(shared: &Shared, Stored { delivery, .. }: &Stored, attempt: Attempt) -> Option<Verdict> {
    let Some(target) = shared.target(&delivery.kind) else {
        return Some(Verdict::Retry { reason: format!("nothing carries out {:?}", delivery.kind), after: None });
    };
    let answer = tokio::select! {
        answer = AssertUnwindSafe(target.deliver(delivery, attempt)).catch_unwind() => answer,
        () = shared.clock.pause(target.patience()) => return None,
    };
    Some(answer.unwrap_or_else(|_| {
        tracing::error!(kind = delivery.kind, id = delivery.id, "a delivery's target panicked");
        Verdict::Retry { reason: "its target failed".to_owned(), after: None }
    }))
}

fn no_answer() -> Verdict {
    Verdict::Retry { reason: "its target gave no answer in time".to_owned(), after: None }
}

/// Goes on with a store that fails, in growing pauses, for as long as it makes sense.
pub(crate) struct Persistence<'a> {
    shared: &'a Shared,
    conflicts: u32,
    after_conflicts: Patience,
    after_outages: Patience,
}

impl<'a> Persistence<'a> {
    pub(crate) fn new(shared: &'a Shared) -> Self {
        let seed = shared.rng.u64();
        let (after_conflicts, after_outages) = (Patience::with_conflicts(seed), Patience::with_outages(seed));
        Self { shared, conflicts: 0, after_conflicts, after_outages }
    }

    /// Waits before the next try.
    ///
    /// # Errors
    /// If there is no point in one: another node has taken over.
    pub(crate) async fn after(&mut self, err: StoreError) -> Result<()> {
        let pause = match err {
            StoreError::Fenced(_) => return Err(err),
            StoreError::Conflict if self.conflicts < AT_ONCE => {
                self.conflicts += 1;
                tokio::task::yield_now().await;
                return Ok(());
            }
            StoreError::Conflict => self.after_conflicts.pause(),
            _ => self.after_outages.pause(),
        };
        self.shared.outage.failed("delivery", &err);
        self.shared.clock.pause(pause).await;
        Ok(())
    }
}
