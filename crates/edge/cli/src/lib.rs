//! The command line: what a person types, and the commands that talk to a running platform over HTTP.
//!
//! It must never open a store or run a service: `start` and `quickstart` are carried out by the binary, which is
//! the one place where everything meets. Start reading at [`Cli`].

mod advice;
mod args;
pub mod aws;
pub mod client;
mod commands;
mod failure;
mod feed;
mod lambda;
pub mod out;
mod payload;
mod pretty;
mod report;
mod stop;

pub use args::{
    CallArgs, Cli, ClockAction, Command, Connection, DevArgs, InvokeArgs, LogsArgs, PayloadArgs, PlaceArgs,
    QuickstartArgs, RestoreArgs, RuntimesAction, SfnAction, SfnRunArgs, SnapshotArgs, StartArgs, TuneArgs,
};
pub use commands::{clock, dev, health, invoke, logs, nodes, reset, sfn, snapshot, tune};
pub use failure::{Told, Usage, verdict};
