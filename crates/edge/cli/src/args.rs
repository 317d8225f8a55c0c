//! What may be typed. Every flag of `start` is also `UPDRAFT_…` and a key of the config file.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand};

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
    #[arg(long, env = "UPDRAFT_ENDPOINT", default_value = "http://127.0.0.1:4566")]
    pub endpoint: String,
    /// Print JSON, for programs.
    #[arg(long)]
    pub json: bool,
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
pub struct LogsArgs {
    #[command(flatten)]
    pub connection: Connection,
    /// The function's name, or a log group such as `/aws/lambda/name`.
    pub function: String,
    /// Keep printing what comes.
    #[arg(long, short)]
    pub follow: bool,
    #[arg(long, env = "AWS_REGION", default_value = "us-east-1")]
    pub region: String,
    #[arg(long, default_value = "000000000000")]
    pub account: String,
}

/// Where a platform's state is.
#[derive(Args, Clone, Debug, Default)]
pub struct PlaceArgs {
    /// The folder that holds everything: ./.updraft unless said otherwise.
    #[arg(long, env = "UPDRAFT_DATA")]
    pub data: Option<PathBuf>,
    /// Where rows are kept: `fjall` (in the data folder, the default), `redb` (the same, if built in), `memory`, or the
    /// URL of a PostgreSQL database that several nodes share: `postgres://USER@HOST/DATABASE?sslmode=require`.
    #[arg(long, env = "UPDRAFT_STORE", hide_env_values = true)]
    pub store: Option<String>,
    /// Where large bodies are kept: a folder (in the data folder unless said otherwise), or
    /// `s3://BUCKET/PREFIX?endpoint=URL&region=REGION` with credentials in AWS_… variables. Nodes on one store share it.
    #[arg(long, env = "UPDRAFT_BLOBS")]
    pub blobs: Option<String>,
    /// A TOML file with these settings.
    #[arg(long, env = "UPDRAFT_CONFIG")]
    pub config: Option<PathBuf>,
}

/// Where the platform runs and keeps what it knows.
#[derive(Args, Clone, Debug, Default)]
pub struct StartArgs {
    /// Address and port to serve: 127.0.0.1:4566 unless said otherwise. Only loopback addresses, for now.
    #[arg(long, env = "UPDRAFT_LISTEN")]
    pub listen: Option<SocketAddr>,
    #[command(flatten)]
    pub places: PlaceArgs,
    /// What this node is called among others on one store: the host's name and port unless said otherwise.
    #[arg(long, env = "UPDRAFT_NODE_NAME")]
    pub node_name: Option<String>,
    /// Keep everything in memory, and lose it at the end.
    #[arg(long, env = "UPDRAFT_EPHEMERAL", value_parser = BoolishValueParser::new())]
    pub ephemeral: bool,
    /// The Python interpreter for Python functions.
    #[arg(long, env = "UPDRAFT_PYTHON")]
    pub python: Option<PathBuf>,
    /// A folder with boto3 in it, for functions that don't bring their own.
    #[arg(long, env = "UPDRAFT_PYTHON_SDK")]
    pub python_sdk: Option<PathBuf>,
    /// The Node.js program for JavaScript functions.
    #[arg(long, env = "UPDRAFT_NODE")]
    pub node: Option<PathBuf>,
    /// A node_modules folder with @aws-sdk in it, or the folder above, for functions that don't bring their own.
    #[arg(long, env = "UPDRAFT_NODE_SDK")]
    pub node_sdk: Option<PathBuf>,
    /// Run functions even where this machine can't isolate them fully.
    #[arg(long, env = "UPDRAFT_ALLOW_WEAK_SANDBOX", value_parser = BoolishValueParser::new())]
    pub allow_weak_sandbox: bool,
    /// A folder that stands for a file system of functions: `ARN=FOLDER`, the ARN of an access point of EFS. May be said
    /// several times, or with commas in between.
    #[arg(long = "file-system", env = "UPDRAFT_FILE_SYSTEMS", value_name = "ARN=FOLDER", value_delimiter = ',')]
    pub file_systems: Vec<String>,
    /// What to log: error, warn, info, debug, or a filter such as `updraft_exec=debug`.
    #[arg(long, env = "UPDRAFT_LOG")]
    pub log: Option<String>,
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

/// Where a snapshot is to go: named as for `start`.
#[derive(Args, Clone, Debug)]
pub struct RestoreArgs {
    /// The snapshot.
    pub file: PathBuf,
    #[command(flatten)]
    pub places: PlaceArgs,
}

#[derive(Args, Clone, Debug)]
pub struct QuickstartArgs {
    #[command(flatten)]
    pub start: StartArgs,
    /// Stop after the walk instead of staying up.
    #[arg(long)]
    pub once: bool,
}

#[derive(Clone, Debug, Subcommand)]
pub enum RuntimesAction {
    /// Fetch the AWS SDKs that AWS's runtimes ship (boto3, @aws-sdk) through pip and npm, into the user's cache.
    Install {
        /// `python`, `node`, or both when left out.
        language: Option<String>,
    },
    /// Show which interpreters and SDKs were found.
    List,
}
