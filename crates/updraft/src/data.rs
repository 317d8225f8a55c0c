//! The data folder: what is in it, that it can be written, and the installation's secret.

use std::fs::{OpenOptions, Permissions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use updraft_files::{make_folder, sync_name};
use updraft_kernel::{OsRng, Rng};

/// What session credentials are derived from.
pub(crate) type Secret = [u8; 32];

/// The places in a data folder.
#[derive(Debug)]
pub(crate) struct DataFolder {
    root: PathBuf,
    /// Holds a memory-only installation's files until it ends.
    _scratch: Option<tempfile::TempDir>,
}

impl DataFolder {
    /// # Errors
    /// If the folder can't be made or written: with what to do.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else { return Self::scratch() };
        let advice = || format!("can't write the data folder {}; choose another with --data", path.display());
        make_folder(path).with_context(advice)?;
        let root = path.canonicalize().with_context(advice)?;
        tempfile::Builder::new().prefix(".probe").tempfile_in(&root).with_context(advice)?;
        Ok(Self { root, _scratch: None })
    }

    fn scratch() -> Result<Self> {
        let scratch =
            tempfile::Builder::new().prefix("updraft-").tempdir().context("no temporary folder can be made")?;
        Ok(Self { root: scratch.path().to_owned(), _scratch: Some(scratch) })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.root.join("store")
    }

    pub(crate) fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    /// Code packages, unpacked.
    pub(crate) fn code(&self) -> PathBuf {
        self.root.join("code")
    }

    /// WebAssembly components, compiled, and what their instances write.
    pub(crate) fn wasm(&self) -> PathBuf {
        self.root.join("wasm")
    }

    /// The installation's secret, made at first use; readable by its owner only.
    ///
    /// # Errors
    /// If it can't be read or written, or has the wrong size.
    #[expect(clippy::disallowed_methods, reason = "the binary owns the data folder")]
    pub(crate) fn secret(&self) -> Result<Secret> {
        let path = self.root.join("secret");
        let secret = match std::fs::File::open(&path) {
            Ok(mut file) => read_secret(&mut file, &path),
            Err(err) if err.kind() == ErrorKind::NotFound => make_secret(&path),
            Err(err) => Err(err).with_context(|| format!("can't read {}", path.display())),
        }?;
        // What is derived from it is worth nothing once its name is lost; also when whoever made it didn't live to sync.
        sync_name(&path).with_context(|| format!("can't sync {}", path.display()))?;
        Ok(secret)
    }
}

fn read_secret(file: &mut std::fs::File, path: &Path) -> Result<Secret> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).with_context(|| format!("can't read {}", path.display()))?;
    let Ok(secret) = Secret::try_from(bytes) else {
        bail!("{} is damaged; restore it, or delete it (sessions of functions then start anew)", path.display());
    };
    Ok(secret)
}

/// Written beside, synced, then renamed: it is whole or it isn't there.
fn make_secret(path: &Path) -> Result<Secret> {
    let mut secret = Secret::default();
    OsRng.fill(&mut secret);
    let partial = path.with_extension("partial");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(&secret)?;
    file.sync_all()?;
    std::fs::rename(&partial, path).with_context(|| format!("can't write {}", path.display()))?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_made_once_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let first = DataFolder::open(Some(dir.path())).unwrap().secret().unwrap();
        let again = DataFolder::open(Some(dir.path())).unwrap().secret().unwrap();
        assert_eq!(first, again);
        let mode = dir.path().join("secret").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "damages what the folder keeps")]
    fn a_damaged_secret_is_told() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("secret"), "short").unwrap();
        let err = DataFolder::open(Some(dir.path())).unwrap().secret().unwrap_err();
        assert!(err.to_string().contains("damaged"), "{err}");
    }

    #[test]
    fn a_file_is_no_data_folder() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let err = DataFolder::open(Some(file.path())).unwrap_err();
        assert!(err.to_string().contains("--data"), "{err}");
    }
}
