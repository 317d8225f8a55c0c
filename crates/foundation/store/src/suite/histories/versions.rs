//! The order in which each list was written.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::anomaly::Anomaly;
use super::record::{Elem, Event, Record};
use super::walk::Walked;

/// Who wrote each value: committed or not.
pub(super) type Writers = BTreeMap<Elem, usize>;

pub(super) fn writers(history: &[Record]) -> Writers {
    let mut writers = Writers::new();
    for (number, record) in history.iter().enumerate() {
        for event in &record.events {
            match event {
                Event::Put { list, .. } => drop(list.last().map(|elem| writers.insert(*elem, number))),
                Event::Added { elem, .. } => drop(writers.insert(*elem, number)),
                _ => {}
            }
        }
    }
    writers
}

/// The longest list of each key. Every other one must be how it began.
pub(super) fn orders(walked: &BTreeMap<usize, Walked>) -> (BTreeMap<Bytes, Vec<Elem>>, Vec<Anomaly>) {
    let (mut orders, mut anomalies) = (BTreeMap::<Bytes, Vec<Elem>>::new(), Vec::new());
    for (key, list) in walked.values().flat_map(|done| done.found.iter().chain(&done.left)) {
        let known = orders.entry(key.clone()).or_default();
        let (short, long) = if list.len() > known.len() { (&*known, list) } else { (list, &*known) };
        if !long.starts_with(short) {
            anomalies.push(Anomaly::Diverged { key: key.clone(), one: known.clone(), other: list.clone() });
        }
        *known = long.clone();
    }
    (orders, anomalies)
}
