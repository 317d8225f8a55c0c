//! The proof that a power cut loses nothing that was acknowledged, whenever it comes and whatever of the unsynced it
//! leaves; and that a failing disk is noticed.
//!
//! A workload runs in a process of its own, and every system call by which it changes its files is recorded
//! (`tracer`). A model of a disk (`disk`) is then given the events one by one, and after each of them says what a power
//! cut could leave: that is written to a folder, opened by the same code as ever, and compared with what the workload
//! had said by then (`proof`). See docs/adr/0010-power-loss.md. Start reading at `proof`.

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
compile_error!("the recorder knows the system calls of Linux on x86-64 only");

mod disk;
mod proof;
mod trace;
mod tracer;
mod workload;

use std::io::{Write, stdout};
use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::proof::Counts;
use crate::workload::{Engine, Kind};

#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Proves it.
    Prove {
        /// Longer workloads, more chances, every fault.
        #[arg(long)]
        long: bool,
        /// Only proofs with this in their names.
        #[arg(long)]
        only: Option<String>,
    },
    /// Runs a workload, to be recorded.
    #[command(hide = true)]
    Run {
        kind: Kind,
        folder: PathBuf,
        #[arg(long)]
        engine: Engine,
        #[arg(long)]
        clients: usize,
        #[arg(long)]
        steps: usize,
    },
}

fn main() -> Result<()> {
    match Args::parse().command {
        Command::Prove { long, only } => prove(long, only.as_deref()),
        Command::Run { kind, folder, engine, clients, steps } => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(workload::run(kind, engine, &folder, clients, steps))
        }
    }
}

fn prove(long: bool, only: Option<&str>) -> Result<()> {
    let mut all = Counts::default();
    for proof in proof::all(long) {
        if only.is_some_and(|only| !proof.name.contains(only)) {
            continue;
        }
        let counts = (proof.run)()?;
        writeln!(stdout(), "{}: {counts}", proof.name)?;
        all.add(counts);
    }
    writeln!(stdout(), "all: {all}")?;
    Ok(())
}
