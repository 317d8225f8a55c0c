//! Clients: each does one random thing after the other, wherever it finds a node.

use std::sync::Arc;
use std::time::Duration;

use updraft_kernel::{Clock, RngExt, SeededRng};

use crate::model::Step;
use crate::world::{NODES, World};

/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Until the span is over.
pub(crate) async fn run(world: Arc<World>, number: u64) {
    let rng = world.chance(100 + number);
    while world.clock.monotonic() < world.span && world.journal.is_right() {
        world.clock.pause(Duration::from_millis(rng.below(150))).await;
        one(&world, &rng).await;
        if world.journal.is_right() {
            world.check();
        }
    }
}

async fn one(world: &World, rng: &SeededRng) {
    let Some(node) = world.node(rng.below(NODES)) else { return };
    let nth = usize::try_from(rng.below(u64::try_from(world.models.len()).unwrap_or(0))).unwrap_or(0);
    let Some(model) = world.models.get(nth) else { return };
    tokio::select! {
        biased;
        () = model.step(Step { node: &node, rng }) => {}
        () = world.clock.pause(PATIENCE) => {
            world.journal.note(format_args!("a client of {} on {} waits no longer", model.name(), node.name));
        }
    }
}
