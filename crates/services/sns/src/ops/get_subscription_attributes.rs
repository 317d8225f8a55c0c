//! `GetSubscriptionAttributes`.

use updraft_api_sns::types::{GetSubscriptionAttributesInput, GetSubscriptionAttributesOutput};
use updraft_kernel::{AwsError, Ctx};
use updraft_store::StoreExt;

use crate::model::name::SubscriptionId;
use crate::{Sns, table, view};

pub(crate) async fn get_subscription_attributes(
    svc: &Sns,
    cx: &Ctx,
    input: GetSubscriptionAttributesInput,
) -> Result<GetSubscriptionAttributesOutput, AwsError> {
    let id = SubscriptionId::parse(cx, &input.subscription_arn)?;
    let (topic, row) = table::own_subscription(&mut svc.parts.store.read().await?, cx, &id).await?;
    Ok(GetSubscriptionAttributesOutput { attributes: Some(view::subscription(&id, &row, &topic)) })
}
