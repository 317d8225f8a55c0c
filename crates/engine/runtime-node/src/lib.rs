//! Runs Node functions on the host's Node, with a runtime client of our own.
//!
//! It must never know pools or the Runtime API's server. Start reading at [`Node`], then `client/index.cjs`.

mod client;
mod find;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use updraft_exec::{Ahead, Availability, By, DebugWay, Launch, LaunchError, ReadOnly, Runtime, Unpacked, programs};
use updraft_kernel::ports::FunctionSpec;

use crate::find::{Found, closest, installed};

const NAMES: [&str; 4] = ["nodejs18.x", "nodejs20.x", "nodejs22.x", "nodejs24.x"];
/// Found by `require` and `import` alike after the function's own folders, from anywhere below /var/task. Only
/// `require` looks into NODE_PATH.
const FOUND: [&str; 2] = ["/var/node_modules", "/node_modules"];
/// Where there is no room for it among those: found by `require` alone.
const SDK_ELSEWHERE: &str = "/var/runtime/node_modules";

/// Where to look for Node and for the AWS SDK. The binary fills it in.
#[derive(Clone, Debug, Default)]
pub struct NodeConfig {
    /// Programs named by the user; they come first.
    pub interpreters: Vec<PathBuf>,
    /// The folders of `PATH`.
    pub path: Vec<PathBuf>,
    /// Whose `.nvm/versions/node` is looked through.
    pub home: Option<PathBuf>,
    /// A `node_modules` folder (with `@aws-sdk` in it), which functions see after their own. AWS brings its SDK along.
    pub sdk: Option<PathBuf>,
}

/// The runtimes `nodejs18.x` to `nodejs24.x`.
#[derive(Debug)]
pub struct Node {
    config: NodeConfig,
    found: OnceLock<Vec<Found>>,
}

impl Node {
    /// Nothing is looked for before it is needed: asking a Node for its version takes long.
    #[must_use]
    pub fn new(config: NodeConfig) -> Self {
        Self { config, found: OnceLock::new() }
    }

    fn node(&self, name: &str) -> Option<&Found> {
        closest(self.found.get_or_init(|| installed(&self.config)), major(name)?)
    }
}

impl Runtime for Node {
    fn names(&self) -> &'static [&'static str] {
        &NAMES
    }

    fn availability(&self, name: &str) -> Availability {
        match self.node(name) {
            Some(found) => Availability::Ready { version: found.version.clone(), note: note(name, found) },
            None => Availability::Missing(missing()),
        }
    }

    fn prepare(&self, spec: &FunctionSpec, from: &Unpacked) -> Result<Launch, LaunchError> {
        self.launch(spec, layer_folders(&spec.runtime, from))
    }

    fn expect(&self, spec: &FunctionSpec) -> Option<Launch> {
        // What is in them has to be looked at.
        if spec.layers.is_empty() { self.launch(spec, Vec::new()).ok() } else { None }
    }

    fn debug_port(&self) -> Option<u16> {
        Some(9229)
    }

    fn prepare_debugged(&self, spec: &FunctionSpec, from: &Unpacked, way: DebugWay) -> Result<Launch, LaunchError> {
        self.prepare(spec, from).map(|launch| inspected(launch, way))
    }
}

impl Node {
    /// `layers`: the folders with modules that they bring.
    fn launch(&self, spec: &FunctionSpec, layers: Vec<PathBuf>) -> Result<Launch, LaunchError> {
        let found = self.node(&spec.runtime).ok_or_else(|| LaunchError::Unavailable(missing()))?;
        // V8 would size its heap by the host's memory and be killed at the function's limit.
        let heap = format!("--max-old-space-size={}", u64::from(spec.memory_mb) * 85 / 100);
        let sdk_inside = FOUND.get(layers.len()).unwrap_or(&SDK_ELSEWHERE);
        let sdk = self.config.sdk.iter();
        let sdk = sdk.map(|host| ReadOnly { host: host.clone(), inside: sdk_inside.into() });
        let argv: Vec<_> =
            [&*found.program.to_string_lossy(), &heap, "/var/runtime/index.cjs"].map(str::to_owned).into();
        let own = spec.environment.keys().any(|name| is_read_at_start(name));
        let waiting = argv.iter().cloned().chain(["--ahead".to_owned()]).collect();
        Ok(Launch {
            ahead: if own { Ahead::Nothing } else { Ahead::Worker { argv: waiting, env: BTreeMap::new() } },
            by: if own { By::Api } else { By::Pipes },
            links: FOUND.iter().zip(layers).map(|(path, layer)| (path.into(), layer)).collect(),
            argv,
            env: BTreeMap::from([("NODE_PATH".to_owned(), node_path(&spec.runtime))]),
            binds: found.prefix().and_then(programs::prefix_bind).into_iter().chain(sdk).collect(),
            files: client::files(),
            version: format!("nodejs:{}", found.version),
            note: note(&spec.runtime, found),
            ..Launch::default()
        })
    }
}

/// The inspector, which speaks the DevTools protocol.
fn inspected(mut launch: Launch, way: DebugWay) -> Launch {
    let client = launch.argv.pop();
    launch.argv.push(format!("--inspect=127.0.0.1:{}", way.port));
    launch.argv.extend(client);
    launch.argv.extend(way.wait.then(|| "--wait-for-debugger".to_owned()));
    (launch.ahead, launch.by) = (Ahead::Nothing, By::Api);
    launch
}

/// What Node or its loader looks at once, when it starts: a function that sets it must have a Node of its own.
fn is_read_at_start(name: &str) -> bool {
    let harmless = matches!(name, "NODE_PATH" | "NODE_ENV");
    let starts = ["NODE_", "UV_", "LD_", "GLIBC_", "MALLOC_", "OPENSSL_", "SSL_"];
    name == "AWS_LAMBDA_EXEC_WRAPPER" || !harmless && starts.iter().any(|start| name.starts_with(start))
}

/// `nodejs20.x` is 20.
fn major(name: &str) -> Option<u32> {
    name.strip_prefix("nodejs")?.strip_suffix(".x")?.parse().ok()
}

fn node_path(name: &str) -> String {
    let major = major(name).unwrap_or_default();
    format!(
        "/opt/nodejs/node{major}/node_modules:/opt/nodejs/node_modules:/var/runtime/node_modules:/var/runtime:/var/task"
    )
}

/// The folders with modules that layers bring, as they are seen inside. AWS: both kinds of modules are found there.
fn layer_folders(name: &str, from: &Unpacked) -> Vec<PathBuf> {
    let major = major(name).unwrap_or_default();
    let folders = [format!("nodejs/node{major}/node_modules"), "nodejs/node_modules".to_owned()];
    let layers = from.layers.iter();
    let there = layers.flat_map(|layers| folders.iter().filter(|folder| layers.join(folder).is_dir()));
    there.map(|folder| PathBuf::from("/opt").join(folder)).collect()
}

fn missing() -> String {
    "no Node was found: install one (on Debian: apt-get install nodejs), or name one in the configuration under \
     runtimes.node.interpreters"
        .to_owned()
}

fn note(name: &str, found: &Found) -> Option<String> {
    let same = major(name) == Some(found.major);
    (!same).then(|| format!("{name} was asked for, Node {} runs it: no closer one is installed", found.version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_version() {
        assert!(NAMES.iter().all(|name| major(name).is_some()));
        assert!(node_path("nodejs22.x").starts_with("/opt/nodejs/node22/node_modules:"));
    }

    #[test]
    fn a_debugger_is_let_in_before_the_client_runs() {
        let argv: Vec<_> = ["node", "--max", "index.cjs"].map(str::to_owned).into();
        let launch = inspected(Launch { argv, ..Launch::default() }, DebugWay { port: 9229, wait: true });
        assert_eq!(launch.argv, ["node", "--max", "--inspect=127.0.0.1:9229", "index.cjs", "--wait-for-debugger"]);
    }

    #[test]
    fn a_host_without_node_says_what_to_install() {
        let node = Node::new(NodeConfig::default());
        let Availability::Missing(said) = node.availability("nodejs20.x") else { panic!("there is none") };
        assert!(said.contains("apt-get install nodejs"), "{said}");
    }
}
