//! The JSON texts among the attributes: redrive policies, and the queue's own policy.

use serde_json::{Value, json};
use updraft_kernel::AwsError;

use crate::errors::{invalid_attribute, invalid_value};
use crate::model::policy_limits;
use crate::model::queue::{Allowed, Redrive, RedriveAllow};

const REDRIVE: &str = "RedrivePolicy";
const ALLOW: &str = "RedriveAllowPolicy";
const MAX_RECEIVES: u32 = 1000;
/// Queues that a policy can name.
const MAX_SOURCES: usize = 10;

/// # Errors
/// In AWS's words.
pub(crate) fn redrive(text: &str) -> Result<Redrive, AwsError> {
    let refused = |reason: &str| invalid_value(text, REDRIVE, reason);
    let missing = |name: &str| refused(&format!("Redrive policy does not contain mandatory attribute: {name}"));
    let Ok(Value::Object(policy)) = serde_json::from_str(text) else {
        return Err(refused("Redrive policy is not a valid JSON map"));
    };
    let count = policy.get("maxReceiveCount").ok_or_else(|| missing("maxReceiveCount"))?;
    let target = policy.get("deadLetterTargetArn").ok_or_else(|| missing("deadLetterTargetArn"))?;
    let max_receives = number(count).filter(|count| (1..=MAX_RECEIVES).contains(count)).ok_or_else(|| {
        let count = plain(count);
        refused(&format!("Invalid value for maxReceiveCount: {count}, valid values are from 1 to 1000 both inclusive"))
    })?;
    let target = target.as_str().ok_or_else(|| refused("Invalid value for deadLetterTargetArn"))?.to_owned();
    // AWS: shown as it understood it: a count in quotes has lost them.
    let written = json!({ "deadLetterTargetArn": target, "maxReceiveCount": max_receives }).to_string();
    Ok(Redrive { target, max_receives, written })
}

fn number(value: &Value) -> Option<u32> {
    value.as_u64().and_then(|count| u32::try_from(count).ok()).or_else(|| value.as_str()?.parse().ok())
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// # Errors
/// In AWS's words.
pub(crate) fn redrive_allow(text: &str) -> Result<RedriveAllow, AwsError> {
    let refused = |reason: &str| invalid_value(text, ALLOW, reason);
    let Ok(Value::Object(policy)) = serde_json::from_str(text) else {
        return Err(refused("Amazon SQS can't create the redrive allow policy, as it’s in an unsupported format"));
    };
    let permission = policy.get("redrivePermission").and_then(Value::as_str);
    let sources = policy.get("sourceQueueArns");
    let who = match (permission, sources) {
        (Some("allowAll"), None) => Allowed::All,
        (Some("denyAll"), None) => Allowed::None,
        (Some("byQueue"), Some(sources)) => {
            let arns = arns(sources).filter(|arns| (1..=MAX_SOURCES).contains(&arns.len()));
            Allowed::Queues(arns.ok_or_else(|| refused("sourceQueueArns must name 1 to 10 queues"))?)
        }
        (Some("byQueue"), None) => return Err(refused("sourceQueueArns must be given with byQueue")),
        (Some("allowAll" | "denyAll"), Some(_)) => {
            return Err(refused("sourceQueueArns can be given only with byQueue"));
        }
        _ => return Err(refused("redrivePermission must be one of allowAll, denyAll and byQueue")),
    };
    let written = match &who {
        Allowed::Queues(arns) => json!({ "redrivePermission": "byQueue", "sourceQueueArns": arns }),
        _ => json!({ "redrivePermission": permission }),
    };
    Ok(RedriveAllow { who, written: written.to_string() })
}

fn arns(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|arn| arn.as_str().map(str::to_owned)).collect()
}

/// A policy is kept as it was given; it must be one.
///
/// # Errors
/// AWS's, which says no more than that it is none; or in which way it is too much.
pub(crate) fn policy(text: &str) -> Result<String, AwsError> {
    let policy: Value = serde_json::from_str(text).map_err(|_| invalid_attribute("Policy"))?;
    let statements = match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(statement @ Value::Object(_)) => vec![statement],
        _ => Vec::new(),
    };
    let whole = |statement: &&Value| {
        let has = |names: &[&str]| names.iter().any(|name| statement.get(name).is_some());
        let effect = statement.get("Effect").and_then(Value::as_str);
        matches!(effect, Some("Allow" | "Deny"))
            && has(&["Action", "NotAction"])
            && has(&["Principal", "NotPrincipal"])
            && has(&["Resource", "NotResource"])
    };
    let legal = !statements.is_empty() && statements.iter().all(whole);
    if !legal {
        return Err(invalid_attribute("Policy"));
    }
    policy_limits::check(text, &policy)?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:sqs:us-east-1:000000000000:dlq";

    #[test]
    fn a_redrive_policy_is_shown_as_it_was_understood() {
        let given = format!(r#"{{ "maxReceiveCount": "3", "deadLetterTargetArn": "{ARN}" }}"#);
        let told = redrive(&given).unwrap();
        assert_eq!((told.target.as_str(), told.max_receives), (ARN, 3));
        assert_eq!(told.written, format!(r#"{{"deadLetterTargetArn":"{ARN}","maxReceiveCount":3}}"#));
    }

    #[test]
    fn what_is_wrong_with_a_redrive_policy_is_told() {
        for (given, reason) in [
            ("x", "Redrive policy is not a valid JSON map."),
            ("[]", "Redrive policy is not a valid JSON map."),
            ("{}", "Redrive policy does not contain mandatory attribute: maxReceiveCount."),
            (r#"{"maxReceiveCount":1}"#, "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."),
            (
                r#"{"maxReceiveCount":0,"deadLetterTargetArn":"a"}"#,
                "Invalid value for maxReceiveCount: 0, valid values are from 1 to 1000 both inclusive.",
            ),
            (
                r#"{"maxReceiveCount":"1001","deadLetterTargetArn":"a"}"#,
                "Invalid value for maxReceiveCount: 1001, valid values are from 1 to 1000 both inclusive.",
            ),
            (r#"{"maxReceiveCount":1,"deadLetterTargetArn":7}"#, "Invalid value for deadLetterTargetArn."),
        ] {
            let told = redrive(given).unwrap_err();
            let whole = format!("Value {given} for parameter RedrivePolicy is invalid. Reason: {reason}");
            assert_eq!(told.message(), whole);
        }
    }

    #[test]
    fn who_may_send_dead_letters() {
        let told = |text: &str| redrive_allow(text).map(|told| told.who);
        assert_eq!(told(r#"{"redrivePermission":"allowAll"}"#).unwrap(), Allowed::All);
        assert_eq!(told(r#"{"redrivePermission":"denyAll"}"#).unwrap(), Allowed::None);
        let by_queue = format!(r#"{{"redrivePermission":"byQueue","sourceQueueArns":["{ARN}"]}}"#);
        assert_eq!(told(&by_queue).unwrap(), Allowed::Queues(vec![ARN.to_owned()]));
        assert_eq!(redrive_allow(&by_queue).unwrap().written, by_queue);
        let eleven = json!({ "redrivePermission": "byQueue", "sourceQueueArns": vec![ARN; 11] }).to_string();
        for bad in [
            "",
            "[]",
            "{}",
            r#"{"redrivePermission":"some"}"#,
            r#"{"redrivePermission":"byQueue"}"#,
            r#"{"redrivePermission":"byQueue","sourceQueueArns":[]}"#,
            r#"{"redrivePermission":"denyAll","sourceQueueArns":["a"]}"#,
            eleven.as_str(),
        ] {
            assert!(redrive_allow(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_policy_is_kept_as_it_was_given() {
        let statement = r#"{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"}"#;
        for given in [format!(r#"{{ "Statement": {statement} }}"#), format!(r#"{{"Statement":[{statement}]}}"#)] {
            assert_eq!(policy(&given).unwrap(), given);
        }
        for bad in ["x", "{}", r#"{"Statement":[]}"#, r#"{"Statement":[{"Effect":"Allow"}]}"#, r#""text""#] {
            assert_eq!(policy(bad).unwrap_err().message(), "Invalid value for the parameter Policy.", "{bad}");
        }
    }
}
