//! [`Share`]: a worker's right to its shard.

use updraft_nodes::{Epoch, Lease};
use updraft_store::{Result, Tx};

/// The right to one shard, under one epoch of its lease.
#[derive(Clone, Debug)]
pub(crate) struct Share {
    lease: Lease,
    pub(crate) epoch: Epoch,
}

impl Share {
    /// `None`: another node has it, or is to have it.
    pub(crate) fn of(lease: &Lease) -> Option<Self> {
        lease.held().map(|epoch| Self { lease: lease.clone(), epoch })
    }

    /// Whether something new may be begun under it.
    pub(crate) fn still(&self) -> bool {
        self.lease.held() == Some(self.epoch)
    }

    /// Lets `tx` commit only if no other node has the shard by then.
    pub(crate) async fn fence(&self, tx: &mut Tx) -> Result<()> {
        self.lease.fence(tx, self.epoch).await
    }
}
