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

/// Runs `work` in a transaction and commits it durably, again for as long as it conflicts. `work` may run many times:
/// ids, time and randomness are drawn outside of it, and effects come after it. For background code; the operations
/// of services are run again as a whole by the layer around them.
///
/// # Errors
/// What `work` answers, what the commit answers, or the last conflict of too many.
pub async fn run<T, E: MaybeConflict>(
    store: &(impl Store + ?Sized),
    mut work: impl AsyncFnMut(&mut Tx) -> Result<T, E>,
) -> Result<T, E> {
    let mut attempt = 1;
    loop {
        match once(store, &mut work).await {
            Err(err) if err.is_conflict() && attempt < ATTEMPTS => attempt += 1,
            done => return done,
        }
        tokio::task::yield_now().await;
    }
}

async fn once<T, E: MaybeConflict>(
    store: &(impl Store + ?Sized),
    work: &mut impl AsyncFnMut(&mut Tx) -> Result<T, E>,
) -> Result<T, E> {
    let mut tx = store.write().await?;
    let out = work(&mut tx).await?;
    tx.commit().await?;
    Ok(out)
}
