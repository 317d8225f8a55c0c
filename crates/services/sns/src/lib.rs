//! SNS: topics, who is subscribed to them, and what is published to them.
//!
//! A publish is one row of the outbox, written before it is acknowledged; carrying it out is `fanout`, which hands it to
//! every subscription by the protocol's file in `protocols`. Topics are known by name within an account and region; what
//! belongs to one is found by its number, which a topic made again under the same name doesn't share. It must never know
//! what a queue or a function does with what it gets. Start reading at [`Sns`], `publish`, and then `fanout`.

mod access;
mod background;
mod ended;
mod errors;
mod fanout;
#[cfg(test)]
mod golden;
mod keys;
mod limits;
mod logged;
mod measure;
mod model;
mod ops;
mod outward;
mod people;
mod ports;
mod protocols;
mod publish;
mod signing;
mod table;
mod tagged;
mod view;

use std::sync::Arc;

use updraft_delivery::Outbox;
use updraft_kernel::ports::{FunctionPort, LogsPort, MetricsPort, QueuePort, SecretsPort, WebPort};
use updraft_kernel::{Clock, Rng};
use updraft_store::Store;
use updraft_timers::Timers;

pub use crate::outward::Outward;
use crate::protocols::{Couriers, Pace};
use crate::signing::Signer;

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
    /// Services that publish to topics need a statement of the topic's policy, as on AWS, even for what is of its account.
    pub strict: bool,
    pub queues: Arc<dyn QueuePort>,
    pub functions: Arc<dyn FunctionPort>,
    pub web: Arc<dyn WebPort>,
    /// Keeps the key that messages are signed with.
    pub secrets: Arc<dyn SecretsPort>,
    pub outward: Outward,
}

/// The service: its state is in the store, never here.
#[derive(Debug)]
pub struct Sns {
    parts: Parts,
    couriers: Couriers,
    signer: Signer,
    pace: Pace,
}

impl Sns {
    /// Registers itself with the outbox and the timers, so: before they start.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Self> {
        let service =
            Arc::new(Self { parts, couriers: Couriers::default(), signer: Signer::default(), pace: Pace::default() });
        fanout::register(&service);
        protocols::register(&service);
        background::register(&service);
        service
    }
}

updraft_api_sns::delegate!(Sns, ops);
