//! `cargo xtask bench`: builds the platform and the bench in release and runs the latter, which does the measuring.

use anyhow::{Result, bail};

use crate::{house, run};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Given to the bench: --quick, --only NAME, --json, --help.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    bench: Vec<String>,
}

/// # Errors
/// If it doesn't build, or the bench fails.
pub(crate) fn run(args: &Args) -> Result<()> {
    // As releases are built.
    for package in [&["updraft", "--features", "wasm"][..], &["updraft-bench"]] {
        run::quiet(run::cargo().args(["build", "--release", "--locked", "--package"]).args(package))?;
    }
    let release = house::root().join("target/release");
    let mut bench = std::process::Command::new(release.join("updraft-bench"));
    bench.args(&args.bench).current_dir(house::root());
    bench.env("UPDRAFT_BIN", release.join("updraft")).env("BENCH_FOLDER", house::root().join("target/bench"));
    if !bench.status()?.success() {
        bail!("the bench failed");
    }
    Ok(())
}
