//! Which node is to have which lease.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use updraft_store::Topic;

use crate::rows::NodeId;

/// Every lease goes to the node with the highest hash of both (rendezvous), unless that node has its full share: the
/// highest pairs first, and nobody more than one above the mean. All nodes see the same rows and so come to the same
/// answer; a node that comes or goes moves few leases beside its own.
pub(crate) fn spread<'a>(nodes: &[NodeId], leases: &[&'a str]) -> BTreeMap<&'a str, NodeId> {
    if nodes.is_empty() {
        return BTreeMap::new();
    }
    let full = leases.len().div_ceil(nodes.len()) + 1;
    let mut loads: BTreeMap<NodeId, usize> = BTreeMap::new();
    let mut owners = BTreeMap::new();
    for (_, node, lease) in ranked(nodes, leases) {
        let load = loads.entry(node).or_default();
        if *load < full && !owners.contains_key(lease) {
            *load += 1;
            owners.insert(lease, node);
        }
    }
    owners
}

/// All pairs, those that belong together most first.
fn ranked<'a>(nodes: &[NodeId], leases: &[&'a str]) -> Vec<(u64, NodeId, &'a str)> {
    let pairs = leases.iter().flat_map(|lease| nodes.iter().map(|node| (score(*node, lease), *node, *lease)));
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort_unstable_by_key(|pair| Reverse(*pair));
    pairs
}

/// Nodes of different versions must agree on it, so it never changes.
fn score(node: NodeId, lease: &str) -> u64 {
    Topic::of(&[b"lease", &node.0.to_be_bytes(), lease.as_bytes()]).0
}

#[cfg(test)]
mod tests {
    use updraft_kernel::{RngExt, SeededRng};

    use super::*;

    fn nodes(rng: &SeededRng, count: usize) -> Vec<NodeId> {
        (0..count).map(|_| NodeId(rng.u64())).collect()
    }

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("timers/{n}")).collect()
    }

    #[test]
    fn golden_scores() {
        assert_eq!(score(NodeId(1), "timers/0"), GOLDEN);
    }

    /// Nodes of other versions compute the same.
    const GOLDEN: u64 = 9_642_971_587_968_551_982;

    #[test]
    fn twenty_leases_over_three_nodes_are_spread_evenly_whoever_they_are() {
        let (rng, names) = (SeededRng::new(1), names(20));
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        for _ in 0..500 {
            let nodes = nodes(&rng, 3);
            let owners = spread(&nodes, &names);
            assert_eq!(owners.len(), 20, "every lease has an owner");
            for node in &nodes {
                let load = owners.values().filter(|owner| *owner == node).count();
                assert!((4..=9).contains(&load), "{load}");
            }
        }
    }

    #[test]
    fn a_node_that_comes_moves_little_more_than_what_it_takes() {
        let (rng, names) = (SeededRng::new(2), names(60));
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let (mut moved, mut taken) = (0, 0);
        for _ in 0..100 {
            let nodes = nodes(&rng, 4);
            let (before, after) = (spread(&nodes[..3], &names), spread(&nodes, &names));
            moved += names.iter().filter(|name| before[*name] != after[*name]).count();
            taken += after.values().filter(|owner| **owner == nodes[3]).count();
        }
        assert!(moved * 10 < taken * 15, "{moved} moved, {taken} of them to the new node");
    }

    #[test]
    fn the_order_in_which_nodes_and_leases_are_known_plays_no_part() {
        let (mut nodes, mut names) = (nodes(&SeededRng::new(3), 5), vec!["a", "b", "c", "d", "e", "f"]);
        let owners = spread(&nodes, &names);
        nodes.reverse();
        names.reverse();
        assert_eq!(spread(&nodes, &names), owners);
        assert!(spread(&[], &names).is_empty());
    }
}
