//! Making a store where there is none.
#![expect(clippy::disallowed_methods, reason = "this crate is the owner of the folder")]

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use updraft_files::{make_folder, sync_folders, sync_name};
use updraft_store::{Result, StoreError};

/// Calls `make` if the folder isn't there or is empty, and makes the folder's name survive power loss.
///
/// fjall makes a database file by file, and a process that dies between two of them leaves what can neither be opened
/// nor made again. So it is made beside, and gets its name when it is whole. fjall also doesn't sync the folder that
/// names its keyspaces' folders: without them it would take a store for an empty one.
pub(crate) fn if_missing(folder: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    if is_missing(folder).map_err(StoreError::engine)? {
        let beside = beside(folder);
        let around = beside.parent().filter(|around| !around.as_os_str().is_empty()).unwrap_or(Path::new("."));
        make_folder(around).map_err(StoreError::engine)?;
        // Two processes that make the same store would take each other's for a leftover.
        let alone = File::open(around).and_then(|around| around.lock().map(|()| around)).map_err(StoreError::engine)?;
        if is_missing(folder).map_err(StoreError::engine)? {
            clear(&beside).map_err(StoreError::engine)?;
            make(&beside)?;
            sync_folders(&beside).map_err(StoreError::engine)?;
            fs::rename(&beside, folder).map_err(StoreError::engine)?;
        }
        drop(alone);
    }
    // Also when it was there: whoever gave it its name may not have lived to sync it.
    sync_name(folder).map_err(StoreError::engine)
}

/// An empty folder is as good as none: renaming replaces it.
fn is_missing(folder: &Path) -> io::Result<bool> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(err) if err.kind() == ErrorKind::NotFound => Ok(true),
        Err(err) => Err(err),
    }
}

fn beside(folder: &Path) -> PathBuf {
    let mut name = folder.file_name().map(OsStr::to_owned).unwrap_or_default();
    name.push(".new");
    folder.with_file_name(name)
}

/// What a process left that died while it made the store.
fn clear(beside: &Path) -> io::Result<()> {
    match fs::remove_dir_all(beside) {
        Err(err) if err.kind() != ErrorKind::NotFound => Err(err),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(at: &Path) -> Result<()> {
        fs::create_dir(at).map_err(StoreError::engine)?;
        fs::write(at.join("whole"), "").map_err(StoreError::engine)
    }

    #[test]
    fn what_is_half_made_has_no_name_and_is_made_anew() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("store");
        let died = |at: &Path| make(at).and(Err(StoreError::Closed));
        assert!(if_missing(&folder, died).is_err());
        assert!(!folder.exists());
        if_missing(&folder, make).unwrap();
        assert!(folder.join("whole").is_file());
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1, "no leftovers");
        if_missing(&folder, died).unwrap();
    }

    #[test]
    fn an_empty_folder_becomes_a_store() {
        let place = tempfile::tempdir().unwrap();
        if_missing(place.path(), make).unwrap();
        assert!(place.path().join("whole").is_file());
    }
}
