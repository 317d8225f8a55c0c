//! `PutDataProtectionPolicy`: kept and shown. Messages aren't looked through for what it names.

use updraft_api_sns::types::{PutDataProtectionPolicyInput, PutDataProtectionPolicyOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::errors::invalid;
use crate::keys::TopicKey;
use crate::model::name::TopicId;
use crate::{Sns, table};

pub(crate) async fn put_data_protection_policy(
    svc: &Sns,
    cx: &Ctx,
    input: PutDataProtectionPolicyInput,
) -> Result<PutDataProtectionPolicyOutput, AwsError> {
    let id = TopicId::parse(cx, &input.resource_arn, "ResourceArn")?;
    let policy = Some(input.data_protection_policy).filter(|policy| !policy.is_empty());
    let parsed: Result<Option<serde_json::Map<_, _>>, _> = policy.as_deref().map(serde_json::from_str).transpose();
    parsed.map_err(|why| invalid("DataProtectionPolicy Reason: failed to parse JSON.").because(why))?;
    let mut tx = svc.parts.store.write().await?;
    let mut topic = table::topic(&mut tx, cx, &id).await?;
    topic.protection = policy;
    tx.put_row(&TopicKey(&id), &topic)?;
    tx.commit().await?;
    Ok(PutDataProtectionPolicyOutput {})
}
