//! Runs Python functions on the interpreters that the host has, with a runtime client of our own.
//!
//! It must never know pools or the Runtime API's server. Start reading at [`Python`], then `client/awslambdaric/bootstrap.py`.

mod debugger;
mod find;
mod interpreter;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use updraft_exec::{Ahead, Availability, By, DebugWay, Launch, LaunchError, ReadOnly, Runtime, Unpacked, programs};
use updraft_kernel::ports::FunctionSpec;

use crate::find::{Candidate, candidates, closest};
use crate::interpreter::Interpreter;

const NAMES: [&str; 7] =
    ["python3.8", "python3.9", "python3.10", "python3.11", "python3.12", "python3.13", "python3.14"];
const SDK_INSIDE: &str = "/var/lang/sdk";

/// Where to look for interpreters and for the AWS SDK. The binary fills it in.
#[derive(Clone, Debug, Default)]
pub struct PythonConfig {
    /// Interpreters named by the user; they come first.
    pub interpreters: Vec<PathBuf>,
    /// The folders of `PATH`.
    pub path: Vec<PathBuf>,
    /// Whose `.pyenv/versions` is looked through.
    pub home: Option<PathBuf>,
    /// A folder with `boto3` in it, which functions see after their own packages. AWS brings boto3 along.
    pub sdk: Option<PathBuf>,
    /// A folder with `debugpy` in it, for functions that are debugged and don't bring their own.
    pub debugpy: Option<PathBuf>,
}

/// The runtimes `python3.8` to `python3.14`.
pub struct Python {
    sdk: Option<PathBuf>,
    debugpy: Option<PathBuf>,
    candidates: Vec<Candidate>,
    /// By path; `None` for what turned out not to work.
    probed: Mutex<HashMap<PathBuf, Option<Arc<Interpreter>>>>,
}

impl Python {
    /// Looks for interpreters; none is run yet.
    #[must_use]
    pub fn new(config: PythonConfig) -> Self {
        let candidates = candidates(&config);
        Self { sdk: config.sdk, debugpy: config.debugpy, candidates, probed: Mutex::default() }
    }

    /// What a sandbox must show so that scripts can run the interpreter that `name` gets.
    #[must_use]
    pub fn tools(&self, name: &str) -> Vec<ReadOnly> {
        let found = self.interpreter(name);
        found.and_then(|interpreter| programs::prefix_bind(&interpreter.prefix)).into_iter().collect()
    }

    /// The interpreter for a runtime name: the same minor version, else the next newer, else the next older one.
    fn interpreter(&self, name: &str) -> Option<Arc<Interpreter>> {
        let wanted = minor(name)?;
        closest(&self.candidates, wanted).into_iter().find_map(|candidate| self.probe(&candidate.program))
    }

    fn probe(&self, program: &Path) -> Option<Arc<Interpreter>> {
        let mut probed = self.probed.lock().unwrap_or_else(PoisonError::into_inner);
        let known = probed.entry(program.to_owned()).or_insert_with(|| match Interpreter::probe(program) {
            Ok(interpreter) => Some(Arc::new(interpreter)),
            Err(error) => {
                tracing::warn!(program = %program.display(), %error, "an interpreter does not work");
                None
            }
        });
        known.clone()
    }
}

impl fmt::Debug for Python {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Python").field("candidates", &self.candidates).field("sdk", &self.sdk).finish_non_exhaustive()
    }
}

impl Runtime for Python {
    fn names(&self) -> &'static [&'static str] {
        &NAMES
    }

    fn availability(&self, name: &str) -> Availability {
        match self.interpreter(name) {
            Some(found) => Availability::Ready { version: found.version.clone(), note: note(name, &found) },
            None => Availability::Missing(missing()),
        }
    }

    fn prepare(&self, spec: &FunctionSpec, _from: &Unpacked) -> Result<Launch, LaunchError> {
        self.prepare_any(spec)
    }

    fn expect(&self, spec: &FunctionSpec) -> Option<Launch> {
        self.prepare_any(spec).ok()
    }

    fn debug_port(&self) -> Option<u16> {
        Some(5678)
    }

    fn prepare_debugged(&self, spec: &FunctionSpec, from: &Unpacked, way: DebugWay) -> Result<Launch, LaunchError> {
        let found = self.found(spec)?;
        let debugpy = match debugger::is_brought(from, &spec.runtime) {
            true => None,
            false => {
                let there = debugger::of_host(self.debugpy.as_deref(), &found);
                Some(there.ok_or_else(|| LaunchError::Unavailable(debugger::missing(&found)))?)
            }
        };
        Ok(debugger::opened(self.launch(spec, &found), way, found.minor, debugpy))
    }
}

impl Python {
    fn prepare_any(&self, spec: &FunctionSpec) -> Result<Launch, LaunchError> {
        let found = self.found(spec)?;
        Ok(self.launch(spec, &found))
    }

    fn found(&self, spec: &FunctionSpec) -> Result<Arc<Interpreter>, LaunchError> {
        self.interpreter(&spec.runtime).ok_or_else(|| LaunchError::Unavailable(missing()))
    }

    fn launch(&self, spec: &FunctionSpec, found: &Interpreter) -> Launch {
        let own = spec.environment.keys().any(|name| is_read_at_start(name));
        let argv = |flags: &[&str], script: &str| -> Vec<String> {
            let program = found.program.to_string_lossy();
            std::iter::once(&*program).chain(flags.iter().copied()).chain([script]).map(str::to_owned).collect()
        };
        let sdk = self.sdk.iter().map(|host| ReadOnly { host: host.clone(), inside: SDK_INSIDE.into() });
        let zygote = found.zygote.as_ref().filter(|_| !own).map(|files| Ahead::Zygote {
            argv: argv(&ISOLATED, "/var/zygote/main.pyc"),
            env: BTreeMap::new(),
            files: files.clone(),
        });
        Launch {
            argv: argv(if own { &LISTENING } else { &ISOLATED }, "/var/runtime/bootstrap.pyc"),
            binds: programs::prefix_bind(&found.prefix).into_iter().chain(sdk).collect(),
            files: found.client.clone(),
            version: format!("python:{}", found.version),
            note: note(&spec.runtime, found),
            ahead: zygote.unwrap_or_default(),
            // A wrapper need not hand descriptors on.
            by: if spec.environment.contains_key("AWS_LAMBDA_EXEC_WRAPPER") { By::Api } else { By::Pipes },
            ..Launch::default()
        }
    }
}

/// Without `site`, and isolated: nothing of the host's configuration is read, and it costs no time.
const ISOLATED: [&str; 4] = ["-I", "-S", "-X", "utf8"];
/// As far as a function lets it be that sets variables for the interpreter. AWS: they count.
const LISTENING: [&str; 4] = ["-s", "-S", "-X", "utf8"];

/// What an interpreter or its loader looks at once, when it starts: a function that sets it must have one of its own.
fn is_read_at_start(name: &str) -> bool {
    let harmless = matches!(name, "PYTHONPATH" | "PYTHONUNBUFFERED");
    let starts = ["PYTHON", "LD_", "GLIBC_", "MALLOC_", "OPENSSL_", "SSL_"];
    name == "AWS_LAMBDA_EXEC_WRAPPER" || !harmless && starts.iter().any(|start| name.starts_with(start))
}

/// `python3.12` is 12.
fn minor(name: &str) -> Option<u32> {
    name.strip_prefix("python3.")?.parse().ok()
}

fn missing() -> String {
    "no Python interpreter was found: install one (on Debian: apt-get install python3), or name one in the \
     configuration under runtimes.python.interpreters"
        .to_owned()
}

fn note(name: &str, found: &Interpreter) -> Option<String> {
    let same = minor(name) == Some(found.minor);
    (!same).then(|| format!("{name} was asked for, Python {} runs it: no closer one is installed", found.version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_version() {
        assert!(NAMES.iter().all(|name| minor(name).is_some()));
        assert_eq!(minor("python3.12"), Some(12));
        assert_eq!(minor("nodejs20.x"), None);
    }

    #[test]
    fn a_host_without_python_says_what_to_install() {
        let python = Python::new(PythonConfig::default());
        let Availability::Missing(said) = python.availability("python3.12") else { panic!("there is none") };
        assert!(said.contains("apt-get install python3"), "{said}");
    }

    #[test]
    fn the_client_is_compiled_for_the_interpreter() {
        let path = vec![PathBuf::from("/usr/bin")];
        let python = Python::new(PythonConfig { path, ..PythonConfig::default() });
        let found = python.interpreter("python3.12").expect("these tests need a Python in /usr/bin");
        assert!(found.client.iter().any(|file| file.name == "awslambdaric/bootstrap.pyc" && file.content.len() > 1000));
        assert!(found.version.starts_with("3."));
    }
}
