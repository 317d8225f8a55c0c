//! Which records a mapping takes: patterns as EventBridge has them, here only looked at.

use serde_json::Value;
use updraft_api_lambda::types::FilterCriteria;
use updraft_expr::pattern::Pattern;
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
    if filters.iter().all(|filter| filter.pattern.as_deref().is_some_and(is_pattern)) {
        return Ok(());
    }
    // Recorded: `test_sqs_invalid_event_filter`.
    Err(invalid_parameter("Invalid filter pattern definition."))
}

/// AWS: an empty pattern takes everything.
fn is_pattern(text: &str) -> bool {
    match serde_json::from_str(text) {
        Ok(Value::Object(members)) if members.is_empty() => true,
        _ => Pattern::parse(text).is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use updraft_api_lambda::types::Filter;

    use super::*;

    fn is_taken(text: &str) -> bool {
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
            assert!(is_taken(good), "{good}");
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
            assert!(!is_taken(bad), "{bad}");
        }
        assert!(check(Some(&FilterCriteria { filters: Some(vec![Filter::default()]) })).is_err());
    }

    #[test]
    fn five_patterns_are_enough() {
        let many = |count| FilterCriteria { filters: Some(vec![Filter { pattern: Some("{}".into()) }; count]) };
        assert!(check(Some(&many(5))).is_ok() && check(Some(&many(6))).is_err() && check(None).is_ok());
    }
}
