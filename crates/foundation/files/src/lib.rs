//! Names in folders that survive power loss: a file that is synced is still lost when the folder that names it wasn't.
//!
//! It must never know what is in a file. For backends and the binary, which own files. Start reading at
//! [`make_folder`].
#![expect(clippy::disallowed_methods, reason = "the owner of how folders are made")]

mod whole;

use std::fs::{self, File};
use std::io;
use std::path::Path;

pub use whole::make_whole;

/// Makes the folder and those around it that aren't there. All of their names survive power loss afterwards.
///
/// # Errors
/// If one can't be made, or synced.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    if !folder.is_dir() {
        if let Some(around) = around(folder).filter(|around| !around.is_dir()) {
            make_folder(around)?;
        }
        // Another process may be faster.
        fs::create_dir(folder).or_else(|err| if folder.is_dir() { Ok(()) } else { Err(err) })?;
    }
    // That it is there doesn't mean that whoever made it has lived to sync it.
    sync_name(folder)
}

/// Makes the name of this file or folder survive power loss: that it is there, or that it no longer is.
///
/// # Errors
/// If the folder around it can't be synced.
pub fn sync_name(path: &Path) -> io::Result<()> {
    around(path).map_or(Ok(()), sync_folder)
}

/// Makes the names in a folder survive power loss.
///
/// # Errors
/// If it can't be synced.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Makes every name in the folder and in the folders below it survive power loss.
///
/// # Errors
/// If one can't be read or synced.
pub fn sync_folders(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    sync_folder(folder)
}

/// The folder that names this one; none for the root.
fn around(path: &Path) -> Option<&Path> {
    path.parent().map(|around| if around.as_os_str().is_empty() { Path::new(".") } else { around })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_made_with_those_around_it_and_may_be_there() {
        let place = tempfile::tempdir().unwrap();
        let deep = place.path().join("a/b/c");
        make_folder(&deep).unwrap();
        assert!(deep.is_dir());
        make_folder(&deep).unwrap();
        make_folder(Path::new("/")).unwrap();
        sync_folders(place.path()).unwrap();
    }

    #[test]
    fn a_file_in_the_way_is_told() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("file");
        fs::write(&file, "x").unwrap();
        assert_eq!(make_folder(&file).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert!(make_folder(&file.join("inside")).is_err());
        assert_eq!(fs::read(&file).unwrap(), b"x");
    }
}
