//! Where queues begin.
//!
//! In a log-structured engine a scan steps over every deleted row that compaction hasn't dropped yet. A queue is
//! consumed from its front, so that a scan from its prefix gets slower with each message that ever went through it.
//! For ranges scanned with [`ScanOptions::head`](crate::ScanOptions) this remembers, in memory, a key below which the
//! range was seen to be empty, and scans start there. Nothing is persisted: after a restart the first scan finds the
//! head again.
//!
//! Why it can't hide a row:
//! - a head found at version `v` is used only by snapshots of `v` or later: an older one may see rows that were
//!   consumed since, and takes an older head, or none;
//! - the committer reports each insertion before any snapshot can see it, which lowers the heads;
//! - a head isn't raised above what was inserted after the snapshot that found it.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use parking_lot::Mutex;

use crate::seam::{CommitVersion, KeyRange};

/// Queues remembered at most; further ones are scanned from their start.
const QUEUES: usize = 64 * 1024;
/// Heads and insertions remembered per queue.
const HISTORY: usize = 32;

#[derive(Debug, Default)]
pub(crate) struct Heads {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// By the start of their range.
    queues: BTreeMap<Bytes, Queue>,
    /// The last version the committer has reported.
    reported: CommitVersion,
}

#[derive(Debug)]
struct Queue {
    /// The furthest end that was scanned.
    end: Bytes,
    /// Insertions after this version are all known here.
    known_from: CommitVersion,
    /// Versions with the head found at each, both rising.
    heads: VecDeque<(CommitVersion, Bytes)>,
    /// Insertions that no later one is below of: versions and keys, both rising.
    inserts: VecDeque<(CommitVersion, Bytes)>,
}

impl Heads {
    /// Where a scan of `range` at version `at` may start.
    pub(crate) fn start(&self, range: &KeyRange, at: CommitVersion) -> Bytes {
        let mut inner = self.inner.lock();
        let head = inner.queue(range).and_then(|queue| queue.head(at));
        head.map_or_else(|| range.start.clone(), |head| head.max(range.start.clone()))
    }

    /// A scan at version `at` found nothing in the range below `first`.
    pub(crate) fn found(&self, range: &KeyRange, at: CommitVersion, first: &Bytes) {
        if let Some(queue) = self.inner.lock().queue(range) {
            queue.raise(at, first);
        }
    }

    /// The committer is about to make these keys visible as version `at`.
    pub(crate) fn insert<'k>(&self, at: CommitVersion, keys: impl Iterator<Item = &'k Bytes>) {
        let mut inner = self.inner.lock();
        inner.reported = at;
        if inner.queues.is_empty() {
            return;
        }
        for key in keys {
            let nearest = inner.queues.range_mut::<Bytes, _>(..=key).next_back();
            if let Some((_, queue)) = nearest.filter(|(_, queue)| *key < queue.end) {
                queue.insert(at, key);
            }
        }
    }
}

impl Inner {
    /// The queue of this range. `None`: it overlaps another's, whose insertions couldn't be told from its own.
    fn queue(&mut self, range: &KeyRange) -> Option<&mut Queue> {
        if !self.queues.contains_key(&range.start) && self.queues.len() >= QUEUES {
            return None;
        }
        let before = self.queues.range::<Bytes, _>(..&range.start).next_back();
        let behind = self.queues.range::<Bytes, _>(&range.start..).find(|(start, _)| **start != range.start);
        let free = before.is_none_or(|(_, queue)| queue.end <= range.start)
            && behind.is_none_or(|(start, _)| range.end <= *start);
        let reported = self.reported;
        free.then(|| {
            let queue = self.queues.entry(range.start.clone()).or_insert_with(|| Queue::new(range, reported));
            queue.widen(range, reported);
            queue
        })
    }
}

impl Queue {
    fn new(range: &KeyRange, known_from: CommitVersion) -> Self {
        Self { end: range.end.clone(), known_from, heads: VecDeque::new(), inserts: VecDeque::new() }
    }

    /// Insertions behind the end weren't recorded so far.
    fn widen(&mut self, range: &KeyRange, reported: CommitVersion) {
        if range.end > self.end {
            self.end = range.end.clone();
            self.known_from = reported;
        }
    }

    fn head(&self, at: CommitVersion) -> Option<Bytes> {
        let usable = self.heads.iter().rev().find(|(found_at, _)| *found_at <= at);
        usable.map(|(_, head)| head.clone())
    }

    fn raise(&mut self, at: CommitVersion, first: &Bytes) {
        let newest = self.heads.back();
        if at < self.known_from || newest.is_some_and(|(found_at, head)| at < *found_at || *first <= *head) {
            return;
        }
        let inserted = self.inserts.iter().find(|(version, _)| *version > at).map(|(_, key)| key);
        let head = inserted.map_or(first, |key| key.min(first));
        // A copy: what a scan gave may be a slice of a whole block of the engine.
        let head = Bytes::copy_from_slice(head);
        self.heads.retain(|(found_at, _)| *found_at != at);
        self.heads.push_back((at, head));
        if self.heads.len() > HISTORY {
            self.thin();
        }
    }

    /// Drops every second head, the oldest and the newest stay: the further back, the coarser.
    fn thin(&mut self) {
        let last = self.heads.len() - 1;
        let mut index = 0;
        self.heads.retain(|_| {
            index += 1;
            (index - 1) % 2 == 0 || index - 1 == last
        });
    }

    fn insert(&mut self, at: CommitVersion, key: &Bytes) {
        for (_, head) in &mut self.heads {
            if *key < *head {
                *head = key.clone();
            }
        }
        while self.inserts.back().is_some_and(|(_, later)| *later >= *key) {
            self.inserts.pop_back();
        }
        self.inserts.push_back((at, key.clone()));
        if self.inserts.len() > HISTORY {
            self.merge();
        }
    }

    /// Makes one of the two oldest insertions: the lower key at the later version, which errs on the safe side.
    fn merge(&mut self) {
        if let (Some((_, key)), Some((version, _))) = (self.inserts.pop_front(), self.inserts.pop_front()) {
            self.inserts.push_front((version, key));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V: fn(u64) -> CommitVersion = CommitVersion;

    fn queue() -> KeyRange {
        KeyRange::new("q0", "q9")
    }

    fn insert(heads: &Heads, at: u64, key: &'static str) {
        heads.insert(V(at), [Bytes::from(key)].iter());
    }

    /// A queue whose head was found to be `q5` at version 10.
    fn heads() -> Heads {
        let heads = Heads::default();
        insert(&heads, 10, "other");
        assert_eq!(heads.start(&queue(), V(10)), "q0");
        heads.found(&queue(), V(10), &"q5".into());
        heads
    }

    #[test]
    fn a_scan_starts_where_the_last_one_found_the_first_row() {
        assert_eq!(heads().start(&queue(), V(11)), "q5");
        assert_eq!(heads().start(&KeyRange::new("q7", "q9"), V(11)), "q7", "another start is another queue");
    }

    #[test]
    fn an_older_snapshot_takes_no_newer_head() {
        let heads = heads();
        assert_eq!(heads.start(&queue(), V(9)), "q0");
        heads.found(&queue(), V(12), &"q7".into());
        assert_eq!(heads.start(&queue(), V(11)), "q5");
        assert_eq!(heads.start(&queue(), V(12)), "q7");
    }

    #[test]
    fn an_insertion_below_lowers_the_head() {
        let heads = heads();
        insert(&heads, 11, "q3");
        assert_eq!(heads.start(&queue(), V(11)), "q3");
        insert(&heads, 12, "q4");
        assert_eq!(heads.start(&queue(), V(12)), "q3");
    }

    #[test]
    fn a_scan_that_cant_have_seen_an_insertion_doesnt_raise_above_it() {
        let heads = heads();
        insert(&heads, 11, "q6");
        insert(&heads, 12, "q7");
        heads.found(&queue(), V(10), &"q8".into());
        assert_eq!(heads.start(&queue(), V(12)), "q6");
        heads.found(&queue(), V(11), &"q8".into());
        assert_eq!(heads.start(&queue(), V(12)), "q7");
    }

    #[test]
    fn insertions_before_the_first_scan_arent_known() {
        let heads = Heads::default();
        insert(&heads, 10, "q2");
        heads.start(&queue(), V(9));
        heads.found(&queue(), V(9), &"q5".into());
        assert_eq!(heads.start(&queue(), V(10)), "q0", "the scan at 9 didn't see q2");
    }

    #[test]
    fn a_wider_scan_doesnt_trust_what_it_hasnt_recorded() {
        let heads = Heads::default();
        heads.start(&KeyRange::new("q0", "q3"), V(0));
        insert(&heads, 11, "q4");
        heads.start(&queue(), V(10));
        heads.found(&queue(), V(10), &"q8".into());
        assert_eq!(heads.start(&queue(), V(11)), "q0");
    }

    #[test]
    fn overlapping_queues_are_scanned_plainly() {
        let heads = heads();
        let inner = KeyRange::new("q2", "q3");
        heads.found(&inner, V(10), &"q25".into());
        assert_eq!(heads.start(&inner, V(11)), "q2");
    }

    #[test]
    fn history_is_bounded_and_errs_on_the_safe_side() {
        let heads = heads();
        for n in 0..1_000u64 {
            heads.insert(V(100 + n), [Bytes::from(format!("q6{n:04}"))].iter());
        }
        heads.found(&queue(), V(99), &"q8".into());
        assert_eq!(heads.start(&queue(), V(2_000)), "q60000");
        for n in 0..1_000u64 {
            heads.found(&queue(), V(2_000 + n), &format!("q7{n:04}").into());
        }
        assert_eq!(heads.start(&queue(), V(3_000)), "q70999");
        let inner = heads.inner.lock();
        let queue = inner.queues.values().next().unwrap();
        assert!(queue.heads.len() <= HISTORY && queue.inserts.len() <= HISTORY);
    }
}
