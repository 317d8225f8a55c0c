//! Step Functions: state machines, and their executions.
//!
//! An execution is `updraft_asl`'s machine; what it is made of lies in rows. Every signal (a start, an answer, a timer, a
//! token that comes back) is one transaction: it reads the rows, takes the step, and writes what changed, the history, and
//! what is to be done next as deliveries and timers. A crash leaves it before or behind a step. It must never know what a
//! task's target does. Start reading at [`StepFunctions`], `run`, and then `ops`.

mod errors;
#[cfg(test)]
mod golden;
mod keys;
mod maps;
mod mocks;
mod model;
mod ops;
mod run;
mod table;
mod target;
mod trial;

use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use updraft_delivery::Outbox;
use updraft_kernel::ports::{
    ConnectionsPort, DispatchPort, EventTargets, FunctionPort, HttpDataPlane, LogsPort, MetricsPort,
};
use updraft_kernel::{Clock, Rng};
use updraft_store::Store;
use updraft_timers::Timers;

use run::definitions::Definitions;

pub use mocks::Mocks;

/// What the service is made of.
#[derive(Debug)]
pub struct Parts {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub outbox: Outbox,
    pub timers: Timers,
    pub functions: Arc<dyn FunctionPort>,
    pub dispatch: Arc<dyn DispatchPort>,
    pub logs: Arc<dyn LogsPort>,
    pub metrics: Arc<dyn MetricsPort>,
    /// Where events go: the account's bus.
    pub targets: EventTargets,
    pub connections: Arc<dyn ConnectionsPort>,
    pub http_apis: Arc<dyn HttpDataPlane>,
    /// Where the platform is, as contexts carry it.
    pub endpoint: Arc<str>,
    /// What answers in place of services in executions of test cases.
    pub mocks: Option<Arc<Mocks>>,
    pub modelled: Modelled,
    pub inputs: Inputs,
}

/// Whether the model of a service (as SDKs name it) has an error of that name.
pub struct Modelled(pub Box<HasError>);

type HasError = dyn Fn(&str, &str) -> bool + Send + Sync;

impl Default for Modelled {
    /// All have all.
    fn default() -> Self {
        Self(Box::new(|_, _| true))
    }
}

impl fmt::Debug for Modelled {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Modelled")
    }
}

/// What an operation of a service (as SDKs name them) doesn't take of its input: members that there are none of, and those
/// that should be text and aren't.
#[derive(Clone)]
pub struct Inputs(pub Arc<Unfit>);

type Unfit = dyn Fn(&str, &str, &Value) -> (Vec<String>, Vec<String>) + Send + Sync;

impl Default for Inputs {
    /// All take everything.
    fn default() -> Self {
        Self(Arc::new(|_, _, _| Default::default()))
    }
}

impl fmt::Debug for Inputs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Inputs")
    }
}

/// The service: its state is in the store, never here; definitions are kept read.
#[derive(Debug)]
pub struct StepFunctions {
    parts: Parts,
    definitions: Definitions,
    desks: maps::Desks,
    seats: run::seats::Seats,
}

impl StepFunctions {
    /// Takes part in deliveries and timers from here on.
    #[must_use]
    pub fn new(parts: Parts) -> Arc<Self> {
        let service = Arc::new(Self {
            parts,
            definitions: Definitions::default(),
            desks: maps::Desks::default(),
            seats: run::seats::Seats::default(),
        });
        run::register(&service);
        service
    }
}

updraft_api_states::delegate!(StepFunctions, ops);
