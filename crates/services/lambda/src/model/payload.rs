//! What an invocation's payload may be: JSON, and not too large.

use serde::de::IgnoredAny;
use updraft_kernel::AwsError;

use crate::errors::{invalid_content, payload_too_large};

/// Bytes that a synchronous call takes.
pub(crate) const SYNC_LIMIT: usize = 6_291_456;
/// Bytes that an asynchronous call takes.
pub(crate) const ASYNC_LIMIT: usize = 1_048_576;
/// Bytes that `InvokeAsync` takes.
pub(crate) const OLD_ASYNC_LIMIT: usize = 262_144;
/// AWS's parser shows so many bytes of what it couldn't read.
const SHOWN: usize = 500;

/// `kind` is the invocation type as the caller says it.
pub(crate) fn check_size(size: usize, kind: &str, limit: usize) -> Result<(), AwsError> {
    if size > limit { Err(payload_too_large(size, kind, limit)) } else { Ok(()) }
}

/// In the words of AWS's parser (Jackson), as far as they can be told without being it.
pub(crate) fn check_json(payload: &[u8]) -> Result<(), AwsError> {
    // IgnoredAny is skipped without recursion, so depth is no danger.
    let Err(error) = serde_json::from_slice::<IgnoredAny>(payload) else { return Ok(()) };
    let shown = String::from_utf8_lossy(payload.get(..SHOWN).unwrap_or(payload)).into_owned();
    let cut = payload.len().saturating_sub(SHOWN);
    let truncated = if cut > 0 { format!("[truncated {cut} bytes]") } else { String::new() };
    let (what, column) = problem(payload, &error);
    let line = error.line().max(1);
    Err(invalid_content(format!(
        "Could not parse request body into json: Could not parse payload into json: {what}\n at [Source: \
         (byte[])\"{shown}\"{truncated}; line: {line}, column: {column}]"
    )))
}

fn problem(payload: &[u8], error: &serde_json::Error) -> (String, usize) {
    let text = String::from_utf8_lossy(payload);
    let word: String =
        text.trim_start().chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '$')).collect();
    let column = error.column().max(1);
    if word.chars().next().is_some_and(|c| !c.is_ascii_digit()) {
        let what = format!(
            "Unrecognized token '{word}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
        );
        return (what, word.len() + 1);
    }
    if error.is_eof() {
        return ("Unexpected end-of-input".to_owned(), column + 1);
    }
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let found = line.chars().nth(column - 1).unwrap_or(' ');
    (format!("Unexpected character ('{found}' (code {}))", u32::from(found)), column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_of_any_kind_is_taken() {
        for good in ["{}", "1", "null", " \"x\" ", "[1,{\"a\":null}]"] {
            assert!(check_json(good.as_bytes()).is_ok(), "{good}");
        }
        assert!(check_json("[".repeat(100_000).as_bytes()).is_err(), "without overflowing the stack");
    }

    #[test]
    fn anything_else_is_told_as_aws_tells_it() {
        let refused = |bad: &str| check_json(bad.as_bytes()).unwrap_err().message().to_owned();
        let start = "Could not parse request body into json: Could not parse payload into json: ";
        let word = refused("STRING_VALUE");
        assert!(word.starts_with(&format!("{start}Unrecognized token 'STRING_VALUE': was expecting")), "{word}");
        assert!(word.ends_with("\n at [Source: (byte[])\"STRING_VALUE\"; line: 1, column: 13]"), "{word}");
        assert!(refused("{\"a\":").starts_with(&format!("{start}Unexpected end-of-input")));
        assert!(refused("{'a':1}").starts_with(&format!("{start}Unexpected character (''' (code 39))")));
        assert!(refused(&"x".repeat(600)).contains("[truncated 100 bytes]"));
    }

    #[test]
    fn limits_have_two_sides() {
        assert!(check_size(SYNC_LIMIT, "RequestResponse", SYNC_LIMIT).is_ok());
        let refused = check_size(SYNC_LIMIT + 1, "RequestResponse", SYNC_LIMIT).unwrap_err();
        assert_eq!(refused.code().status, 413);
    }
}
