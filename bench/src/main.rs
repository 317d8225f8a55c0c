//! Measures the platform beside the floors of the same machine (its disk, the bare store, bare HTTP, a bare runtime)
//! and beside peers, in one run. Machines are noisy: every figure is a median of rounds taken in turn with what it is
//! held against (A B A B …), and only ratios are judged. Run by `cargo xtask bench`.
//!
//! Start reading at [`figures`]; [`turns`] is how numbers are made, [`load`] is the client.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measuring program: it reads clocks, files and the environment, starts programs and prints"
)]

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

mod aws;
mod family;
mod figures;
mod floors;
mod load;
mod peer;
mod platform;
mod report;
mod sign;
mod turns;
mod world;

#[derive(Parser)]
#[command(name = "cargo xtask bench", about = "Measure the platform beside floors and peers")]
pub(crate) struct Args {
    /// Fewer rounds and less data: about two minutes.
    #[arg(long)]
    quick: bool,
    /// Only figures whose group is named so (may be given more than once).
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Print JSON, for keeping.
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    if floors::bootstrap::is_wanted() {
        // It ends with the platform that it serves.
        return floors::bootstrap::run().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("bench: {err:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    let mut world = world::World::new(args.quick)?;
    let mut report = report::Report::default();
    for group in figures::ALL {
        if !args.only.is_empty() && !args.only.iter().any(|name| name == group.name) {
            continue;
        }
        eprintln!("measuring {}: {}", group.name, group.about);
        // One group that can't be measured (a peer's bug, a missing interpreter) doesn't hide the others.
        match (group.measure)(&mut world) {
            Ok(figures) => report.add(figures),
            Err(err) => report.fail(group.name, &err),
        }
    }
    report.print(args.json)
}
