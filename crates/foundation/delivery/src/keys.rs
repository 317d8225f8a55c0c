//! The outbox's rows: each delivery once, and a log of those that are ready, in the order of their commits.
//!
//! The log only ever grows at its end (commit versions grow), so a worker that remembers how far it has read never
//! passes the dead rows in front.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::UnixMillis;
use updraft_store::{Key, KeyBuilder, KeyRange, KeyReader, Result, Row, Topic, tags};

use crate::delivery::Delivery;

/// How many logs there are; each is read by one worker. Part of the rows' keys: changing it needs a migration.
pub(crate) const SHARDS: u8 = 4;

/// `(delivery, 0, id)`.
const BODY: u8 = 0;
/// `(delivery, 1, shard, commit version, ordinal, id)`.
const LOG: u8 = 1;

/// A delivery and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub(crate) delivery: Delivery,
    pub(crate) enqueued: UnixMillis,
    /// Counted attempts so far.
    pub(crate) attempts: u32,
    /// A timer brings it back.
    pub(crate) waiting: bool,
}

impl Row for Stored {
    const VERSION: u8 = 1;
}

#[derive(Debug)]
pub(crate) struct BodyKey<'a>(pub(crate) &'a str);

impl Key for BodyKey<'_> {
    type Row = Stored;
    fn encode(&self) -> Bytes {
        KeyBuilder::new(tags::DELIVERY).u8(BODY).str(self.0).build()
    }
}

/// What waits for one another.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct LaneId {
    pub(crate) kind: String,
    pub(crate) target: String,
    pub(crate) ordering_key: Option<String>,
}

impl Row for LaneId {
    const VERSION: u8 = 1;
}

impl LaneId {
    pub(crate) fn of(delivery: &Delivery) -> Self {
        let Delivery { kind, target, ordering_key, .. } = delivery.clone();
        Self { kind, target, ordering_key }
    }

    /// Which log its deliveries are in. On disks, so it never changes.
    pub(crate) fn shard(&self) -> u8 {
        let order = self.ordering_key.as_deref().unwrap_or_default();
        let hash = Topic::of(&[self.kind.as_bytes(), self.target.as_bytes(), order.as_bytes()]).0;
        u8::try_from(hash % u64::from(SHARDS)).unwrap_or(0)
    }
}

/// A key of the log; only read, since the store writes it by `put_versioned`.
#[derive(Debug)]
pub(crate) struct LogKey;

impl Key for LogKey {
    type Row = LaneId;
    fn encode(&self) -> Bytes {
        Bytes::new()
    }
}

fn log(shard: u8) -> KeyBuilder {
    KeyBuilder::new(tags::DELIVERY).u8(LOG).u8(shard)
}

/// What stands before the commit version.
pub(crate) fn log_prefix(shard: u8) -> Bytes {
    log(shard).build()
}

/// What stands behind it: the order within one commit, and the delivery's id.
pub(crate) fn log_suffix(ordinal: u64, id: &str) -> Bytes {
    KeyBuilder::new(0).u64(ordinal).str(id).build().slice(1..)
}

pub(crate) fn log_range(shard: u8) -> KeyRange {
    let start = log_prefix(shard);
    // The version's first byte may be anything, so the usual end of a prefix (its first byte) isn't past it.
    KeyRange { end: log_prefix(shard.saturating_add(1)), start }
}

/// The id in a key of the log.
pub(crate) fn logged_id(key: &[u8]) -> Result<String> {
    let mut reader = KeyReader::new(key, tags::DELIVERY)?;
    let _kind_and_shard = (reader.u8()?, reader.u8()?);
    let _version_and_ordinal = (reader.version()?, reader.u64()?);
    reader.str()
}

/// Touched by whatever writes to the shard's log.
pub(crate) fn topic(shard: u8) -> Topic {
    Topic::of(&[b"delivery", &[shard]])
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use updraft_store::encode_row;

    use super::*;
    use crate::delivery::DeadLetter;
    use crate::policy::{Backoff, RetryPolicy};

    fn entry(shard: u8, version: u64, ordinal: u64, id: &str) -> Bytes {
        [&log_prefix(shard)[..], &version.to_be_bytes(), &log_suffix(ordinal, id)].concat().into()
    }

    #[test]
    fn byte_order_is_commit_order() {
        let sorted = [
            entry(0, 1, 900, "z"),
            entry(0, 2, 3, "z"),
            entry(0, 2, 256, "a"),
            entry(0, u64::MAX, 0, "a"),
            entry(1, 0, 0, "a"),
        ];
        assert!(sorted.windows(2).all(|pair| pair[0] < pair[1]));
        let range = log_range(0);
        assert!(sorted[..4].iter().all(|key| range.contains(key)));
        assert!(!range.contains(&sorted[4]));
        assert_eq!(logged_id(&sorted[2]).unwrap(), "a");
    }

    /// These are on disks and may never change.
    #[test]
    fn golden_shards_and_keys() {
        let lane = |order: Option<&str>| LaneId {
            kind: "k".into(),
            target: "t".into(),
            ordering_key: order.map(str::to_owned),
        };
        assert_eq!([lane(None).shard(), lane(Some("a")).shard(), lane(Some("b")).shard()], [2, 0, 3]);
        assert_eq!(&BodyKey("i").encode()[..], b"\x03\x14\x02i\x00");
        assert_eq!(&entry(2, 3, 1, "i")[..], b"\x03\x15\x01\x15\x02\0\0\0\0\0\0\0\x03\x15\x01\x02i\x00");
    }

    #[test]
    fn golden_rows() {
        let delivery = Delivery {
            id: "i".into(),
            kind: "k".into(),
            target: "t".into(),
            ordering_key: None,
            payload: vec![7],
            policy: RetryPolicy { backoff: Backoff::Schedule(vec![Duration::from_secs(1)]), ..RetryPolicy::default() },
            dead_letter: Some(DeadLetter { kind: "k".into(), target: "d".into() }),
            failure: None,
        };
        let lane = LaneId::of(&delivery);
        let stored = Stored { delivery, enqueued: UnixMillis(1), attempts: 2, waiting: true };
        assert_eq!(
            &encode_row(&stored).unwrap()[..],
            b"\x01\x01i\x01k\x01t\0\x01\x07\xb9\x01\x80\xa3\x05\0\x01\x01\x01\0\x01\x01k\x01d\0\x02\x02\x01"
        );
        assert_eq!(&encode_row(&lane).unwrap()[..], b"\x01\x01k\x01t\0");
    }
}
