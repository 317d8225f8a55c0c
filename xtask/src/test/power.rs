//! The proof that a power cut loses nothing that was acknowledged.

use anyhow::Result;

use super::layers::{binary, prover};
use super::{Args, Outcome};
use crate::run;

/// Longer workloads and more seeds where this is set: some hours instead of a minute or two.
const LONG: &str = "UPDRAFT_POWER_LONG";

pub(super) fn power(_: &Args) -> Result<Outcome> {
    let mut command = prover("updraft-power")?;
    command.arg("prove").env("UPDRAFT_BIN", binary()).env("RUST_BACKTRACE", "0");
    if std::env::var_os(LONG).is_some() {
        command.arg("--long");
    }
    let said = run::shown(&mut command)?;
    Ok(judged(said.ok, &said.text))
}

/// Each proof that holds is a line with its counts; the last line is their sum.
fn judged(ok: bool, text: &str) -> Outcome {
    let held: Vec<_> = text.lines().filter(|line| line.contains(" cuts, ")).collect();
    match held.split_last() {
        Some((all, proofs)) if ok && !proofs.is_empty() => Outcome {
            passed: u32::try_from(proofs.len()).unwrap_or(u32::MAX),
            note: all.trim_start_matches("all: ").to_owned(),
            ..Outcome::default()
        },
        _ => Outcome { passed: u32::try_from(held.len()).unwrap_or(u32::MAX), ..Outcome::failed("something was lost") },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proofs_are_counted_and_none_is_no_success() {
        let text = "a: 3 events, 2 cuts, 1 images\nb: 3 events, 2 cuts, 1 images\nall: 6 events, 4 cuts, 2 images\n";
        assert_eq!(judged(true, text).passed, 2);
        assert_eq!(judged(true, text).note, "6 events, 4 cuts, 2 images");
        assert_eq!(judged(false, "a: 3 events, 2 cuts\nError: lost").failed, 1);
        assert_eq!(judged(true, "").failed, 1);
    }
}
