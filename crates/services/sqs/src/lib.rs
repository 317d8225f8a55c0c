//! SQS: queues of messages, standard and first-in-first-out. Queues are known by name within an account and region; what they
//! hold is known by the queue's number, which a queue made again under the same name doesn't share. It must never know who
//! polls. Start reading at [`Sqs`] and at `model::queue`.

mod access;
mod background;
mod errors;
#[doc(hidden)]
pub mod fuzz;
#[cfg(test)]
mod golden;
mod keys;
mod messages;
mod model;
mod ops;
mod page;
mod polled;
mod ports;
mod queue_url;
mod refusals;
mod table;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use updraft_kernel::ports::MetricsPort;
use updraft_kernel::{Clock, Rng, RngExt};
use updraft_store::Store;
use updraft_timers::Timers;

use crate::background::{OWNER, Wakes};
use crate::messages::Desks;
pub use crate::polled::PolledQueues;

/// What it is made of.
#[derive(Debug)]
pub struct Parts {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub metrics: Arc<dyn MetricsPort>,
    pub timers: Timers,
    /// Services that send to queues need a statement of the queue's policy, as on AWS, even for what is of its account.
    pub strict: bool,
}

/// The service: its state is in the store, never here.
#[derive(Debug)]
pub struct Sqs {
    parts: Parts,
    desks: Arc<Desks>,
    sent: AtomicU32,
}

impl Sqs {
    /// Registers itself with the timers, so: before they start.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Self> {
        let (desks, timers, rng) = (Arc::<Desks>::default(), parts.timers.clone(), Arc::clone(&parts.rng));
        let (metrics, known) = (Arc::clone(&parts.metrics), Arc::clone(&desks));
        parts.timers.register(OWNER, Arc::new(Wakes { timers, rng, metrics, desks: known }));
        Arc::new(Self { parts, desks, sent: AtomicU32::new(0) })
    }

    /// Tells what is sent in the same millisecond apart: in the order of sending within a process, and by chance between
    /// processes.
    fn next_minor(&self) -> u64 {
        let order = self.sent.fetch_add(1, Ordering::Relaxed);
        u64::from(order) << 32 | self.parts.rng.u64() >> 32
    }
}

updraft_api_sqs::delegate!(Sqs, ops);
