//! The command line: what a person types, and the commands that talk to a running platform over HTTP.
//!
//! It must never open a store or run a service: `start` and `quickstart` are carried out by the binary, which is
//! the one place where everything meets. Start reading at [`Cli`].

mod args;
pub mod client;
mod commands;
pub mod out;

pub use args::{
    Cli, ClockAction, Command, Connection, LogsArgs, PlaceArgs, QuickstartArgs, RestoreArgs, RuntimesAction,
    SnapshotArgs, StartArgs,
};
pub use commands::{clock, health, logs, nodes, reset, snapshot};
