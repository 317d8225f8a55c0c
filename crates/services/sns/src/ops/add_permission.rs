//! `AddPermission`: a statement more in the topic's policy.

use updraft_api_sns::types::{AddPermissionInput, AddPermissionOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::keys::TopicKey;
use crate::model::name::TopicId;
use crate::model::policy;
use crate::{Sns, table};

pub(crate) async fn add_permission(
    svc: &Sns,
    cx: &Ctx,
    input: AddPermissionInput,
) -> Result<AddPermissionOutput, AwsError> {
    let id = TopicId::parse(cx, &input.topic_arn, "TopicArn")?;
    let mut tx = svc.parts.store.write().await?;
    let mut topic = table::topic(&mut tx, cx, &id).await?;
    let policy = policy::with(&id, &topic, &input.label, (&input.aws_account_id, &input.action_name))?;
    topic.attributes.insert("Policy".to_owned(), policy);
    tx.put_row(&TopicKey(&id), &topic)?;
    tx.commit().await?;
    Ok(AddPermissionOutput {})
}
