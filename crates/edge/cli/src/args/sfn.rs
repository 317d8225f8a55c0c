//! What is done with state machines.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::endpoint;

#[derive(Clone, Debug, Subcommand)]
pub enum SfnAction {
    /// Execute a definition, show how it goes, and draw it at the end.
    Run(Box<SfnRunArgs>),
}

#[derive(Args, Clone, Debug)]
pub struct SfnRunArgs {
    /// A file with the definition.
    pub definition: PathBuf,
    /// The input, as JSON; `-` reads it from standard input. Nothing is the same as `{}`.
    #[arg(long, short, value_name = "JSON", allow_hyphen_values = true, conflicts_with = "input_file")]
    pub input: Option<String>,
    /// A file with the input.
    #[arg(long, value_name = "FILE")]
    pub input_file: Option<PathBuf>,
    /// A running platform to execute it on. Without it, one is started for it, and forgotten.
    #[arg(long, value_name = "URL", value_parser = endpoint)]
    pub endpoint: Option<String>,
    /// A file of mocks (as Step Functions Local reads it) that answer in place of services.
    #[arg(long, value_name = "FILE", conflicts_with = "endpoint")]
    pub mocks: Option<PathBuf>,
    /// Which test case of the mocks, where there are several.
    #[arg(long, value_name = "NAME", requires = "mocks")]
    pub case: Option<String>,
    /// The region: that of `AWS_REGION` or `AWS_DEFAULT_REGION`, else us-east-1.
    #[arg(long)]
    pub region: Option<String>,
    /// Print JSON, for programs.
    #[arg(long)]
    pub json: bool,
}
