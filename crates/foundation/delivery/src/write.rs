//! Writing deliveries, and naming them in their logs.

use std::sync::atomic::Ordering;

use updraft_store::{Key, Result, StoreError, Tx, decode_row, encode_row};

use crate::delivery::Delivery;
use crate::keys::{BodyKey, LaneId, RememberedKey, log_prefix, log_suffix, topic};
use crate::outbox::Shared;
use crate::pieces::{self, MOST, PIECE};
use crate::remember::is_remembered;
use crate::rows::Stored;
use crate::settle::put_aside;

/// What a row may grow by after it was accepted: the reason of a failure, and where it comes from as a dead letter.
const GROWTH: usize = 8 * 1024;

/// Puts a new delivery in, ready.
pub(crate) fn write_ready(shared: &Shared, tx: &mut Tx, delivery: Delivery) -> Result<()> {
    let enqueued = shared.clock.now();
    let stored =
        Stored { delivery, enqueued, attempts: 0, waits_until: None, last_failure: None, busy: 0, pieces: None };
    let stored = pieces::split(tx, stored);
    write(shared, tx, &stored)
}

/// Refuses what would not fit once it has failed: what was accepted can always be written down again.
fn check_size(shared: &Shared, delivery: &Delivery) -> Result<()> {
    let limit = shared.store.limits().value_bytes.saturating_sub(GROWTH);
    let Delivery { id, kind, target, ordering_key, payload, .. } = delivery;
    let within = payload.len().min(PIECE);
    let size = id.len() + kind.len() + target.len() + ordering_key.as_ref().map_or(0, String::len) + within;
    if size > limit {
        return Err(StoreError::TooLarge { what: "a delivery", size, limit });
    }
    let size = payload.len();
    if size > MOST { Err(StoreError::TooLarge { what: "a delivery's payload", size, limit: MOST }) } else { Ok(()) }
}

/// Puts a delivery in, unless one of its id is there or was delivered lately. `false`: it is, or was.
pub(crate) async fn enqueue(shared: &Shared, tx: &mut Tx, delivery: Delivery) -> Result<bool> {
    check_size(shared, &delivery)?;
    let keys = [BodyKey(&delivery.id).encode(), RememberedKey(&delivery.id).encode()];
    let mut found = tx.raw().get_many(&keys).await?.into_iter();
    let ([body, remembered], [found_body, found_remembered]) = (&keys, [found.next(), found.next()]);
    if is_remembered(remembered, found_remembered.flatten().as_ref(), shared.clock.now()) {
        return Ok(false);
    }
    if let Some(there) = found_body.flatten() {
        if decode_row::<Stored>(body, &there).is_ok() {
            return Ok(false);
        }
        put_aside(shared, tx, &delivery.id, &there).await?;
    }
    write_ready(shared, tx, delivery)?;
    Ok(true)
}

/// Writes the delivery and names it at the end of its log.
pub(crate) fn write(shared: &Shared, tx: &mut Tx, stored: &Stored) -> Result<()> {
    let id = &stored.delivery.id;
    tx.raw().put(BodyKey(id).encode(), encode_row(stored)?);
    name(shared, tx, &LaneId::of(&stored.delivery), id)
}

/// Names an id at the end of its lane's log, which has the lane look at it.
pub(crate) fn name(shared: &Shared, tx: &mut Tx, lane: &LaneId, id: &str) -> Result<()> {
    let shard = lane.shard();
    let suffix = log_suffix(shared.ordinal.fetch_add(1, Ordering::SeqCst), id);
    tx.raw().put_versioned(log_prefix(shard), suffix, encode_row(lane)?);
    tx.touch(topic(shard));
    Ok(())
}
