//! The simulation: seeds of the platform on virtual time, under faults.

use anyhow::Result;

use super::layers::{judged, prover};
use super::{Args, Outcome};
use crate::run;

/// Seeds for everyday; `cargo run -p updraft-sim -- --seeds N --from M` runs others.
const SEEDS: &str = "200";

pub(super) fn run(_: &Args) -> Result<Outcome> {
    let said = run::shown(prover("updraft-sim")?.args(["--seeds", SEEDS]))?;
    Ok(judged(said.ok, counted(&said.text)))
}

/// `200 seeds run, 199 right, 1 wrong`.
fn counted(text: &str) -> Option<Outcome> {
    let line = text.lines().rev().find(|line| line.contains(" seeds run, "))?;
    let numbers: Vec<u32> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [_, passed, failed] = numbers[..] else { return None };
    Some(Outcome { passed, failed, skipped: 0, note: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_counted() {
        let outcome = Outcome { passed: 199, failed: 1, skipped: 0, note: String::new() };
        assert_eq!(counted("x\n200 seeds run, 199 right, 1 wrong\n"), Some(outcome));
        assert_eq!(counted("error: could not compile"), None);
    }
}
