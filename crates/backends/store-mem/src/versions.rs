//! An ordered map of keys to their versions, pruned to what living snapshots can see.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;

use bytes::Bytes;
use updraft_store::KeyRange;
use updraft_store::embedded::Batch;

/// Counts batches.
pub(crate) type Stamp = u64;

/// One key's values, oldest first; `None` is a deletion.
type History = Vec<(Stamp, Option<Bytes>)>;

#[derive(Debug, Default)]
pub(crate) struct Rows {
    keys: BTreeMap<Bytes, History>,
    now: Stamp,
    /// How many snapshots there are of each moment.
    live: BTreeMap<Stamp, usize>,
    /// Keys that have more than one version, or only a deletion.
    untidy: VecDeque<Bytes>,
}

impl Rows {
    /// A snapshot begins.
    pub(crate) fn enter(&mut self) -> Stamp {
        *self.live.entry(self.now).or_default() += 1;
        self.now
    }

    /// A snapshot ends.
    pub(crate) fn leave(&mut self, at: Stamp) {
        if let Some(count) = self.live.get_mut(&at) {
            *count -= 1;
            if *count == 0 {
                self.live.remove(&at);
            }
        }
    }

    pub(crate) fn apply(&mut self, batch: Batch) {
        self.now += 1;
        let tidied = batch.len() * 2;
        for (key, value) in batch {
            let history = self.keys.entry(key.clone()).or_default();
            let untidy = !history.is_empty() || value.is_none();
            history.push((self.now, value));
            if untidy {
                self.untidy.push_back(key);
            }
        }
        self.tidy(tidied);
    }

    pub(crate) fn get(&self, key: &[u8], at: Stamp) -> Option<Bytes> {
        visible(self.keys.get(key)?, at)
    }

    /// The first rows of the range, or the last ones from the end on.
    pub(crate) fn chunk(&self, range: &KeyRange, reverse: bool, at: Stamp, limit: usize) -> Vec<(Bytes, Bytes)> {
        let bounds = (Bound::Included(range.start.clone()), Bound::Excluded(range.end.clone()));
        let rows = self.keys.range(bounds);
        let see = |(key, history): (&Bytes, &History)| visible(history, at).map(|value| (key.clone(), value));
        if reverse {
            rows.rev().filter_map(see).take(limit).collect()
        } else {
            rows.filter_map(see).take(limit).collect()
        }
    }

    pub(crate) fn counts(&self) -> (usize, usize) {
        let alive = self.keys.values().filter(|history| visible(history, self.now).is_some()).count();
        (alive, self.keys.values().map(Vec::len).sum())
    }

    /// Prunes some keys, twice as many as were written: what is untidy stays bounded without ever a long pause.
    fn tidy(&mut self, keys: usize) {
        let oldest = self.live.keys().next().copied().unwrap_or(self.now);
        for _ in 0..keys.min(self.untidy.len()) {
            let Some(key) = self.untidy.pop_front() else { return };
            let Some(history) = self.keys.get_mut(&key) else { continue };
            prune(history, oldest);
            match history.as_slice() {
                [] => drop(self.keys.remove(&key)),
                [(_, Some(_))] => {}
                _ => self.untidy.push_back(key),
            }
        }
    }
}

fn visible(history: &History, at: Stamp) -> Option<Bytes> {
    history.iter().rev().find(|(stamp, _)| *stamp <= at)?.1.clone()
}

/// Drops the versions that no snapshot from `oldest` on can see.
fn prune(history: &mut History, oldest: Stamp) {
    let seen_by_oldest = history.iter().rposition(|(stamp, _)| *stamp <= oldest).unwrap_or(0);
    history.drain(..seen_by_oldest);
    if let [(stamp, None)] = history.as_slice()
        && *stamp <= oldest
    {
        history.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(rows: &mut Rows, key: &'static str, value: Option<&'static str>) {
        rows.apply(vec![(key.into(), value.map(Into::into))]);
    }

    #[test]
    fn old_versions_live_as_long_as_a_snapshot_sees_them() {
        let mut rows = Rows::default();
        put(&mut rows, "a", Some("1"));
        let at = rows.enter();
        put(&mut rows, "a", Some("2"));
        put(&mut rows, "a", None);
        assert_eq!(rows.get(b"a", at).as_deref(), Some(&b"1"[..]));
        assert_eq!(rows.get(b"a", rows.now), None);
        rows.leave(at);
        put(&mut rows, "b", Some("1"));
        assert_eq!(rows.counts(), (1, 1), "the deleted key is gone with all its versions");
    }

    #[test]
    fn rewriting_one_key_doesnt_grow() {
        let mut rows = Rows::default();
        for _ in 0..1_000 {
            put(&mut rows, "a", Some("x"));
            put(&mut rows, "b", None);
        }
        let (alive, versions) = rows.counts();
        assert_eq!(alive, 1);
        assert!(versions < 8, "{versions} versions");
        assert!(rows.untidy.len() < 8, "{} untidy", rows.untidy.len());
    }
}
