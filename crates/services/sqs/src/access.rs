//! Who may do what with a queue: its owner's account what the policy doesn't deny, others what it allows (ADR 20).

use updraft_kernel::ports::Sender;
use updraft_kernel::{AwsError, Ctx, Principal};
use updraft_policy::{Outcome, Resource, Sending, ask, ask_for};

use crate::Sqs;
use crate::errors::{access_denied, denied};
use crate::model::permission::is_owners_own;
use crate::model::queue::Queue;
use crate::queue_url::QueueName;

impl Sqs {
    /// # Errors
    /// If the platform's services may not send there for what they send for.
    pub(crate) fn check_sender(&self, sender: &Sender, name: &QueueName, queue: &Queue) -> Result<(), AwsError> {
        let (arn, policy) = (name.arn(), queue.settings.policy.as_deref());
        let how = Sending { region: &name.region, now: self.parts.clock.now(), strict: self.parts.strict };
        let said = ask_for(sender, "sqs:SendMessage", Resource { arn: &arn, owner: &name.account, policy }, how);
        let why = match said {
            Outcome::Allowed => return Ok(()),
            Outcome::Denied(_) => "with an explicit deny in a resource-based policy",
            Outcome::NotAllowed(_) => "because no resource-based policy allows the sqs:sendmessage action",
        };
        let who = sender.identity().map_or(sender.service.to_owned(), |who| who.arn(name.region.partition()));
        Err(denied(&who, "sqs:sendmessage", &arn, why))
    }
}

/// # Errors
/// If the caller may not. What the platform itself does is asked about where it is sent.
pub(crate) fn check(cx: &Ctx, name: &QueueName, queue: &Queue) -> Result<(), AwsError> {
    let Some(via) = &cx.via else { return Ok(()) };
    let own = cx.identity.account == name.account;
    let policy = queue.settings.policy.as_deref();
    if own && policy.is_none() {
        return Ok(());
    }
    // AWS: policies know no batches.
    let action = via.action.trim_end_matches("Batch");
    if !own && is_owners_own(action) {
        return Err(access_denied(&name.url(cx)));
    }
    // AWS: an owner's root can always put right what a policy has locked.
    let root = own && cx.identity.principal == Principal::Root;
    if root && matches!(action, "sqs:GetQueueAttributes" | "sqs:SetQueueAttributes") {
        return Ok(());
    }
    let arn = name.arn();
    match ask(cx, action, Resource { arn: &arn, owner: &name.account, policy }) {
        Outcome::Allowed => Ok(()),
        Outcome::Denied(_) if own => {
            let why = "with an explicit deny in a resource-based policy";
            Err(denied(&cx.identity.arn(cx.region.partition()), &action.to_lowercase(), &arn, why))
        }
        _ => Err(access_denied(&name.url(cx))),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};
    use updraft_kernel::{AccountId, Identity, Region, Via};
    use updraft_testkit::World;

    use super::*;
    use crate::model::queue::Settings;

    fn told(caller: &str, action: &'static str, policy: Option<&Value>) -> String {
        let world = World::new(updraft_store_mem::open().unwrap());
        let account = AccountId::parse(caller).unwrap();
        let via = Via { action, ..Via::default() };
        let identity = Arc::new(Identity::root(account.clone()));
        let cx = Ctx { identity, account, via: Some(Arc::new(via)), ..world.cx() };
        let name = QueueName { account: AccountId::local(), region: Region::default_region(), name: "q".to_owned() };
        let mut settings = Settings::create(&Default::default()).unwrap();
        settings.policy = policy.map(Value::to_string);
        let now = cx.now();
        let queue = Queue { number: 1, created: now, modified: now, settings, tags: Default::default(), purged: None };
        check(&cx, &name, &queue).map_or_else(|error| error.message().to_owned(), |()| "fine".to_owned())
    }

    fn policy(effect: &str, action: &str) -> Value {
        json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": effect, "Principal": { "AWS": "222222222222" }, "Action": action, "Resource": "*",
        }] })
    }

    const OWNER: &str = "000000000000";
    const OTHER: &str = "222222222222";
    const DENIED: &str = "Access to the resource http://127.0.0.1:4566/000000000000/q is denied.";

    #[test]
    fn owners_and_others() {
        assert_eq!(told(OWNER, "sqs:SendMessage", None), "fine");
        assert_eq!(told(OTHER, "sqs:SendMessage", None), DENIED);
        let send = policy("Allow", "SQS:SendMessage");
        assert_eq!(told(OTHER, "sqs:SendMessage", Some(&send)), "fine");
        assert_eq!(told(OTHER, "sqs:SendMessageBatch", Some(&send)), "fine");
        assert_eq!(told(OTHER, "sqs:ReceiveMessage", Some(&send)), DENIED);
        assert_eq!(told("333333333333", "sqs:SendMessage", Some(&send)), DENIED);
        let all = policy("Allow", "SQS:*");
        assert_eq!(told(OTHER, "sqs:DeleteQueue", Some(&all)), DENIED, "only owners");
        let mut deny = policy("Deny", "sqs:Send*");
        deny["Statement"][0]["Principal"] = json!("*");
        let denied = "User: arn:aws:iam::000000000000:root is not authorized to perform: sqs:sendmessage on resource: \
                      arn:aws:sqs:us-east-1:000000000000:q with an explicit deny in a resource-based policy";
        assert_eq!(told(OWNER, "sqs:SendMessage", Some(&deny)), denied);
        assert_eq!(told(OWNER, "sqs:ReceiveMessage", Some(&deny)), "fine");
    }
}
