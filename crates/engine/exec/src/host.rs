//! What instances use of the platform.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use updraft_kernel::{Clock, Rng, Tasks};

#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) tasks: Tasks,
    partings: AtomicUsize,
}

impl Host {
    pub(crate) fn new(clock: Arc<dyn Clock>, rng: Arc<dyn Rng>, tasks: Tasks) -> Arc<Self> {
        Arc::new(Self { clock, rng, tasks, partings: AtomicUsize::new(0) })
    }

    /// How many instances are given time to end.
    pub(crate) fn partings(&self) -> usize {
        self.partings.load(Ordering::SeqCst)
    }

    /// One more, until it is dropped.
    pub(crate) fn parting(self: &Arc<Self>) -> Parting {
        self.partings.fetch_add(1, Ordering::SeqCst);
        Parting(Arc::clone(self))
    }
}

#[derive(Debug)]
pub(crate) struct Parting(Arc<Host>);

impl Drop for Parting {
    fn drop(&mut self) {
        self.0.partings.fetch_sub(1, Ordering::SeqCst);
    }
}
