//! SQS: queues of messages, standard and first-in-first-out. Queues are known by name within an account and region; what they
//! hold is known by the queue's number, which a queue made again under the same name doesn't share. It must never know who
//! polls. Start reading at [`Sqs`] and at `model::queue`.

mod background;
mod errors;
#[cfg(test)]
mod golden;
mod keys;
mod model;
mod ops;
mod page;
mod queue_url;
mod table;

use std::sync::Arc;

use updraft_kernel::ports::MetricsPort;
use updraft_kernel::{Clock, Rng};
use updraft_store::Store;
use updraft_timers::Timers;

use crate::background::{OWNER, Wakes};

/// What it is made of.
#[derive(Debug)]
pub struct Parts {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub metrics: Arc<dyn MetricsPort>,
    pub timers: Timers,
}

/// The service: its state is in the store, never here.
#[derive(Debug)]
pub struct Sqs {
    parts: Parts,
}

impl Sqs {
    /// Registers itself with the timers, so: before they start.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Self> {
        parts.timers.register(OWNER, Arc::new(Wakes { timers: parts.timers.clone() }));
        Arc::new(Self { parts })
    }
}

updraft_api_sqs::delegate!(Sqs, ops);
