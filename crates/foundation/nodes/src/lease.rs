//! One share of the work, which one node at a time has.

use std::sync::Arc;

use tokio::sync::watch;
use updraft_store::{StoreError, Tx};

use crate::member::Member;
use crate::rows::LeaseKey;

/// Grows with each change of owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Epoch(pub u64);

/// How this node stands to a lease.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// This node's, since that epoch.
    pub(crate) held: Option<Epoch>,
    /// Another node is to have it: what is under way is finished, and nothing new begun.
    pub(crate) wanted: bool,
}

/// A handle on a lease, for the task that does its work. It follows by itself: held, wanted back, lost.
#[derive(Clone, Debug)]
pub struct Lease {
    name: String,
    standing: watch::Receiver<Standing>,
    /// `None`: there are no other nodes.
    member: Option<Arc<Member>>,
}

impl Lease {
    pub(crate) fn new(name: String, standing: watch::Receiver<Standing>, member: Option<Arc<Member>>) -> Self {
        Self { name, standing, member }
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Under which epoch this node may begin new work. `None`: not at all; wait for [`Self::changed`].
    #[must_use]
    pub fn held(&self) -> Option<Epoch> {
        let standing = *self.standing.borrow();
        standing.held.filter(|_| !standing.wanted && self.is_alive())
    }

    /// Completes when how this node stands to it may have changed since this handle last looked.
    pub async fn changed(&mut self) {
        if self.standing.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Makes `tx` commit only if the lease is this node's in `epoch` when it does: call it in every transaction that
    /// relies on being the only one.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] if another node has it by now, or may have.
    pub async fn fence(&self, tx: &mut Tx, epoch: Epoch) -> Result<(), StoreError> {
        let held = self.standing.borrow().held;
        if held == Some(epoch) && self.is_alive() && self.is_written(tx, epoch).await? {
            return Ok(());
        }
        Err(StoreError::Fenced(self.name.clone()))
    }

    /// What was under way under this lease is finished: it may go to whoever wants it. Does nothing unless it is
    /// wanted back. All handles of a name are one user's.
    pub fn release(&self) {
        if let Some(member) = &self.member {
            member.release(&self.name);
        }
    }

    fn is_alive(&self) -> bool {
        self.member.as_ref().is_none_or(|member| member.is_alive())
    }

    /// The store says so too. That it was read here is what makes a transaction conflict with a take-over.
    async fn is_written(&self, tx: &mut Tx, epoch: Epoch) -> Result<bool, StoreError> {
        let Some(member) = &self.member else { return Ok(true) };
        let row = tx.row(&LeaseKey(&self.name)).await?;
        Ok(row.is_some_and(|row| row.holder == Some(member.id) && row.epoch == epoch.0))
    }
}
