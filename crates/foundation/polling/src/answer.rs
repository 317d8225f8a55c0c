//! What a function's answer says of the records it got. Pure.

use serde_json::Value;

/// Which records are dealt with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    All,
    /// All but these.
    AllBut(Vec<String>),
    /// None: the answer can't be understood.
    Nothing,
}

/// Reads the answer of a function that reports failures. `is_known`: whether the batch has a record of that id.
///
/// AWS: nothing in place of the list, or of the whole answer, is a success; an entry that names no record of the batch
/// makes all of it a failure (recorded: `test_report_batch_item_failures_*`).
pub fn judge(payload: &[u8], is_known: impl Fn(&str) -> bool) -> Answer {
    if payload.is_empty() {
        return Answer::All;
    }
    let failures = match serde_json::from_slice(payload) {
        Ok(Value::Null) => return Answer::All,
        Ok(Value::Object(mut members)) => members.remove("batchItemFailures").unwrap_or_default(),
        _ => return Answer::Nothing,
    };
    let failures = match failures {
        Value::Null => return Answer::All,
        Value::Array(failures) => failures,
        _ => return Answer::Nothing,
    };
    let mut named = Vec::with_capacity(failures.len());
    for failure in &failures {
        match failure.get("itemIdentifier").and_then(Value::as_str).filter(|id| is_known(id)) {
            Some(id) => named.push(id.to_owned()),
            None => return Answer::Nothing,
        }
    }
    if named.is_empty() { Answer::All } else { Answer::AllBut(named) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(payload: &str) -> Answer {
        judge(payload.as_bytes(), |id| matches!(id, "a" | "b"))
    }

    #[test]
    fn nothing_said_is_a_success() {
        for payload in
            ["", "null", "{}", r#"{"batchItemFailures":[]}"#, r#"{"batchItemFailures":null}"#, r#"{"statusCode":200}"#]
        {
            assert_eq!(judged(payload), Answer::All, "{payload}");
        }
    }

    #[test]
    fn what_is_named_has_failed() {
        let one = r#"{"batchItemFailures":[{"itemIdentifier":"b"}],"other":1}"#;
        assert_eq!(judged(one), Answer::AllBut(vec!["b".into()]));
        let both = r#"{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"a","other":1}]}"#;
        assert_eq!(judged(both), Answer::AllBut(vec!["b".into(), "a".into()]));
    }

    #[test]
    fn what_cannot_be_understood_fails_all() {
        for payload in [
            "(,)",
            r#""ok""#,
            "5",
            "[]",
            r#"{"batchItemFailures":"a"}"#,
            r#"{"batchItemFailures":["a"]}"#,
            r#"{"batchItemFailures":[{"foo":"notvalid"}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#,
            r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"none"}]}"#,
        ] {
            assert_eq!(judged(payload), Answer::Nothing, "{payload}");
        }
    }
}
