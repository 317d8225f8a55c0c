//! Instances that are ready before it is known what for: taken at cold starts, made anew beside.
//!
//! Some are kept of whatever is in use, and are made anew at once. Where many are asked for at the same time, as many are
//! made for the next time, when it is quiet again, as far as there is memory to spare.

mod demand;
mod ready;
mod shape;
mod starts;
mod zygotes;

use std::cell::LazyCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Semaphore;
use updraft_sandbox::{Remains, SandboxError};

pub(crate) use ready::{Ready, Seat, Voice};
pub(crate) use shape::{Shape, UIDS, limits};
pub(crate) use starts::Start;

use crate::config::ExecConfig;
use crate::exec::Engine;
use crate::runtime::Ahead;
use demand::Demand;
use starts::Starts;
use zygotes::Zygotes;

/// How many are made at the same time, beside the work of calls.
const BUILDERS: usize = 2;
/// When no start has been under way for so long, there is time to prepare for the next rush of them.
const QUIET: Duration = Duration::from_millis(50);

/// What is kept of one shape.
#[derive(Debug, Default)]
struct Shelf {
    ready: Vec<Ready>,
    /// On their way.
    coming: usize,
    /// Monotonic: when one was asked for last.
    used: Duration,
    /// And not only expected to be.
    called: bool,
    demand: Demand,
}

impl Shelf {
    fn has(&self) -> usize {
        self.ready.len() + self.coming
    }

    fn age(&self, now: Duration) -> Duration {
        now.saturating_sub(self.used)
    }

    /// How many there are to be for the next rush. `free`: bytes of the host's memory, asked for where it makes a difference.
    fn rush(&self, shape: &Shape, config: &ExecConfig, now: Duration, free: impl FnOnce() -> u64) -> usize {
        let (wanted, expected) = (shape.wanted(config, self.called), self.demand.expected(now));
        if expected <= wanted {
            return wanted;
        }
        let most = config.ready_most.min(shape.fit(free(), self.ready.len())).max(wanted);
        expected.min(most)
    }
}

/// Everything that is ready.
#[derive(Debug)]
pub(crate) struct Stock {
    shelves: Mutex<HashMap<Arc<Shape>, Shelf>>,
    zygotes: Zygotes,
    builders: Arc<Semaphore>,
    starts: Starts,
}

impl Default for Stock {
    fn default() -> Self {
        let builders = Arc::new(Semaphore::new(BUILDERS));
        Self { shelves: Mutex::default(), zygotes: Zygotes::default(), builders, starts: Starts::default() }
    }
}

impl Stock {
    /// One that is ready, or else one that is made now. More are made in its place.
    pub(crate) async fn take(&self, engine: &Arc<Engine>, shape: &Arc<Shape>) -> Result<Ready, SandboxError> {
        let taken = self.pop(shape, engine.clock.monotonic(), shape.wanted(&engine.config, true));
        self.fill(engine, shape);
        match taken {
            Some(ready) => Ok(ready),
            None => Ready::build_for_now(engine, shape, self.zygotes.get(engine, shape)).await,
        }
    }

    /// One in which something was before; made now.
    pub(crate) async fn inherit(
        &self,
        engine: &Arc<Engine>,
        shape: &Arc<Shape>,
        remains: Remains,
    ) -> Result<Ready, SandboxError> {
        Ready::inherit(engine, shape, self.zygotes.get(engine, shape), remains).await
    }

    /// Somebody is likely to ask for one soon: those that are kept in any case are made, if there is memory to spare.
    pub(crate) fn expect(&self, engine: &Arc<Engine>, shape: &Arc<Shape>) {
        let wanted = shape.wanted(&engine.config, false);
        if wanted == 0 || shape.fit(engine.free_memory(), 0) < wanted || engine.is_draining() {
            return;
        }
        self.shelves.lock().entry(Arc::clone(shape)).or_default().used = engine.clock.monotonic();
        self.fill(engine, shape);
        // It lets go of what nobody asks for after all.
        engine.idle.notify_one();
    }

    fn pop(&self, shape: &Arc<Shape>, now: Duration, wanted: usize) -> Option<Ready> {
        let mut shelves = self.shelves.lock();
        let shelf = shelves.entry(Arc::clone(shape)).or_default();
        (shelf.used, shelf.called) = (now, true);
        let full = shelf.ready.len() >= shelf.demand.expected(now).max(wanted);
        shelf.demand.saw(now, full);
        shelf.ready.pop()
    }

    /// Orders what is missing.
    fn fill(&self, engine: &Arc<Engine>, shape: &Arc<Shape>) {
        let zygote = self.zygotes.get(engine, shape);
        if matches!(shape.ahead, Ahead::Zygote { .. }) && zygote.is_none() {
            // It says so when it has started.
            return;
        }
        let mut shelves = self.shelves.lock();
        let Some(shelf) = shelves.get_mut(shape) else { return };
        let missing = shape.wanted(&engine.config, shelf.called).saturating_sub(shelf.has());
        shelf.coming += missing;
        drop(shelves);
        (0..missing).for_each(|_| Self::order(engine, shape));
    }

    /// To be counted as coming before.
    fn order(engine: &Arc<Engine>, shape: &Arc<Shape>) {
        let (engine, shape) = (Arc::clone(engine), Arc::clone(shape));
        engine.tasks.clone().spawn("prepared instance", async move { engine.stock.make(&engine, &shape).await });
    }

    /// One, and more while there is time and some are still missing.
    async fn make(&self, engine: &Arc<Engine>, shape: &Arc<Shape>) {
        let turn = Arc::clone(&self.builders).acquire_owned().await;
        loop {
            let zygote = self.zygotes.get(engine, shape);
            let made = Ready::build_ahead(engine, shape, zygote).await;
            if !self.put(engine, shape, made) {
                break;
            }
        }
        drop(turn);
        engine.idle.notify_one();
    }

    /// Whether one more is to be made.
    fn put(&self, engine: &Arc<Engine>, shape: &Arc<Shape>, made: Result<Option<Ready>, SandboxError>) -> bool {
        let now = engine.clock.monotonic();
        let mut shelves = self.shelves.lock();
        let Some(shelf) = shelves.get_mut(shape) else { return false };
        shelf.coming = shelf.coming.saturating_sub(1);
        match made {
            // What comes too late for a platform that stops ends here.
            Ok(Some(ready)) if !engine.is_draining() => shelf.ready.push(ready),
            Ok(_) => shelf.demand = Demand::default(),
            Err(error) => {
                // As often as somebody starts one, but not on and on.
                shelf.demand = Demand::default();
                tracing::warn!(%error, "an instance could not be prepared");
            }
        }
        let quiet = self.starts.over().is_some_and(|over| now.saturating_sub(over) >= QUIET);
        let rush = || shelf.rush(shape, &engine.config, now, || engine.free_memory());
        let more = quiet && !engine.is_draining() && shelf.has() < rush();
        shelf.coming += usize::from(more);
        more
    }

    /// A zygote is up: now its forks can be had.
    fn zygote_is_up(&self, engine: &Arc<Engine>, shape: &Arc<Shape>) {
        self.fill(engine, shape);
    }

    /// Ends what nobody has asked for in a while, and makes what may be asked for next, while nothing starts.
    ///
    /// # Returns
    /// How long until there is something to do again.
    pub(crate) fn keep(&self, engine: &Arc<Engine>, now: Duration) -> Option<Duration> {
        let ready_for = engine.config.ready_for;
        let free = LazyCell::new(|| engine.free_memory());
        let mut shelves = self.shelves.lock();
        let old: Vec<_> = shelves.extract_if(|_, shelf| shelf.coming == 0 && shelf.age(now) >= ready_for).collect();
        let quiet = self.starts.over().map(|over| QUIET.saturating_sub(now.saturating_sub(over)));
        let (mut next, mut over, mut due) = (None, Vec::new(), Vec::new());
        for (shape, shelf) in shelves.iter_mut() {
            let rush = shelf.rush(shape, &engine.config, now, || *free);
            over.extend(shelf.ready.drain(rush.min(shelf.ready.len())..));
            let missing = rush.saturating_sub(shelf.has()).min(BUILDERS.saturating_sub(shelf.coming));
            if quiet == Some(Duration::ZERO) && self.zygotes.have(shape) {
                shelf.coming += missing;
                due.extend(std::iter::repeat_n(Arc::clone(shape), missing));
            }
            let waits = quiet.filter(|quiet| missing > 0 && !quiet.is_zero());
            let rest = [Some(ready_for.saturating_sub(shelf.age(now))), shelf.demand.until_fewer(now), waits];
            next = rest.into_iter().flatten().chain(next).min();
        }
        drop(shelves);
        due.iter().for_each(|shape| Self::order(engine, shape));
        old.iter().for_each(|(shape, _)| self.zygotes.end(shape));
        next
    }

    pub(crate) fn len(&self) -> usize {
        self.shelves.lock().values().map(|shelf| shelf.ready.len()).sum()
    }

    /// Ends everything.
    pub(crate) fn clear(&self) {
        let shelves = std::mem::take(&mut *self.shelves.lock());
        drop(shelves);
        self.zygotes.clear();
    }
}
