//! The keys written lately, with the version that wrote each: what read sets are validated against.

use std::collections::{BTreeMap, HashMap, VecDeque};
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

/// By key: a read is looked up far more often than a range is.
type Last = HashMap<Bytes, CommitVersion, foldhash::fast::RandomState>;

/// So many writes are gone through one by one for a range; of more the keys are put in order first.
const FEW: usize = 256;

/// A bounded memory of writes. A transaction that began before its floor can't be validated and counts as conflicting.
#[derive(Debug)]
pub(crate) struct Recent {
    last: Last,
    /// In commit order; an entry is stale when `last` has a later version of its key.
    order: VecDeque<(CommitVersion, Bytes)>,
    /// The keys in their order, written up to `sorted_to`: kept only where ranges are asked for that need it.
    sorted: BTreeMap<Bytes, CommitVersion>,
    sorted_to: CommitVersion,
    capacity: usize,
    floor: CommitVersion,
}

impl Recent {
    /// Remembers up to `capacity` writes made after `floor`.
    pub(crate) fn new(floor: CommitVersion, capacity: usize) -> Self {
        let (last, order, sorted) = (Last::default(), VecDeque::new(), BTreeMap::new());
        Self { last, order, sorted, sorted_to: floor, capacity, floor }
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
    pub(crate) fn conflicts(&mut self, since: CommitVersion, reads: &Reads) -> bool {
        if reads.is_empty() {
            return false;
        }
        since < self.floor
            || reads.keys.iter().any(|key| self.last.get(key).is_some_and(|at| *at > since))
            || reads.ranges.iter().any(|range| self.written(since, range).next().is_some())
    }

    /// The keys of the range that were written after `since`, as far back as the floor. One may come twice.
    pub(crate) fn written<'a>(
        &'a mut self,
        since: CommitVersion,
        range: &'a KeyRange,
    ) -> Box<dyn Iterator<Item = &'a Bytes> + 'a> {
        let from = self.behind(since);
        if self.order.len() - from <= FEW {
            let later = self.order.range(from..).map(|(_, key)| key);
            return Box::new(later.filter(|key| range.contains(key)));
        }
        self.sort();
        let end = range.end.clone().max(range.start.clone());
        let bounds = (Bound::Included(range.start.clone()), Bound::Excluded(end));
        Box::new(self.sorted.range(bounds).filter(move |(_, at)| **at > since).map(|(key, _)| key))
    }

    /// Whether everything written after `since` is remembered.
    pub(crate) fn reaches(&self, since: CommitVersion) -> bool {
        since >= self.floor
    }

    /// Where in `order` what was written after `since` begins.
    fn behind(&self, since: CommitVersion) -> usize {
        self.order.partition_point(|(version, _)| *version <= since)
    }

    fn sort(&mut self) {
        for (version, key) in self.order.range(self.behind(self.sorted_to)..) {
            self.sorted.insert(key.clone(), *version);
            self.sorted_to = *version;
        }
    }

    fn forget(&mut self) {
        let Some((version, key)) = self.order.pop_front() else { return };
        self.floor = version;
        if self.last.get(&key) == Some(&version) {
            self.last.remove(&key);
            self.sorted.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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

    /// Beside one that keeps all keys in order, with gaps on both sides of what is gone through one by one.
    #[test]
    fn ranges_find_what_was_written_however_much_that_was() {
        let mut recent = Recent::new(CommitVersion(0), 2_000);
        let (mut model, mut state) = (BTreeMap::new(), 7u64);
        let mut next = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let key = |n: u64| Bytes::from(format!("k{n:04}"));
        for version in 1..=3_000 {
            for _ in 0..3 {
                let written = next(5_000);
                recent.wrote(CommitVersion(version), &key(written));
                model.insert(key(written), version);
            }
            let (start, since) = (next(5_000), version.saturating_sub(next(600)));
            let range = KeyRange { start: key(start), end: key(start + next(20)) };
            let expected: BTreeSet<_> = model
                .range(range.start.clone()..range.end.clone())
                .filter(|(_, at)| **at > since)
                .map(|(key, _)| key)
                .collect();
            if recent.reaches(CommitVersion(since)) {
                let found: BTreeSet<_> = recent.written(CommitVersion(since), &range).cloned().collect();
                assert_eq!(found.iter().collect::<BTreeSet<_>>(), expected, "version {version}, since {since}");
            }
            let reads = Reads { keys: vec![], ranges: vec![range.clone()] };
            let expected = !expected.is_empty() || !recent.reaches(CommitVersion(since));
            assert_eq!(recent.conflicts(CommitVersion(since), &reads), expected);
        }
        assert!(recent.sorted.len() <= recent.last.len(), "what is forgotten is forgotten in order, too");
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
