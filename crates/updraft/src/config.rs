//! Settings: a flag wins over `UPDRAFT_…`, which wins over the config file, which wins over the default. Read once.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use updraft_cli::StartArgs;

use crate::places::{self, BlobPlace, StorePlace};

/// Everything that can be set, resolved.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) listen: SocketAddr,
    /// `None`: memory only.
    pub(crate) data: Option<PathBuf>,
    pub(crate) store: StorePlace,
    pub(crate) blobs: BlobPlace,
    pub(crate) node_name: Option<String>,
    pub(crate) python: Option<PathBuf>,
    pub(crate) python_sdk: Option<PathBuf>,
    pub(crate) node: Option<PathBuf>,
    pub(crate) node_sdk: Option<PathBuf>,
    pub(crate) allow_weak_sandbox: bool,
    pub(crate) log: String,
    /// The folders of `PATH`, where interpreters are looked for.
    pub(crate) path: Vec<PathBuf>,
    pub(crate) home: Option<PathBuf>,
    /// The variables that begin with `AWS_`, for an object store.
    pub(crate) aws: Vec<(String, String)>,
}

/// The config file's keys: the flags' names.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    listen: Option<SocketAddr>,
    data: Option<PathBuf>,
    store: Option<String>,
    blobs: Option<String>,
    node_name: Option<String>,
    ephemeral: Option<bool>,
    python: Option<PathBuf>,
    python_sdk: Option<PathBuf>,
    node: Option<PathBuf>,
    node_sdk: Option<PathBuf>,
    allow_weak_sandbox: Option<bool>,
    log: Option<String>,
}

/// The port that AWS tools for local clouds expect.
pub(crate) const PORT: u16 = 4566;
const DATA: &str = "./.updraft";

impl Config {
    /// # Errors
    /// If the config file can't be read or has a key that doesn't exist.
    pub(crate) fn resolve(args: &StartArgs) -> Result<Self> {
        let file = args.places.config.as_deref().map(File::load).transpose()?.unwrap_or_default();
        Self::merge(args, file)
    }

    fn merge(args: &StartArgs, file: File) -> Result<Self> {
        let ephemeral = args.ephemeral || file.ephemeral.unwrap_or(false);
        let store = args.places.store.clone().or(file.store);
        let store = StorePlace::resolve(store.as_deref(), ephemeral)?;
        let ephemeral = store == StorePlace::Memory;
        let data = args.places.data.clone().or(file.data).unwrap_or_else(|| PathBuf::from(DATA));
        let local = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), PORT);
        let listen = args.listen.or(file.listen).unwrap_or(local);
        Ok(Self {
            listen,
            store,
            blobs: BlobPlace::resolve(args.places.blobs.clone().or(file.blobs)),
            node_name: args.node_name.clone().or(file.node_name),
            data: (!ephemeral).then_some(data),
            python: args.python.clone().or(file.python),
            python_sdk: args.python_sdk.clone().or(file.python_sdk),
            node: args.node.clone().or(file.node),
            node_sdk: args.node_sdk.clone().or(file.node_sdk),
            allow_weak_sandbox: args.allow_weak_sandbox || file.allow_weak_sandbox.unwrap_or(false),
            log: args.log.clone().or(file.log).unwrap_or_else(|| "warn".to_owned()),
            path: variable("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default(),
            home: variable("HOME").map(PathBuf::from),
            aws: places::aws_variables(),
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "the binary reads its environment once, here")]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

impl File {
    #[expect(clippy::disallowed_methods, reason = "the binary reads its configuration once, here")]
    fn load(path: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("can't read the config file {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("the config file {} is not right", path.display()))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use updraft_cli::{Cli, Command};

    use super::*;

    fn args(words: &[&str]) -> StartArgs {
        let words = ["updraft", "start"].iter().chain(words);
        match Cli::parse_from(words).command {
            Command::Start(args) => *args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let file = || toml::from_str::<File>("listen = '127.0.0.1:1'\nlog = 'info'").unwrap();
        let merged = Config::merge(&args(&["--listen", "127.0.0.1:2"]), file()).unwrap();
        assert_eq!((merged.listen.port(), merged.log.as_str()), (2, "info"));
        assert_eq!(Config::merge(&args(&[]), file()).unwrap().listen.port(), 1);
        assert_eq!(Config::merge(&args(&[]), File::default()).unwrap().listen.port(), PORT);
    }

    #[test]
    fn unknown_keys_are_refused() {
        assert!(toml::from_str::<File>("lisen = '127.0.0.1:1'").is_err());
    }
}
