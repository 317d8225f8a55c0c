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
//! - a head isn't raised above what was inserted after the snapshot that found it, nor at all by a snapshot so old that
//!   not all of those insertions are remembered.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use parking_lot::Mutex;

use crate::key::successor;
use crate::seam::{CommitVersion, KeyRange};

/// Queues remembered at most; further ones are scanned from their start.
const QUEUES: usize = 64 * 1024;
/// Heads remembered per queue.
const HEADS: usize = 32;
/// Insertions remembered per queue beside those that aren't visible yet.
const INSERTS: usize = 128;

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
    /// Insertions from the start up to here are recorded: further than scans reach, whose end may move with time.
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

    /// The committer is about to make these keys visible as version `at`; all new snapshots are of `published`.
    pub(crate) fn insert<'k>(
        &self,
        at: CommitVersion,
        published: CommitVersion,
        keys: impl Iterator<Item = &'k Bytes>,
    ) {
        let mut inner = self.inner.lock();
        inner.reported = at;
        if inner.queues.is_empty() {
            return;
        }
        for key in keys {
            let nearest = inner.queues.range_mut::<Bytes, _>(..=key).next_back();
            if let Some((_, queue)) = nearest.filter(|(_, queue)| *key < queue.end) {
                queue.insert(at, published, key);
            }
        }
    }
}

impl Inner {
    /// The queue of this range. `None`: it overlaps another's, whose insertions couldn't be told from its own.
    fn queue(&mut self, range: &KeyRange) -> Option<&mut Queue> {
        if !self.queues.contains_key(&range.start) {
            let end = territory(range);
            if !self.is_free(&range.start, &end) {
                return None;
            }
            let queue = Queue { end, known_from: self.reported, heads: VecDeque::new(), inserts: VecDeque::new() };
            self.queues.insert(Bytes::copy_from_slice(&range.start), queue);
        }
        self.queues.get_mut(&range.start).filter(|queue| range.end <= queue.end)
    }

    fn is_free(&self, start: &Bytes, end: &Bytes) -> bool {
        let before = self.queues.range::<Bytes, _>(..start).next_back();
        let behind = self.queues.range::<Bytes, _>(start..).next();
        self.queues.len() < QUEUES
            && before.is_none_or(|(_, queue)| queue.end <= *start)
            && behind.is_none_or(|(other, _)| *end <= *other)
    }
}

/// All keys that begin with the start, where the end is one of them: the end moves, and what is behind it counts.
fn territory(range: &KeyRange) -> Bytes {
    let beyond = successor(&range.start);
    let moving = range.end.starts_with(&range.start) && !beyond.is_empty();
    if moving { beyond.into() } else { range.end.clone() }
}

impl Queue {
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
        if self.heads.len() > HEADS {
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

    fn insert(&mut self, at: CommitVersion, published: CommitVersion, key: &Bytes) {
        // They rise, and most insertions are behind all of them.
        for (_, head) in self.heads.iter_mut().rev().take_while(|(_, head)| *key < *head) {
            *head = key.clone();
        }
        while self.inserts.back().is_some_and(|(_, later)| *later >= *key) {
            self.inserts.pop_back();
        }
        // Of one version's the lowest key is all that matters.
        if self.inserts.back().is_none_or(|(version, _)| *version != at) {
            self.inserts.push_back((at, key.clone()));
        }
        self.forget(published);
    }

    /// Forgets old insertions, never those that a new snapshot doesn't see: it must be able to raise the head however
    /// much is being inserted.
    fn forget(&mut self, published: CommitVersion) {
        while self.inserts.len() > INSERTS
            && let Some((version, _)) = self.inserts.pop_front_if(|(version, _)| *version <= published)
        {
            self.known_from = self.known_from.max(version);
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
        heads.insert(V(at), V(at - 1), [Bytes::from(key)].iter());
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
    fn the_end_of_a_queue_may_move() {
        let heads = Heads::default();
        heads.start(&KeyRange::new("q", "q3"), V(0));
        insert(&heads, 11, "q4");
        let longer = KeyRange::new("q", "q9");
        heads.found(&longer, V(10), &"q8".into());
        assert_eq!(heads.start(&longer, V(11)), "q4", "what is behind the end is recorded, too");
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
            heads.insert(V(100 + n), V(99 + n), [Bytes::from(format!("q6{n:04}"))].iter());
        }
        heads.found(&queue(), V(99), &"q8".into());
        assert_eq!(heads.start(&queue(), V(2_000)), "q5", "too old to know what it hasn't seen");
        for n in 0..1_000u64 {
            heads.found(&queue(), V(2_000 + n), &format!("q7{n:04}").into());
        }
        assert_eq!(heads.start(&queue(), V(3_000)), "q70999");
        let inner = heads.inner.lock();
        let queue = inner.queues.values().next().unwrap();
        assert!(queue.heads.len() <= HEADS && queue.inserts.len() <= INSERTS);
    }

    /// Always a round of 512 insertions on its way, and the end of what is due moves: the head still follows.
    #[test]
    fn the_head_follows_under_load() {
        let heads = Heads::default();
        let key = |n: u64| Bytes::from(format!("q{n:08}"));
        for round in 0..200 {
            let published = round * 512;
            for n in published..published + 512 {
                heads.insert(V(n + 1), V(published), [key(n)].iter());
            }
            let due = KeyRange::new("q", key(published + 100));
            let frontier = key(published.saturating_sub(10));
            heads.found(&due, V(published), &frontier);
            if round > 1 {
                assert_eq!(heads.start(&due, V(published)), frontier);
            }
        }
    }
}
