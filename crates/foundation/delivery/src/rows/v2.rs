//! Version 2 of [`Stored`].

use serde::Deserialize;
use updraft_kernel::UnixMillis;

use super::Stored;
use crate::delivery::Delivery;

#[derive(Deserialize)]
struct StoredV2 {
    delivery: Delivery,
    enqueued: UnixMillis,
    attempts: u32,
    waits_until: Option<UnixMillis>,
    last_failure: Option<String>,
}

pub(super) fn stored(body: &[u8]) -> Option<Stored> {
    let StoredV2 { delivery, enqueued, attempts, waits_until, last_failure } = postcard::from_bytes(body).ok()?;
    Some(Stored { delivery, enqueued, attempts, waits_until, last_failure, busy: 0, pieces: None })
}
