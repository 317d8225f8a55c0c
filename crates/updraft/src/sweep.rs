//! Removing what a crash left behind: blobs that were written and never named.

use std::sync::Arc;
use std::time::Duration;

use updraft_blob::{BlobId, Blobs, Swept, sweep};
use updraft_kernel::{AwsError, Clock, Shutdown};
use updraft_lambda::Lambda;
use updraft_nodes::Lease;
use updraft_s3::S3;
use updraft_store::Store;

use crate::shared;

/// Real time between two sweeps, and before the first: starting up isn't the time for reading folders.
const EVERY: Duration = Duration::from_hours(1);

/// Who sweeps, and who knows what is named.
pub(crate) struct Sweeper {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) blobs: Arc<dyn Blobs>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) lambda: Arc<Lambda>,
    pub(crate) s3: Arc<S3>,
    /// One node sweeps for all.
    pub(crate) lease: Lease,
}

impl Sweeper {
    /// Sweeps until shutdown.
    pub(crate) async fn run(mut self, mut shutdown: Shutdown) {
        let mut next = self.clock.pause(EVERY);
        loop {
            tokio::select! {
                () = &mut next => next = self.clock.pause(EVERY),
                () = self.lease.changed() => {
                    // Between two sweeps nothing is under way.
                    self.lease.release();
                    continue;
                }
                () = shutdown.requested() => return,
            }
            if self.lease.held().is_none() {
                continue;
            }
            match self.sweep().await {
                Ok(swept) => tracing::info!(seen = swept.seen, deleted = swept.deleted, "swept the blobs"),
                Err(err) => tracing::warn!(error = ?err, "the blobs could not be swept; tried again later"),
            }
        }
    }

    /// A blob lives as long as any of its owners names it: Lambda, S3, or the installation itself. While a snapshot is
    /// taken all live; that is asked last, which the hold relies on.
    async fn sweep(&self) -> Result<Swept, AwsError> {
        let mark = shared::mark(&*self.store).await.map_err(|err| AwsError::internal(err.into_boxed_dyn_error()))?;
        let named = |id: BlobId| {
            let (lambda, s3, store) = (Arc::clone(&self.lambda), Arc::clone(&self.s3), Arc::clone(&self.store));
            let marks = mark.as_ref() == Some(&id);
            async move { Ok(marks || s3.names_blob(&id).await? || lambda.names_blob(&id).await? || held(&*store).await?) }
        };
        sweep(&*self.blobs, &*self.clock, named).await
    }
}

async fn held(store: &dyn Store) -> Result<bool, AwsError> {
    updraft_snapshot::blobs_are_held(store).await.map_err(AwsError::internal)
}
