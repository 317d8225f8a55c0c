//! Typed reads and writes over a transaction.

use updraft_kernel::AwsError;
use updraft_store::Tx;

use crate::errors::no_such_queue;
use crate::keys::QueueKey;
use crate::model::queue::Queue;

/// # Errors
/// AWS's `QueueDoesNotExist`.
pub(crate) async fn queue(tx: &mut Tx, key: QueueKey<'_>) -> Result<Queue, AwsError> {
    tx.row(&key).await?.ok_or_else(no_such_queue)
}
