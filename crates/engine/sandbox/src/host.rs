//! Descriptions of the host that specs are made of.

use crate::{Bind, DEFAULT_UID, Limits, SandboxSpec, Symlink};
use std::path::Path;

/// Host directories that programs linked on this host need, as far as they exist.
const SYSTEM_DIRS: [&str; 6] = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"];
/// Host files that are not secret and that libraries look for.
const SYSTEM_FILES: [&str; 5] =
    ["/etc/ld.so.cache", "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/localtime", "/etc/alternatives"];

/// See [`SandboxSpec::system`].
pub(crate) fn system_spec(name: String) -> SandboxSpec {
    let (binds, symlinks) = system_tree();
    SandboxSpec {
        hostname: "sandbox".to_owned(),
        name,
        binds,
        symlinks,
        files: etc_files(),
        places: Vec::new(),
        tmp_bytes: 512 << 20,
        limits: Limits::default(),
        listeners: Vec::new(),
        tunnel: None,
        uid: DEFAULT_UID,
    }
}

/// Merged-usr hosts have links where others have directories; both are reproduced as they are.
fn system_tree() -> (Vec<Bind>, Vec<Symlink>) {
    let mut binds = Vec::new();
    let mut symlinks = Vec::new();
    for dir in SYSTEM_DIRS.map(Path::new) {
        match std::fs::read_link(dir) {
            Ok(to) => symlinks.push(Symlink { path: dir.to_owned(), to }),
            Err(_) if dir.is_dir() => binds.push(Bind::same(dir)),
            Err(_) => {}
        }
    }
    binds.extend(SYSTEM_FILES.iter().filter(|path| Path::new(path).exists()).map(Bind::same));
    (binds, symlinks)
}

/// Small `/etc` files with nothing of the host in them.
fn etc_files() -> Vec<(std::path::PathBuf, Vec<u8>)> {
    [
        ("/etc/passwd", "sandbox:x:993:990::/tmp:/sbin/nologin\n"),
        ("/etc/group", "sandbox:x:990:\n"),
        // AWS: under the last two, extensions name themselves where telemetry is to be sent.
        ("/etc/hosts", "127.0.0.1 localhost sandbox sandbox.localdomain\n"),
        ("/etc/resolv.conf", "nameserver 127.0.0.1\n"),
        ("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n"),
    ]
    .map(|(path, text)| (path.into(), text.as_bytes().to_vec()))
    .to_vec()
}
