//! Starts of functions' instances that are under way: nothing is made meanwhile that isn't needed yet.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::exec::Engine;

#[derive(Debug, Default)]
pub(super) struct Starts(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    underway: usize,
    /// Monotonic: when the last one was over.
    over: Duration,
}

impl Starts {
    /// Since when there is none; `None`: there is one.
    pub(super) fn over(&self) -> Option<Duration> {
        let state = self.0.lock();
        (state.underway == 0).then_some(state.over)
    }
}

/// One start, until it is dropped.
pub(crate) struct Start(Arc<Engine>);

impl Start {
    pub(crate) fn begin(engine: &Arc<Engine>) -> Self {
        engine.stock.starts.0.lock().underway += 1;
        Self(Arc::clone(engine))
    }
}

impl Drop for Start {
    fn drop(&mut self) {
        let mut state = self.0.stock.starts.0.lock();
        state.underway = state.underway.saturating_sub(1);
        state.over = self.0.clock.monotonic();
        let last = state.underway == 0;
        drop(state);
        if last {
            self.0.idle.notify_one();
        }
    }
}
