//! Removing what a crash left behind: blobs that were written and never named.

use std::sync::Arc;
use std::time::Duration;

use updraft_blob::{Blobs, sweep};
use updraft_kernel::{AwsError, Clock, Shutdown};
use updraft_lambda::Lambda;

/// Real time between two sweeps, and before the first: starting up isn't the time for reading folders.
const EVERY: Duration = Duration::from_hours(1);

/// Sweeps until shutdown. A blob lives as long as any of its owners names it; today only Lambda owns some.
pub(crate) async fn run(blobs: Arc<dyn Blobs>, clock: Arc<dyn Clock>, lambda: Arc<Lambda>, mut shutdown: Shutdown) {
    loop {
        tokio::select! {
            () = clock.pause(EVERY) => {}
            () = shutdown.requested() => return,
        }
        let named = |id| {
            let lambda = Arc::clone(&lambda);
            async move { lambda.names_blob(&id).await }
        };
        match sweep::<AwsError, _>(&*blobs, &*clock, named).await {
            Ok(swept) => tracing::info!(seen = swept.seen, deleted = swept.deleted, "swept the blobs"),
            Err(err) => tracing::warn!(error = ?err, "the blobs could not be swept; tried again later"),
        }
    }
}
