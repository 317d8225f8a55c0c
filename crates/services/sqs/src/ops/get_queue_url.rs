//! `GetQueueUrl`: the URL of a queue, of another account too.

use updraft_api_sqs::types::{GetQueueUrlInput, GetQueueUrlOutput};
use updraft_kernel::{AccountId, AwsError, Ctx};
use updraft_store::StoreExt;

use crate::Sqs;
use crate::access;
use crate::errors::no_such_queue;
use crate::queue_url::QueueName;
use crate::table;

/// # Errors
/// If there is no such queue.
pub(crate) async fn get_queue_url(svc: &Sqs, cx: &Ctx, input: GetQueueUrlInput) -> Result<GetQueueUrlOutput, AwsError> {
    let owner = input.queue_owner_aws_account_id.as_deref().map(AccountId::parse).transpose();
    let account = owner.map_err(|_| no_such_queue())?.unwrap_or_else(|| cx.account.clone());
    let queue = QueueName { account, region: cx.region.clone(), name: input.queue_name };
    let found = table::queue(&mut svc.parts.store.read().await?, queue.key()).await?;
    access::check(cx, &queue, &found)?;
    Ok(GetQueueUrlOutput { queue_url: Some(queue.url(cx)) })
}
