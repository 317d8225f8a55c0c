//! The project's own tools: `cargo xtask <command>`. One module per command; nothing here ships.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a developer's tool: it reads files and the environment, runs programs and talks to the terminal"
)]

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod codegen;
mod compat;
mod house;
mod run;
mod scaffold;
mod test;
mod tidy;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The tools of the house")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the api crates from the public models and models/overrides.
    Codegen(codegen::Args),
    /// Check the rules of the house that no compiler checks.
    Tidy,
    /// Make COMPAT.md from the api crates.
    Compat(compat::Args),
    /// Begin an operation: its name, its file, its failing test.
    NewOp(scaffold::OpArgs),
    /// Begin a service: its two crates.
    NewService(scaffold::ServiceArgs),
    /// Run every check and test there is.
    Test(test::Args),
    /// Measure ourselves against floors and peers.
    Bench(bench::Args),
}

fn main() -> ExitCode {
    let outcome = match Args::parse().command {
        Command::Codegen(args) => codegen::run(&args),
        Command::Tidy => tidy::run(),
        Command::Compat(args) => compat::run(&args),
        Command::NewOp(args) => scaffold::new_op(&args),
        Command::NewService(args) => scaffold::new_service(&args),
        Command::Test(args) => test::run(&args),
        Command::Bench(args) => bench::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("xtask: {err:#}");
            ExitCode::FAILURE
        }
    }
}
