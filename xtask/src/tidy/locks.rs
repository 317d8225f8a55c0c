//! Lock files of workspaces beside the main one: what the main one depends on is in theirs, too, and CI changes none.

use super::Finding;
use crate::{house, run};

const BESIDE: [&str; 1] = ["fuzz/Cargo.toml"];

pub(crate) fn check() -> Vec<Finding> {
    BESIDE.into_iter().filter(|manifest| !fits(manifest)).map(wrong).collect()
}

fn fits(manifest: &str) -> bool {
    let metadata = ["metadata", "--format-version", "1", "--locked", "--manifest-path", manifest];
    run::quiet(run::cargo().args(metadata).current_dir(house::root())).is_ok()
}

fn wrong(manifest: &str) -> Finding {
    Finding::Wrong(format!(
        "the lock file of {manifest} doesn't fit: run `cargo metadata --format-version 1 --manifest-path {manifest}` and \
         commit what it changes"
    ))
}
