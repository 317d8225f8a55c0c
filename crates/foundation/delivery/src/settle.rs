//! Writing down what came of an attempt.

use bytes::Bytes;
use updraft_store::{Key, Result, StoreError, StoreExt, Tx, encode_row};
use updraft_timers::Schedule;

use crate::attempt::Persistence;
use crate::delivery::{DeadLetter, Delivery, Failure};
use crate::keys::{ASIDE, BodyKey, LaneId};
use crate::lanes::{Entry, Left};
use crate::outbox::{OWNER, Shared};
use crate::pieces::{self, without_payload};
use crate::policy::{Next, RetryPolicy};
use crate::remember::remember;
use crate::rows::Stored;
use crate::share::Share;
use crate::write::{enqueue, write_ready};

/// Of a reason this much is kept: rows are bounded, and targets' errors aren't.
const REASON: usize = 512;

/// What is to be written down.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// The log names what isn't there, or not to be delivered now.
    Gone,
    /// What lies there is no delivery.
    Unreadable(Bytes),
    /// `stored` lay there as `found` when it was attempted.
    Decided { found: Bytes, stored: Box<Stored>, next: Next },
}

/// Until it is written; the target isn't asked again if that takes several tries.
///
/// # Errors
/// If another node has taken over.
pub(crate) async fn write(shared: &Shared, share: &Share, entry: &Entry, outcome: &Outcome) -> Result<Left> {
    if let Outcome::Decided { stored, next: Next::GiveUp { attempts, reason }, .. } = outcome {
        let Delivery { id, kind, target, .. } = &stored.delivery;
        tracing::warn!(id, kind, target, attempts, reason, "a delivery was given up");
    }
    let mut persistence = Persistence::new(shared);
    loop {
        match write_once(shared, share, entry, outcome).await {
            Ok(left) => {
                shared.outage.over();
                return Ok(left);
            }
            Err(err) => persistence.after(err).await?,
        }
    }
}

async fn write_once(shared: &Shared, share: &Share, entry: &Entry, outcome: &Outcome) -> Result<Left> {
    let mut tx = shared.store.write().await?;
    share.fence(&mut tx).await?;
    let left = match outcome {
        Outcome::Gone => leave_log(&mut tx, entry),
        Outcome::Unreadable(found) => {
            put_aside(shared, &mut tx, &entry.id, found).await?;
            leave_log(&mut tx, entry)
        }
        Outcome::Decided { found, stored, next } => {
            // Cancelled meanwhile, perhaps enqueued anew; or an earlier try of this was applied after all.
            if tx.raw().get(&BodyKey(&entry.id).encode()).await?.as_ref() != Some(found) {
                return Ok(Left::Again);
            }
            decided(shared, &mut tx, entry, stored, next).await?
        }
    };
    tx.commit().await?;
    Ok(left)
}

/// Takes what can't be read out of everybody's way.
pub(crate) async fn put_aside(shared: &Shared, tx: &mut Tx, id: &str, found: &Bytes) -> Result<()> {
    if ASIDE.put_aside(tx, &BodyKey(id).encode(), found).await? {
        shared.count_unreadable();
        tracing::error!(id, "a delivery can't be read and was put aside; it will not be carried out");
    }
    Ok(())
}

async fn decided(shared: &Shared, tx: &mut Tx, entry: &Entry, stored: &Stored, next: &Next) -> Result<Left> {
    match next {
        Next::Remove => {
            remember(shared, tx, &stored.delivery).await?;
            Ok(remove(tx, entry, stored))
        }
        Next::Follow(deliveries) => {
            remember(shared, tx, &stored.delivery).await?;
            for delivery in deliveries {
                follow(shared, tx, delivery).await?;
            }
            Ok(remove(tx, entry, stored))
        }
        Next::GiveUp { attempts, reason } => {
            if let Some(dead) = dead_letter(&stored.delivery, *attempts, reason) {
                write_ready(shared, tx, dead)?;
            }
            Ok(remove(tx, entry, stored))
        }
        Next::TryAt { at, attempts, busy, reason } => {
            let lane = LaneId::of(&stored.delivery);
            let last_failure = Some(cut(reason));
            let (attempts, busy, waits_until) = (*attempts, *busy, Some(*at));
            let waiting = Stored { attempts, busy, waits_until, last_failure, ..stored.clone() };
            tx.put_row(&BodyKey(&entry.id), &without_payload(waiting))?;
            let payload = encode_row(&lane)?.to_vec();
            let timer = Schedule { owner: OWNER, id: entry.id.clone(), due: *at, payload };
            shared.timers.schedule(tx, timer).await?;
            Ok(wait(tx, entry, &lane))
        }
    }
}

/// What doesn't fit would fail whenever it is tried, and keep the delivery that it follows from here forever.
async fn follow(shared: &Shared, tx: &mut Tx, delivery: &Delivery) -> Result<()> {
    match enqueue(shared, tx, delivery.clone()).await {
        Err(StoreError::TooLarge { what, size, limit }) => {
            let Delivery { id, kind, target, .. } = delivery;
            tracing::error!(id, kind, target, what, size, limit, "a delivery that follows from another is too large");
            Ok(())
        }
        enqueued => enqueued.map(drop),
    }
}

fn remove(tx: &mut Tx, entry: &Entry, stored: &Stored) -> Left {
    tx.delete_row(&BodyKey(&entry.id));
    pieces::remove(tx, &entry.id, stored.pieces);
    leave_log(tx, entry)
}

/// An ordered delivery keeps its place in the log, so that it stays ahead of its followers over a restart.
fn wait(tx: &mut Tx, entry: &Entry, lane: &LaneId) -> Left {
    if lane.ordering_key.is_some() { Left::Blocked } else { leave_log(tx, entry) }
}

fn leave_log(tx: &mut Tx, entry: &Entry) -> Left {
    for key in &entry.keys {
        tx.raw().delete(key.clone());
    }
    Left::Nothing
}

fn dead_letter(delivery: &Delivery, attempts: u32, reason: &str) -> Option<Delivery> {
    let DeadLetter { kind, target } = delivery.dead_letter.clone()?;
    let failure =
        Failure { kind: delivery.kind.clone(), target: delivery.target.clone(), attempts, reason: cut(reason) };
    Some(Delivery {
        id: format!("{}/dead-letter", delivery.id),
        kind,
        target,
        ordering_key: None,
        payload: delivery.payload.clone(),
        policy: RetryPolicy::default(),
        dead_letter: None,
        failure: Some(failure),
        dedup_for: None,
    })
}

fn cut(reason: &str) -> String {
    let end = reason.floor_char_boundary(REASON);
    reason.get(..end).unwrap_or_default().to_owned()
}
