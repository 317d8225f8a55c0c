//! What a caller asks for: the shape of one sandbox and the command run in it.

use std::ffi::OsString;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::SandboxError;

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
    /// Empty directories, on which something may be shown later.
    pub places: Vec<PathBuf>,
    /// Size of the private `/tmp` in bytes; `/dev/shm` gets the same cap, but at most 64 MiB.
    pub tmp_bytes: u64,
    /// Hard limits.
    pub limits: Limits,
    /// Loopback addresses *inside* the sandbox on which the supervisor listens.
    pub listeners: Vec<SocketAddr>,
    /// A way out of the sandbox's network, to the supervisor. `None`: there is none.
    pub tunnel: Option<TunnelSpec>,
    /// Host uid and gid that the sandbox runs as; one per sandbox keeps neighbours apart. Never 0.
    pub uid: u32,
}

/// An interface inside, over which goes whatever isn't for loopback; its other end is the supervisor's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TunnelSpec {
    /// The interface's own address.
    pub address: Ipv4Addr,
    /// The same of version 6, where the host has that. `None`: nothing of version 6 leads out.
    pub address_6: Option<Ipv6Addr>,
    /// The largest packet, in bytes.
    pub mtu: u16,
}

/// The host uid used where the caller gives none: outside every range that Debian hands out.
pub const DEFAULT_UID: u32 = 900_000;

/// The user that the command sees itself as. AWS: `sbx_user1051`.
pub const SANDBOX_UID: u32 = 993;
/// The group that the command sees itself in.
pub const SANDBOX_GID: u32 = 990;
/// Listeners travel in one message, whose descriptors the kernel limits.
const MAX_LISTENERS: usize = 32;

impl SandboxSpec {
    /// Refuses what could not be built or would be unsafe, by name.
    pub(crate) fn validate(&self) -> Result<(), SandboxError> {
        let invalid = |what: String| Err(SandboxError::Invalid(what));
        let plain = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        if self.name.is_empty() || self.name.len() > 64 || !self.name.chars().all(plain) {
            return invalid(format!("`{}` cannot name a sandbox", self.name));
        }
        if self.uid == 0 {
            return invalid("a sandbox cannot run as root".into());
        }
        if self.listeners.len() > MAX_LISTENERS {
            return invalid(format!("more than {MAX_LISTENERS} listeners"));
        }
        if let Some(outside) = self.listeners.iter().find(|at| !at.ip().is_loopback()) {
            return invalid(format!("`{outside}` is not inside"));
        }
        let binds = self.binds.iter().flat_map(|bind| [&bind.source, &bind.target]);
        let links = self.symlinks.iter().map(|link| &link.path);
        let files = self.files.iter().map(|(path, _)| path).chain(&self.places);
        check_clean(binds.chain(links).chain(files))
    }

    /// Adds to a generated file, which is made if there is none.
    pub fn add_to_file(&mut self, path: impl Into<PathBuf>, more: &[u8]) {
        let path = path.into();
        match self.files.iter_mut().find(|(known, _)| *known == path) {
            Some((_, content)) => content.extend(more),
            None => self.files.push((path, more.to_vec())),
        }
    }

    /// Replaces a generated file, or makes it.
    pub fn set_file(&mut self, path: impl Into<PathBuf>, content: Vec<u8>) {
        let path = path.into();
        self.files.retain(|(known, _)| *known != path);
        self.files.push((path, content));
    }

    /// A sandbox with the host's system directories (`/usr`, `/lib*`, `/bin`), generated
    /// `/etc/{passwd,group,hosts,resolv.conf,nsswitch.conf}`, 512 MiB of `/tmp` and default limits.
    #[must_use]
    pub fn system(name: impl Into<String>) -> Self {
        crate::host::system_spec(name.into())
    }
}

fn check_clean<'a>(mut paths: impl Iterator<Item = &'a PathBuf>) -> Result<(), SandboxError> {
    match paths.find(|path| !is_clean(path)) {
        Some(path) => Err(SandboxError::Invalid(format!("`{}` is not an absolute path without `..`", path.display()))),
        None => Ok(()),
    }
}

fn is_clean(path: &Path) -> bool {
    path.is_absolute() && path != Path::new("/") && !path.components().any(|part| part == Component::ParentDir)
}

/// What a prepared sandbox is given when it is known what for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Furniture {
    /// Shown over a place of the spec, or below `/mnt`.
    pub binds: Vec<Bind>,
    /// The new size of `/tmp`, in bytes.
    pub tmp_bytes: Option<u64>,
    /// What holds from now on; the number of descriptors stays as it was.
    pub limits: Option<Limits>,
}

impl Furniture {
    pub(crate) fn validate(&self) -> Result<(), SandboxError> {
        check_clean(self.binds.iter().flat_map(|bind| [&bind.source, &bind.target]))
    }
}

/// Who will live in a prepared sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Occupant {
    /// A program: [`crate::Sandbox::start`].
    Command,
    /// A fork of a running process: [`crate::Sandbox::start_from`].
    Fork,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl FnOnce(&mut SandboxSpec), wrong: &str) {
        let mut spec = SandboxSpec::system("fine");
        spec.validate().unwrap();
        change(&mut spec);
        let err = spec.validate().unwrap_err().to_string();
        assert!(err.contains(wrong), "{err}");
    }

    #[test]
    fn unsafe_specs_are_refused_by_name() {
        check(|spec| spec.name = "../a".into(), "`../a`");
        check(|spec| spec.name.clear(), "``");
        check(|spec| spec.uid = 0, "root");
        check(|spec| spec.binds.push(Bind::read_only("/usr", "/a/../b")), "`/a/../b`");
        check(|spec| spec.binds.push(Bind::read_only("/usr", "/")), "`/`");
        check(|spec| spec.files.push(("etc/x".into(), Vec::new())), "`etc/x`");
        check(|spec| spec.listeners = vec![([127, 0, 0, 1], 9001).into(); 33], "32 listeners");
        check(|spec| spec.listeners = vec![([10, 0, 0, 1], 80).into()], "`10.0.0.1:80`");
    }

    #[test]
    fn a_generated_file_is_there_once() {
        let mut spec = SandboxSpec::system("fine");
        let count = spec.files.len();
        spec.add_to_file("/etc/resolv.conf", b"one");
        spec.add_to_file("/etc/new", b"two");
        spec.set_file("/etc/group", b"three".to_vec());
        assert_eq!(spec.files.len(), count + 1);
        assert!(spec.files.contains(&("/etc/group".into(), b"three".to_vec())));
        assert!(spec.files.contains(&("/etc/resolv.conf".into(), b"nameserver 127.0.0.1\none".to_vec())));
        assert!(spec.files.contains(&("/etc/new".into(), b"two".to_vec())));
    }
}
