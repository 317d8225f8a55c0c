//! Who came before whom, and whether that goes round in a circle.

use std::collections::{BTreeSet, VecDeque};
use std::fmt;

use bytes::Bytes;

/// Why one transaction came before another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The other wrote over what it wrote.
    WrittenOver(Bytes),
    /// The other read what it wrote.
    ReadFrom(Bytes),
    /// The other wrote what it did not see.
    NotSeen(Bytes),
    /// It was answered before the other began.
    Time,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrittenOver(key) => write!(f, "was written over at {key:02x?} by the next"),
            Self::ReadFrom(key) => write!(f, "was read at {key:02x?} by the next"),
            Self::NotSeen(key) => write!(f, "did not see at {key:02x?} what the next wrote"),
            Self::Time => write!(f, "was answered before the next began"),
        }
    }
}

/// From how many transactions a cycle is looked for: one that is short enough to be read is enough.
const TRIED: usize = 50;

/// A directed graph of transactions, and of moments of time that stand between them.
#[derive(Debug)]
pub(super) struct Graph {
    transactions: usize,
    out: Vec<BTreeSet<(usize, Why)>>,
}

impl Graph {
    pub(super) fn new(transactions: usize, moments: usize) -> Self {
        Self { transactions, out: vec![BTreeSet::new(); transactions + moments] }
    }

    /// One transaction isn't before itself.
    pub(super) fn edge(&mut self, from: usize, to: usize, why: Why) {
        if from != to {
            self.out[from].insert((to, why));
        }
    }

    /// A shortest cycle through one of the transactions that are in any; moments are left out of what is told.
    pub(super) fn cycle(&self) -> Option<Vec<(usize, Why)>> {
        let knots = self.in_cycles();
        let first = knots.iter().filter(|node| **node < self.transactions);
        first.take(TRIED).filter_map(|node| self.back_to(*node, &knots)).min_by_key(Vec::len)
    }

    /// The nodes that are left when those without a way in, and then those without a way out, are peeled off.
    fn in_cycles(&self) -> BTreeSet<usize> {
        let forward: Vec<Vec<usize>> = self.out.iter().map(|out| out.iter().map(|(to, _)| *to).collect()).collect();
        let mut backward = vec![Vec::new(); forward.len()];
        for (from, out) in forward.iter().enumerate() {
            out.iter().for_each(|to| backward[*to].push(from));
        }
        let left = peeled(&forward, (0..forward.len()).collect());
        peeled(&backward, left)
    }

    /// The shortest way from a node to itself.
    fn back_to(&self, start: usize, within: &BTreeSet<usize>) -> Option<Vec<(usize, Why)>> {
        let mut came: Vec<Option<(usize, Why)>> = vec![None; self.out.len()];
        let mut queue = VecDeque::from([start]);
        while let Some(from) = queue.pop_front() {
            for (to, why) in self.out[from].iter().filter(|(to, _)| within.contains(to)) {
                if came[*to].is_none() {
                    came[*to] = Some((from, why.clone()));
                    queue.push_back(*to);
                }
            }
            if came[start].is_some() {
                return Some(self.way(start, &came));
            }
        }
        None
    }

    fn way(&self, start: usize, came: &[Option<(usize, Why)>]) -> Vec<(usize, Why)> {
        let mut way = Vec::new();
        let mut at = start;
        while let Some((from, why)) = &came[at] {
            if *from < self.transactions {
                way.push((*from, why.clone()));
            }
            at = *from;
            if at == start {
                break;
            }
        }
        way.reverse();
        way
    }
}

/// Takes away nodes that no edge of the rest leads to, until there are none.
fn peeled(out: &[Vec<usize>], mut left: BTreeSet<usize>) -> BTreeSet<usize> {
    let mut ways_in = vec![0usize; out.len()];
    for from in &left {
        out[*from].iter().filter(|to| left.contains(to)).for_each(|to| ways_in[*to] += 1);
    }
    let mut free: Vec<usize> = left.iter().copied().filter(|node| ways_in[*node] == 0).collect();
    while let Some(node) = free.pop() {
        left.remove(&node);
        for to in out[node].iter().filter(|to| left.contains(to)) {
            ways_in[*to] -= 1;
            if ways_in[*to] == 0 {
                free.push(*to);
            }
        }
    }
    left
}
