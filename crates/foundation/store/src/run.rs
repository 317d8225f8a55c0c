//! Running a transaction until it doesn't conflict.

use updraft_kernel::AwsError;

use crate::error::StoreError;
use crate::seam::Store;
use crate::tx::{StoreExt, Tx};

/// How often [`run`] tries. Each round of a conflict lets at least one other transaction through, so that this many
/// failures in a row mean a hot spot rather than bad luck.
const ATTEMPTS: usize = 64;

/// An error that may say "run the transaction again".
pub trait MaybeConflict: From<StoreError> {
    fn is_conflict(&self) -> bool;
}

impl MaybeConflict for StoreError {
    fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict)
    }
}

impl MaybeConflict for AwsError {
    fn is_conflict(&self) -> bool {
        Self::is_conflict(self)
    }
}

/// Gives `work` a transaction, which it commits itself, and runs it again for as long as it conflicts. It may run many
/// times: ids, time and randomness are drawn outside of it, and effects come after it. For background code; the
/// operations of services are run again as a whole by the layer around them.
///
/// ```no_run
/// # use updraft_store::{Result, Store, StoreExt, run};
/// # async fn count(store: &dyn Store, key: bytes::Bytes) -> Result<()> {
/// let key = &key;
/// run(store, |mut tx| async move {
///     let before = tx.raw().get(key).await?;
///     tx.raw().put(key.clone(), before.unwrap_or_default());
///     tx.commit().await.map(drop)
/// })
/// .await
/// # }
/// ```
///
/// # Errors
/// What `work` answers, or the last conflict of too many.
pub async fn run<T, E, W>(store: &(impl Store + ?Sized), mut work: impl FnMut(Tx) -> W) -> Result<T, E>
where
    E: MaybeConflict,
    W: Future<Output = Result<T, E>>,
{
    let mut attempt = 1;
    loop {
        match work(store.write().await?).await {
            Err(err) if err.is_conflict() && attempt < ATTEMPTS => attempt += 1,
            done => return done,
        }
        tokio::task::yield_now().await;
    }
}
