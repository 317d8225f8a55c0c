//! Who may do what with a topic: its owner's account what the policy doesn't deny, others what it allows (ADR 20).

use updraft_kernel::ports::Sender;
use updraft_kernel::{AwsError, Ctx, Principal};
use updraft_policy::{Outcome, Resource, Sending, ask, ask_for};

use crate::Sns;
use crate::errors::not_allowed;
use crate::model::name::TopicId;
use crate::model::policy;
use crate::model::subscription::Subscription;
use crate::model::topic::Topic;

impl Sns {
    /// # Errors
    /// If the platform's services may not publish there for what they send for.
    pub(crate) fn check_sender(&self, sender: &Sender, id: &TopicId, topic: &Topic) -> Result<(), AwsError> {
        let (arn, policy) = (id.arn().to_string(), policy::of(id, topic));
        let how = Sending { region: &id.region, now: self.parts.clock.now(), strict: self.parts.strict };
        let resource = Resource { arn: &arn, owner: &id.account, policy: Some(&policy) };
        let Some(why) = refusal(ask_for(sender, "sns:Publish", resource, how), "SNS:Publish") else { return Ok(()) };
        let who = sender.identity().map_or(sender.service.to_owned(), |who| who.arn(id.region.partition()));
        Err(not_allowed(&who, "SNS:Publish", &arn, &why))
    }
}

/// Why not, if so.
fn refusal(outcome: Outcome, action: &str) -> Option<String> {
    match outcome {
        Outcome::Allowed => None,
        Outcome::Denied(_) => Some("with an explicit deny in a resource-based policy".to_owned()),
        Outcome::NotAllowed(_) => Some(format!("because no resource-based policy allows the {action} action")),
    }
}

/// # Errors
/// If the caller may not. What the platform itself does is asked about where it is sent.
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
    let said = ask(cx, action, Resource { arn: &arn, owner: &id.account, policy: Some(&policy) });
    let Some(why) = refusal(said, &shown(action)) else { return Ok(()) };
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
