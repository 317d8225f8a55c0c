//! Settings: a flag wins over `UPDRAFT_…`, which wins over the config file, which wins over the default. Read once.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use updraft_cli::StartArgs;
use updraft_network::Policy;

use crate::network::{self, Places};
use crate::places::{self, BlobPlace, StorePlace};

/// Everything that can be set, resolved.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) listen: SocketAddr,
    /// As those reach the platform who read what it sends.
    pub(crate) public_url: Option<String>,
    /// `None`: memory only.
    pub(crate) data: Option<PathBuf>,
    pub(crate) store: StorePlace,
    pub(crate) blobs: BlobPlace,
    pub(crate) node_name: Option<String>,
    pub(crate) python: Option<PathBuf>,
    pub(crate) python_sdk: Option<PathBuf>,
    pub(crate) node: Option<PathBuf>,
    pub(crate) node_sdk: Option<PathBuf>,
    pub(crate) java: Option<PathBuf>,
    pub(crate) java_client: Option<PathBuf>,
    pub(crate) allow_weak_sandbox: bool,
    pub(crate) no_wasm: bool,
    /// Whether functions may be debugged.
    pub(crate) allow_debug: bool,
    /// Whether calls of the API are told as events.
    pub(crate) api_events: bool,
    /// Whether services need a statement of the policies of what they send to.
    pub(crate) strict_policies: bool,
    /// The mocks of state machines.
    pub(crate) sfn_mock_config: Option<PathBuf>,
    pub(crate) debugpy: Option<PathBuf>,
    /// The host's folder behind each access point of a file system, by its ARN.
    pub(crate) file_systems: BTreeMap<String, PathBuf>,
    /// What of the machine's memory isn't for instances, in bytes.
    pub(crate) memory_reserve: Option<u64>,
    /// How many instances are prepared at most for one kind of function.
    pub(crate) prepared_most: Option<usize>,
    /// What functions reach beyond the platform.
    pub(crate) function_network: Policy,
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
    public_url: Option<String>,
    data: Option<PathBuf>,
    store: Option<String>,
    blobs: Option<String>,
    node_name: Option<String>,
    ephemeral: Option<bool>,
    python: Option<PathBuf>,
    python_sdk: Option<PathBuf>,
    node: Option<PathBuf>,
    node_sdk: Option<PathBuf>,
    java: Option<PathBuf>,
    java_client: Option<PathBuf>,
    allow_weak_sandbox: Option<bool>,
    no_wasm: Option<bool>,
    allow_debug: Option<bool>,
    api_events: Option<bool>,
    strict_policies: Option<bool>,
    sfn_mock_config: Option<PathBuf>,
    debugpy: Option<PathBuf>,
    #[serde(default)]
    file_systems: BTreeMap<String, PathBuf>,
    memory_reserve: Option<u32>,
    prepared_most: Option<usize>,
    function_network: Option<String>,
    #[serde(default)]
    function_network_allow: BTreeMap<String, Places>,
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
            public_url: args.public_url.clone().or(file.public_url).map(|url| public_url(&url)).transpose()?,
            store,
            blobs: BlobPlace::resolve(args.places.blobs.clone().or(file.blobs)),
            node_name: args.node_name.clone().or(file.node_name),
            data: (!ephemeral).then_some(data),
            python: args.python.clone().or(file.python),
            python_sdk: args.python_sdk.clone().or(file.python_sdk),
            node: args.node.clone().or(file.node),
            node_sdk: args.node_sdk.clone().or(file.node_sdk),
            java: args.java.clone().or(file.java),
            java_client: args.java_client.clone().or(file.java_client),
            allow_weak_sandbox: args.allow_weak_sandbox || file.allow_weak_sandbox.unwrap_or(false),
            no_wasm: args.no_wasm || file.no_wasm.unwrap_or(false),
            allow_debug: args.allow_debug || file.allow_debug.unwrap_or(false),
            api_events: args.api_events || file.api_events.unwrap_or(false),
            strict_policies: args.strict_policies || file.strict_policies.unwrap_or(false),
            sfn_mock_config: args.sfn_mock_config.clone().or(file.sfn_mock_config),
            debugpy: args.debugpy.clone().or(file.debugpy),
            memory_reserve: args.memory_reserve.or(file.memory_reserve).map(|mb| u64::from(mb) << 20),
            prepared_most: args.prepared_most.or(file.prepared_most),
            function_network: network::policy(args, file.function_network, file.function_network_allow, listen)?,
            file_systems: file_systems(&args.file_systems, file.file_systems)?,
            log: args.log.clone().or(file.log).unwrap_or_else(|| "warn".to_owned()),
            path: variable("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default(),
            home: variable("HOME").map(PathBuf::from),
            aws: places::aws_variables(),
        })
    }
}

/// # Errors
/// If it isn't the beginning of a URL.
fn public_url(url: &str) -> Result<String> {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let host =
        rest.map(|rest| rest.trim_end_matches('/')).filter(|host| !host.is_empty() && !host.contains(['?', '#']));
    host.with_context(|| format!("--public-url {url} is not http://HOST or https://HOST"))?;
    Ok(url.trim_end_matches('/').to_owned())
}

/// What the flags say is added to what the file says, and wins over it.
fn file_systems(flags: &[String], mut folders: BTreeMap<String, PathBuf>) -> Result<BTreeMap<String, PathBuf>> {
    for flag in flags {
        let (arn, folder) = flag.split_once('=').with_context(|| format!("--file-system {flag} is not ARN=FOLDER"))?;
        folders.insert(arn.to_owned(), PathBuf::from(folder));
    }
    folders.into_iter().map(|(arn, folder)| absolute(&folder).map(|folder| (arn, folder))).collect()
}

/// # Errors
/// If it isn't a folder: a function would find out later.
fn absolute(folder: &Path) -> Result<PathBuf> {
    let whole = std::path::absolute(folder).ok().filter(|whole| whole.is_dir());
    whole.with_context(|| format!("the file system {} is not a folder", folder.display()))
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
        let public =
            |url| Config::merge(&args(&["--public-url", url]), File::default()).map(|config| config.public_url);
        assert_eq!(public("https://cloud.example.com/").unwrap().as_deref(), Some("https://cloud.example.com"));
        assert!(public("cloud.example.com").is_err() && public("http://").is_err());
    }

    #[test]
    fn a_reserve_of_memory_is_in_megabytes() {
        let file = || toml::from_str::<File>("memory-reserve = 2").unwrap();
        let reserve = |words: &[&str], file| Config::merge(&args(words), file).unwrap().memory_reserve;
        assert_eq!(reserve(&["--memory-reserve", "1"], file()), Some(1 << 20));
        assert_eq!(reserve(&[], file()), Some(2 << 20));
        assert_eq!(reserve(&[], File::default()), None);
    }

    #[test]
    fn folders_stand_for_file_systems() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().display();
        let file = || toml::from_str::<File>(&format!("[file-systems]\n'arn:one' = '{path}'")).unwrap();
        let merged = Config::merge(&args(&["--file-system", &format!("arn:two={path}")]), file()).unwrap();
        let arns: Vec<_> = merged.file_systems.keys().map(String::as_str).collect();
        assert_eq!(arns, ["arn:one", "arn:two"]);
        for wrong in [format!("arn:two{path}"), format!("arn:two={path}/none")] {
            assert!(Config::merge(&args(&["--file-system", &wrong]), File::default()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn unknown_keys_are_refused() {
        assert!(toml::from_str::<File>("lisen = '127.0.0.1:1'").is_err());
    }
}
