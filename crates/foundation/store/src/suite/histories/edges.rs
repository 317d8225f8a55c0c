//! The edges that a history's reads and times draw between its transactions.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::graph::{Graph, Why};
use super::record::{Elem, Event, Record, Tick};
use super::versions::Writers;
use super::walk::Walked;

pub(super) struct Edges<'a> {
    pub(super) history: &'a [Record],
    pub(super) writers: &'a Writers,
    /// Of the committed transactions.
    pub(super) walked: &'a BTreeMap<usize, Walked>,
    pub(super) orders: &'a BTreeMap<Bytes, Vec<Elem>>,
}

impl Edges<'_> {
    pub(super) fn graph(&self) -> Graph {
        let mut graph = Graph::new(self.history.len(), self.walked.len());
        for (key, order) in self.orders {
            self.of_list(&mut graph, key, order);
        }
        self.of_sets(&mut graph);
        self.of_time(&mut graph);
        graph
    }

    fn writer(&self, elem: Elem) -> Option<usize> {
        self.writers.get(&elem).copied()
    }

    fn of_list(&self, graph: &mut Graph, key: &Bytes, order: &[Elem]) {
        let chain: Vec<usize> = order.iter().filter_map(|elem| self.writer(*elem)).collect();
        let deletes = |(number, done): (&usize, &Walked)| done.deleted.contains(key).then_some(*number);
        let life = Life { key, chain, deleters: self.walked.iter().filter_map(deletes).collect() };
        life.edges(graph);
        for (reader, done) in self.walked {
            match done.found.get(key) {
                Some(found) if found.is_empty() && !life.deleters.is_empty() => self.of_absence(graph, *reader, &life),
                Some(found) => life.read(graph, *reader, found.len()),
                None => {}
            }
        }
    }

    /// No row, where there was one for a time: before it, or after it. Time tells, or nothing does.
    fn of_absence(&self, graph: &mut Graph, reader: usize, life: &Life<'_>) {
        let Some(maker) = life.chain.first().copied() else { return };
        let reads = &self.history[reader];
        if self.history[maker].end < reads.start {
            life.deleters.iter().for_each(|deleter| graph.edge(*deleter, reader, Why::ReadFrom(life.key.clone())));
        } else if life.deleters.iter().all(|deleter| reads.end < self.history[*deleter].start) {
            graph.edge(reader, maker, Why::NotSeen(life.key.clone()));
        }
    }

    fn of_sets(&self, graph: &mut Graph) {
        let mut added = BTreeMap::<&Bytes, Vec<(usize, Elem)>>::new();
        for (number, event) in self.events() {
            if let Event::Added { set, elem } = event {
                added.entry(set).or_default().push((number, *elem));
            }
        }
        for (reader, event) in self.events() {
            let Event::Members { set, members } = event else { continue };
            for (writer, elem) in added.get(set).into_iter().flatten() {
                if members.contains(elem) {
                    graph.edge(*writer, reader, Why::ReadFrom(set.clone()));
                } else {
                    graph.edge(reader, *writer, Why::NotSeen(set.clone()));
                }
            }
        }
    }

    fn events(&self) -> impl Iterator<Item = (usize, &Event)> {
        self.walked.keys().flat_map(|number| self.history[*number].events.iter().map(move |event| (*number, event)))
    }

    /// A chain of moments, one for each answer: a transaction leads to its own, and the last one before it began leads
    /// to it. So there are few edges, and a way between any two of which one was first.
    fn of_time(&self, graph: &mut Graph) {
        let mut answers: Vec<(Tick, usize)> = self.walked.keys().map(|n| (self.history[*n].end, *n)).collect();
        answers.sort_unstable();
        let moment = |nth: usize| self.history.len() + nth;
        for (nth, (_, number)) in answers.iter().enumerate() {
            graph.edge(*number, moment(nth), Why::Time);
            if nth > 0 {
                graph.edge(moment(nth - 1), moment(nth), Why::Time);
            }
        }
        for number in self.walked.keys() {
            let before = answers.partition_point(|(end, _)| *end < self.history[*number].start);
            if let Some(last) = before.checked_sub(1) {
                graph.edge(moment(last), *number, Why::Time);
            }
        }
    }
}

/// Who wrote a list, in their order, and who deleted it.
struct Life<'a> {
    key: &'a Bytes,
    chain: Vec<usize>,
    deleters: Vec<usize>,
}

impl Life<'_> {
    fn edges(&self, graph: &mut Graph) {
        for pair in self.chain.windows(2) {
            graph.edge(pair[0], pair[1], Why::WrittenOver(self.key.clone()));
        }
        if let Some(last) = self.chain.last() {
            self.deleters.iter().for_each(|deleter| graph.edge(*last, *deleter, Why::WrittenOver(self.key.clone())));
        }
    }

    /// A read of the list's version number `version`; 0 is no row yet.
    fn read(&self, graph: &mut Graph, reader: usize, version: usize) {
        if let Some(writer) = version.checked_sub(1).and_then(|nth| self.chain.get(nth)) {
            graph.edge(*writer, reader, Why::ReadFrom(self.key.clone()));
        }
        // The next version: of the first other transaction behind it.
        let not_seen = || Why::NotSeen(self.key.clone());
        match self.chain.iter().skip(version).find(|writer| **writer != reader) {
            Some(next) => graph.edge(reader, *next, not_seen()),
            None => self.deleters.iter().for_each(|next| graph.edge(reader, *next, not_seen())),
        }
    }
}
