//! Attacks from inside functions, with the rights of whoever runs this, and without any.

use std::os::unix::fs::MetadataExt;

use anyhow::{Context, Result};

use super::layers::{judged, pytest};
use super::{Args, Outcome, counts};
use crate::run;

pub(super) fn sandbox(args: &Args) -> Result<Outcome> {
    let first = attacks(args, &[])?;
    if std::fs::metadata("/proc/self").context("reading /proc")?.uid() != 0 {
        let note = format!("{}; without root there is one run only", first.note);
        return Ok(Outcome { note, ..first });
    }
    let second = attacks(args, &["--unprivileged"])?;
    Ok(Outcome {
        passed: first.passed + second.passed,
        failed: first.failed + second.failed,
        skipped: first.skipped + second.skipped,
        note: format!("{}; run by nobody special, {}", first.note, second.note),
    })
}

fn attacks(args: &Args, how: &[&str]) -> Result<Outcome> {
    let said = run::shown(pytest("tests/sandbox")?.args(how).args(&args.pytest))?;
    let outcome = judged(said.ok, counts::pytest(&said.text));
    Ok(Outcome { note: sum(&said.text).to_owned(), ..outcome })
}

/// `82 of 82 attacks held`: what the suite says last of all.
fn sum(text: &str) -> &str {
    text.lines().rev().find(|line| line.ends_with("attacks held")).unwrap_or("it did not come to its summary")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_sum_counts() {
        assert_eq!(sum("1 of 2 attacks held\n2 of 2 attacks held\n3 passed in 1.0s"), "2 of 2 attacks held");
        assert_eq!(sum(""), "it did not come to its summary");
    }
}
