//! A topic's policy: the one it begins with, and statements put in and taken out.

use serde_json::{Value, json};
use updraft_kernel::AwsError;

use super::name::TopicId;
use super::topic::Topic;
use crate::errors::invalid;

/// What may be allowed to others.
const ACTIONS: [&str; 9] = [
    "AddPermission",
    "DeleteTopic",
    "GetDataProtectionPolicy",
    "GetTopicAttributes",
    "ListSubscriptionsByTopic",
    "Publish",
    "PutDataProtectionPolicy",
    "RemovePermission",
    "SetTopicAttributes",
];
const MORE_ACTIONS: [&str; 4] = ["ListTagsForResource", "Receive", "Subscribe", "Unsubscribe"];

/// As it stands: JSON.
pub(crate) fn of(id: &TopicId, topic: &Topic) -> String {
    topic.attribute("Policy").map_or_else(|| usual(id).to_string(), str::to_owned)
}

fn usual(id: &TopicId) -> Value {
    json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": [
                "SNS:GetTopicAttributes",
                "SNS:SetTopicAttributes",
                "SNS:AddPermission",
                "SNS:RemovePermission",
                "SNS:DeleteTopic",
                "SNS:Subscribe",
                "SNS:ListSubscriptionsByTopic",
                "SNS:Publish",
            ],
            "Resource": id.arn().to_string(),
            "Condition": { "StringEquals": { "AWS:SourceOwner": id.account.as_str() } },
        }],
    })
}

fn parsed(id: &TopicId, topic: &Topic) -> Value {
    let kept = topic.attribute("Policy").and_then(|text| serde_json::from_str(text).ok());
    kept.unwrap_or_else(|| usual(id))
}

fn statements(policy: &mut Value) -> Option<&mut Vec<Value>> {
    policy.get_mut("Statement")?.as_array_mut()
}

/// The policy with a statement more.
///
/// # Errors
/// If there is one of that label, or an action isn't SNS's.
pub(crate) fn with(
    id: &TopicId,
    topic: &Topic,
    label: &str,
    (accounts, actions): (&[String], &[String]),
) -> Result<String, AwsError> {
    let known = |action: &String| ACTIONS.iter().chain(&MORE_ACTIONS).any(|known| known == action) || action == "*";
    if !actions.iter().all(known) {
        return Err(invalid("Policy statement action out of service scope!"));
    }
    let mut policy = parsed(id, topic);
    let all = statements(&mut policy).ok_or_else(|| invalid("Policy"))?;
    if all.iter().any(|one| one.get("Sid").and_then(Value::as_str) == Some(label)) {
        return Err(invalid("Statement already exists"));
    }
    let partition = id.region.partition();
    let accounts = accounts.iter().map(|account| format!("arn:{partition}:iam::{account}:root"));
    let actions = actions.iter().map(|action| format!("SNS:{action}"));
    all.push(json!({
        "Sid": label,
        "Effect": "Allow",
        "Principal": { "AWS": one_or_more(accounts) },
        "Action": one_or_more(actions),
        "Resource": id.arn().to_string(),
    }));
    Ok(policy.to_string())
}

/// AWS: one thing isn't a list.
fn one_or_more(texts: impl Iterator<Item = String>) -> Value {
    let mut all: Vec<_> = texts.collect();
    if all.len() == 1 { all.pop().into() } else { all.into() }
}

/// The policy without the statement of that label.
pub(crate) fn without(id: &TopicId, topic: &Topic, label: &str) -> String {
    let mut policy = parsed(id, topic);
    if let Some(all) = statements(&mut policy) {
        all.retain(|one| one.get("Sid").and_then(Value::as_str) != Some(label));
    }
    policy.to_string()
}
