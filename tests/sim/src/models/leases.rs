//! Leases: one node at a time, and each epoch one node's for ever.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use updraft_kernel::BoxFuture;
use updraft_nodes::Epoch;

use crate::model::{Model, Step};
use crate::world::World;

#[derive(Default)]
pub(super) struct Leases {
    /// Whose each lease was in each epoch.
    holders: Mutex<BTreeMap<(String, Epoch), String>>,
}

impl Model for Leases {
    fn name(&self) -> &'static str {
        "leases"
    }

    /// The nodes do all there is to do.
    fn step<'a>(&'a self, _: Step<'a>) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }

    fn check(&self, world: &World) {
        let mut now = BTreeMap::new();
        for node in world.nodes() {
            let held = node.leases.iter().filter_map(|lease| lease.held().map(|epoch| (lease.name(), epoch)));
            for (name, epoch) in held {
                let whose = format!("{} in {epoch:?}", node.name);
                if let Some(other) = now.insert(name.to_owned(), whose.clone()) {
                    return world.journal.wrong(format_args!("{name} is held by {other} and by {whose} at once"));
                }
                let mut holders = self.holders.lock();
                let holder = holders.entry((name.to_owned(), epoch)).or_insert_with(|| node.name.clone());
                if *holder != node.name {
                    return world.journal.wrong(format_args!("{name} is held by {holder} and by {whose}"));
                }
            }
        }
    }

    /// Every lease is somebody's again.
    fn settled<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()> {
        self.check(world);
        let all: Vec<String> =
            world.nodes().iter().flat_map(|node| &node.leases).map(|l| l.name().to_owned()).collect();
        for name in all {
            let nodes = world.nodes();
            let mut handles = nodes.iter().flat_map(|node| &node.leases).filter(|lease| lease.name() == name);
            if !handles.any(|lease| lease.held().is_some()) {
                world.journal.wrong(format_args!("{name} is nobody's, long after the faults"));
            }
        }
        Box::pin(std::future::ready(()))
    }
}
