//! The keys written lately, with the version that wrote each: what read sets are validated against.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;

use bytes::Bytes;

use crate::seam::{CommitVersion, KeyRange};

/// What a transaction has read and must find unchanged.
#[derive(Debug, Default)]
pub(crate) struct Reads {
    pub(crate) keys: Vec<Bytes>,
    pub(crate) ranges: Vec<KeyRange>,
}

impl Reads {
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty() && self.ranges.is_empty()
    }
}

/// A bounded memory of writes. A transaction that began before its floor can't be validated and counts as conflicting.
#[derive(Debug)]
pub(crate) struct Recent {
    last: BTreeMap<Bytes, CommitVersion>,
    /// In commit order; an entry is stale when `last` has a later version of its key.
    order: VecDeque<(CommitVersion, Bytes)>,
    capacity: usize,
    floor: CommitVersion,
}

impl Recent {
    /// Remembers up to `capacity` writes made after `floor`.
    pub(crate) fn new(floor: CommitVersion, capacity: usize) -> Self {
        Self { last: BTreeMap::new(), order: VecDeque::new(), capacity, floor }
    }

    pub(crate) fn wrote(&mut self, version: CommitVersion, key: &Bytes) {
        // A copy: a key that a scan gave may be a slice of a whole block of the engine, which it would keep in memory.
        let key = Bytes::copy_from_slice(key);
        self.order.push_back((version, key.clone()));
        self.last.insert(key, version);
        while self.order.len() > self.capacity {
            self.forget();
        }
    }

    /// Whether anything in `reads` was written after `since`, or can't be known to be not.
    pub(crate) fn conflicts(&self, since: CommitVersion, reads: &Reads) -> bool {
        if reads.is_empty() {
            return false;
        }
        since < self.floor
            || reads.keys.iter().any(|key| self.last.get(key).is_some_and(|at| *at > since))
            || reads.ranges.iter().any(|range| self.written(since, range).next().is_some())
    }

    /// The keys of the range that were written after `since`, as far back as the floor.
    pub(crate) fn written(&self, since: CommitVersion, range: &KeyRange) -> impl Iterator<Item = &Bytes> {
        let end = range.end.clone().max(range.start.clone());
        let bounds = (Bound::Included(range.start.clone()), Bound::Excluded(end));
        self.last.range(bounds).filter(move |(_, at)| **at > since).map(|(key, _)| key)
    }

    /// Whether everything written after `since` is remembered.
    pub(crate) fn reaches(&self, since: CommitVersion) -> bool {
        since >= self.floor
    }

    fn forget(&mut self) {
        let Some((version, key)) = self.order.pop_front() else { return };
        self.floor = version;
        if self.last.get(&key) == Some(&version) {
            self.last.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &'static str) -> Reads {
        Reads { keys: vec![Bytes::from_static(text.as_bytes())], ranges: vec![] }
    }

    #[test]
    fn only_later_writes_conflict() {
        let mut recent = Recent::new(CommitVersion(10), 100);
        recent.wrote(CommitVersion(11), &"a".into());
        recent.wrote(CommitVersion(12), &"c".into());
        assert!(recent.conflicts(CommitVersion(10), &key("a")));
        assert!(!recent.conflicts(CommitVersion(11), &key("a")));
        assert!(!recent.conflicts(CommitVersion(10), &key("b")));
        let range = |from, to| Reads { keys: vec![], ranges: vec![KeyRange::new(from, to)] };
        assert!(recent.conflicts(CommitVersion(11), &range("b", "d")));
        assert!(!recent.conflicts(CommitVersion(11), &range("a", "c")), "the end isn't in the range");
        assert!(!recent.conflicts(CommitVersion(12), &range("a", "z")));
        assert!(!recent.conflicts(CommitVersion(11), &range("z", "a")), "an empty range");
    }

    #[test]
    fn what_is_older_than_memory_conflicts() {
        let mut recent = Recent::new(CommitVersion(0), 2);
        for version in 1..=3 {
            recent.wrote(CommitVersion(version), &"hot".into());
        }
        assert!(recent.conflicts(CommitVersion(0), &key("cold")), "the write of version 1 is forgotten");
        assert!(!recent.conflicts(CommitVersion(1), &key("cold")));
        assert!(recent.conflicts(CommitVersion(2), &key("hot")), "the stale entries didn't take the last with them");
        assert!(!recent.conflicts(CommitVersion(0), &Reads::default()), "blind writes never conflict");
    }
}
