//! What a function is called with.

use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};
use bytes::Bytes;

use crate::args::PayloadArgs;
use crate::failure::Usage;

/// The event that was asked for; nothing where none was.
///
/// # Errors
/// [`Usage`], if it isn't JSON; or if it can't be read.
pub(crate) fn read(args: &PayloadArgs, from_stdin: bool) -> Result<Bytes> {
    of_flag("--payload", args, from_stdin)
}

/// The same, where it is said with another flag.
///
/// # Errors
/// As [`read`].
pub(crate) fn of_flag(flag: &str, args: &PayloadArgs, from_stdin: bool) -> Result<Bytes> {
    match (args.payload.as_deref(), args.payload_file.as_deref()) {
        (Some("-"), _) => stdin(),
        (_, Some(file)) if file == Path::new("-") => stdin(),
        (Some(text), _) => checked(text.as_bytes().to_vec(), flag),
        (_, Some(file)) => {
            let text = read_file(file).with_context(|| format!("can't read {}", file.display()))?;
            checked(text, &file.display().to_string())
        }
        _ if from_stdin => stdin(),
        _ => Ok(Bytes::new()),
    }
}

fn stdin() -> Result<Bytes> {
    let mut text = Vec::new();
    std::io::stdin().lock().read_to_end(&mut text).context("standard input can't be read")?;
    checked(text, "standard input")
}

#[expect(clippy::disallowed_methods, reason = "a person named this file to the command line")]
fn read_file(file: &Path) -> std::io::Result<Vec<u8>> {
    std::fs::read(file)
}

/// Said here rather than by the platform, which doesn't know how it was typed.
fn checked(text: Vec<u8>, whence: &str) -> Result<Bytes> {
    if text.trim_ascii().is_empty() {
        return Ok(Bytes::new());
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(&text) {
        Ok(_) => Ok(text.into()),
        Err(err) => {
            let advice = "an event is JSON, such as '{\"id\": 1}' in the quotes of your shell";
            Err(Usage(format!("{whence} is not JSON: {err}; {advice}")).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(text: &str) -> PayloadArgs {
        PayloadArgs { payload: Some(text.to_owned()), payload_file: None }
    }

    #[test]
    fn an_event_is_taken_as_it_was_typed() {
        assert_eq!(read(&payload(r#" {"n": 1.0} "#), false).unwrap(), r#" {"n": 1.0} "#);
        assert_eq!(read(&PayloadArgs::default(), false).unwrap(), "");
    }

    #[test]
    fn what_is_not_json_is_wrong_usage() {
        for text in ["{", "{'a': 1}", "{} {}"] {
            let error = read(&payload(text), false).unwrap_err();
            assert!(error.downcast_ref::<Usage>().is_some_and(|usage| usage.0.contains("--payload")), "{error}");
        }
    }
}
