//! Folders that are there whole or not at all.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::{around, make_folder, sync_folders, sync_name};

/// Calls `make` if the folder isn't there or is empty, and makes the folder's name and those in it survive power loss.
///
/// Engines make a database file by file, and a process that dies between two of them leaves what can neither be opened
/// nor made again. So it is made beside, and gets its name when it is whole and every name in it survives power loss.
/// Files are for `make` to sync.
///
/// # Errors
/// What `make` answers, and as `failed` tells it, whatever is wrong with the folders.
pub fn make_whole<E>(
    folder: &Path,
    failed: impl Fn(io::Error) -> E,
    make: impl FnOnce(&Path) -> Result<(), E>,
) -> Result<(), E> {
    if is_missing(folder).map_err(&failed)? {
        let beside = beside(folder);
        // Two processes that make the same would take each other's for a leftover.
        let alone = lock_around(&beside).map_err(&failed)?;
        if is_missing(folder).map_err(&failed)? {
            clear(&beside).map_err(&failed)?;
            make(&beside)?;
            sync_folders(&beside).and_then(|()| fs::rename(&beside, folder)).map_err(&failed)?;
        }
        drop(alone);
    }
    // Also when it was there: whoever gave it and what is in it their names may not have lived to sync them, or failed to.
    sync_folders(folder).and_then(|()| sync_name(folder)).map_err(failed)
}

fn lock_around(path: &Path) -> io::Result<File> {
    let folder = around(path).unwrap_or(Path::new("/"));
    make_folder(folder)?;
    let folder = File::open(folder)?;
    folder.lock()?;
    Ok(folder)
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

    fn make(at: &Path) -> io::Result<()> {
        fs::create_dir(at)?;
        fs::write(at.join("whole"), "")
    }

    #[test]
    fn what_is_half_made_has_no_name_and_is_made_anew() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("database");
        let died = |at: &Path| make(at).and(Err(io::Error::other("died")));
        assert!(make_whole(&folder, |err| err, died).is_err());
        assert!(!folder.exists());
        make_whole(&folder, |err| err, make).unwrap();
        assert!(folder.join("whole").is_file());
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1, "no leftovers");
        make_whole(&folder, |err| err, died).unwrap();
    }

    #[test]
    fn an_empty_folder_is_replaced() {
        let place = tempfile::tempdir().unwrap();
        make_whole(place.path(), |err| err, make).unwrap();
        assert!(place.path().join("whole").is_file());
    }
}
