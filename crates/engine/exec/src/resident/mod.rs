//! Programs that run within the platform's own process: what they are told, and what they may ask for.
//!
//! Such a program brings its own isolation; no sandbox is built for it. Everything else (pools, limits of time, logs,
//! what a call comes to) is as for any instance, since it answers over the same session that the Runtime API is made of.

mod life;
mod quarters;

use std::fmt;
use std::sync::Arc;

use updraft_kernel::BoxFuture;

pub(crate) use life::CONNECTIONS;
pub use life::{Life, Pieces, Printed, Wire, Work};
pub(crate) use quarters::{Quarters, Tenant};

/// How a program of the platform's own process came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with this status.
    Exited(i32),
    /// It asked for more memory than its function may have.
    OutOfMemory,
    /// It did something that its isolation ends programs for: what.
    Trapped(Box<str>),
    /// From outside.
    Killed,
}

/// A program that runs within the platform's own process, for one function after another.
pub trait Resident: Send + Sync + fmt::Debug {
    /// Lives as one instance, from its start to its end: what is dropped earlier has been killed. Must neither block nor
    /// compute for longer than a few milliseconds without yielding.
    fn live(self: Arc<Self>, life: Life) -> BoxFuture<'static, End>;
}

/// Names a resident; equal if it is the same one.
#[derive(Clone, Debug)]
pub struct Lodger(pub Arc<dyn Resident>);

impl PartialEq for Lodger {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Lodger {}
