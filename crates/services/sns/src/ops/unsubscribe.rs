//! `Unsubscribe`.

use updraft_api_sns::types::{UnsubscribeInput, UnsubscribeOutput};
use updraft_kernel::{AwsError, Ctx, Principal};
use updraft_store::StoreExt;

use crate::errors::not_authorized;
use crate::keys::{Place, TopicKey};
use crate::model::name::SubscriptionId;
use crate::{Sns, access, protocols, table};

/// AWS: what isn't there has gone already.
pub(crate) async fn unsubscribe(svc: &Sns, cx: &Ctx, input: UnsubscribeInput) -> Result<UnsubscribeOutput, AwsError> {
    let id = SubscriptionId::parse(cx, &input.subscription_arn)?;
    let mut tx = svc.parts.store.write().await?;
    let (mut topic, row) = match table::subscription(&mut tx, &id).await {
        Ok(found) => found,
        Err(error) if error.code().status == 404 => return Ok(UnsubscribeOutput {}),
        Err(error) => return Err(error),
    };
    if row.authenticate_on_unsubscribe && cx.identity.principal == Principal::Anonymous {
        return Err(not_authorized("SNS:Unsubscribe", &input.subscription_arn));
    }
    // Whoever has the link in a message may end it; who signs must be somebody it concerns.
    if cx.identity.principal != Principal::Anonymous {
        access::check_subscription(cx, (&id.topic, &input.subscription_arn), &row)?;
    }
    let place = Place::of(&id, topic.number);
    table::delete_subscription(&mut tx, &place, &row).await?;
    let counted = if row.confirmed { &mut topic.confirmed } else { &mut topic.pending };
    *counted = counted.saturating_sub(1);
    topic.deleted += 1;
    tx.put_row(&TopicKey(&id.topic), &topic)?;
    protocols::tell_of_end(svc, cx, (&mut tx, &topic), (&place, &row)).await?;
    tx.commit().await?;
    Ok(UnsubscribeOutput {})
}
