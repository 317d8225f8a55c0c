//! Emptying an account, or everything: for tests that want a fresh cloud without a fresh process.

use std::fmt;
use std::sync::Arc;

use updraft_cloudwatch::CloudWatch;
use updraft_gateway::admin::Reset;
use updraft_kernel::{AccountId, AwsError, BoxFuture};
use updraft_store::{KeyBuilder, Store, StoreExt, clear, tags};

/// Deletes rows by the tag and account that begin every service's keys.
pub(crate) struct StoreReset {
    store: Arc<dyn Store>,
    metrics: Arc<CloudWatch>,
}

impl StoreReset {
    pub(crate) fn new(store: Arc<dyn Store>, metrics: Arc<CloudWatch>) -> Self {
        Self { store, metrics }
    }

    async fn empty(&self, account: Option<AccountId>) -> Result<(), AwsError> {
        self.metrics.forget(account.as_ref());
        for tag in tags::SERVICES {
            let key = KeyBuilder::new(*tag);
            let range = match &account {
                Some(account) => key.str(account.as_str()).prefix_range(),
                None => key.prefix_range(),
            };
            clear(&*self.store, range).await?;
        }
        // Whoever polls for mappings that are gone, or keeps instances of functions that are, is to look again.
        let mut tx = self.store.write().await?;
        tx.touch(updraft_lambda::mappings_topic());
        tx.touch(updraft_lambda::ahead_topic());
        tx.commit().await?;
        Ok(())
    }
}

impl Reset for StoreReset {
    fn reset(&self, account: Option<AccountId>) -> BoxFuture<'_, Result<(), AwsError>> {
        Box::pin(self.empty(account))
    }
}

impl fmt::Debug for StoreReset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreReset").finish_non_exhaustive()
    }
}
