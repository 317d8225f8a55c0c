//! Pipes: what comes from a source, filtered, enriched and put into another form, goes to a target.
//!
//! It owns pipes and what they make of events, and must never know how a source is polled: it stands to whoever polls as a
//! function stands to its event source mapping, and answers which records of a batch it couldn't hand on. Start reading at
//! [`Pipes`], then `run`, then any file of `ops`.

mod errors;
#[cfg(test)]
mod golden;
mod keeper;
mod keys;
mod model;
mod ops;
mod run;
mod table;
mod tagged;
mod view;

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::RwLock;
use updraft_kernel::ports::{
    DispatchPort, EventSourcePort, EventTargets, FunctionPort, GivenUp, LogsPort, Mapping, MappingsPort, QueuePort,
};
use updraft_kernel::{AwsError, BoxFuture, Clock, Rng, Tasks};
use updraft_store::Store;

use crate::keeper::Keeper;

pub use table::topic;

/// What it is made of.
#[derive(Debug)]
pub struct Parts {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub functions: Arc<dyn FunctionPort>,
    pub queues: Arc<dyn QueuePort>,
    pub logs: Arc<dyn LogsPort>,
    /// Topics and buses.
    pub targets: EventTargets,
    /// State machines.
    pub dispatch: Arc<dyn DispatchPort>,
}

/// The service: its state is in the store, never here.
#[derive(Debug)]
pub struct Pipes {
    parts: Parts,
    /// Who polls, by the service in a source's ARN.
    sources: RwLock<HashMap<&'static str, Arc<dyn EventSourcePort>>>,
}

impl Pipes {
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Self> {
        Arc::new(Self { parts, sources: RwLock::default() })
    }

    /// Sources whose ARN is of this service are polled by `port`, which calls this service as a function. Before
    /// [`Self::start`].
    pub fn poll_with(&self, service: &'static str, port: Arc<dyn EventSourcePort>) {
        self.sources.write().insert(service, port);
    }

    /// Looks after the pipes until shutdown: begins and ends to poll, and settles what was asked for. To be called once,
    /// on every node.
    pub fn start(self: &Arc<Self>, tasks: &Tasks) {
        tasks.spawn("pipes", Keeper::new(Arc::clone(self)).run(tasks.shutdown()));
    }

    fn source(&self, service: &str) -> Option<Arc<dyn EventSourcePort>> {
        self.sources.read().get(service).map(Arc::clone)
    }
}

/// AWS: what comes of batches isn't told by a pipe's description.
impl MappingsPort for Pipes {
    fn processed<'a>(&'a self, mapping: &'a Mapping, result: &'a str) -> BoxFuture<'a, Result<(), AwsError>> {
        tracing::debug!(pipe = %mapping.function, result, "a batch was handed over");
        Box::pin(std::future::ready(Ok(())))
    }

    fn given_up<'a>(&'a self, mapping: &'a Mapping, what: GivenUp) -> BoxFuture<'a, Result<(), AwsError>> {
        Box::pin(async move { self.tell_given_up(mapping, &what).await })
    }
}

updraft_api_pipes::delegate!(Pipes, ops);
