//! The binary: configuration, and the one place where everything meets.
//!
//! Start reading at [`compose`].

mod banner;
mod base;
mod compose;
mod config;
mod data;
mod doctor;
mod endpoint;
mod java;
mod network;
mod open;
mod pages;
mod places;
mod quickstart;
mod reset;
mod restore;
mod sdk;
mod sfn;
mod share;
mod shared;
mod snapshots;
mod start;
mod sweep;
mod unbuilt;
mod vault;
mod wasm;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use updraft_cli::{Cli, Command, RuntimesAction, SfnAction, StartArgs, out};

use crate::config::Config;
use crate::sdk::Language;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // A sandbox's first process is this program under another name: before anything else exists in it.
    updraft_sandbox::init_main();
    let cli = Cli::parse();
    match runtime().and_then(|runtime| runtime.block_on(run(cli.command))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            let (code, said) = updraft_cli::verdict(&err);
            // Nobody is left to hear that this can't be said.
            drop(said.map(|said| out::remark(&said)));
            code
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the runtime can't be started")
}

async fn run(command: Command) -> Result<()> {
    match command {
        Command::Start(args) => start::run(&args).await,
        Command::Quickstart(args) => quickstart::run(&args).await,
        Command::Doctor(args) => doctor::run(&args).await,
        Command::Runtimes { action } => runtimes(action).await,
        Command::Clock { connection, action } => updraft_cli::clock::run(&connection, action.as_ref()).await,
        Command::Invoke(args) => updraft_cli::invoke::run(&args).await,
        Command::Dev(args) => updraft_cli::dev::run(&args).await,
        Command::Tune(args) => updraft_cli::tune::run(&args).await,
        Command::Sfn { action: SfnAction::Run(args) } => sfn::run(&args).await,
        Command::Logs(args) => updraft_cli::logs::run(&args).await,
        Command::Health { connection } => updraft_cli::health::run(&connection).await,
        Command::Nodes { connection } => updraft_cli::nodes::run(&connection).await,
        Command::Snapshot(args) => updraft_cli::snapshot::run(&args).await,
        Command::Restore(args) => restore::run(&args).await,
        Command::Reset { connection, account } => updraft_cli::reset::run(&connection, account.as_deref()).await,
    }
}

async fn runtimes(action: RuntimesAction) -> Result<()> {
    let config = Config::resolve(&StartArgs::default())?;
    match action {
        RuntimesAction::Install { language: Some(language) } if language == java::NAME => {
            let folder = java::install(&config).await?;
            Ok(out::line(&format!("{:<8} {}", java::NAME, folder.display()))?)
        }
        RuntimesAction::Install { language } => {
            let chosen = language.as_deref().map(Language::parse).transpose()?;
            for language in Language::ALL.into_iter().filter(|l| chosen.is_none_or(|c| c == *l)) {
                let folder = sdk::install(language, &config).await?;
                out::line(&format!("{:<8} {}", language.name(), folder.display()))?;
            }
            Ok(())
        }
        RuntimesAction::List => doctor::runtimes(&config),
    }
}
