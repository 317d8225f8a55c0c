//! The simulation: the platform of several nodes in one process, on virtual time, under faults, from one seed.
//!
//! Each seed is a process of its own, with one thread and without any randomness but the seed's, so that it does the
//! same each time. Start reading at [`world`], then [`model::Model`], which is how a service joins.

mod chance;
mod client;
mod clock;
mod journal;
mod many;
mod model;
mod models;
mod mutation;
mod node;
mod one;
mod weather;
mod world;

use std::process::ExitCode;

use clap::Parser;

use crate::mutation::Mutation;

/// Runs seeds of the simulation.
#[derive(Clone, Debug, Parser)]
struct Args {
    /// Only this seed, in this process.
    #[arg(long)]
    seed: Option<u64>,
    /// How many seeds, each in a process of its own, after those that failed before.
    #[arg(long, default_value_t = 200)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Says everything that happens.
    #[arg(long)]
    loud: bool,
    /// Seconds of virtual time with faults.
    #[arg(long, default_value_t = 10)]
    span: u64,
    /// Breaks the platform on purpose: the run is to find it.
    #[arg(long, value_enum)]
    mutation: Option<Mutation>,
}

fn main() -> ExitCode {
    let args = Args::parse();
    match args.seed {
        Some(seed) => one::run(seed, &args),
        None => many::run(&args),
    }
}
