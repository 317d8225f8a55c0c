//! What a language brings: which runtime names it serves, and what a sandbox needs to run them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use updraft_kernel::ports::FunctionSpec;

use crate::debug::DebugWay;
use crate::resident::Lodger;

/// Can functions of this runtime run on this host?
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Availability {
    /// Yes. `note` says what differs from AWS, where something does.
    Ready { version: String, note: Option<String> },
    /// No: a sentence saying what to install.
    Missing(String),
}

/// A folder or file of the host, seen read-only at the same or another path inside.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReadOnly {
    pub host: PathBuf,
    pub inside: PathBuf,
}

impl ReadOnly {
    /// Seen inside at the path it has on the host.
    #[must_use]
    pub fn same(path: impl Into<PathBuf>) -> Self {
        let host = path.into();
        Self { inside: host.clone(), host }
    }
}

/// A function's files on the host, unpacked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpacked {
    /// The package: `/var/task`.
    pub code: Arc<Path>,
    /// All layers together: `/opt`.
    pub layers: Option<Arc<Path>>,
}

impl Unpacked {
    /// The first file of this name that there is, on the host and inside. AWS: a package's own comes before a layer's.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<(PathBuf, String)> {
        let layers = self.layers.iter().map(|layers| (layers, "/opt"));
        let places = [(&self.code, "/var/task")].into_iter().chain(layers);
        places.map(|(folder, inside)| (folder.join(name), format!("{inside}/{name}"))).find(|(host, _)| host.exists())
    }
}

/// A file that the runtime ships; it appears in `/var/runtime`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuntimeFile {
    /// Its path below that folder.
    pub name: Cow<'static, str>,
    pub content: Bytes,
}

/// What can be there of an instance before it is known what for, besides its sandbox. Functions of the same runtime that
/// are to share it must be given equal ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Ahead {
    /// Nothing: the program is run when the function is known.
    #[default]
    Nothing,
    /// A program that waits on its seat (descriptor 3) to be told its function: four bytes of length, lowest first, and
    /// JSON, `{"env": {name: value}}`. It then reads a byte from its gate (descriptor 4), and only then may load code. Its
    /// client has pipes: see [`By::Pipes`].
    Worker { argv: Vec<String>, env: BTreeMap<String, String> },
    /// A program that forks itself into sandboxes; its forks wait as workers do. `files` are its own, at these paths.
    Zygote { argv: Vec<String>, env: BTreeMap<String, String>, files: Vec<(PathBuf, Vec<u8>)> },
}

/// How a runtime's client hears of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    /// By the Runtime API.
    #[default]
    Api,
    /// Through two pipes (see `api/pipes.rs`). Programs read from descriptor 5 and write to 6; forks are given both with what
    /// they are told. Not only workers and forks have a seat then: if `--seated` is its last argument, the program finds
    /// one, and a gate, as a worker does; its environment is its own already.
    Pipes,
}

/// How one function of this runtime is started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Launch {
    /// The program, by its path inside, and its arguments.
    pub argv: Vec<String>,
    /// What is set besides what every function has.
    pub env: BTreeMap<String, String>,
    /// Folders that `PATH` ends with.
    pub path: Vec<String>,
    /// What is seen besides the system's libraries, `/var/task` and `/var/runtime`.
    pub binds: Vec<ReadOnly>,
    pub files: Vec<RuntimeFile>,
    /// Links inside: where each is, and what it points to.
    pub links: Vec<(PathBuf, PathBuf)>,
    /// As in `INIT_START Runtime Version: …`.
    pub version: String,
    /// What differs from AWS: the first line of each log stream says it.
    pub note: Option<String>,
    pub ahead: Ahead,
    pub by: By,
    /// In place of a program in a sandbox: of what is above, only `env`, `version` and `note` are looked at then.
    pub resident: Option<Lodger>,
}

/// Why a function can't be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LaunchError {
    /// The host lacks something; the sentence says what to do.
    Unavailable(String),
    /// The package is at fault: AWS answers the invocation with this error.
    Init { kind: &'static str, message: String },
}

/// One language.
pub trait Runtime: Send + Sync + fmt::Debug {
    /// The names it serves, such as `python3.12`.
    fn names(&self) -> &'static [&'static str];

    fn availability(&self, name: &str) -> Availability;

    /// What a sandbox needs to run this function. Takes long when it is asked first, where programs of the host have to be
    /// tried.
    ///
    /// # Errors
    /// Where the host or the package lacks what is needed.
    fn prepare(&self, spec: &FunctionSpec, from: &Unpacked) -> Result<Launch, LaunchError>;

    /// As [`Self::prepare`], as far as it goes by what is configured: of a function whose code nobody has looked at yet. What
    /// it says of what can be there ahead is what [`Self::prepare`] will say. `None`: that depends on the code.
    fn expect(&self, _spec: &FunctionSpec) -> Option<Launch> {
        None
    }

    /// Where debuggers of the language look first. `None`: there is none for it.
    fn debug_port(&self) -> Option<u16> {
        None
    }

    /// As [`Self::prepare`], with a debugger's port open inside. Nothing is there of it ahead.
    ///
    /// # Errors
    /// As well where the debugger is missing.
    fn prepare_debugged(&self, spec: &FunctionSpec, _from: &Unpacked, _way: DebugWay) -> Result<Launch, LaunchError> {
        Err(LaunchError::Unavailable(format!("there is no debugger for {}", spec.runtime)))
    }
}
