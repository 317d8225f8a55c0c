//! That the simulation does the same each time, and that it finds what is broken on purpose.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::process::{Command, Output};

/// Seeds within which something broken must be found.
const FEW: u64 = 10;

fn sim(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_updraft-sim")).args(args).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_seed_does_the_same_each_time() {
    for seed in ["3", "4", "5"] {
        let (once, again) = (sim(&["--seed", seed, "--loud"]), sim(&["--seed", seed, "--loud"]));
        assert!(said(&once).contains(", trace "), "{}", said(&once));
        assert!(once.status.success(), "{}", said(&once));
        assert!(said(&once) == said(&again), "seed {seed} went another way the second time");
    }
}

#[test]
fn seeds_differ() {
    let trace = |seed| said(&sim(&["--seed", seed])).split("trace ").nth(1).unwrap().to_owned();
    assert_ne!(trace("3"), trace("4"));
}

fn is_found(mutation: &str) {
    for seed in 1..=FEW {
        let run = sim(&["--seed", &seed.to_string(), "--mutation", mutation]);
        if !run.status.success() {
            let text = said(&run);
            assert!(text.contains(": WRONG: "), "{text}");
            let again = format!("cargo run -p updraft-sim -- --seed {seed} --span 10 --mutation {mutation} --loud");
            assert!(text.contains(&again), "how to see it again is said: {text}");
            return;
        }
    }
    assert_eq!(mutation, "found", "{FEW} seeds and nobody noticed");
}

#[test]
fn an_acknowledgement_before_the_commit_is_found() {
    is_found("acknowledged-too-early");
}

#[test]
fn reads_that_nobody_checks_are_found() {
    is_found("reads-unchecked");
}
