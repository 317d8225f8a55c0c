//! EventBridge: buses, rules on what is put on them, and targets that get what the rules match.
//!
//! A `PutEvents` is one row of the outbox for each bus, written before it is acknowledged; carrying it out is `fanout`,
//! which finds the rules that match (`rules`) and hands the events to their targets, each by its file in `send`. Buses,
//! rules and targets are known by their names. It must never know what a queue or a function does with what it gets.
//! Start reading at [`EventBridge`], `ops::put_events`, and then `fanout`.

mod access;
mod archives;
mod background;
mod connections;
mod errors;
mod fanout;
#[cfg(test)]
mod golden;
mod keys;
mod measure;
mod model;
mod ops;
mod ports;
mod rules;
mod schedule;
mod send;
mod servers;
mod switch;
mod table;
mod tagged;

use std::sync::Arc;

use updraft_delivery::Outbox;
use updraft_kernel::ports::{EventTargets, FunctionPort, LogsPort, MetricsPort, QueuePort, SecretsPort, WebPort};
use updraft_kernel::{Clock, Rng};
use updraft_store::Store;
use updraft_timers::Timers;

use crate::rules::Ready;
use crate::servers::Servers;

/// What it is made of.
#[derive(Debug)]
pub struct Parts {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub metrics: Arc<dyn MetricsPort>,
    pub logs: Arc<dyn LogsPort>,
    pub outbox: Outbox,
    pub timers: Timers,
    pub queues: Arc<dyn QueuePort>,
    pub functions: Arc<dyn FunctionPort>,
    pub web: Arc<dyn WebPort>,
    /// Keeps what connections call with.
    pub secrets: Arc<dyn SecretsPort>,
    /// Whoever else takes events.
    pub targets: EventTargets,
}

/// The service: its state is in the store, never here.
#[derive(Debug)]
pub struct EventBridge {
    parts: Parts,
    ready: Ready,
    servers: Servers,
}

impl EventBridge {
    /// Registers itself with the outbox and the timers, so: before they start.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Self> {
        let service = Arc::new(Self { parts, ready: Ready::default(), servers: Servers::default() });
        fanout::register(&service);
        background::register(&service);
        schedule::register(&service);
        service
    }
}

updraft_api_events::delegate!(EventBridge, ops);
