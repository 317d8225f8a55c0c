//! Who timers are for.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use updraft_kernel::{AwsError, BoxFuture, UnixMillis};
use updraft_store::{MaybeConflict, StoreError, Tx};

use crate::keys::Timer;

/// Why a timer could not be fired. A conflict runs again at once; anything else later, with growing pauses.
#[derive(Debug, thiserror::Error)]
pub enum FireError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Aws(#[from] AwsError),
    #[error("no owner named {0:?} is registered")]
    NoOwner(String),
    #[error("{0}")]
    Other(String),
}

impl MaybeConflict for FireError {
    fn is_conflict(&self) -> bool {
        match self {
            Self::Store(err) => err.is_conflict(),
            Self::Aws(err) => err.is_conflict(),
            Self::NoOwner(_) | Self::Other(_) => false,
        }
    }
}

/// What a service registers to be called when its timers are due.
pub trait TimerOwner: Send + Sync + fmt::Debug {
    /// A pure decision, written to `tx`, which also removes the timer: both happen or neither does. Anything that is
    /// to happen outside the store is written as a delivery. It may run several times for one timer, as transactions
    /// do, so it does nothing but read and write `tx`. The timer may be scheduled again under its id, also from here.
    fn fire<'a>(&'a self, tx: &'a mut Tx, timer: &'a Timer, now: UnixMillis) -> BoxFuture<'a, Result<(), FireError>>;
}

/// The registered owners.
#[derive(Debug, Default)]
pub(crate) struct Owners(RwLock<HashMap<&'static str, Arc<dyn TimerOwner>>>);

impl Owners {
    pub(crate) fn register(&self, name: &'static str, owner: Arc<dyn TimerOwner>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(name, owner);
    }

    pub(crate) fn find(&self, name: &str) -> Result<Arc<dyn TimerOwner>, FireError> {
        let owners = self.0.read().unwrap_or_else(PoisonError::into_inner);
        owners.get(name).cloned().ok_or_else(|| FireError::NoOwner(name.to_owned()))
    }
}
