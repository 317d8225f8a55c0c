//! How much a queue's policy may be.

use serde_json::Value;
use updraft_kernel::AwsError;

use crate::errors::too_much_policy;

/// In bytes.
const MOST_BYTES: usize = 8192;
const MOST_STATEMENTS: usize = 20;
/// In one statement.
const MOST_ACTIONS: usize = 7;
const MOST_PRINCIPALS: usize = 50;

/// # Errors
/// In AWS's words.
pub(crate) fn check(text: &str, policy: &Value) -> Result<(), AwsError> {
    let statements = policy.get("Statement").map(listed).unwrap_or_default();
    let within = |count: usize, what: &str, most: usize| match count {
        count if count > most => {
            Err(too_much_policy(format!("{count} {what} the submitted policy, max allowed is {most}")))
        }
        _ => Ok(()),
    };
    within(statements.len(), "statements were found in", MOST_STATEMENTS)?;
    for statement in statements {
        within(count(statement, "Action"), "actions were found in a statement from", MOST_ACTIONS)?;
        within(principals(statement), "principals were found in a statement from", MOST_PRINCIPALS)?;
    }
    if text.len() > MOST_BYTES {
        return Err(too_much_policy("Submitted policy is over max allowed size.".to_owned()));
    }
    Ok(())
}

/// What may stand alone, as the list it is.
fn listed(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    }
}

fn count(statement: &Value, name: &str) -> usize {
    statement.get(name).map_or(0, |value| listed(value).len())
}

/// Of all kinds.
fn principals(statement: &Value) -> usize {
    match statement.get("Principal") {
        Some(Value::Object(kinds)) => kinds.values().map(|kind| listed(kind).len()).sum(),
        Some(_) => 1,
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn checked(statements: &Value) -> Result<(), String> {
        let policy = json!({ "Statement": statements });
        check(&policy.to_string(), &policy).map_err(|error| format!("{} {}", error.code().name, error.message()))
    }

    fn statement(actions: usize, principals: usize) -> Value {
        json!({ "Principal": { "AWS": vec!["1"; principals] }, "Action": vec!["sqs:SendMessage"; actions] })
    }

    #[test]
    fn a_policy_has_limits_on_both_sides() {
        let two = "OverLimit 21 statements were found in the submitted policy, max allowed is 20";
        assert_eq!(checked(&json!(vec![statement(1, 1); 20])), Ok(()));
        assert_eq!(checked(&json!(vec![statement(1, 1); 21])), Err(two.to_owned()));
        let actions = "OverLimit 8 actions were found in a statement from the submitted policy, max allowed is 7";
        assert_eq!(checked(&statement(7, 50)), Ok(()));
        assert_eq!(checked(&statement(8, 1)), Err(actions.to_owned()));
        let principals =
            "OverLimit 51 principals were found in a statement from the submitted policy, max allowed is 50";
        assert_eq!(checked(&statement(1, 51)), Err(principals.to_owned()));
    }

    #[test]
    fn a_policy_has_a_size() {
        let of = |size: usize| {
            let around = json!({ "Id": "" }).to_string().len();
            let policy = json!({ "Id": "x".repeat(size - around) });
            check(&policy.to_string(), &policy).map_err(|error| error.message().to_owned())
        };
        assert_eq!(of(8192), Ok(()));
        assert_eq!(of(8193), Err("Submitted policy is over max allowed size.".to_owned()));
    }
}
