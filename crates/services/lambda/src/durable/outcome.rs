//! What a durable function answers an invocation with, and errors as AWS keeps them.

use serde::{Deserialize, Serialize};
use updraft_api_lambda::types::ErrorObject;

/// AWS's error object, ready to be kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct ErrorText {
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_data: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stack_trace: Option<Vec<String>>,
}

/// One of the platform's own.
pub(crate) fn error(kind: Option<&str>, message: impl Into<String>) -> ErrorText {
    ErrorText { error_message: Some(message.into()), error_type: kind.map(str::to_owned), ..ErrorText::default() }
}

impl From<ErrorObject> for ErrorText {
    fn from(error: ErrorObject) -> Self {
        let ErrorObject { error_message, error_type, error_data, stack_trace } = error;
        Self { error_message, error_type, error_data, stack_trace }
    }
}

impl ErrorText {
    pub(crate) fn into_json(self) -> String {
        // Text and lists of text: nothing in it can't be written.
        serde_json::to_string(&self).unwrap_or_default()
    }

    /// Of what was kept.
    pub(crate) fn shown(json: &str) -> ErrorObject {
        let Self { error_message, error_type, error_data, stack_trace } =
            serde_json::from_str(json).unwrap_or_default();
        ErrorObject { error_message, error_type, error_data, stack_trace }
    }

    /// What `Invoke` answers where an execution failed: in the form that functions' own failures have.
    pub(crate) fn as_payload(json: &str) -> String {
        let kept: Self = serde_json::from_str(json).unwrap_or_default();
        let payload = Payload {
            error_message: kept.error_message,
            error_type: kept.error_type,
            error_data: kept.error_data,
            stack_trace: kept.stack_trace,
        };
        serde_json::to_string(&payload).unwrap_or_default()
    }

    /// Of the payload that a function failed with.
    pub(crate) fn of_payload(payload: &[u8]) -> Self {
        match serde_json::from_slice::<Payload>(payload) {
            Ok(Payload { error_message, error_type, error_data, stack_trace }) => {
                Self { error_message, error_type, error_data, stack_trace }
            }
            Err(_) => error(None, String::from_utf8_lossy(payload)),
        }
    }
}

/// How functions report their failures.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Payload {
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_data: Option<String>,
    /// Node's word for it is another.
    #[serde(skip_serializing_if = "Option::is_none", alias = "trace")]
    stack_trace: Option<Vec<String>>,
}

/// What the function made of its execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Succeeded(Option<String>),
    Failed(Option<ErrorText>),
    Pending,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Raw {
    status: Option<String>,
    result: Option<String>,
    error: Option<ErrorText>,
}

impl Answer {
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub(crate) fn read(payload: &[u8]) -> Result<Self, String> {
        let raw: Raw =
            serde_json::from_slice(payload).map_err(|error| format!("Invalid invocation output: {error}"))?;
        match (raw.status.as_deref(), raw.result, raw.error) {
            (None, ..) => Err("Response status is required".to_owned()),
            (Some("SUCCEEDED"), _, Some(_)) => Err("Cannot provide an Error for SUCCEEDED status.".to_owned()),
            (Some("FAILED"), Some(_), _) => Err("Cannot provide a Result for FAILED status.".to_owned()),
            (Some("SUCCEEDED"), result, None) => Ok(Self::Succeeded(result)),
            (Some("FAILED"), None, error) => Ok(Self::Failed(error)),
            (Some("PENDING"), ..) => Ok(Self::Pending),
            (Some(other), ..) => Err(format!("Unexpected invocation status: {other}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(payload: &str, expected: Result<Answer, &str>) {
        assert_eq!(Answer::read(payload.as_bytes()), expected.map_err(str::to_owned), "{payload}");
    }

    #[test]
    fn answers_are_read_as_aws_reads_them() {
        check(r#"{"Status":"SUCCEEDED","Result":"1"}"#, Ok(Answer::Succeeded(Some("1".into()))));
        check(r#"{"Status":"SUCCEEDED"}"#, Ok(Answer::Succeeded(None)));
        check(r#"{"Status":"PENDING","More":1}"#, Ok(Answer::Pending));
        let failed = Answer::Failed(Some(error(Some("E"), "no")));
        check(r#"{"Status":"FAILED","Error":{"ErrorType":"E","ErrorMessage":"no"}}"#, Ok(failed));
        check(r#"{"Status":"FAILED","Error":null}"#, Ok(Answer::Failed(None)));
        check(r#"{"Status":"SUCCEEDED","Error":{}}"#, Err("Cannot provide an Error for SUCCEEDED status."));
        check(r#"{"Status":"FAILED","Result":"1"}"#, Err("Cannot provide a Result for FAILED status."));
        check(r#"{"Status":"RETRY"}"#, Err("Unexpected invocation status: RETRY"));
        check("{}", Err("Response status is required"));
        assert!(Answer::read(b"[1]").unwrap_err().starts_with("Invalid invocation output: "));
        assert!(Answer::read(b"\xff").is_err());
    }

    #[test]
    fn errors_keep_what_they_say_in_both_forms() {
        let failed = br#"{"errorMessage":"no","errorType":"E","requestId":"r","stackTrace":["a"]}"#;
        let kept = ErrorText::of_payload(failed).into_json();
        assert_eq!(kept, r#"{"ErrorMessage":"no","ErrorType":"E","StackTrace":["a"]}"#);
        assert_eq!(ErrorText::as_payload(&kept), r#"{"errorMessage":"no","errorType":"E","stackTrace":["a"]}"#);
        assert_eq!(ErrorText::shown(&kept).error_type.as_deref(), Some("E"));
        assert_eq!(ErrorText::of_payload(b"broken").into_json(), r#"{"ErrorMessage":"broken"}"#);
    }
}
