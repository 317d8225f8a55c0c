//! EventBridge Scheduler: schedules, the groups they are in, and calling what they are for.
//!
//! A schedule has one timer: for its next occurrence. The transaction that takes the timer sets the next one and puts the
//! occurrence into the outbox, so that a crash makes none happen twice or never; carrying it out is `invoke`. What is next
//! is `updraft_schedule`'s to say. It must never know what a target does with what it gets. Start reading at
//! [`Scheduler`], `background`, and then `invoke`.

mod background;
mod errors;
#[cfg(test)]
mod golden;
mod invoke;
mod keys;
mod measure;
mod model;
mod ops;
mod table;
mod tagged;

use std::sync::Arc;

use updraft_delivery::Outbox;
use updraft_kernel::ports::{DispatchPort, EventTargets, MetricsPort, QueuePort};
use updraft_kernel::{Clock, Rng};
use updraft_store::Store;
use updraft_timers::Timers;

/// What it is made of.
#[derive(Debug)]
pub struct Parts {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub metrics: Arc<dyn MetricsPort>,
    pub outbox: Outbox,
    pub timers: Timers,
    /// Functions and topics.
    pub targets: EventTargets,
    pub queues: Arc<dyn QueuePort>,
    /// Everything else.
    pub dispatch: Arc<dyn DispatchPort>,
    /// Where the platform is reached, for the URLs in what is called by `dispatch`.
    pub endpoint: Arc<str>,
}

/// The service: its state is in the store, never here.
#[derive(Debug)]
pub struct Scheduler {
    parts: Parts,
}

impl Scheduler {
    /// Registers itself with the outbox and the timers, so: before they start.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Self> {
        let service = Arc::new(Self { parts });
        invoke::register(&service);
        background::register(&service);
        service
    }
}

updraft_api_scheduler::delegate!(Scheduler, ops);
