//! The languages against what AWS has shown of them (`CONFORMANCE_DIR`).
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests"
)]

mod event_patterns;
mod filter_policies;
mod jsonata;
mod messages;
mod rule_sets;
mod workflows;

use std::path::PathBuf;

/// The folder of what was recorded, where it is at hand.
fn recordings(folder: &str) -> Option<PathBuf> {
    let found = std::env::var_os("CONFORMANCE_DIR").map(|all| PathBuf::from(all).join(folder));
    if found.is_none() {
        println!("CONFORMANCE_DIR isn't set: AWS's recorded answers are not at hand");
    }
    found
}

/// The pattern that an error message repeats.
fn quoted(message: &str) -> Option<&str> {
    let (_, behind) = message.split_once("[Source: (String)\"")?;
    behind.split_once("\"; line: ").map(|(pattern, _)| pattern)
}
