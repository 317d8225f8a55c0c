//! `RemovePermission`: a statement less in the topic's policy.

use updraft_api_sns::types::{RemovePermissionInput, RemovePermissionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::TopicKey;
use crate::model::name::TopicId;
use crate::model::policy;
use crate::{Sns, table};

pub(crate) async fn remove_permission(
    svc: &Sns,
    cx: &Ctx,
    input: RemovePermissionInput,
) -> Result<RemovePermissionOutput, AwsError> {
    let id = TopicId::parse(cx, &input.topic_arn, "TopicArn")?;
    let mut tx = svc.parts.store.write().await?;
    let mut topic = table::topic(&mut tx, cx, &id).await?;
    let policy = policy::without(&id, &topic, &input.label);
    topic.attributes.insert("Policy".to_owned(), policy);
    tx.put_row(&TopicKey(&id), &topic)?;
    tx.commit().await?;
    Ok(RemovePermissionOutput {})
}
