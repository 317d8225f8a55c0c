//! Where the outbox's rows lie: each delivery once, and a log of those that are ready, in the order of their commits.
//!
//! The log only ever grows at its end (commit versions grow), so a worker that remembers how far it has read never
//! passes the dead rows in front.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_store::{Key, KeyBuilder, KeyRange, KeyReader, Quarantine, Result, Row, Topic, tags};

use crate::delivery::Delivery;
use crate::rows::{Remembered, Stored};

/// How many logs there are; each is read by one worker. Commits to one log wait for each other on a networked store.
/// Part of the rows' keys: changing it needs a migration.
pub(crate) const SHARDS: u8 = 16;

/// `(delivery, 0, id)`.
const BODY: u8 = 0;
/// `(delivery, 1, shard, commit version, ordinal, id)`.
const LOG: u8 = 1;
/// `(delivery, 2, id)`.
const REMEMBERED: u8 = 2;

/// `(delivery, 4, id, n)`.
const PIECE: u8 = 4;

/// `(delivery, 3, former key)`: what could not be read.
pub(crate) const ASIDE: Quarantine = Quarantine::new(tags::DELIVERY, 3);

#[derive(Debug)]
pub(crate) struct BodyKey<'a>(pub(crate) &'a str);

impl Key for BodyKey<'_> {
    type Row = Stored;
    fn encode(&self) -> Bytes {
        KeyBuilder::new(tags::DELIVERY).u8(BODY).str(self.0).build()
    }
}

/// All deliveries, in order of their ids.
pub(crate) fn bodies() -> KeyRange {
    KeyBuilder::new(tags::DELIVERY).u8(BODY).prefix_range()
}

/// One piece of a payload that is too large for the body.
pub(crate) fn piece(id: &str, n: u32) -> Bytes {
    KeyBuilder::new(tags::DELIVERY).u8(PIECE).str(id).u64(n.into()).build()
}

/// An id that was delivered lately.
#[derive(Debug)]
pub(crate) struct RememberedKey<'a>(pub(crate) &'a str);

impl Key for RememberedKey<'_> {
    type Row = Remembered;
    fn encode(&self) -> Bytes {
        KeyBuilder::new(tags::DELIVERY).u8(REMEMBERED).str(self.0).build()
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
        let Delivery { kind, target, ordering_key, .. } = delivery;
        Self { kind: kind.clone(), target: target.clone(), ordering_key: ordering_key.clone() }
    }

    /// Which log its deliveries are in. On disks, so it never changes.
    pub(crate) fn shard(&self) -> u8 {
        let order = self.ordering_key.as_deref().unwrap_or_default();
        let hash = Topic::of(&[self.kind.as_bytes(), self.target.as_bytes(), order.as_bytes()]).0;
        u8::try_from(hash % u64::from(SHARDS)).unwrap_or(0)
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

/// The least key behind this one.
pub(crate) fn behind(key: &[u8]) -> Bytes {
    [key, &[0]].concat().into()
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
    use updraft_store::encode_row;

    use super::*;

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

    fn lane(order: Option<&str>) -> LaneId {
        LaneId { kind: "k".into(), target: "t".into(), ordering_key: order.map(str::to_owned) }
    }

    /// These are on disks and may never change.
    #[test]
    fn golden_shards_and_keys() {
        assert_eq!(["a", "b", "c", "d", "e"].map(|order| lane(Some(order)).shard()), [0, 3, 13, 5, 8]);
        assert_eq!(lane(None).shard(), 2);
        assert_eq!(&BodyKey("i").encode()[..], b"\x03\x14\x02i\x00");
        assert_eq!(&entry(2, 3, 1, "i")[..], b"\x03\x15\x01\x15\x02\0\0\0\0\0\0\0\x03\x15\x01\x02i\x00");
        assert_eq!(&piece("i", 1)[..], b"\x03\x15\x04\x02i\x00\x15\x01");
        assert_eq!(&RememberedKey("i").encode()[..], b"\x03\x15\x02\x02i\x00");
        assert_eq!(&encode_row(&lane(None)).unwrap()[..], b"\x01\x01k\x01t\0");
    }
}
