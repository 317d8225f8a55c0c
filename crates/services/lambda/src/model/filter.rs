//! Which records a mapping takes: patterns as EventBridge has them, here only looked at.

use serde_json::{Map, Value};
use updraft_api_lambda::types::FilterCriteria;
use updraft_kernel::AwsError;

use crate::errors::invalid_parameter;

/// AWS: patterns of one mapping.
const PATTERNS: usize = 5;

/// # Errors
/// In AWS's words, if a pattern isn't one.
pub(crate) fn check(criteria: Option<&FilterCriteria>) -> Result<(), AwsError> {
    let filters = criteria.and_then(|criteria| criteria.filters.as_deref()).unwrap_or_default();
    if filters.len() > PATTERNS {
        return Err(invalid_parameter(format!("The number of filters exceeds the limit of {PATTERNS}.")));
    }
    let is_one = |pattern: &str| matches!(serde_json::from_str(pattern), Ok(Value::Object(members)) if level(&members));
    if filters.iter().all(|filter| filter.pattern.as_deref().is_some_and(is_one)) {
        return Ok(());
    }
    // Recorded: `test_sqs_invalid_event_filter`.
    Err(invalid_parameter("Invalid filter pattern definition."))
}

fn level(members: &Map<String, Value>) -> bool {
    members.iter().all(|(name, value)| match value {
        Value::Array(choices) if name == "$or" => {
            choices.len() > 1 && choices.iter().all(|choice| choice.as_object().is_some_and(level))
        }
        Value::Array(choices) => !choices.is_empty() && choices.iter().all(choice),
        Value::Object(members) => level(members),
        _ => false,
    })
}

fn choice(value: &Value) -> bool {
    match value {
        Value::Object(operator) => {
            let mut members = operator.iter();
            members.next().is_some_and(|(name, operand)| matches(name, operand)) && members.next().is_none()
        }
        Value::Array(_) => false,
        _ => true,
    }
}

fn matches(operator: &str, operand: &Value) -> bool {
    match operator {
        "exists" => operand.is_boolean(),
        "equals-ignore-case" | "wildcard" | "cidr" => operand.is_string(),
        "prefix" | "suffix" => operand.is_string() || is_folded(operand),
        "numeric" => operand.as_array().is_some_and(|range| numeric(range)),
        "anything-but" => anything_but(operand),
        _ => false,
    }
}

/// `{"equals-ignore-case": "text"}`.
fn is_folded(operand: &Value) -> bool {
    let members = operand.as_object();
    members.is_some_and(|members| members.len() == 1 && members.get("equals-ignore-case").is_some_and(Value::is_string))
}

/// `[">", 0, "<=", 5]`.
fn numeric(range: &[Value]) -> bool {
    let pair = |pair: &[Value]| match pair {
        [Value::String(sign), number] => matches!(sign.as_str(), "=" | "<" | "<=" | ">" | ">=") && number.is_number(),
        _ => false,
    };
    matches!(range.len(), 2 | 4) && range.chunks(2).all(pair)
}

fn anything_but(operand: &Value) -> bool {
    let plain = |value: &Value| value.is_string() || value.is_number();
    match operand {
        Value::Array(values) => !values.is_empty() && values.iter().all(plain),
        Value::Object(operator) => operator.iter().all(|(name, operand)| {
            let texts = operand.as_array().is_some_and(|all| !all.is_empty() && all.iter().all(Value::is_string));
            matches!(name.as_str(), "prefix" | "suffix" | "equals-ignore-case" | "wildcard")
                && (operand.is_string() || texts)
                && operator.len() == 1
        }),
        one => plain(one),
    }
}

#[cfg(test)]
mod tests {
    use updraft_api_lambda::types::Filter;

    use super::*;

    fn is_pattern(text: &str) -> bool {
        let filter = Filter { pattern: Some(text.into()) };
        check(Some(&FilterCriteria { filters: Some(vec![filter]) })).is_ok()
    }

    #[test]
    fn patterns_are_told_from_what_isnt_one() {
        for good in [
            "{}",
            r#"{"body":{"my-key":["my-value"]}}"#,
            r#"{"body":{"test2":[{"exists":true}]}}"#,
            r#"{"body":{"n":[{"numeric":[">=",100,"<",200]}, 1, null, true]}}"#,
            r#"{"body":{"p":[{"prefix":"us-1"},{"suffix":"x"},{"prefix":{"equals-ignore-case":"A"}}]}}"#,
            r#"{"a":[{"anything-but":["x","y"]},{"anything-but":1},{"anything-but":{"prefix":"z"}}]}"#,
            r#"{"$or":[{"a":[1]},{"b":[2]}]}"#,
        ] {
            assert!(is_pattern(good), "{good}");
        }
        for bad in [
            "simple string",
            r#""simple string""#,
            "[]",
            r#"{"eventSource":"aws:sqs"}"#,
            r#"{"a":[]}"#,
            r#"{"a":[["b"]]}"#,
            r#"{"a":[{"odd":1}]}"#,
            r#"{"a":[{"exists":"yes"}]}"#,
            r#"{"a":[{"numeric":[">="]}]}"#,
            r#"{"a":[{"numeric":["~",1]}]}"#,
            r#"{"a":[{"prefix":1}]}"#,
            r#"{"a":[{}]}"#,
            r#"{"$or":[{"a":[1]}]}"#,
        ] {
            assert!(!is_pattern(bad), "{bad}");
        }
        assert!(check(Some(&FilterCriteria { filters: Some(vec![Filter::default()]) })).is_err());
    }

    #[test]
    fn five_patterns_are_enough() {
        let many = |count| FilterCriteria { filters: Some(vec![Filter { pattern: Some("{}".into()) }; count]) };
        assert!(check(Some(&many(5))).is_ok() && check(Some(&many(6))).is_err() && check(None).is_ok());
    }
}
