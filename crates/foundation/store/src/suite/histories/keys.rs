//! Where a workload's rows lie.

use bytes::Bytes;

use super::record::Elem;
use crate::key::KeyBuilder;
use crate::seam::{CommitVersion, KeyRange};
use crate::tags;

/// Adds in one counter: each is a bit of its own, so that the sum tells which of them are in it.
const BITS: u64 = 60;
/// Elements from here on are additions to counters.
const ADDITIONS: Elem = 1 << 63;

/// One round's rows, apart from those of others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place(pub(super) u64);

impl Place {
    fn room(self, name: &str) -> KeyBuilder {
        KeyBuilder::new(tags::TEST).str("history").u64(self.0).str(name)
    }

    /// Lists that are never deleted.
    pub(super) fn fixed(self, nth: u64) -> Bytes {
        self.room("fixed").u64(nth).build()
    }

    /// Rows that come and go.
    pub(super) fn row(self, name: u64) -> Bytes {
        self.room("rows").u64(name).build()
    }

    pub(super) fn rows(self) -> KeyRange {
        self.room("rows").prefix_range()
    }

    pub(super) fn counter(self, nth: u64) -> Bytes {
        self.room("counters").u64(nth).build()
    }

    pub(super) fn log(self) -> Bytes {
        self.room("log").build()
    }

    pub(super) fn log_range(self) -> KeyRange {
        self.room("log").prefix_range()
    }

    /// What a client looks up that doesn't know what became of its commit.
    pub(super) fn operation(self, id: u64) -> Bytes {
        self.room("operations").u64(id).build()
    }

    /// An entry's place and value, from its key.
    pub(super) fn entry(self, key: &Bytes) -> Option<(CommitVersion, Elem)> {
        let rest = key.strip_prefix(&self.log()[..])?;
        let (version, elem) = rest.split_at_checked(8)?;
        let number = |bytes: &[u8]| bytes.try_into().ok().map(u64::from_be_bytes);
        Some((CommitVersion(number(version)?), number(elem)?))
    }
}

pub(super) fn counter_of(addition: u64) -> u64 {
    addition / BITS
}

pub(super) fn delta_of(addition: u64) -> i64 {
    1 << (addition % BITS)
}

pub(super) fn elem_of(addition: u64) -> Elem {
    ADDITIONS | addition
}

/// The additions that are in a counter's sum.
pub(super) fn members_of(counter: u64, sum: i64) -> Vec<Elem> {
    (0..64).filter(|bit| sum >> bit & 1 == 1).map(|bit| elem_of(counter * BITS + bit)).collect()
}

pub(super) fn encode(list: &[Elem]) -> Bytes {
    list.iter().flat_map(|elem| elem.to_le_bytes()).collect()
}

pub(super) fn decode(value: &Bytes) -> Vec<Elem> {
    value.chunks(8).map(|chunk| chunk.try_into().map_or(Elem::MAX, Elem::from_le_bytes)).collect()
}
