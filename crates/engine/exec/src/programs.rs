//! Finding interpreters on the host.
#![expect(clippy::disallowed_methods, reason = "the engine looks at the host's programs")]

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::runtime::ReadOnly;

/// The program behind `path`: links followed, and only if it is a binary that may be executed. Version managers put
/// shell scripts on the path, which would not work in a sandbox.
#[must_use]
pub fn real_program(path: &Path) -> Option<PathBuf> {
    let real = path.canonicalize().ok()?;
    let mut magic = [0; 4];
    File::open(&real).ok()?.read_exact(&mut magic).ok()?;
    let executable = real.metadata().ok()?.permissions().mode() & 0o111 != 0;
    (executable && magic == *b"\x7fELF").then_some(real)
}

/// What must be seen inside for a program installed under `prefix`; the system's own folders are there anyway.
#[must_use]
pub fn prefix_bind(prefix: &Path) -> Option<ReadOnly> {
    (!prefix.starts_with("/usr")).then(|| ReadOnly::same(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_no_programs() {
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("python3.12");
        std::fs::write(&script, "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(real_program(&script), None);
        assert!(real_program(Path::new("/bin/sh")).is_some());
    }

    #[test]
    fn only_what_is_not_the_systems_is_bound() {
        assert_eq!(prefix_bind(Path::new("/usr/local")), None);
        assert_eq!(prefix_bind(Path::new("/opt/node")), Some(ReadOnly::same("/opt/node")));
    }
}
