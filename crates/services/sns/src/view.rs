//! Topics and subscriptions as they are shown.

use std::collections::BTreeMap;

use updraft_api_sns::types;

use crate::model::archive;
use crate::model::delivery_policy::{effective_of_subscription, effective_of_topic};
use crate::model::name::{SubscriptionId, TopicId};
use crate::model::policy;
use crate::model::subscription::Subscription;
use crate::model::topic::Topic;

type Attributes = BTreeMap<String, String>;

/// Set, computed, and those that are always there.
pub(crate) fn topic(id: &TopicId, topic: &Topic) -> Attributes {
    let mut shown = topic.attributes.clone();
    let mut put = |name: &str, value: String| drop(shown.insert(name.to_owned(), value));
    put("TopicArn", id.arn().to_string());
    put("Owner", id.account.to_string());
    put("Policy", policy::of(id, topic));
    put("DisplayName", topic.attribute("DisplayName").unwrap_or_default().to_owned());
    put("SubscriptionsPending", topic.pending.to_string());
    put("SubscriptionsConfirmed", topic.confirmed.to_string());
    put("SubscriptionsDeleted", topic.deleted.to_string());
    put("EffectiveDeliveryPolicy", effective_of_topic(topic.attribute("DeliveryPolicy")));
    if topic.is_fifo() {
        put("ContentBasedDeduplication", topic.by_content().to_string());
    } else {
        shown.remove("FifoTopic");
    }
    shown
}

/// `topic` is the one that it is to.
pub(crate) fn subscription(id: &SubscriptionId, row: &Subscription, topic: &Topic) -> Attributes {
    let mut shown = row.attributes.clone();
    let mut put = |name: &str, value: String| drop(shown.insert(name.to_owned(), value));
    put("SubscriptionArn", id.arn());
    put("TopicArn", id.topic.arn().to_string());
    put("Owner", row.owner.clone());
    put("Protocol", row.protocol.clone());
    put("Endpoint", row.endpoint.clone());
    put("SubscriptionPrincipal", row.principal.clone());
    put("PendingConfirmation", (!row.confirmed).to_string());
    put("ConfirmationWasAuthenticated", row.authenticated.to_string());
    put("RawMessageDelivery", row.is_raw().to_string());
    if matches!(row.protocol.as_str(), "http" | "https") {
        let (own, all) = (row.attribute("DeliveryPolicy"), topic.attribute("DeliveryPolicy"));
        put("EffectiveDeliveryPolicy", effective_of_subscription(own, all));
    }
    // AWS: the scope is shown only where there is something to be in it.
    if row.attribute("FilterPolicy").is_some() {
        let scope = if row.filters_body() { "MessageBody" } else { "MessageAttributes" };
        put("FilterPolicyScope", scope.to_owned());
    } else {
        shown.remove("FilterPolicyScope");
    }
    for name in archive::HIDDEN {
        shown.remove(name);
    }
    shown
}

/// As lists show it. AWS: what isn't confirmed has no ARN there.
pub(crate) fn listed(id: &SubscriptionId, row: Subscription) -> types::Subscription {
    let arn = if row.confirmed { id.arn() } else { "PendingConfirmation".to_owned() };
    types::Subscription {
        subscription_arn: Some(arn),
        owner: Some(row.owner),
        protocol: Some(row.protocol),
        endpoint: Some(row.endpoint),
        topic_arn: Some(id.topic.arn().to_string()),
    }
}
