//! What goes wrong, and when.

use std::sync::Arc;
use std::time::Duration;

use updraft_kernel::{Clock, RngExt, SeededRng};
use updraft_store::faults::Faults;

use crate::node::Node;
use crate::world::{NODES, World};

/// Until the span is over.
pub(crate) async fn run(world: Arc<World>) {
    let rng = world.chance(1);
    while world.clock.monotonic() < world.span && world.journal.is_right() {
        world.clock.pause(between(&rng, 100, 2_000)).await;
        let number = rng.below(NODES);
        let Some(node) = world.node(number) else { continue };
        match rng.below(10) {
            0..4 => change(&node, &rng),
            4 | 5 => cut(&world, &node, &rng),
            6 | 7 => freeze(&world, &node, &rng),
            8 => kill(&world, number, &rng),
            _ => {
                node.way.set(Faults::default());
                node.journal.note(format_args!("{} has good weather", node.name));
            }
        }
    }
}

fn between(rng: &SeededRng, least: u64, most: u64) -> Duration {
    Duration::from_millis(least + rng.below(most - least))
}

fn change(node: &Node, rng: &SeededRng) {
    let share = |most: u64| u32::try_from(rng.below(most)).unwrap_or(0);
    let faults = Faults {
        conflict: share(100),
        unknown_applied: share(40),
        unknown_lost: share(40),
        unknown_late: share(40),
        unavailable: share(60),
        slow: share(1_000),
        longest: between(rng, 1, 40),
    };
    node.way.set(faults);
    node.journal.note(format_args!("{} has {faults:?}", node.name));
}

/// The way to the store is cut, for a while.
fn cut(world: &Arc<World>, node: &Arc<Node>, rng: &SeededRng) {
    let span = between(rng, 100, 6_000);
    node.journal.note(format_args!("{} is cut off for {span:?}", node.name));
    node.way.cut(true);
    later(world, node, span, |node| {
        node.way.cut(false);
        node.journal.note(format_args!("{} is no longer cut off", node.name));
    });
}

/// It stands still, for a while, and doesn't know.
fn freeze(world: &Arc<World>, node: &Arc<Node>, rng: &SeededRng) {
    let span = between(rng, 100, 6_000);
    node.journal.note(format_args!("{} stands still for {span:?}", node.name));
    node.way.freeze(true);
    later(world, node, span, |node| {
        node.way.freeze(false);
        node.journal.note(format_args!("{} goes on", node.name));
    });
}

/// Unless it is another node by then.
fn later(world: &Arc<World>, node: &Arc<Node>, span: Duration, then: impl FnOnce(&Node) + Send + 'static) {
    let (world, node) = (Arc::clone(world), Arc::clone(node));
    let tasks = world.tasks.clone();
    tasks.spawn("weather", async move {
        world.clock.pause(span).await;
        if world.nodes().iter().any(|there| there.name == node.name) {
            then(&node);
        }
    });
}

fn kill(world: &Arc<World>, number: u64, rng: &SeededRng) {
    world.kill(number);
    let (world, span) = (Arc::clone(world), between(rng, 50, 4_000));
    let tasks = world.tasks.clone();
    tasks.spawn("weather", async move {
        world.clock.pause(span).await;
        world.start(number).await;
    });
}
