//! What is done with functions.

use std::path::PathBuf;

use clap::Args;

use super::Connection;
use crate::aws::{Aws, Credentials};
use crate::failure::Usage;

/// How to call a running platform as an AWS client does: with the credentials of `AWS_ACCESS_KEY_ID`,
/// `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, or test/test.
#[derive(Args, Clone, Debug)]
pub struct CallArgs {
    #[command(flatten)]
    pub connection: Connection,
    /// The region: that of `AWS_REGION` or `AWS_DEFAULT_REGION`, else us-east-1.
    #[arg(long)]
    pub region: Option<String>,
}

impl CallArgs {
    /// # Errors
    /// If the environment has half of a caller's credentials.
    pub fn aws(&self) -> Result<Aws, Usage> {
        let credentials = Credentials::of_environment(self.region.as_deref())?;
        Ok(Aws::new(&self.connection.endpoint, credentials))
    }
}

/// What a function is called with.
#[derive(Args, Clone, Debug, Default)]
pub struct PayloadArgs {
    /// The event, as JSON; `-` reads it from standard input. Nothing is the same as `{}`.
    #[arg(long, short, value_name = "JSON", allow_hyphen_values = true, conflicts_with = "payload_file")]
    pub payload: Option<String>,
    /// A file with the event.
    #[arg(long, value_name = "FILE")]
    pub payload_file: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub struct InvokeArgs {
    #[command(flatten)]
    pub call: CallArgs,
    /// The function's name or ARN.
    pub function: String,
    #[command(flatten)]
    pub payload: PayloadArgs,
    /// `-`: the event comes from standard input.
    #[arg(value_name = "-", value_parser = ["-"], hide_possible_values = true, conflicts_with_all = ["payload", "payload_file"])]
    pub stdin: Option<String>,
    /// A version's number or an alias.
    #[arg(long, short)]
    pub qualifier: Option<String>,
    /// Don't wait: hand the event over, to be carried out later.
    #[arg(long, conflicts_with_all = ["stream", "log"])]
    pub event: bool,
    /// Print the answer as it comes, from a function that streams it.
    #[arg(long)]
    pub stream: bool,
    /// Show what the function printed, up to the last 4 KiB.
    #[arg(long, short)]
    pub log: bool,
}

#[derive(Args, Clone, Debug)]
pub struct TuneArgs {
    #[command(flatten)]
    pub call: CallArgs,
    /// The function's name or ARN.
    pub function: String,
    #[command(flatten)]
    pub payload: PayloadArgs,
    /// The memory sizes to try, in MB.
    #[arg(long, value_name = "MB", value_delimiter = ',', default_value = "128,256,512,1024,1769,3008",
        value_parser = clap::value_parser!(u32).range(128..=10_240))]
    pub memory: Vec<u32>,
    /// How many calls of each size count; two more come before them and don't.
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub runs: u32,
    /// Draw the result into this file, as SVG.
    #[arg(long, value_name = "FILE.svg")]
    pub chart: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub struct DevArgs {
    #[command(flatten)]
    pub call: CallArgs,
    /// The folder with the function's code, as it is to be packed.
    pub folder: PathBuf,
    /// The function's name: the folder's, unless said otherwise.
    #[arg(long)]
    pub name: Option<String>,
    /// Such as `app.handler` for the function `handler` in `app.py`. Looked for, unless said otherwise.
    #[arg(long, value_name = "FILE.NAME")]
    pub handler: Option<String>,
    /// Such as `python3.13` or `nodejs22.x`. Seen by the files, unless said otherwise.
    #[arg(long)]
    pub runtime: Option<String>,
    /// Of a function that isn't there yet: 512 MB, unless said otherwise.
    #[arg(long, value_name = "MB")]
    pub memory: Option<u32>,
    /// Of a function that isn't there yet: 30 seconds, unless said otherwise.
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<u32>,
    /// A variable of the function's environment. May be said several times; then these are all it has.
    #[arg(long = "env", short, value_name = "NAME=VALUE", value_parser = pair)]
    pub env: Vec<(String, String)>,
    /// Let a debugger in at this port of the machine's loopback: 5678 for Python and 9229 for Node, unless said otherwise.
    /// The function has one instance and all the time it takes meanwhile.
    #[arg(long, value_name = "PORT", num_args = 0..=1, require_equals = true, default_missing_value = "0")]
    pub debug: Option<u16>,
    /// Load nothing of the function before a debugger has attached.
    #[arg(long, requires = "debug")]
    pub wait: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    pair.map(|(name, value)| (name.to_owned(), value.to_owned())).ok_or_else(|| "write it as NAME=VALUE".to_owned())
}

#[derive(Args, Clone, Debug)]
pub struct LogsArgs {
    #[command(flatten)]
    pub call: CallArgs,
    /// The function's name, or a log group such as `/aws/lambda/name`.
    pub function: String,
    /// Keep printing what comes.
    #[arg(long, short)]
    pub follow: bool,
    /// Only what is younger than this, such as `90s`, `10m`, `2h`, or was printed after `2030-01-01T00:00:00Z`: by the
    /// platform's clock.
    #[arg(long, short)]
    pub since: Option<String>,
    /// Only messages with this text in them; a stack trace is one message.
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// The account whose function it is: that of the credentials, unless said otherwise.
    #[arg(long)]
    pub account: Option<String>,
}
