//! `ConfirmSubscription`: whoever got the token wants what the topic is sent.

use std::time::Duration;

use updraft_api_sns::types::{ConfirmSubscriptionInput, ConfirmSubscriptionOutput};
use updraft_kernel::{AwsError, Ctx, Principal};
use updraft_store::StoreExt;

use crate::errors::{as_it_is, invalid};
use crate::keys::{Numbered, SubscriptionKey, TokenKey, TopicKey};
use crate::model::name::{SubscriptionId, TopicId};
use crate::{Sns, ended, table};

/// For so long a token is good.
pub(crate) const VALID: Duration = Duration::from_secs(2 * 24 * 3600);

pub(crate) async fn confirm_subscription(
    svc: &Sns,
    cx: &Ctx,
    input: ConfirmSubscriptionInput,
) -> Result<ConfirmSubscriptionOutput, AwsError> {
    let topic = TopicId::parse(cx, &input.topic_arn, "Topic").map_err(|_| invalid("Topic"))?;
    if !input.token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        // AWS: what can't be a token at all is told in other words than one that isn't known.
        return Err(as_it_is("Invalid token".to_owned()));
    }
    let unknown = || invalid("Token");
    let mut tx = svc.parts.store.write().await?;
    let key = TokenKey { account: &topic.account, region: &topic.region, token: &input.token };
    let Some(place) = tx.row(&key).await?.filter(|place| place.topic == topic.name) else {
        let restored = ended::restore(&mut tx, (&topic, &input.token), cx.now()).await?.ok_or_else(unknown)?;
        tx.commit().await?;
        return Ok(ConfirmSubscriptionOutput { subscription_arn: Some(restored.arn()) });
    };
    let mut row = table::any_topic(&mut tx, &topic).await.map_err(|_| unknown())?;
    let key = SubscriptionKey(Numbered { topic: &topic, number: place.number }, &place.id);
    let mut subscription = tx.row(&key).await?.ok_or_else(unknown)?;
    let arn = SubscriptionId { topic: topic.clone(), id: place.id.clone() }.arn();
    if !subscription.confirmed {
        if cx.now().since(subscription.created) > VALID {
            return Err(unknown());
        }
        subscription.confirmed = true;
        let anonymous = matches!(cx.identity.principal, Principal::Anonymous);
        let wanted = input.authenticate_on_unsubscribe.is_some_and(|wanted| wanted == "true");
        subscription.authenticate_on_unsubscribe = wanted && !anonymous;
        subscription.authenticated = subscription.authenticate_on_unsubscribe;
        row.pending = row.pending.saturating_sub(1);
        row.confirmed += 1;
        // What was published before isn't for it.
        row.subscribed += 1;
        subscription.ordinal = row.subscribed;
        tx.put_row(&key, &subscription)?;
        tx.put_row(&TopicKey(&topic), &row)?;
        tx.commit().await?;
    }
    Ok(ConfirmSubscriptionOutput { subscription_arn: Some(arn) })
}
