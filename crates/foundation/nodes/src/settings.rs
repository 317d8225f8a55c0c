//! What a node is told when it joins, and why it may not.

use std::sync::Arc;
use std::time::Duration;

use updraft_kernel::{Clock, Rng};
use updraft_store::{Store, StoreError};

/// What a node is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    pub store: Arc<dyn Store>,
    /// Only its real time is used: leases don't move with virtual time.
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub settings: Settings,
}

/// How a node calls itself, and how fast it is to notice.
#[derive(Clone, Debug)]
pub struct Settings {
    /// For people; several nodes may have the same.
    pub name: String,
    /// Where it listens, for people.
    pub address: String,
    /// Of updraft.
    pub version: String,
    /// Between two heart-beats.
    pub beat: Duration,
    /// How long after its last heart-beat a node counts as alive. At least twice `beat`.
    pub ttl: Duration,
    /// How far this machine's clock may be off the store's.
    pub max_skew: Duration,
    /// How long a leaving node waits for what is under way.
    pub grace: Duration,
}

impl Settings {
    /// The usual times, under which the leases of a node that was killed are taken over within two seconds.
    #[must_use]
    pub fn new(name: &str, address: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            address: address.to_owned(),
            version: version.to_owned(),
            beat: Duration::from_millis(500),
            ttl: Duration::from_millis(1_500),
            max_skew: Duration::from_millis(500),
            grace: Duration::from_secs(10),
        }
    }
}

/// Why a node could not join.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    #[error(
        "this machine's clock is {} ms {} the store's, and {} ms are allowed; set it right (NTP does) and start again",
        .millis.unsigned_abs(), if *.millis < 0 { "behind" } else { "ahead of" }, .allowed.as_millis()
    )]
    Skewed { millis: i64, allowed: Duration },
    #[error("a heart-beat every {beat:?} doesn't keep a node alive for {ttl:?}; let it live at least twice as long")]
    Beat { beat: Duration, ttl: Duration },
    #[error(transparent)]
    Store(#[from] StoreError),
}
