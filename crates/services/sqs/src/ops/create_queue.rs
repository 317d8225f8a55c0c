//! `CreateQueue`: a new queue, or the one that is there already with the same attributes.

use updraft_api_sqs::types::{CreateQueueInput, CreateQueueOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::StoreExt;

use crate::Sqs;
use crate::background::NAME_PAUSE;
use crate::errors::{deleted_recently, exists_otherwise};
use crate::model::attributes::Attributes;
use crate::model::queue::{Queue, Settings};
use crate::model::{name, tags as tag};
use crate::queue_url::QueueName;
use crate::table;

/// # Errors
/// If name or attributes are none, or another queue has the name or had it until now.
pub(crate) async fn create_queue(svc: &Sqs, cx: &Ctx, input: CreateQueueInput) -> Result<CreateQueueOutput, AwsError> {
    let CreateQueueInput { queue_name, attributes, tags } = input;
    let given = attributes.unwrap_or_default();
    let settings = Settings::create(&given)?;
    name::check(&queue_name, settings.fifo.is_some())?;
    let tags = tags.unwrap_or_default();
    tag::check(&tags)?;
    let queue = QueueName { account: cx.account.clone(), region: cx.region.clone(), name: queue_name };
    let mut tx = svc.parts.store.write().await?;
    if let Some(there) = tx.row(&queue.key()).await? {
        same(&there.settings, &settings, &given)?;
    } else {
        // AWS: so that what a client still means for the old one doesn't reach the new one.
        let deleted = tx.row(&queue.key().deleted()).await?;
        if deleted.is_some_and(|row| cx.now().0 < row.at.0 + NAME_PAUSE) {
            return Err(deleted_recently());
        }
        if let Some(redrive) = &settings.redrive {
            table::check_redrive(&mut tx, &queue, settings.fifo.is_some(), redrive).await?;
        }
        let (number, now) = (cx.rng.u64(), cx.now());
        tx.put_row(&queue.key(), &Queue { number, created: now, modified: now, settings, tags, purged: None })?;
        tx.commit().await?;
    }
    Ok(CreateQueueOutput { queue_url: Some(queue.url(cx)) })
}

/// AWS: only the attributes that were given are compared.
fn same(there: &Settings, wanted: &Settings, given: &Attributes) -> Result<(), AwsError> {
    match given.keys().find(|name| there.shown(name) != wanted.shown(name)) {
        Some(name) => Err(exists_otherwise(name)),
        None => Ok(()),
    }
}
