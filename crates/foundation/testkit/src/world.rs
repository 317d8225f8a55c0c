//! [`World`]: the surroundings of a service under test.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use updraft_kernel::{AccountId, Clock, Ctx, Identity, Region, RequestId, Rng, SeededRng};
use updraft_store::Store;

use crate::clock::ManualClock;

/// A store, a manual clock and seeded randomness, and the contexts of requests in that world: account 000000000000,
/// region `us-east-1`, endpoint `http://127.0.0.1:4566`.
#[derive(Debug)]
pub struct World {
    pub store: Arc<dyn Store>,
    pub clock: Arc<ManualClock>,
    pub rng: Arc<dyn Rng>,
    requests: AtomicU64,
}

impl World {
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            clock: Arc::new(ManualClock::default()),
            rng: Arc::new(SeededRng::new(1)),
            requests: AtomicU64::new(0),
        }
    }

    /// As seen by the code under test.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock) as Arc<dyn Clock>
    }

    /// The context of one more request, made by the account itself.
    #[must_use]
    pub fn cx(&self) -> Ctx {
        let id = self.requests.fetch_add(1, Ordering::SeqCst);
        Ctx {
            identity: Arc::new(Identity::root(AccountId::local())),
            account: AccountId::local(),
            region: Region::default_region(),
            request_id: RequestId::new(format!("00000000-0000-4000-8000-{id:012x}")),
            clock: self.clock(),
            rng: Arc::clone(&self.rng),
            endpoint: "http://127.0.0.1:4566".into(),
            trace: None,
            source_ip: None,
            via: None,
        }
    }
}
