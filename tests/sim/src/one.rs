//! One seed, from its beginning to its verdict.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use updraft_kernel::{Clock, UnixMillis};
use updraft_store::{CommitVersion, KeyRange, ScanOptions, StoreExt, tags};

use crate::world::{NODES, World};
use crate::{Args, chance, client, weather};

const CLIENTS: u64 = 4;
/// Virtual time after which nothing outstanding may be left.
const LONG: Duration = Duration::from_secs(600);
/// After which every lease is somebody's again.
const CALM: Duration = Duration::from_secs(10);
const STEP: Duration = Duration::from_secs(5);

#[expect(clippy::print_stdout, reason = "the verdict")]
pub(crate) fn run(seed: u64, args: &Args) -> ExitCode {
    chance::begin(seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    let world = match runtime {
        Ok(runtime) => runtime.block_on(whole(seed, args)),
        Err(err) => Err(err.to_string()),
    };
    match world {
        Err(why) => {
            println!("seed {seed}: can't be run: {why}");
            ExitCode::FAILURE
        }
        Ok(world) => verdict(seed, args, &world),
    }
}

#[expect(clippy::print_stdout, reason = "the verdict")]
fn verdict(seed: u64, args: &Args, world: &World) -> ExitCode {
    let ((hash, lines), injected) = (world.journal.digest(), world.injected());
    let (wrong, before) = world.journal.report();
    if wrong.is_empty() {
        println!("seed {seed}: right, {lines} events, {injected} faults, trace {hash:016x}");
        return ExitCode::SUCCESS;
    }
    before.iter().for_each(|line| println!("{line}"));
    wrong.iter().for_each(|what| println!("seed {seed}: WRONG: {what}"));
    let mutation = args.mutation.map(|mutation| format!(" --mutation {}", mutation.name())).unwrap_or_default();
    println!("seed {seed}: trace {hash:016x}; again, with all that happens:");
    println!("  cargo run -p updraft-sim -- --seed {seed} --span {}{mutation} --loud", args.span);
    ExitCode::FAILURE
}

async fn whole(seed: u64, args: &Args) -> Result<World, String> {
    let world = Arc::new(World::new(seed, args).map_err(|err| err.to_string())?);
    for number in 0..NODES {
        world.start(number).await;
    }
    if let Some(first) = world.node(0) {
        for model in &world.models {
            model.prepare(&first).await;
        }
    }
    world.tasks.spawn("weather", weather::run(Arc::clone(&world)));
    for number in 0..CLIENTS {
        world.tasks.spawn("a client", client::run(Arc::clone(&world), number));
    }
    world.tasks.stop().await;
    if world.tasks.panics() > 0 {
        world.journal.wrong("a client panicked");
    }
    if world.journal.is_right() {
        settle(&world).await;
    }
    Arc::into_inner(world).ok_or_else(|| "somebody still holds the world".to_owned())
}

/// The faults end, and everything outstanding has its time.
async fn settle(world: &World) {
    world.journal.note("the faults end");
    world.heal().await;
    for number in 0..NODES {
        world.start(number).await;
    }
    world.heal().await;
    let ended = world.clock.monotonic();
    let until = world.clock.now().plus(LONG);
    while world.clock.monotonic() < ended + CALM
        || outstanding(world, until).await && world.clock.monotonic() < ended + LONG
    {
        world.clock.pause(STEP).await;
        world.check();
    }
    // Some timers set themselves again each minute, such as queues' gauges: what counts is that none is overdue.
    let overdue = UnixMillis(world.clock.now().0 - i64::try_from(CALM.as_millis()).unwrap_or(0));
    if outstanding(world, until.min(overdue)).await {
        world.journal.wrong(format_args!("timers or deliveries are left after {LONG:?} without faults"));
        show_left(world).await;
    }
    for model in &world.models {
        model.settled(world).await;
    }
    let version = world.store.raise_version(CommitVersion(0)).await.unwrap_or_default();
    world.journal.note(format_args!("the end, at {version:?}"));
}

/// Timers are due until then, or deliveries are under way. Some timers are far off: of what is kept for a while.
async fn outstanding(world: &World, until: UnixMillis) -> bool {
    let delivering = KeyRange::new(vec![tags::DELIVERY], vec![tags::DELIVERY + 1]);
    let deliveries = match world.store.read().await {
        Ok(mut tx) => tx.raw().scan(delivering, ScanOptions::limit(1)).await.is_ok_and(|page| !page.rows.is_empty()),
        Err(_) => true,
    };
    let due = match world.node(0) {
        Some(node) => node.timers.next_due().await.ok().flatten().is_some_and(|due| due < until),
        None => true,
    };
    deliveries || due
}

/// What is left, and who should have done it.
async fn show_left(world: &World) {
    let left = KeyRange::new(vec![tags::TIMERS], vec![tags::DELIVERY + 1]);
    let Ok(mut tx) = world.store.read().await else { return };
    let page = tx.raw().scan(left, ScanOptions::limit(200)).await.unwrap_or_default();
    for (key, value) in page.rows {
        let text: String = value.iter().copied().filter(u8::is_ascii_graphic).map(char::from).collect();
        world.journal.note(format_args!("left at {key:02x?}: {text}"));
    }
    for node in world.nodes() {
        let held: Vec<&str> =
            node.leases.iter().filter(|l| l.held().is_some()).map(updraft_nodes::Lease::name).collect();
        world.journal.note(format_args!("{} holds {held:?}", node.name));
    }
}
