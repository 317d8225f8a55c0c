//! [`Model`]: how a service joins the simulation.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use updraft_kernel::{BoxFuture, SeededRng};
use updraft_store::StoreError;

use crate::node::Node;
use crate::world::World;

/// What a client does with one service, and what must be true of it. A model is told all that the client is told, and
/// compares: what was acknowledged is there, what was refused is not, and what nobody knows is one of the two.
pub(crate) trait Model: Send + Sync {
    fn name(&self) -> &'static str;

    /// Before anything goes wrong: tables and such.
    fn prepare<'a>(&'a self, _node: &'a Node) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }

    /// A node starts: registers with it whom this model's work calls, such as targets and owners of timers.
    fn join(&self, _node: &Arc<Node>) {}

    /// One random operation by one client. Dropped at any await when the client has waited long enough.
    fn step<'a>(&'a self, step: Step<'a>) -> BoxFuture<'a, ()>;

    /// What holds at any moment; looked at after every step.
    fn check(&self, _world: &World) {}

    /// What holds when the faults have stopped and everything outstanding has had its time.
    fn settled<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()>;
}

/// Where and with what chance a step is done.
#[derive(Clone, Copy)]
pub(crate) struct Step<'a> {
    pub(crate) node: &'a Arc<Node>,
    pub(crate) rng: &'a SeededRng,
}

/// What a client knows of one of its operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// It was sent; the answer hasn't come, or says that nobody knows.
    Sent,
    Acknowledged,
    /// Nothing was applied.
    Refused,
}

/// All operations of a model, by their number.
#[derive(Debug, Default)]
pub(crate) struct Sent(Mutex<BTreeMap<u64, Known>>);

impl Sent {
    /// The number of an operation that is about to be sent.
    pub(crate) fn next(&self) -> u64 {
        let mut sent = self.0.lock();
        let number = u64::try_from(sent.len()).unwrap_or(u64::MAX);
        sent.insert(number, Known::Sent);
        number
    }

    pub(crate) fn now(&self, number: u64, known: Known) {
        self.0.lock().insert(number, known);
    }

    pub(crate) fn known(&self, number: u64) -> Option<Known> {
        self.0.lock().get(&number).copied()
    }

    pub(crate) fn all(&self) -> BTreeMap<u64, Known> {
        self.0.lock().clone()
    }

    /// What the outcome of a transaction tells of the operation.
    pub(crate) fn answered<T>(&self, number: u64, answer: &Result<T, StoreError>) -> Result<Known, String> {
        let known = match answer {
            Ok(_) => Known::Acknowledged,
            Err(StoreError::Conflict | StoreError::Unavailable(_)) => Known::Refused,
            Err(StoreError::Unknown(_)) => Known::Sent,
            Err(err) => return Err(format!("operation {number} failed: {err:?}")),
        };
        self.now(number, known);
        Ok(known)
    }
}
