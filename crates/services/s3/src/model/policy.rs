//! Bucket policies: what they must be, and whether they let everybody in.

use serde_json::{Map, Value};
use updraft_kernel::AwsError;
use updraft_policy::{Condition, Effect, Malformed, Policy, Principal, Principals};

use crate::errors::malformed_policy;

/// AWS: no longer.
const MOST: usize = 20 * 1024;

const MEMBERS: [&str; 8] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource"];

/// # Errors
/// If it can't be the policy of that bucket.
pub(crate) fn check(text: &str, bucket: &str) -> Result<Policy, AwsError> {
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
    statements.into_iter().try_for_each(|statement| check_statement(statement, bucket))?;
    Policy::of(&document).map_err(|wrong| told(&wrong))
}

fn told(wrong: &Malformed) -> AwsError {
    malformed_policy(match wrong {
        Malformed::Principal => "Invalid principal in policy".to_owned(),
        Malformed::Operator(name) => format!("Invalid Condition type : {name}"),
        Malformed::Value { .. } | Malformed::Condition(_) => "Policy has an invalid condition".to_owned(),
        Malformed::UnknownMember(name) => format!("Unknown field {name}"),
        other => format!("Could not parse the policy: {other}"),
    })
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

/// Keys that say who it is, or from where; with a value that isn't anybody's, a statement isn't about everybody.
const WHO: [&str; 14] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

/// Whether somebody unknown may do something.
/// AWS: conditions count only where they fix who it is, or from where.
pub(crate) fn is_public(policy: &Policy) -> bool {
    policy.statements().iter().any(|statement| {
        let everybody = match statement.principals() {
            Principals::These(named) => named.contains(&Principal::Anybody),
            Principals::AllBut(_) => true,
            Principals::Unsaid => false,
        };
        statement.effect() == Effect::Allow && everybody && !statement.conditions().iter().any(fixes)
    })
}

fn fixes(condition: &Condition) -> bool {
    let exact = matches!(
        condition.operator().trim_start_matches("ForAnyValue:"),
        "StringEquals" | "StringLike" | "StringEqualsIgnoreCase" | "ArnEquals" | "ArnLike" | "IpAddress"
    );
    let narrow = |wanted: &str| match condition.key() {
        "aws:sourceip" => is_narrow(wanted),
        // AWS: a pattern after the fixed id of a role.
        "aws:userid" => !wanted.starts_with(['*', '?']),
        _ => true,
    };
    let fixed = condition
        .wanted()
        .iter()
        .all(|wanted| (wanted.is_fixed() || condition.key() == "aws:userid") && narrow(wanted.text()));
    exact && WHO.contains(&condition.key()) && fixed
}

/// AWS: networks of more addresses than these are anybody's.
fn is_narrow(network: &str) -> bool {
    let bits = network.split_once('/').map_or(Some(128), |(_, bits)| bits.parse::<u8>().ok());
    bits.is_some_and(|bits| bits >= if network.contains(':') { 32 } else { 8 })
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
        check(&policy.to_string(), "abc").map_or_else(|error| error.message().to_owned(), |_| "fine".into())
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
        let public = |policy: Value| is_public(&Policy::parse(&policy.to_string()).unwrap());
        assert!(public(with("Principal", json!("*"))));
        assert!(public(with("Principal", json!({ "AWS": ["*"] }))));
        assert!(!public(with("Principal", json!({ "AWS": "arn:aws:iam::111111111111:root" }))));
        assert!(!public(with("Effect", json!("Deny"))));
        let under =
            |operator: &str, key: &str, value: &str| public(with("Condition", json!({ operator: { key: value } })));
        assert!(!under("StringEquals", "aws:SourceVpc", "vpc-1"));
        assert!(under("StringLike", "aws:SourceVpc", "vpc-*"));
        assert!(under("StringNotEquals", "aws:SourceVpc", "vpc-1"));
        assert!(under("StringEquals", "aws:UserAgent", "curl"));
        assert!(!under("IpAddress", "aws:SourceIp", "10.0.0.0/8"));
        assert!(under("IpAddress", "aws:SourceIp", "0.0.0.0/1"));
        assert!(!under("StringLike", "aws:userid", "AROAX:*"));
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
