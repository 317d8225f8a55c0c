//! Version 1 of [`Stored`].

use serde::Deserialize;
use updraft_kernel::UnixMillis;

use super::Stored;
use crate::delivery::{DeadLetter, Delivery, Failure};
use crate::policy::RetryPolicy;

#[derive(Deserialize)]
struct StoredV1 {
    delivery: DeliveryV1,
    enqueued: UnixMillis,
    attempts: u32,
    waiting: bool,
}

#[derive(Deserialize)]
struct DeliveryV1 {
    id: String,
    kind: String,
    target: String,
    ordering_key: Option<String>,
    payload: Vec<u8>,
    policy: RetryPolicy,
    dead_letter: Option<DeadLetter>,
    failure: Option<Failure>,
}

pub(super) fn stored(body: &[u8]) -> Option<Stored> {
    let StoredV1 { delivery, enqueued, attempts, waiting } = postcard::from_bytes(body).ok()?;
    // When it comes back was known to the timer only.
    let waits_until = waiting.then_some(enqueued);
    let delivery = upgraded(delivery);
    Some(Stored { delivery, enqueued, attempts, waits_until, last_failure: None, busy: 0, pieces: None })
}

fn upgraded(old: DeliveryV1) -> Delivery {
    let DeliveryV1 { id, kind, target, ordering_key, payload, policy, dead_letter, failure } = old;
    Delivery { id, kind, target, ordering_key, payload, policy, dead_letter, failure, dedup_for: None }
}
