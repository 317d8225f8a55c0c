//! Freezes idle instances a moment after their last call, and ends those that aren't needed any more.

use std::sync::Arc;
use std::time::Duration;

use crate::ahead;
use crate::exec::Engine;
use crate::function::Function;
use crate::memory;

/// With nothing idle there is nothing to do; looking seldom costs nothing.
const SELDOM: Duration = Duration::from_mins(10);

/// Runs until shutdown. Between two rounds it rests, however busy the functions are.
pub(crate) async fn run(engine: Arc<Engine>) {
    let mut shutdown = engine.tasks.shutdown();
    let mut next = SELDOM;
    while !shutdown.is_requested() {
        tokio::select! {
            () = engine.idle.notified() => {}
            () = engine.clock.pause(next) => {}
            () = shutdown.requested() => return,
        }
        tokio::select! {
            () = engine.clock.pause(engine.config.freeze_after) => {}
            () = shutdown.requested() => return,
        }
        next = round(&engine);
    }
}

fn round(engine: &Arc<Engine>) -> Duration {
    let now = engine.clock.monotonic();
    let functions: Vec<Arc<Function>> = engine.functions.lock().values().cloned().collect();
    functions.iter().for_each(|function| ahead::start_missing(engine, function));
    let stock = engine.stock.keep(engine, now);
    engine.bursts.keep(now);
    let kept = functions.iter().filter_map(|function| function.keep(now, &engine.config)).min();
    let next = kept.into_iter().chain(stock).chain(memory::keep(engine, &functions, now)).min();
    drop(functions);
    // A function that somebody holds is about to be used.
    let mut known = engine.functions.lock();
    known.retain(|_, function| Arc::strong_count(function) > 1 || !function.is_unused());
    next.unwrap_or(SELDOM)
}
