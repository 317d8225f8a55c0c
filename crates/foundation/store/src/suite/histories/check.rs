//! From a history to what is wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use super::anomaly::Anomaly;
use super::edges::Edges;
use super::record::{Elem, Event, Outcome, Record};
use super::versions::{Writers, orders, writers};
use super::walk::{Walked, walk};
use crate::seam::CommitVersion;

/// Everything that is wrong with this history; a cycle is looked for only if nothing simpler is wrong.
#[must_use]
pub fn check(history: &[Record]) -> Vec<Anomaly> {
    let writers = writers(history);
    let keys = keys(history);
    let committed = history.iter().enumerate().filter(|(_, record)| record.is_committed());
    let mut walked: BTreeMap<usize, Walked> = committed.map(|(n, record)| (n, walk(n, record, &keys))).collect();
    let mut anomalies: Vec<_> = walked.values_mut().flat_map(|done| std::mem::take(&mut done.anomalies)).collect();
    let values = Values { history, writers: &writers };
    anomalies.extend(values.of_lists(&walked));
    anomalies.extend(values.of_sets());
    let (orders, diverged) = orders(&walked);
    anomalies.extend(diverged);
    if anomalies.is_empty() {
        let edges = Edges { history, writers: &writers, walked: &walked, orders: &orders };
        anomalies.extend(edges.graph().cycle().map(Anomaly::Cycle));
    }
    anomalies
}

/// Every key at which there ever was a list.
fn keys(history: &[Record]) -> BTreeSet<Bytes> {
    let events = history.iter().flat_map(|record| &record.events);
    let keys = events.filter_map(|event| match event {
        Event::Put { key, .. } | Event::Got { key, .. } => Some(key.clone()),
        _ => None,
    });
    keys.collect()
}

/// What is wrong with single values.
struct Values<'a> {
    history: &'a [Record],
    writers: &'a Writers,
}

impl Values<'_> {
    fn of_lists(&self, walked: &BTreeMap<usize, Walked>) -> Vec<Anomaly> {
        let mut found = Vec::new();
        for (reader, done) in walked {
            for (key, list) in &done.found {
                found.extend(self.of_members(*reader, key, list));
                found.extend(self.intermediate(*reader, key, list, walked));
            }
        }
        found
    }

    fn of_members(&self, reader: usize, key: &Bytes, members: &[Elem]) -> Vec<Anomaly> {
        let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
        for elem in members.iter().copied() {
            let key = key.clone();
            if !seen.insert(elem) {
                found.push(Anomaly::Twice { reader, key, elem });
                continue;
            }
            match self.writers.get(&elem) {
                None => found.push(Anomaly::MadeUp { reader, key, elem }),
                Some(writer) if !self.history[*writer].is_committed() => {
                    found.push(Anomaly::AbortedRead { reader, writer: *writer, key, elem });
                }
                Some(_) => {}
            }
        }
        found
    }

    /// The last value of a list must be the last that its transaction wrote there.
    fn intermediate(
        &self,
        reader: usize,
        key: &Bytes,
        list: &[Elem],
        walked: &BTreeMap<usize, Walked>,
    ) -> Option<Anomaly> {
        let elem = *list.last()?;
        let writer = *self.writers.get(&elem)?;
        let left = walked.get(&writer)?.left.get(key)?;
        let key = key.clone();
        (left.last() != Some(&elem)).then_some(Anomaly::IntermediateRead { reader, writer, key, elem })
    }

    fn of_sets(&self) -> Vec<Anomaly> {
        let places = self.places();
        let mut found = Vec::new();
        for (reader, record) in self.history.iter().enumerate().filter(|(_, record)| record.is_committed()) {
            for event in &record.events {
                match event {
                    Event::Members { set, members } => found.extend(self.of_members(reader, set, members)),
                    Event::Places { set, places: seen } => {
                        found.extend(self.misplaced(set, seen));
                        found.extend(places.get(set).and_then(|all| overtaken(reader, set, seen, all)));
                    }
                    _ => {}
                }
            }
        }
        found
    }

    /// Where every entry of every log was found.
    fn places(&self) -> BTreeMap<Bytes, BTreeSet<(CommitVersion, Elem)>> {
        let mut all = BTreeMap::<Bytes, BTreeSet<_>>::new();
        for event in self.history.iter().filter(|record| record.is_committed()).flat_map(|record| &record.events) {
            if let Event::Places { set, places } = event {
                all.entry(set.clone()).or_default().extend(places.iter().copied());
            }
        }
        all
    }

    fn misplaced(&self, set: &Bytes, seen: &[(CommitVersion, Elem)]) -> Vec<Anomaly> {
        let wrong = |(found, elem): &(CommitVersion, Elem)| {
            let writer = *self.writers.get(elem)?;
            match self.history[writer].outcome {
                Outcome::Committed(Some(told)) if told != *found => {
                    Some(Anomaly::Misplaced { writer, log: set.clone(), told, found: *found })
                }
                _ => None,
            }
        };
        seen.iter().filter_map(wrong).collect()
    }
}

/// The first entry below the last one seen that was not seen.
fn overtaken(
    reader: usize,
    log: &Bytes,
    seen: &[(CommitVersion, Elem)],
    all: &BTreeSet<(CommitVersion, Elem)>,
) -> Option<Anomaly> {
    let last = seen.iter().map(|(place, _)| *place).max()?;
    let missed = all.iter().find(|entry| entry.0 < last && !seen.contains(entry))?;
    Some(Anomaly::Overtaken { reader, log: log.clone(), missed: missed.1 })
}
