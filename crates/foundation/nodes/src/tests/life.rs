//! Joining, dying, leaving.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::FutureExt;

use super::world::{TWO_SECONDS, World};
use crate::beat::beat;
use crate::{JoinError, NodeState, Nodes, Trouble};

/// All of the leases, each held once.
async fn settled(world: &mut World) -> Vec<usize> {
    world.steps(TWO_SECONDS).await;
    let held = world.held();
    assert_eq!(held.iter().sum::<usize>(), 20, "{held:?}");
    held
}

async fn three() -> World {
    let mut world = World::new(1, 20);
    for _ in 0..3 {
        world.join().await;
    }
    settled(&mut world).await;
    world
}

#[tokio::test]
async fn the_first_node_takes_everything_at_its_first_beat() {
    let mut world = World::new(1, 20);
    world.join().await;
    assert_eq!(world.held(), [0]);
    world.steps(1).await;
    assert_eq!(world.held(), [20]);
}

#[tokio::test]
async fn leases_are_spread_over_the_nodes_and_move_when_one_joins() {
    let mut world = three().await;
    assert!(world.held().iter().all(|held| (4..=9).contains(held)), "{:?}", world.held());
    world.join().await;
    let held = settled(&mut world).await;
    assert!(held.iter().all(|held| (2..=6).contains(held)), "{held:?}");
}

#[tokio::test]
async fn a_joining_node_has_its_part_at_once_when_nothing_is_under_way() {
    let mut world = World::new(1, 20);
    world.join().await;
    world.steps(1).await;
    world.join().await;
    world.steps(4).await;
    assert_eq!(world.held().iter().sum::<usize>(), 20, "{:?}", world.held());
    assert!(world.held()[1] >= 8);
}

#[tokio::test]
async fn a_killed_nodes_leases_are_taken_over_within_two_seconds_and_not_before_it_counts_as_dead() {
    for beats_before in 0..10 {
        let mut world = three().await;
        world.steps(beats_before).await;
        let lost = world.held()[0];
        world.kill(0);
        world.steps(10).await;
        assert_eq!(world.held().iter().sum::<usize>(), 20 - lost, "it may be just slow");
        world.steps(TWO_SECONDS - 10).await;
        assert_eq!(world.held().iter().sum::<usize>(), 20);
    }
}

#[tokio::test]
async fn a_busy_holder_keeps_a_lease_until_it_is_released() {
    let mut world = World::new(1, 20);
    world.join().await;
    world.steps(1).await;
    world.nodes[0].busy = true;
    world.join().await;
    world.steps(TWO_SECONDS * 5).await;
    assert_eq!(world.held()[1], 0, "the first finishes what is under way");
    assert!(world.held()[0] < 20, "and begins nothing new under what is wanted");
    world.nodes[0].busy = false;
    world.steps(4).await;
    assert_eq!(world.held().iter().sum::<usize>(), 20);
}

#[tokio::test]
async fn a_leaving_node_hands_over_and_its_row_goes() {
    let mut world = three().await;
    world.nodes[0].nodes.member().begin_to_leave();
    world.steps(11).await;
    let held = world.held();
    assert_eq!((held[0], held.iter().sum::<usize>()), (0, 20));
    assert_eq!(world.nodes[0].nodes.health().borrow().state, NodeState::Gone);
    assert_eq!(world.nodes[1].nodes.list().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_leaving_node_waits_for_what_is_under_way_but_no_longer_than_its_grace() {
    let mut world = three().await;
    world.nodes[0].busy = true;
    world.steps(1).await;
    world.nodes[0].nodes.member().begin_to_leave();
    world.steps(180).await;
    assert_eq!(world.nodes[0].nodes.health().borrow().state, NodeState::Draining);
    assert!(world.held().iter().sum::<usize>() < 20);
    world.steps(40).await;
    assert_eq!(world.held().iter().sum::<usize>(), 20);
    assert_eq!(world.nodes[0].nodes.health().borrow().state, NodeState::Gone);
}

#[tokio::test]
async fn a_node_cut_off_from_the_store_stops_holding_by_itself_and_comes_back() {
    let mut world = three().await;
    let cut = &world.nodes[0].link.cut;
    cut.store(true, Ordering::SeqCst);
    world.steps(TWO_SECONDS).await;
    assert!(world.nodes[0].leases.iter().all(|lease| lease.held().is_none()));
    let health = world.nodes[0].nodes.health().borrow().clone();
    assert_eq!((health.state, health.troubles), (NodeState::Serving, vec![Trouble::CutOff]));
    world.nodes[0].link.cut.store(false, Ordering::SeqCst);
    let held = settled(&mut world).await;
    assert!(held[0] >= 4, "{held:?}");
    assert!(world.nodes[0].nodes.health().borrow().troubles.is_empty());
}

#[tokio::test]
async fn a_process_that_was_stopped_holds_nothing_from_its_first_moment_on() {
    let mut world = three().await;
    world.nodes[0].paused = true;
    let left = world.nodes[0].nodes.member().left_alive();
    world.clock.advance(left - Duration::from_millis(1));
    assert!(world.nodes[0].leases.iter().any(|lease| lease.held().is_some()), "its time isn't over");
    world.clock.advance(Duration::from_millis(1));
    assert!(world.nodes[0].leases.iter().all(|lease| lease.held().is_none()), "before any task of it could run");
}

#[tokio::test]
async fn who_saw_a_lease_lapse_hears_when_it_is_held_again() {
    let mut world = World::new(1, 1);
    world.join().await;
    world.steps(1).await;
    let mut lease = world.nodes[0].leases[0].clone();
    let epoch = lease.held().unwrap();
    lease.changed().now_or_never();
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(lease.held(), None);
    beat(world.nodes[0].nodes.member()).await.unwrap();
    assert!(lease.changed().now_or_never().is_some());
    assert_eq!(lease.held(), Some(epoch), "nobody else took it");
}

#[tokio::test]
async fn a_clock_that_is_off_keeps_a_node_from_joining() {
    let world = World::new(1, 1);
    for (ahead, said) in [(501, "501 ms ahead of"), (-501, "501 ms behind")] {
        let refused = Nodes::join(world.parts(&world.link(), &world.machine(ahead))).await.unwrap_err();
        assert!(matches!(refused, JoinError::Skewed { .. }), "{refused}");
        assert!(refused.to_string().contains(said), "{refused}");
    }
    assert!(Nodes::join(world.parts(&world.link(), &world.machine(-500))).await.is_ok());
}

#[tokio::test]
async fn a_clock_that_goes_wrong_takes_a_node_out_of_the_work_until_it_is_right_again() {
    let mut world = three().await;
    world.nodes[0].machine.ahead.store(-700, Ordering::SeqCst);
    let held = settled(&mut world).await;
    assert_eq!(held[0], 0);
    let health = world.nodes[0].nodes.health().borrow().clone();
    assert_eq!((health.state, health.troubles), (NodeState::Skewed, vec![Trouble::Skewed { millis: -700 }]));
    world.nodes[0].machine.ahead.store(0, Ordering::SeqCst);
    assert!(settled(&mut world).await[0] >= 4);
}

#[tokio::test]
async fn limits_are_shared_by_the_nodes_that_serve() {
    let mut world = three().await;
    let shares = |world: &World, total| world.nodes.iter().map(|node| node.nodes.share(total)).collect::<Vec<_>>();
    assert_eq!(shares(&world, 12), [4, 4, 4]);
    assert_eq!(shares(&world, 11).iter().sum::<u32>(), 11);
    assert_eq!(shares(&world, 2), [1, 1, 1], "nobody is left with nothing");
    assert_eq!(shares(&world, 0), [0, 0, 0]);
    world.kill(0);
    world.steps(TWO_SECONDS).await;
    assert_eq!(shares(&world, 12)[1..], [6, 6]);
    assert_eq!(Nodes::alone().share(12), 12);
}

#[tokio::test]
async fn the_list_shows_every_node_and_forgets_the_dead_after_a_while() {
    let mut world = three().await;
    world.kill(0);
    world.steps(TWO_SECONDS).await;
    let list = world.nodes[1].nodes.list().await.unwrap();
    let find = |name: &str| list.iter().find(|node| node.name == name).unwrap();
    assert!(matches!(find("n0").state, NodeState::Dead { .. }));
    assert_eq!((find("n1").state, find("n1").address.as_str()), (NodeState::Serving, "127.0.0.1:4566"));
    assert!(find("n1").beat_age.unwrap() <= Duration::from_millis(500));
    assert!(find("n0").beat_age.unwrap() > Duration::from_millis(1_500));
    assert_eq!(list.iter().map(|node| node.leases.unwrap()).sum::<usize>(), 20);
    world.clock.advance(Duration::from_secs(600));
    world.steps(TWO_SECONDS).await;
    assert_eq!(world.nodes[1].nodes.list().await.unwrap().len(), 2);
}

#[tokio::test]
async fn alone_everything_is_held_and_nothing_written() {
    let nodes = Nodes::alone();
    assert_eq!(nodes.health().borrow().state, NodeState::Alone);
    assert_eq!(nodes.list().await.unwrap().len(), 1);
    nodes.leave().await;
    assert!(nodes.lease("any").held().is_some());
}

#[tokio::test]
async fn the_loop_takes_leases_and_leaves_on_request_and_at_a_shutdown() {
    let world = World::new(1, 0);
    let tasks = updraft_kernel::Tasks::new();
    let deadline = Duration::from_secs(20);
    let (a, b) = (
        Nodes::join(world.parts(&world.link(), &world.machine(0))).await.unwrap(),
        Nodes::join(world.parts(&world.link(), &world.machine(0))).await.unwrap(),
    );
    let (mut lease_a, lease_b) = (a.lease("work"), b.lease("work"));
    a.start(&tasks);
    lease_a.changed().await;
    assert!(lease_a.held().is_some());
    b.start(&tasks);
    let finishes = updraft_testkit::wait_until(deadline, || {
        lease_a.release();
        a.health().borrow().state == NodeState::Gone
    });
    let ((), finished) = tokio::join!(a.leave(), finishes);
    finished.unwrap();
    assert!(lease_a.held().is_none());
    let clock = Arc::clone(&world.clock);
    updraft_testkit::wait_until(deadline, || {
        clock.advance(Duration::from_millis(10));
        lease_b.held().is_some()
    })
    .await
    .unwrap();
    tasks.stop().await;
    assert_eq!(tasks.panics(), 0);
    assert_eq!(b.health().borrow().state, NodeState::Gone);
    assert!(a.list().await.unwrap().is_empty());
}
