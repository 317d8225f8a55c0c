//! Bucket policies: what they must be, and whether they let everybody in.

use serde_json::{Map, Value};
use updraft_kernel::AwsError;

use crate::errors::malformed_policy;

/// AWS: no longer.
const MOST: usize = 20 * 1024;

const MEMBERS: [&str; 8] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource"];

/// # Errors
/// If it can't be the policy of that bucket.
pub(crate) fn check(text: &str, bucket: &str) -> Result<(), AwsError> {
    let document = parse(text)?;
    if text.len() > MOST {
        return Err(malformed_policy("Policy exceeds the maximum allowed document size."));
    }
    let version = document.get("Version").map(|version| version.as_str().unwrap_or_default());
    if version.is_some_and(|version| !matches!(version, "2012-10-17" | "2008-10-17")) {
        return Err(malformed_policy("The policy must contain a valid version string"));
    }
    let statements = document.get("Statement").ok_or_else(|| malformed_policy("Missing required field Statement"))?;
    let statements = listed(statements);
    if statements.is_empty() {
        return Err(malformed_policy("Could not parse the policy: Statement is empty!"));
    }
    statements.into_iter().try_for_each(|statement| check_statement(statement, bucket))
}

/// # Errors
/// If it is no JSON object.
pub(crate) fn parse(text: &str) -> Result<Map<String, Value>, AwsError> {
    let broken = || malformed_policy("Policies must be valid JSON and the first byte must be '{'");
    if !text.starts_with('{') {
        return Err(broken());
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(document)) => Ok(document),
        _ => Err(broken()),
    }
}

fn check_statement(statement: &Value, bucket: &str) -> Result<(), AwsError> {
    let Value::Object(statement) = statement else {
        return Err(malformed_policy("Could not parse the policy: Statement is no object"));
    };
    if let Some(unknown) = statement.keys().find(|name| !MEMBERS.contains(&name.as_str()) && *name != "Condition") {
        return Err(malformed_policy(format!("Unknown field {unknown}")));
    }
    match statement.get("Effect").and_then(Value::as_str) {
        Some("Allow" | "Deny") => {}
        Some(effect) => return Err(malformed_policy(format!("Invalid effect: {effect}"))),
        None => return Err(malformed_policy("Missing required field Effect")),
    }
    for (one, other) in [("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource")] {
        if !statement.contains_key(one) && !statement.contains_key(other) {
            return Err(malformed_policy(format!("Missing required field {one}")));
        }
    }
    let actions = statement.get("Action").or_else(|| statement.get("NotAction")).map(texts).unwrap_or_default();
    if !actions.iter().all(|action| *action == "*" || action.to_ascii_lowercase().starts_with("s3:")) {
        return Err(malformed_policy("Policy has invalid action"));
    }
    let resources = statement.get("Resource").or_else(|| statement.get("NotResource")).map(texts).unwrap_or_default();
    if resources.is_empty() || !resources.iter().all(|resource| is_of(resource, bucket)) {
        return Err(malformed_policy("Policy has invalid resource"));
    }
    Ok(())
}

/// Whether a resource is the bucket, or in it.
fn is_of(resource: &str, bucket: &str) -> bool {
    let Some(name) = resource.splitn(6, ':').nth(5).filter(|_| resource.starts_with("arn:")) else { return false };
    let name = name.split('/').next().unwrap_or_default();
    name == bucket || (name.contains(['*', '?']) && matches(name.as_bytes(), bucket.as_bytes()))
}

/// `*` is anything, `?` any one character.
pub(crate) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(byte) if *byte == b'?' || text.get(t) == Some(byte) => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                p = at + 1;
                t = from + 1;
            }
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|byte| *byte == b'*')
}

/// Whether somebody unknown may do something, whatever conditions there are but those that name who it is.
pub(crate) fn is_public(document: &Map<String, Value>) -> bool {
    let statements = document.get("Statement").map(listed).unwrap_or_default();
    statements.into_iter().any(|statement| {
        let allows = statement.get("Effect").and_then(Value::as_str) == Some("Allow");
        let everybody = statement.get("Principal").is_some_and(is_everybody);
        allows && everybody && statement.get("Condition").is_none()
    })
}

/// Whether a principal is anybody.
pub(crate) fn is_everybody(principal: &Value) -> bool {
    match principal {
        Value::Object(kinds) => kinds.get("AWS").map(texts).unwrap_or_default().contains(&"*"),
        other => other.as_str() == Some("*"),
    }
}

pub(crate) fn listed(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |items| items.iter().collect())
}

pub(crate) fn texts(value: &Value) -> Vec<&str> {
    listed(value).into_iter().filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(policy: &Value) -> String {
        check(&policy.to_string(), "abc").map_or_else(|error| error.message().to_owned(), |()| "fine".into())
    }

    fn with(name: &str, value: Value) -> Value {
        let mut statement = json!({
            "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::abc/*",
        });
        statement[name] = value;
        json!({ "Version": "2012-10-17", "Statement": [statement] })
    }

    #[test]
    fn policies() {
        assert_eq!(told(&with("Sid", json!("a"))), "fine");
        assert_eq!(told(&with("Action", json!(["s3:*", "S3:PutObject"]))), "fine");
        assert_eq!(told(&with("Resource", json!(["arn:aws:s3:::abc", "arn:aws:s3:::a*"]))), "fine");
        assert_eq!(told(&json!({})), "Missing required field Statement");
        assert_eq!(told(&with("Resource", json!("arn:aws:s3:::abcd/*"))), "Policy has invalid resource");
        assert_eq!(told(&with("Action", json!("sqs:SendMessage"))), "Policy has invalid action");
        assert_eq!(told(&with("Effect", json!("allow"))), "Invalid effect: allow");
        for text in ["", "x", "[]", "{"] {
            let told = check(text, "abc").unwrap_err();
            assert_eq!(told.message(), "Policies must be valid JSON and the first byte must be '{'");
        }
    }

    #[test]
    fn who_is_let_in() {
        let public = |policy: Value| is_public(policy.as_object().unwrap());
        assert!(public(with("Principal", json!("*"))));
        assert!(public(with("Principal", json!({ "AWS": ["*"] }))));
        assert!(!public(with("Principal", json!({ "AWS": "arn:aws:iam::111111111111:root" }))));
        assert!(!public(with("Effect", json!("Deny"))));
        assert!(!public(with("Condition", json!({ "StringEquals": { "aws:SourceVpc": "vpc-1" } }))));
    }

    #[test]
    fn wildcards() {
        for (pattern, text) in [("*", ""), ("a*c", "abbc"), ("a?c", "abc"), ("*b*", "abc"), ("a*b*c", "aXbYbZc")] {
            assert!(matches(pattern.as_bytes(), text.as_bytes()), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("a*c", "ab"), ("a?c", "ac"), ("abc", "abcd")] {
            assert!(!matches(pattern.as_bytes(), text.as_bytes()), "{pattern} {text}");
        }
    }
}
