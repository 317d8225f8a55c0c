//! How far functions grow: by the time, and by the host's memory. What is kept of it is 100 MB here.

use std::sync::Arc;
use std::time::Duration;

use updraft_kernel::ports::{RunnerPort, RunnerRefusal};

use super::{Case, Sample, World};

const PLENTY: u64 = 10_000;

pub(super) fn cases() -> Vec<Case> {
    vec![
        ("a_function_grows_no_faster_than_it_may", |w| Box::pin(grows(w))),
        ("what_is_deployed_finds_everything_ready", |w| Box::pin(is_expected(w))),
        ("as_many_are_ready_as_were_started_at_once", |w| Box::pin(prepares_for_more(w))),
        ("without_memory_nothing_starts_and_what_runs_goes_on", |w| Box::pin(refuses(w))),
        ("an_idle_instance_ends_for_one_that_starts", |w| Box::pin(makes_room(w))),
        ("idle_instances_end_where_the_host_runs_short", |w| Box::pin(runs_short(w))),
    ]
}

async fn grows(world: &World) {
    let slow = world.with_burst(1);
    let (exits, token) = (slow.sample(Sample::ExitOne), slow.sample(Sample::Token));
    assert!(slow.call(&exits, "{}").await.failed);
    for _ in 0..2 {
        let refused = slow.try_call(&exits, "{}").await;
        assert!(matches!(refused, Err(RunnerRefusal::Throttled(_))), "{refused:?}");
    }
    // Others have a burst of their own, and what is there goes on.
    for _ in 0..3 {
        assert!(!slow.call(&token, "{}").await.failed);
    }
    slow.exec.drain(Duration::from_secs(30)).await;
    slow.stop().await;
}

/// Before anybody has called anything.
async fn is_expected(world: &World) {
    let token = Arc::new(world.sample(Sample::Token));
    world.exec.expect(&token);
    world.until("something ready", || world.exec.ready() > 0).await;
    let (ready, first) = (world.exec.ready(), world.call(&token, "{}").await);
    assert!(first.cold && !first.failed, "{first:?}");
    world.until("one in place of what was taken", || world.exec.ready() >= ready).await;
}

/// More than are kept ready in any case.
const AT_ONCE: usize = 6;

async fn prepares_for_more(world: &World) {
    world.host.has(PLENTY);
    world.prepare().await;
    let functions = [(); AT_ONCE].map(|()| world.sample(Sample::Token));
    let calls = functions.iter().map(|function| world.call(function, "{}"));
    assert!(futures_util::future::join_all(calls).await.iter().all(|outcome| outcome.cold && !outcome.failed));
    world.until("as many that are ready", || world.exec.ready() >= AT_ONCE).await;
    // None that the host has no memory to spare for, but always some.
    world.host.has(110);
    world.until("fewer that are ready", || (1..AT_ONCE).contains(&world.exec.ready())).await;
    world.host.has(PLENTY);
}

async fn refuses(world: &World) {
    let (slow, other) = (world.sample(Sample::SlowToken), world.sample(Sample::Token));
    world.call(&slow, "{}").await;
    let refused = async {
        world.clock.pause(Duration::from_millis(50)).await;
        world.host.has(110);
        world.try_call(&other, "{}").await
    };
    let (busy, refused) = tokio::join!(world.call(&slow, "{}"), refused);
    assert!(!busy.failed && !busy.cold);
    let Err(RunnerRefusal::Full(told)) = refused else { panic!("{refused:?}") };
    assert!(told.contains("10 MB are free beyond the reserve of 100 MB"), "{told}");
    world.host.has(PLENTY);
    assert!(!world.call(&other, "{}").await.failed);
}

async fn makes_room(world: &World) {
    // Nothing older is left.
    world.host.has(50);
    world.until("no instance", || world.exec.instances() == 0).await;
    world.host.has(PLENTY);
    let [old, young, next] = [(); 3].map(|()| world.sample(Sample::Token));
    let first = world.call(&old, "{}").await;
    world.clock.pause(Duration::from_millis(20)).await;
    let second = world.call(&young, "{}").await;
    // A little less than what the next is taken to need. What ends gives it back by and by.
    world.host.has(163);
    let later = async {
        world.clock.pause(Duration::from_millis(100)).await;
        world.host.has(PLENTY);
    };
    let (third, ()) = tokio::join!(world.try_call(&next, "{}"), later);
    assert!(third.is_ok(), "{third:?}");
    assert_eq!(world.call(&young, "{}").await.value, second.value, "one was enough");
    let again = world.call(&old, "{}").await;
    assert!(again.cold && again.value != first.value, "it was the oldest");
}

async fn runs_short(world: &World) {
    // A host that says nothing isn't asked again.
    world.host.has(PLENTY);
    let [token, ahead] = [(); 2].map(|()| Arc::new(world.sample(Sample::Token)));
    let first = world.call(&token, "{}").await;
    world.exec.provision(&ahead, 1);
    world.until("an instance", || world.exec.provisioned(&ahead).available == 1).await;
    world.host.has(50);
    world.until("fewer instances", || world.exec.instances() == 1).await;
    let kept = world.call(&ahead, "{}").await;
    assert!(!kept.failed && kept.usage.provisioned, "what was asked for stays: {kept:?}");
    world.host.has(PLENTY);
    let again = world.call(&token, "{}").await;
    assert!(again.cold && again.value != first.value);
}
