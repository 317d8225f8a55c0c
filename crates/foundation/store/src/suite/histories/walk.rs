//! One transaction by itself: what it found from outside, and whether that agrees with itself.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use super::anomaly::Anomaly;
use super::record::{Elem, Event, Record};
use crate::seam::KeyRange;

/// What a committed transaction depends on and what it leaves.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// The list found at each key before any write of its own.
    pub(super) found: BTreeMap<Bytes, Vec<Elem>>,
    /// The list it left at each key.
    pub(super) left: BTreeMap<Bytes, Vec<Elem>>,
    pub(super) deleted: BTreeSet<Bytes>,
    pub(super) anomalies: Vec<Anomaly>,
}

struct Walk<'a> {
    number: usize,
    /// All keys of lists in the history: those that a scan did not find were not there.
    keys: &'a BTreeSet<Bytes>,
    knows: BTreeMap<Bytes, Vec<Elem>>,
    done: Walked,
}

pub(super) fn walk(number: usize, record: &Record, keys: &BTreeSet<Bytes>) -> Walked {
    let mut walk = Walk { number, keys, knows: BTreeMap::new(), done: Walked::default() };
    for event in &record.events {
        walk.step(event);
    }
    walk.done
}

impl Walk<'_> {
    fn step(&mut self, event: &Event) {
        match event {
            Event::Got { key, list } => self.read(key, list.clone()),
            Event::Scanned { range, rows } => self.scanned(range, rows),
            Event::Put { key, list } => {
                self.knows.insert(key.clone(), list.clone());
                self.done.left.insert(key.clone(), list.clone());
            }
            Event::Deleted { key } => {
                self.knows.insert(key.clone(), Vec::new());
                self.done.left.remove(key);
                self.done.deleted.insert(key.clone());
            }
            Event::Members { .. } | Event::Places { .. } | Event::Added { .. } => {}
        }
    }

    fn scanned(&mut self, range: &KeyRange, rows: &[(Bytes, Vec<Elem>)]) {
        let mut rows: BTreeMap<Bytes, Vec<Elem>> = rows.iter().cloned().collect();
        for key in self.keys.iter().filter(|key| range.contains(key)) {
            let list = rows.remove(key).unwrap_or_default();
            self.read(key, list);
        }
        // Those are of nobody's making; their elements tell.
        for (key, list) in rows {
            self.read(&key, list);
        }
    }

    fn read(&mut self, key: &Bytes, list: Vec<Elem>) {
        match self.knows.get(key) {
            None => {
                self.knows.insert(key.clone(), list.clone());
                self.done.found.insert(key.clone(), list);
            }
            Some(first) if *first != list => self.done.anomalies.push(Anomaly::NonRepeatable {
                reader: self.number,
                key: key.clone(),
                first: first.clone(),
                then: list,
            }),
            Some(_) => {}
        }
    }
}
