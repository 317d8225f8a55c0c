//! How long starts and calls take on a runtime, for `--bench`. Nothing is asserted: hosts differ.

use std::time::Duration;

use super::{Sample, World};

const COLD: usize = 30;
const WARM: usize = 3000;

/// Prints percentiles, in microseconds.
pub(super) async fn run(world: &World) {
    world.prepare().await;
    let mut cold = Vec::with_capacity(COLD);
    for _ in 0..COLD {
        let echo = world.sample(Sample::Echo);
        // Unpacked already, and with something ready: what is measured is the start.
        timed(world, &echo).await;
        world.clock.pause(Duration::from_millis(200)).await;
        let again = updraft_kernel::ports::FunctionSpec { revision: "2".to_owned(), ..echo };
        cold.push(timed(world, &again).await);
    }
    show("cold start and first answer", cold);
    let mut echo = world.sample(Sample::Echo);
    echo.memory_mb = 1769;
    timed(world, &echo).await;
    let mut warm = Vec::with_capacity(WARM);
    for _ in 0..WARM {
        warm.push(timed(world, &echo).await);
    }
    show("warm call", warm);
}

async fn timed(world: &World, spec: &updraft_kernel::ports::FunctionSpec) -> Duration {
    let began = world.clock.monotonic();
    let outcome = world.call(spec, "{}").await;
    assert!(!outcome.failed, "{outcome:?}");
    world.clock.monotonic().saturating_sub(began)
}

fn show(what: &str, mut took: Vec<Duration>) {
    took.sort_unstable();
    let at = |percent: usize| took.get(took.len() * percent / 100).map_or(0, Duration::as_micros);
    println!("{what}: min {} p50 {} p90 {} p99 {} µs", at(0), at(50), at(90), at(99));
}
