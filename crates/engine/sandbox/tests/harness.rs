//! As much of the standard test runner's command line as `cargo test` and `cargo nextest` use.

use std::panic::catch_unwind;
use std::process::ExitCode;

/// A test: its name and what it does.
pub(crate) type Case = (&'static str, fn());

pub(crate) fn run(cases: &[Case]) -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    if has("--list") {
        let none = has("--ignored");
        cases.iter().filter(|_| !none).for_each(|(name, _)| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    if std::os::unix::fs::MetadataExt::uid(&std::fs::metadata("/proc/self").unwrap()) != 0 {
        println!("NOT RUN: the tests of the sandbox attack a full one, which takes root; run them as root");
        return ExitCode::SUCCESS;
    }
    let filters: Vec<&String> = args.iter().filter(|arg| !arg.starts_with("--")).collect();
    let wanted = |name: &str| {
        let hit = |filter: &&String| if has("--exact") { name == **filter } else { name.contains(filter.as_str()) };
        filters.is_empty() || filters.iter().any(hit)
    };
    let failed: Vec<_> = cases.iter().filter(|(name, _)| wanted(name)).filter(|case| !passes(case)).collect();
    if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn passes((name, test): &Case) -> bool {
    let passed = catch_unwind(test).is_ok();
    println!("test {name} ... {}", if passed { "ok" } else { "FAILED" });
    passed
}
