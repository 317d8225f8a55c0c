//! Random joins, kills, pauses, cuts and leaves. At every step no lease has two holders; two seconds after the last
//! change every lease has one. `PROPTEST_CASES` says how many lives are tried.

use std::sync::atomic::Ordering;

use proptest::prelude::*;

use super::world::{TWO_SECONDS, World};

#[derive(Clone, Copy, Debug)]
enum Event {
    Join,
    Kill(usize),
    Pause(usize),
    Cut(usize),
    /// Ends every pause and cut.
    Heal,
    Leave(usize),
    Busy(usize),
    Pass(u32),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => Just(Event::Join),
        2 => any::<usize>().prop_map(Event::Kill),
        2 => any::<usize>().prop_map(Event::Pause),
        2 => any::<usize>().prop_map(Event::Cut),
        2 => Just(Event::Heal),
        2 => any::<usize>().prop_map(Event::Leave),
        2 => any::<usize>().prop_map(Event::Busy),
        8 => (1u32..60).prop_map(Event::Pass),
    ]
}

/// The node meant, among those that neither were killed nor have left.
fn pick(alive: &[usize], which: usize) -> Option<usize> {
    alive.get(which.checked_rem(alive.len())?).copied()
}

async fn happen(world: &mut World, alive: &mut Vec<usize>, event: Event) {
    match event {
        Event::Join if alive.len() < 5 => alive.push(world.join().await),
        Event::Join => {}
        Event::Pass(steps) => world.steps(steps).await,
        Event::Heal => heal(world, alive),
        Event::Kill(n) | Event::Pause(n) | Event::Cut(n) | Event::Leave(n) | Event::Busy(n) => {
            if let Some(which) = pick(alive, n) {
                befall(world, alive, event, which);
            }
        }
    }
}

fn befall(world: &mut World, alive: &mut Vec<usize>, event: Event, which: usize) {
    let node = &mut world.nodes[which];
    match event {
        Event::Kill(_) => {
            node.paused = true;
            alive.retain(|one| *one != which);
        }
        Event::Leave(_) => {
            node.nodes.member().begin_to_leave();
            node.busy = false;
            alive.retain(|one| *one != which);
        }
        Event::Pause(_) => node.paused = true,
        Event::Cut(_) => node.link.cut.store(true, Ordering::SeqCst),
        _ => node.busy = !node.busy,
    }
}

fn heal(world: &mut World, alive: &[usize]) {
    for which in alive {
        world.nodes[*which].paused = false;
        world.nodes[*which].busy = false;
        world.nodes[*which].link.cut.store(false, Ordering::SeqCst);
    }
}

async fn live_through(seed: u64, events: &[Event]) {
    let mut world = World::new(seed, 7);
    let mut alive = Vec::new();
    for event in events {
        happen(&mut world, &mut alive, *event).await;
    }
    heal(&mut world, &alive);
    if alive.is_empty() {
        alive.push(world.join().await);
    }
    world.steps(TWO_SECONDS).await;
    let held = world.held();
    assert_eq!(held.iter().sum::<usize>(), 7, "{held:?}");
    let share = 7usize.div_ceil(alive.len()) + 1;
    assert!(held.iter().all(|held| *held <= share), "{held:?} of {} nodes", alive.len());
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::default() })]
    #[test]
    fn no_lease_has_two_holders_and_none_stays_without(
        seed in any::<u64>(),
        events in prop::collection::vec(event(), 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(live_through(seed, &events));
    }
}
