//! Typed reads and writes over a transaction.

use updraft_kernel::{AwsError, Ctx};
use updraft_store::{Key, ScanOptions, Tx};

use crate::access;
use crate::errors::{invalid_value, no_such_queue, no_such_resource};
use crate::keys::{self, MoveKey, QueueKey};
use crate::model::move_task::{KEPT, MoveTask};
use crate::model::queue::{Queue, Redrive};
use crate::queue_url::QueueName;

/// # Errors
/// AWS's `QueueDoesNotExist`.
pub(crate) async fn queue(tx: &mut Tx, key: QueueKey<'_>) -> Result<Queue, AwsError> {
    tx.row(&key).await?.ok_or_else(no_such_queue)
}

/// The queue that a request's `QueueUrl` names.
///
/// # Errors
/// AWS's `QueueDoesNotExist`, or `InvalidAddress`; or that the caller may not.
pub(crate) async fn named(tx: &mut Tx, cx: &Ctx, url: &str) -> Result<(QueueName, Queue), AwsError> {
    let name = QueueName::of_url(cx, url)?;
    let queue = queue(tx, name.key()).await?;
    access::check(cx, &name, &queue)?;
    Ok((name, queue))
}

/// A queue by its ARN, of the caller's account.
///
/// # Errors
/// AWS's `ResourceNotFoundException`; `parameter` is what the ARN came in.
pub(crate) async fn by_arn(tx: &mut Tx, cx: &Ctx, arn: &str, parameter: &str) -> Result<(QueueName, Queue), AwsError> {
    let missing = || no_such_resource(parameter);
    let name = QueueName::of_arn(arn).filter(|name| name.account == cx.account).ok_or_else(missing)?;
    let queue = tx.row(&name.key()).await?.ok_or_else(missing)?;
    access::check(cx, &name, &queue)?;
    Ok((name, queue))
}

/// The tasks that move messages out of a queue, the latest first.
///
/// # Errors
/// If the store fails.
pub(crate) async fn move_tasks(tx: &mut Tx, queue: &QueueName) -> Result<Vec<MoveTask>, AwsError> {
    let options = ScanOptions::limit(KEPT).reversed();
    let page = tx.rows::<MoveKey<'_>>(queue.key().move_tasks(), options).await?;
    Ok(page.rows.into_iter().map(|(_, task)| task).collect())
}

/// Queues whose dead letters go to `target`, by name: so many behind one. Reads all queues of the account and region, of
/// which nobody has so many that it matters.
///
/// # Errors
/// If the store fails.
pub(crate) async fn sources(
    tx: &mut Tx,
    target: &QueueName,
    after: Option<&str>,
    most: usize,
) -> Result<Vec<QueueName>, AwsError> {
    let QueueName { account, region, .. } = target;
    let key = |name| QueueKey { account, region, name };
    let mut range = Some(key("").starting());
    if let Some(after) = after {
        range = range.map(|range| range.after(&key(after).encode()));
    }
    let (arn, mut found) = (target.arn(), Vec::new());
    while let Some(rest) = range.take().filter(|_| found.len() < most) {
        let page = tx.rows::<QueueKey<'_>>(rest.clone(), ScanOptions::default()).await?;
        for (key, queue) in &page.rows {
            if queue.settings.redrive.as_ref().is_some_and(|redrive| redrive.target == arn) {
                found.push(QueueName { name: keys::name(key)?, ..target.clone() });
            }
        }
        range = page.resume().map(|last| rest.after(last));
    }
    found.truncate(most);
    Ok(found)
}

/// Whether dead letters of `source` may go where `redrive` says.
///
/// # Errors
/// In AWS's words.
pub(crate) async fn check_redrive(
    tx: &mut Tx,
    source: &QueueName,
    fifo: bool,
    redrive: &Redrive,
) -> Result<(), AwsError> {
    let refused = |reason| invalid_value(&redrive.written, "RedrivePolicy", reason);
    let target = QueueName::of_arn(&redrive.target).ok_or_else(|| refused("Invalid value for deadLetterTargetArn"))?;
    if (&target.account, &target.region) != (&source.account, &source.region) {
        return Err(refused("Dead-letter target owner should be same as the source"));
    }
    if target == *source {
        return Err(refused("Dead-letter queue must be different from the source"));
    }
    let row = tx.row(&target.key()).await?.ok_or_else(|| refused("Dead letter target does not exist"))?;
    if row.settings.fifo.is_some() != fifo {
        return Err(refused("Dead-letter queue must be same type of queue as the source"));
    }
    if !row.settings.takes_dead_letters_of(&source.arn()) {
        return Err(refused("Redrive permission to the dead-letter queue is denied"));
    }
    Ok(())
}
