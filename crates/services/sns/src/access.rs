//! Who may do what with a topic: its owner's account what the policy doesn't deny, others what it allows (ADR 20).

use updraft_kernel::{AwsError, Ctx, Principal};
use updraft_policy::{Outcome, Resource, ask};

use crate::errors::not_allowed;
use crate::model::name::TopicId;
use crate::model::policy;
use crate::model::subscription::Subscription;
use crate::model::topic::Topic;

/// # Errors
/// If the caller may not. What the platform itself does isn't asked about.
pub(crate) fn check(cx: &Ctx, id: &TopicId, topic: &Topic) -> Result<(), AwsError> {
    let Some(via) = &cx.via else { return Ok(()) };
    let own = cx.identity.account == id.account;
    if own && topic.attribute("Policy").is_none() {
        return Ok(());
    }
    // AWS: policies know no batches.
    let action = via.action.trim_end_matches("Batch");
    // AWS: an owner's root can always put right what a policy has locked.
    let root = own && cx.identity.principal == Principal::Root;
    if root && matches!(action, "sns:GetTopicAttributes" | "sns:SetTopicAttributes") {
        return Ok(());
    }
    let (arn, policy) = (id.arn().to_string(), policy::of(id, topic));
    let why = match ask(cx, action, Resource { arn: &arn, owner: &id.account, policy: Some(&policy) }) {
        Outcome::Allowed => return Ok(()),
        Outcome::Denied(_) => "with an explicit deny in a resource-based policy".to_owned(),
        Outcome::NotAllowed(_) => format!("because no resource-based policy allows the {} action", shown(action)),
    };
    Err(not_allowed(&cx.identity.arn(cx.region.partition()), &shown(action), &arn, &why))
}

/// Of a subscription: whoever it is of, and the topic's owner.
///
/// # Errors
/// If the caller is neither.
pub(crate) fn check_subscription(
    cx: &Ctx,
    (id, arn): (&TopicId, &str),
    subscription: &Subscription,
) -> Result<(), AwsError> {
    let Some(via) = &cx.via else { return Ok(()) };
    let account = &cx.identity.account;
    if *account == id.account || account.as_str() == subscription.owner {
        return Ok(());
    }
    let action = shown(via.action);
    let why = format!("because no resource-based policy allows the {action} action");
    Err(not_allowed(&cx.identity.arn(cx.region.partition()), &action, arn, &why))
}

/// AWS: here the service is written so.
fn shown(action: &str) -> String {
    action.replacen("sns:", "SNS:", 1)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;
    use updraft_kernel::{AccountId, Identity, Region, Via};
    use updraft_testkit::World;

    use super::*;

    fn told(caller: &str, action: &'static str, policy: Option<String>) -> String {
        let world = World::new(updraft_store_mem::open().unwrap());
        let account = AccountId::parse(caller).unwrap();
        let via = Via { action, ..Via::default() };
        let identity = Arc::new(Identity::root(account.clone()));
        let cx = Ctx { identity, account, via: Some(Arc::new(via)), ..world.cx() };
        let id = TopicId { account: AccountId::local(), region: Region::default_region(), name: "t".to_owned() };
        let mut topic = Topic::default();
        if let Some(policy) = policy {
            topic.attributes.insert("Policy".to_owned(), policy);
        }
        check(&cx, &id, &topic).map_or_else(|error| error.message().to_owned(), |()| "fine".to_owned())
    }

    const OWNER: &str = "000000000000";
    const OTHER: &str = "222222222222";
    const PUBLISH: &str = "User: arn:aws:iam::222222222222:root is not authorized to perform: SNS:Publish on resource: \
                           arn:aws:sns:us-east-1:000000000000:t";

    #[test]
    fn owners_and_others() {
        let unsaid = format!("{PUBLISH} because no resource-based policy allows the SNS:Publish action");
        assert_eq!(told(OWNER, "sns:Publish", None), "fine");
        assert_eq!(told(OTHER, "sns:Publish", None), unsaid);
        let policy = |effect: &str| {
            let statement = json!({
                "Effect": effect, "Principal": { "AWS": "*" }, "Action": "SNS:Publish", "Resource": "*",
            });
            Some(json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string())
        };
        assert_eq!(told(OTHER, "sns:Publish", policy("Allow")), "fine");
        assert_eq!(told(OTHER, "sns:PublishBatch", policy("Allow")), "fine");
        assert!(told(OTHER, "sns:DeleteTopic", policy("Allow")).contains("SNS:DeleteTopic"));
        let denied = told(OTHER, "sns:Publish", policy("Deny"));
        assert_eq!(denied, format!("{PUBLISH} with an explicit deny in a resource-based policy"));
        assert!(told(OWNER, "sns:Publish", policy("Deny")).ends_with("resource-based policy"));
        assert_eq!(told(OWNER, "sns:Subscribe", policy("Deny")), "fine");
    }
}
