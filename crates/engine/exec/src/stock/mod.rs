//! Instances that are ready before it is known what for: taken at cold starts, made anew beside.

mod ready;
mod shape;
mod zygotes;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Semaphore;
use updraft_sandbox::SandboxError;

pub(crate) use ready::{Ready, Seat, Voice};
pub(crate) use shape::{Shape, UIDS, limits};

use crate::exec::Engine;
use crate::runtime::Ahead;
use zygotes::Zygotes;

/// How many are made at the same time, beside the work of calls.
const BUILDERS: usize = 2;

/// What is kept of one shape.
#[derive(Debug, Default)]
struct Shelf {
    ready: Vec<Ready>,
    /// On their way.
    coming: usize,
    /// Monotonic: when one was asked for last.
    used: Duration,
}

/// Everything that is ready.
#[derive(Debug)]
pub(crate) struct Stock {
    shelves: Mutex<HashMap<Arc<Shape>, Shelf>>,
    zygotes: Zygotes,
    builders: Arc<Semaphore>,
}

impl Default for Stock {
    fn default() -> Self {
        Self { shelves: Mutex::default(), zygotes: Zygotes::default(), builders: Arc::new(Semaphore::new(BUILDERS)) }
    }
}

impl Stock {
    /// One that is ready, or else one that is made now. More are made in its place.
    pub(crate) async fn take(&self, engine: &Arc<Engine>, shape: &Arc<Shape>) -> Result<Ready, SandboxError> {
        let taken = self.pop(shape, engine.clock.monotonic());
        self.fill(engine, shape);
        match taken {
            Some(ready) => Ok(ready),
            None => Ready::build_for_now(engine, shape, self.zygotes.get(engine, shape)).await,
        }
    }

    fn pop(&self, shape: &Arc<Shape>, now: Duration) -> Option<Ready> {
        let mut shelves = self.shelves.lock();
        let shelf = shelves.entry(Arc::clone(shape)).or_default();
        shelf.used = now;
        shelf.ready.pop()
    }

    /// Orders what is missing.
    fn fill(&self, engine: &Arc<Engine>, shape: &Arc<Shape>) {
        let zygote = self.zygotes.get(engine, shape);
        if matches!(shape.ahead, Ahead::Zygote { .. }) && zygote.is_none() {
            // It says so when it has started.
            return;
        }
        let wanted = shape.wanted(&engine.config);
        let mut shelves = self.shelves.lock();
        let Some(shelf) = shelves.get_mut(shape) else { return };
        let missing = wanted.saturating_sub(shelf.ready.len() + shelf.coming);
        shelf.coming += missing;
        drop(shelves);
        for _ in 0..missing {
            let (engine, shape) = (Arc::clone(engine), Arc::clone(shape));
            engine.tasks.clone().spawn("prepared instance", async move { engine.stock.make(&engine, &shape).await });
        }
    }

    async fn make(&self, engine: &Arc<Engine>, shape: &Arc<Shape>) {
        let turn = Arc::clone(&self.builders).acquire_owned().await;
        let zygote = self.zygotes.get(engine, shape);
        let made = Ready::build_ahead(engine, shape, zygote).await;
        drop(turn);
        let mut shelves = self.shelves.lock();
        let Some(shelf) = shelves.get_mut(shape) else { return };
        shelf.coming = shelf.coming.saturating_sub(1);
        match made {
            // What comes too late for a platform that stops ends here.
            Ok(Some(ready)) if !engine.is_draining() => shelf.ready.push(ready),
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "an instance could not be prepared"),
        }
        drop(shelves);
        engine.idle.notify_one();
    }

    /// A zygote is up: now its forks can be had.
    fn zygote_is_up(&self, engine: &Arc<Engine>, shape: &Arc<Shape>) {
        self.fill(engine, shape);
    }

    /// Ends what nobody has asked for in a while.
    ///
    /// # Returns
    /// How long until there is something to do again.
    pub(crate) fn keep(&self, now: Duration, ready_for: Duration) -> Option<Duration> {
        let mut shelves = self.shelves.lock();
        let age = |shelf: &Shelf| now.saturating_sub(shelf.used);
        let old: Vec<_> = shelves.extract_if(|_, shelf| shelf.coming == 0 && age(shelf) >= ready_for).collect();
        let next = shelves.values().map(|shelf| ready_for.saturating_sub(age(shelf))).min();
        drop(shelves);
        for (shape, _) in old {
            self.zygotes.end(&shape);
        }
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
