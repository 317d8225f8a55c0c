//! `Subscribe`: somebody is to have what a topic is sent.

use std::collections::BTreeMap;

use updraft_api_sns::types::{SubscribeInput, SubscribeOutput};
use updraft_kernel::{AwsError, Ctx, RngExt};
use updraft_store::{StoreExt, Tx};

use crate::errors::invalid;
use crate::keys::{EndpointKey, Known, Numbered, Place, SubscriptionKey, TopicKey};
use crate::model::name::{SubscriptionId, TopicId};
use crate::model::subscription::Subscription;
use crate::model::subscription_settings::{About, can_be_set, checked};
use crate::model::topic::Topic;
use crate::protocols::{self, Accepted};
use crate::{Sns, fanout, limits, table};

const PENDING: &str = "pending confirmation";

pub(crate) async fn subscribe(svc: &Sns, cx: &Ctx, input: SubscribeInput) -> Result<SubscribeOutput, AwsError> {
    let id = TopicId::parse(cx, &input.topic_arn, "TopicArn")?;
    let (protocol, endpoint) = (input.protocol, input.endpoint.unwrap_or_default());
    protocols::check_endpoint(cx, &protocol, &endpoint)?;
    let mut tx = svc.parts.store.write().await?;
    let topic = table::topic(&mut tx, cx, &id).await?;
    protocols::check_for(&topic, &protocol, &endpoint)?;
    let attributes = attributes(input.attributes.unwrap_or_default(), &protocol, topic.is_fifo())?;
    let shown = |id: &TopicId, subscription: &str, confirmed: bool| {
        let always = input.return_subscription_arn.unwrap_or(false);
        let arn = || SubscriptionId { topic: id.clone(), id: subscription.to_owned() }.arn();
        let arn = if confirmed || always { arn() } else { PENDING.to_owned() };
        SubscribeOutput { subscription_arn: Some(arn) }
    };
    if let Some((known, there)) = found(&mut tx, (&id, &topic), &protocol, &endpoint).await? {
        if attributes.iter().any(|(name, value)| !is_same(&there, name, value)) {
            return Err(invalid("Attributes Reason: Subscription already exists with different attributes"));
        }
        return Ok(shown(&id, &known, there.confirmed));
    }
    let row = Subscription { protocol, endpoint, attributes, ..begun(cx, &topic) };
    let (place, row) = add(svc, cx, (&mut tx, &id, topic), row).await?;
    tx.commit().await?;
    Ok(shown(&id, &place.id, row.confirmed))
}

fn begun(cx: &Ctx, topic: &Topic) -> Subscription {
    Subscription {
        owner: cx.account.to_string(),
        principal: cx.identity.arn(cx.region.partition()),
        created: cx.now(),
        ordinal: topic.subscribed.saturating_add(1),
        ..Subscription::default()
    }
}

async fn found(
    tx: &mut Tx,
    (id, topic): (&TopicId, &Topic),
    protocol: &str,
    endpoint: &str,
) -> Result<Option<(String, Subscription)>, AwsError> {
    let topic = Numbered { topic: id, number: topic.number };
    let Some(Known(known)) = tx.row(&EndpointKey { topic, protocol, endpoint }).await? else { return Ok(None) };
    Ok(tx.row(&SubscriptionKey(topic, &known)).await?.map(|row| (known, row)))
}

/// Puts it in, and counts it; whoever must confirm it is asked to.
async fn add(
    svc: &Sns,
    cx: &Ctx,
    (tx, id, mut topic): (&mut Tx, &TopicId, Topic),
    mut row: Subscription,
) -> Result<(Place, Subscription), AwsError> {
    limits::check_subscriptions(&topic)?;
    let place = Place {
        account: id.account.clone(),
        region: id.region.clone(),
        topic: id.name.clone(),
        number: topic.number,
        id: cx.rng.uuid(),
    };
    match protocols::accept(cx, &row) {
        Accepted::AtOnce => {
            row.confirmed = true;
            row.authenticated = true;
            topic.confirmed += 1;
        }
        Accepted::WhenConfirmed => {
            row.token = Some(new_token(cx));
            topic.pending += 1;
            protocols::ask_to_confirm(svc, cx, (tx, &topic), (&place, &row)).await?;
        }
    }
    fanout::replay_later(svc, cx, tx, (&place, &mut row)).await?;
    topic.subscribed = row.ordinal;
    table::put_subscription(tx, &place, &row).await?;
    tx.put_row(&TopicKey(id), &topic)?;
    Ok((place, row))
}

/// As long as AWS's.
const TOKEN_LEN: usize = 256;

/// What confirms something, or brings it back.
pub(crate) fn new_token(cx: &Ctx) -> String {
    cx.rng.text("0123456789abcdef", TOKEN_LEN)
}

fn attributes(
    given: BTreeMap<String, String>,
    protocol: &str,
    fifo: bool,
) -> Result<BTreeMap<String, String>, AwsError> {
    let reason = |why: String| invalid(format_args!("Attributes Reason: {why}"));
    let filters_body = given.get("FilterPolicyScope").is_some_and(|scope| scope == "MessageBody");
    let about = About { protocol, fifo, filters_body };
    let one = |(name, value): (String, String)| {
        if !can_be_set(&name) {
            return Err(reason(format!("Unknown attribute: {name}")));
        }
        let value = if value.is_empty() { value } else { checked(about, &name, &value).map_err(reason)? };
        Ok((name, value))
    };
    if protocol == "firehose" && !given.contains_key("SubscriptionRoleArn") {
        return Err(reason("SubscriptionRoleArn is required for delivery streams".to_owned()));
    }
    let all: Result<BTreeMap<_, _>, _> = given.into_iter().map(one).collect();
    all.map(|all| all.into_iter().filter(|(_, value)| !value.is_empty()).collect())
}

/// Whether it is so already.
fn is_same(there: &Subscription, name: &str, value: &str) -> bool {
    let usual = match name {
        "RawMessageDelivery" => "false",
        "FilterPolicyScope" => "MessageAttributes",
        _ => "",
    };
    there.attribute(name).unwrap_or(usual) == value
}
