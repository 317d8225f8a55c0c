//! The rows of the wheel. Byte order of [`DueKey`] equals due order within a bucket, so "what is due" is one scan.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::UnixMillis;
use updraft_store::{Key, KeyBuilder, KeyRange, KeyReader, Quarantine, Result, Row, tags};

/// `(timers, 0, bucket, due, owner, id)`.
const DUE: u8 = 0;
/// `(timers, 1, owner, id)`.
const BY_ID: u8 = 1;

/// `(timers, 2, former key)`: what could not be read.
pub(crate) const ASIDE: Quarantine = Quarantine::new(tags::TIMERS, 2);

/// One timer, as it lies in the wheel and as its owner gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// Who is called, as registered.
    pub owner: String,
    /// Unique within its owner.
    pub id: String,
    /// The owner's, uninterpreted.
    pub payload: Vec<u8>,
    /// The moment it was scheduled for. Later than this, if firing failed before or the platform was down.
    pub due: UnixMillis,
    /// How often firing it failed so far.
    pub failures: u32,
}

impl Row for Timer {
    const VERSION: u8 = 1;
}

/// Where a timer of this id lies, so that it can be cancelled and scheduled anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) at: UnixMillis,
}

impl Row for Place {
    const VERSION: u8 = 1;
}

/// `at` is when the wheel looks at the timer: its due time, or later after a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DueKey<'a> {
    pub(crate) bucket: u8,
    pub(crate) at: UnixMillis,
    pub(crate) owner: &'a str,
    pub(crate) id: &'a str,
}

impl Key for DueKey<'_> {
    type Row = Timer;

    fn encode(&self) -> Bytes {
        bucket_key(self.bucket).millis(self.at).str(self.owner).str(self.id).build()
    }
}

#[derive(Clone, Debug)]
pub(crate) struct ByIdKey<'a> {
    pub(crate) owner: &'a str,
    pub(crate) id: &'a str,
}

impl Key for ByIdKey<'_> {
    type Row = Place;

    fn encode(&self) -> Bytes {
        KeyBuilder::new(tags::TIMERS).u8(BY_ID).str(self.owner).str(self.id).build()
    }
}

fn bucket_key(bucket: u8) -> KeyBuilder {
    KeyBuilder::new(tags::TIMERS).u8(DUE).u8(bucket)
}

/// All of the bucket's timers, in due order. Consumed from its front.
pub(crate) fn whole(bucket: u8) -> KeyRange {
    bucket_key(bucket).prefix_range()
}

/// The bucket's timers that are to be looked at by `now`.
pub(crate) fn due(bucket: u8, now: UnixMillis) -> KeyRange {
    let after = UnixMillis(now.0.saturating_add(1));
    whole(bucket).before(bucket_key(bucket).millis(after).build())
}

/// When the wheel is to look at the timer of this key.
pub(crate) fn at(key: &[u8]) -> Result<UnixMillis> {
    let mut reader = KeyReader::new(key, tags::TIMERS)?;
    let _kind_and_bucket = (reader.u8()?, reader.u8()?);
    reader.millis()
}

/// Whose timer lies at this key: the owner and the id.
pub(crate) fn name(key: &[u8]) -> Result<(String, String)> {
    let mut reader = KeyReader::new(key, tags::TIMERS)?;
    let _kind_and_bucket = (reader.u8()?, reader.u8()?);
    let _at = reader.millis()?;
    let name = (reader.str()?, reader.str()?);
    reader.done().map(|()| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(bucket: u8, at: i64, owner: &str, id: &str) -> Bytes {
        DueKey { bucket, at: UnixMillis(at), owner, id }.encode()
    }

    #[test]
    fn byte_order_is_due_order() {
        let sorted = [
            key(0, -1, "z", "z"),
            key(0, 0, "z", "z"),
            key(0, 255, "a", "a"),
            key(0, 256, "a", "a"),
            key(0, 1_893_456_000_000, "a", "a"),
            key(0, 1_893_456_000_000, "a", "b"),
            key(0, 1_893_456_000_000, "b", "a"),
            key(1, 0, "a", "a"),
            ByIdKey { owner: "a", id: "a" }.encode(),
        ];
        assert!(sorted.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn a_range_holds_what_is_due_by_then_in_its_bucket() {
        let range = due(3, UnixMillis(100));
        assert!(range.contains(&key(3, 100, "z", "z")));
        assert!(range.contains(&key(3, -1, "z", "z")));
        assert!(!range.contains(&key(3, 101, "", "")));
        assert!(!range.contains(&key(4, 100, "", "")));
        assert!(whole(3).contains(&key(3, i64::MAX, "z", "z")));
        assert_eq!(at(&key(3, 100, "o", "i")).unwrap(), UnixMillis(100));
        assert_eq!(name(&key(3, 100, "o", "i")).unwrap(), ("o".to_owned(), "i".to_owned()));
    }

    /// These bytes are on disks and may never change.
    #[test]
    fn golden_key_and_row() {
        assert_eq!(&key(2, 256, "o", "i")[..], b"\x02\x14\x15\x02\x16\x01\x00\x02o\x00\x02i\x00");
        let timer = Timer { owner: "o".into(), id: "i".into(), payload: vec![7], due: UnixMillis(256), failures: 1 };
        assert_eq!(&updraft_store::encode_row(&timer).unwrap()[..], b"\x01\x01o\x01i\x01\x07\x80\x04\x01");
    }
}
