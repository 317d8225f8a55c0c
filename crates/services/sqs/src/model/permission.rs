//! What `AddPermission` writes into a queue's policy, and what `RemovePermission` takes out of it.

use serde_json::{Value, json};
use updraft_kernel::{AccountId, AwsError};

use crate::errors::{invalid_value, too_many_actions};
use crate::model::{name, policy_limits};
use crate::refusals::missing;

/// In one statement.
const MOST_ACTIONS: usize = 7;

/// What another account may be allowed to do.
const SHARED: [&str; 9] = [
    "*",
    "ChangeMessageVisibility",
    "DeleteMessage",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ListDeadLetterSourceQueues",
    "PurgeQueue",
    "ReceiveMessage",
    "SendMessage",
];

/// What only the owner may.
const OWN: [&str; 12] = [
    "AddPermission",
    "CancelMessageMoveTask",
    "CreateQueue",
    "DeleteQueue",
    "ListMessageMoveTasks",
    "ListQueueTags",
    "ListQueues",
    "RemovePermission",
    "SetQueueAttributes",
    "StartMessageMoveTask",
    "TagQueue",
    "UntagQueue",
];

/// Whether no policy lets others do it. `action`: `sqs:DeleteQueue`.
pub(crate) fn is_owners_own(action: &str) -> bool {
    action.strip_prefix("sqs:").is_some_and(|name| OWN.contains(&name))
}

/// A statement to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Permission<'a> {
    pub(crate) label: &'a str,
    pub(crate) accounts: &'a [String],
    pub(crate) actions: &'a [String],
}

impl Permission<'_> {
    /// # Errors
    /// In AWS's words.
    pub(crate) fn check(&self) -> Result<(), AwsError> {
        name::check_label(self.label)?;
        if self.accounts.is_empty() {
            return Err(missing("PrincipalId"));
        }
        if self.actions.is_empty() {
            return Err(missing("Actions"));
        }
        if self.accounts.iter().any(|account| AccountId::parse(account).is_err()) {
            let accounts = format!("[{}]", self.accounts.join(", "));
            return Err(invalid_value(&accounts, "PrincipalId", "Unable to verify"));
        }
        if self.actions.len() > MOST_ACTIONS {
            return Err(too_many_actions(self.actions.len()));
        }
        for action in self.actions {
            let reason = match action.as_str() {
                action if SHARED.contains(&action) => continue,
                action if OWN.contains(&action) => "Only the queue owner is allowed to invoke this action",
                _ => "Please refer to the appropriate WSDL for a list of valid actions",
            };
            return Err(invalid_value(&format!("SQS:{action}"), "ActionName", reason));
        }
        Ok(())
    }

    /// The policy with this in it; `None` is none yet. `arn` is the queue's.
    ///
    /// # Errors
    /// If there is a statement of the label already, or the policy would be too much.
    pub(crate) fn add(&self, policy: Option<&str>, arn: &str) -> Result<String, AwsError> {
        let mut policy = policy.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| empty(arn));
        let mut statements = taken(&mut policy);
        if statements.iter().any(|statement| is_of(statement, self.label)) {
            return Err(invalid_value(self.label, "Label", "Already exists"));
        }
        statements.push(self.statement(arn));
        let policy = with(policy, statements);
        let text = policy.to_string();
        policy_limits::check(&text, &policy)?;
        Ok(text)
    }

    fn statement(&self, arn: &str) -> Value {
        let partition = arn.split(':').nth(1).unwrap_or("aws");
        let root = |account: &String| format!("arn:{partition}:iam::{account}:root");
        json!({
            "Sid": self.label,
            "Effect": "Allow",
            "Principal": { "AWS": one_or_all(self.accounts.iter().map(root).collect()) },
            "Action": one_or_all(self.actions.iter().map(|action| format!("SQS:{action}")).collect()),
            "Resource": arn,
        })
    }
}

/// The policy without the statement of this label; `None`: nothing is left of it.
///
/// # Errors
/// If there is none of the label.
pub(crate) fn remove(policy: Option<&str>, label: &str) -> Result<Option<String>, AwsError> {
    let unknown = || invalid_value(label, "Label", "can't find label");
    let mut policy = policy.and_then(|text| serde_json::from_str(text).ok()).ok_or_else(unknown)?;
    let mut statements = taken(&mut policy);
    let before = statements.len();
    statements.retain(|statement| !is_of(statement, label));
    if statements.len() == before {
        return Err(unknown());
    }
    Ok(if statements.is_empty() { None } else { Some(with(policy, statements).to_string()) })
}

fn empty(arn: &str) -> Value {
    json!({ "Version": "2008-10-17", "Id": format!("{arn}/SQSDefaultPolicy"), "Statement": [] })
}

fn is_of(statement: &Value, label: &str) -> bool {
    statement.get("Sid").and_then(Value::as_str) == Some(label)
}

/// A policy's statements; one alone may stand without a list.
fn taken(policy: &mut Value) -> Vec<Value> {
    match policy.get_mut("Statement").map(Value::take) {
        Some(Value::Array(statements)) => statements,
        Some(statement @ Value::Object(_)) => vec![statement],
        _ => Vec::new(),
    }
}

fn with(mut policy: Value, statements: Vec<Value>) -> Value {
    if let Value::Object(policy) = &mut policy {
        policy.insert("Statement".to_owned(), Value::Array(statements));
    }
    policy
}

/// AWS: one alone stands without a list.
fn one_or_all(mut texts: Vec<String>) -> Value {
    if texts.len() == 1 { texts.remove(0).into() } else { texts.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:sqs:us-east-1:000000000000:q";

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn checked(label: &str, accounts: &[&str], actions: &[&str]) -> Result<(), String> {
        let (accounts, actions) = (strings(accounts), strings(actions));
        let permission = Permission { label, accounts: &accounts, actions: &actions };
        permission.check().map_err(|err| err.message().to_owned())
    }

    #[test]
    fn a_policy_is_written_as_aws_writes_it() {
        let (accounts, actions) = (strings(&["123456789012"]), strings(&["SendMessage"]));
        let first = Permission { label: "one", accounts: &accounts, actions: &actions }.add(None, ARN).unwrap();
        assert_eq!(
            first,
            format!(
                r#"{{"Version":"2008-10-17","Id":"{ARN}/SQSDefaultPolicy","Statement":[{{"Sid":"one","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::123456789012:root"}},"Action":"SQS:SendMessage","Resource":"{ARN}"}}]}}"#
            )
        );
        let again = Permission { label: "one", accounts: &accounts, actions: &actions }.add(Some(&first), ARN);
        assert_eq!(again.unwrap_err().message(), "Value one for parameter Label is invalid. Reason: Already exists.");
        let (accounts, actions) = (strings(&["123456789012", "210987654321"]), strings(&["*", "SendMessage"]));
        let second =
            Permission { label: "two", accounts: &accounts, actions: &actions }.add(Some(&first), ARN).unwrap();
        let told: Value = serde_json::from_str(&second).unwrap();
        assert_eq!(told["Statement"][1]["Action"], json!(["SQS:*", "SQS:SendMessage"]));
        assert_eq!(told["Statement"][1]["Principal"]["AWS"].as_array().unwrap().len(), 2);
        assert_eq!(remove(Some(&second), "two").unwrap().unwrap(), first);
        assert_eq!(remove(Some(&first), "one").unwrap(), None);
        for policy in [None, Some(first.as_str())] {
            assert_eq!(
                remove(policy, "two").unwrap_err().message(),
                "Value two for parameter Label is invalid. Reason: can't find label."
            );
        }
    }

    #[test]
    fn what_was_written_by_hand_stays() {
        let given = r#"{"Version":"2012-10-17","Statement":{"Sid":"x","Effect":"Deny"}}"#;
        let (accounts, actions) = (strings(&["123456789012"]), strings(&["SendMessage"]));
        let added = Permission { label: "one", accounts: &accounts, actions: &actions }.add(Some(given), ARN).unwrap();
        assert!(added.starts_with(r#"{"Version":"2012-10-17","Statement":[{"Sid":"x","Effect":"Deny"},"#), "{added}");
    }

    #[test]
    fn what_is_wrong_is_told() {
        let account = ["123456789012"];
        assert_eq!(checked("a-b_9", &account, &["SendMessage", "*"]), Ok(()));
        for (label, accounts, actions, message) in [
            (
                "a.b",
                &account[..],
                &["*"][..],
                "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
            ),
            ("a", &[], &["*"], "The request must contain the parameter PrincipalId."),
            ("a", &account, &[], "The request must contain the parameter Actions."),
            ("a", &["1", "2"], &["*"], "Value [1, 2] for parameter PrincipalId is invalid. Reason: Unable to verify."),
            ("a", &account, &["*"; 8], "8 Actions were found, maximum allowed is 7."),
            (
                "a",
                &account,
                &["CreateQueue"],
                "Value SQS:CreateQueue for parameter ActionName is invalid. Reason: Only the queue owner is allowed to invoke this action.",
            ),
            (
                "a",
                &account,
                &["Fly"],
                "Value SQS:Fly for parameter ActionName is invalid. Reason: Please refer to the appropriate WSDL for a list of valid actions.",
            ),
        ] {
            assert_eq!(checked(label, accounts, actions), Err(message.to_owned()));
        }
    }
}
