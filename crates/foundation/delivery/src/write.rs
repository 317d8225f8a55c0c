//! Writing deliveries, and naming them in their logs.

use std::sync::atomic::Ordering;

use updraft_store::{Key, Result, StoreError, Tx, encode_row};

use crate::delivery::Delivery;
use crate::keys::{BodyKey, LaneId, log_prefix, log_suffix, topic};
use crate::outbox::Shared;
use crate::rows::Stored;

/// What a row may grow by after it was accepted: the reason of a failure, and where it comes from as a dead letter.
const GROWTH: usize = 8 * 1024;

/// Puts a new delivery in, ready.
pub(crate) fn write_ready(shared: &Shared, tx: &mut Tx, delivery: Delivery) -> Result<()> {
    let enqueued = shared.clock.now();
    write(shared, tx, &Stored { delivery, enqueued, attempts: 0, waits_until: None, last_failure: None })
}

/// Refuses what would not fit once it has failed: what was accepted can always be written down again.
pub(crate) fn check_size(shared: &Shared, delivery: &Delivery) -> Result<()> {
    let limit = shared.store.limits().value_bytes.saturating_sub(GROWTH);
    let Delivery { id, kind, target, ordering_key, payload, .. } = delivery;
    let size = id.len() + kind.len() + target.len() + ordering_key.as_ref().map_or(0, String::len) + payload.len();
    if size > limit { Err(StoreError::TooLarge { what: "a delivery", size, limit }) } else { Ok(()) }
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
