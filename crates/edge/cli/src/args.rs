//! What may be typed.

mod functions;
mod sfn;
mod start;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use functions::{CallArgs, DevArgs, InvokeArgs, LogsArgs, PayloadArgs, TuneArgs};
pub use sfn::{SfnAction, SfnRunArgs};
pub use start::{PlaceArgs, QuickstartArgs, RestoreArgs, StartArgs};

/// A serverless platform in one binary that speaks AWS's own wire protocols.
#[derive(Debug, Parser)]
#[command(name = "updraft", version, about, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the platform and serve until it is stopped.
    Start(Box<StartArgs>),
    /// Start the platform, deploy an example, call it, and show each step.
    Quickstart(Box<QuickstartArgs>),
    /// Show or move the platform's time.
    Clock {
        #[command(flatten)]
        connection: Connection,
        #[command(subcommand)]
        action: Option<ClockAction>,
    },
    /// Call a function, and show its answer.
    Invoke(InvokeArgs),
    /// Make a function of a folder, and make it anew whenever something in the folder is saved; show what it prints.
    Dev(DevArgs),
    /// Find the memory size at which a function is cheapest, fastest, or both.
    Tune(TuneArgs),
    /// Execute definitions of state machines.
    Sfn {
        #[command(subcommand)]
        action: SfnAction,
    },
    /// Show what a function printed.
    Logs(LogsArgs),
    /// Show whether a running platform is ready, and how functions are protected.
    Health {
        #[command(flatten)]
        connection: Connection,
    },
    /// Show the nodes that serve a running platform's store, and how they are.
    Nodes {
        #[command(flatten)]
        connection: Connection,
    },
    /// Empty an account, or everything (loopback only).
    Reset {
        #[command(flatten)]
        connection: Connection,
        /// The account to empty; without it, all of them.
        #[arg(long)]
        account: Option<String>,
    },
    /// Write everything that a running platform keeps into one file, while it goes on serving; or check such a file.
    Snapshot(SnapshotArgs),
    /// Bring the state of a snapshot back, into an empty data folder or database, without a running platform.
    Restore(Box<RestoreArgs>),
    /// Check what this machine offers for running functions safely, and say what is missing.
    Doctor(Box<StartArgs>),
    /// Show or prepare the language runtimes that functions run on.
    Runtimes {
        #[command(subcommand)]
        action: RuntimesAction,
    },
}

/// How to reach a running platform.
#[derive(Args, Clone, Debug)]
pub struct Connection {
    /// Where the platform listens.
    #[arg(long, env = "UPDRAFT_ENDPOINT", default_value = "http://127.0.0.1:4566", value_parser = endpoint)]
    pub endpoint: String,
    /// Print JSON, for programs.
    #[arg(long)]
    pub json: bool,
}

/// What is neither would be taken for a platform that doesn't answer.
fn endpoint(text: &str) -> Result<String, String> {
    let host = text.strip_prefix("http://").unwrap_or_default().trim_end_matches('/');
    if host.is_empty() || host.contains('/') || host.parse::<http::uri::Authority>().is_err() {
        return Err("write it as http://127.0.0.1:4566".to_owned());
    }
    Ok(format!("http://{host}"))
}

#[derive(Clone, Debug, Subcommand)]
pub enum ClockAction {
    /// Move time forward; everything due in between happens, in order.
    Advance {
        /// Such as `90s`, `15m`, `24h`, `7d`.
        by: String,
    },
    /// Set the time, such as `2030-01-01T00:00:00Z`.
    Set { to: String },
    /// Return to the machine's time.
    Reset,
}

#[derive(Args, Clone, Debug)]
pub struct SnapshotArgs {
    /// The file to write, or to look at.
    pub file: PathBuf,
    #[command(flatten)]
    pub connection: Connection,
    /// Replace the file if there is one.
    #[arg(long)]
    pub force: bool,
    /// Don't take a snapshot: read all of this one, and say whether it can be restored.
    #[arg(long, conflicts_with = "force")]
    pub verify: bool,
    /// Don't take a snapshot: show where this one is from.
    #[arg(long, conflicts_with_all = ["force", "verify"])]
    pub info: bool,
}

#[derive(Clone, Debug, Subcommand)]
pub enum RuntimesAction {
    /// Fetch the AWS SDKs that AWS's runtimes ship (boto3, @aws-sdk) through pip and npm, into the user's cache.
    Install {
        /// `python`, `node`, or both when left out: the AWS SDKs. `java`: AWS's runtime client.
        language: Option<String>,
    },
    /// Show which interpreters and SDKs were found.
    List,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_scheme_and_a_host() {
        for (text, expected) in [("http://127.0.0.1:1/", "http://127.0.0.1:1"), ("http://updraft", "http://updraft")] {
            assert_eq!(endpoint(text).as_deref(), Ok(expected));
        }
        for text in ["127.0.0.1:4566", "https://updraft", "http://", "http://a/b", ""] {
            assert!(endpoint(text).unwrap_err().contains("http://"), "{text}");
        }
    }
}
