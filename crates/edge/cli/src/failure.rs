//! How a command can fail, beyond having an error to tell, and what it exits with.

use std::io;
use std::process::ExitCode;

/// Wrong usage that the parser of arguments can't see. Exits with 2.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// What was asked for has been done, and what it did failed; that is told already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what was run has failed")]
pub struct Told;

/// What a command that ended with `error` exits with, and what is still to be said.
#[must_use]
pub fn verdict(error: &anyhow::Error) -> (ExitCode, Option<String>) {
    if error.downcast_ref::<Told>().is_some() {
        return (ExitCode::FAILURE, None);
    }
    // `updraft logs -f | head`: the reader has had enough, which is no failure.
    let unread = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|err| err.kind() == io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(unread) {
        return (ExitCode::SUCCESS, None);
    }
    let code = if error.downcast_ref::<Usage>().is_some() { ExitCode::from(2) } else { ExitCode::FAILURE };
    (code, Some(format!("updraft: {error:#}")))
}

#[cfg(test)]
mod tests {
    use anyhow::{Context, anyhow};

    use super::*;

    fn check(error: anyhow::Error, code: ExitCode, said: Option<&str>) {
        let (found, text) = verdict(&error);
        assert_eq!((format!("{found:?}"), text.as_deref()), (format!("{code:?}"), said));
    }

    #[test]
    fn usage_is_told_apart_from_failure_and_a_closed_pipe_is_neither() {
        check(Usage("say which".to_owned()).into(), ExitCode::from(2), Some("updraft: say which"));
        check(anyhow!("gone").context("no answer"), ExitCode::FAILURE, Some("updraft: no answer: gone"));
        check(Told.into(), ExitCode::FAILURE, None);
        let closed = Err::<(), _>(io::Error::from(io::ErrorKind::BrokenPipe)).context("writing").unwrap_err();
        check(closed, ExitCode::SUCCESS, None);
    }
}
