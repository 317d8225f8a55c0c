//! `GetDataProtectionPolicy`.

use updraft_api_sns::types::{GetDataProtectionPolicyInput, GetDataProtectionPolicyOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::model::name::TopicId;
use crate::{Sns, table};

pub(crate) async fn get_data_protection_policy(
    svc: &Sns,
    cx: &Ctx,
    input: GetDataProtectionPolicyInput,
) -> Result<GetDataProtectionPolicyOutput, AwsError> {
    let id = TopicId::parse(cx, &input.resource_arn, "ResourceArn")?;
    let topic = table::topic(&mut svc.parts.store.read().await?, cx, &id).await?;
    Ok(GetDataProtectionPolicyOutput { data_protection_policy: Some(topic.protection.unwrap_or_default()) })
}
