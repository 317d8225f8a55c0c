//! What a caller asks for: the shape of one sandbox and the command run in it.

use std::ffi::OsString;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// One host directory or file shown inside the sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bind {
    /// Absolute path on the host. Submounts are included.
    pub source: PathBuf,
    /// Absolute path inside the sandbox; missing parents are created.
    pub target: PathBuf,
    /// Recursively read-only. Writable binds are for callers that give the directory away
    /// (owned by [`SandboxSpec::uid`] or world-writable).
    pub read_only: bool,
}

impl Bind {
    /// A read-only bind of `path` at the same place.
    #[must_use]
    pub fn same(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self { source: path.clone(), target: path, read_only: true }
    }

    /// A read-only bind of `source` at `target`.
    #[must_use]
    pub fn read_only(source: impl Into<PathBuf>, target: impl Into<PathBuf>) -> Self {
        Self { source: source.into(), target: target.into(), read_only: true }
    }
}

/// A symbolic link made inside the sandbox: at `path`, pointing to `to`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symlink {
    /// Absolute path of the link inside the sandbox.
    pub path: PathBuf,
    /// What it points to, as written into the link.
    pub to: PathBuf,
}

/// Hard limits of one sandbox. `None` means "not limited by the sandbox".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Memory of all processes together, with page cache and `/tmp`, in bytes.
    pub memory_bytes: Option<u64>,
    /// Thousandths of a core; 1000 = one core.
    pub cpu_millis: Option<u32>,
    /// Processes and threads together.
    pub pids: Option<u32>,
    /// Open descriptors per process.
    pub nofile: u64,
}

impl Default for Limits {
    /// 128 MiB, one core, 1,024 processes and threads, 1,024 descriptors.
    fn default() -> Self {
        Self { memory_bytes: Some(128 << 20), cpu_millis: Some(1000), pids: Some(1024), nofile: 1024 }
    }
}

/// Everything `build` needs to know about a sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxSpec {
    /// Unique among living sandboxes of this host; names the control groups. `[A-Za-z0-9_.-]{1,64}`.
    pub name: String,
    /// Host name seen inside.
    pub hostname: String,
    /// Host paths shown inside, in order.
    pub binds: Vec<Bind>,
    /// Links made inside, after the binds' parents exist.
    pub symlinks: Vec<Symlink>,
    /// Generated files: absolute path inside and content; mode 0444.
    pub files: Vec<(PathBuf, Vec<u8>)>,
    /// Size of the private `/tmp` in bytes; `/dev/shm` gets the same cap.
    pub tmp_bytes: u64,
    /// Hard limits.
    pub limits: Limits,
    /// Ports on 127.0.0.1 *inside* the sandbox on which the supervisor listens.
    pub listeners: Vec<u16>,
    /// Host uid and gid that the sandbox runs as; one per sandbox keeps neighbours apart. Never 0.
    pub uid: u32,
}

/// The host uid used where the caller gives none: outside every range that Debian hands out.
pub const DEFAULT_UID: u32 = 900_000;

impl SandboxSpec {
    /// A sandbox with the host's system directories (`/usr`, `/lib*`, `/bin`), generated
    /// `/etc/{passwd,group,hosts,resolv.conf,nsswitch.conf}`, 512 MiB of `/tmp` and default limits.
    #[must_use]
    pub fn system(name: impl Into<String>) -> Self {
        crate::host::system_spec(name.into())
    }
}

/// The one command of a sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Program (absolute path inside the sandbox) and arguments.
    pub argv: Vec<OsString>,
    /// The whole environment; nothing is inherited.
    pub env: Vec<(OsString, OsString)>,
    /// Working directory inside the sandbox.
    pub cwd: PathBuf,
}

impl Command {
    /// `argv` with an empty environment in `/`.
    #[must_use]
    pub fn new<S: Into<OsString>>(argv: impl IntoIterator<Item = S>) -> Self {
        Self { argv: argv.into_iter().map(Into::into).collect(), env: Vec::new(), cwd: PathBuf::from("/") }
    }
}
