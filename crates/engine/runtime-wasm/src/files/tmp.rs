//! The folders: made for an instance, removed after it.
#![expect(clippy::disallowed_methods, reason = "the engine owns the folders of its instances")]

use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Quota;

/// Where they are.
#[derive(Debug)]
pub(crate) struct Scratch {
    root: PathBuf,
    made: AtomicU64,
}

impl Scratch {
    /// Removes what an earlier process has left in `root`, which is this one's alone.
    pub(crate) fn new(root: PathBuf) -> io::Result<Self> {
        if root.exists() {
            clear(&root)?;
        }
        fs::create_dir_all(&root)?;
        Ok(Self { root, made: AtomicU64::new(0) })
    }

    /// One that holds at most so many bytes.
    pub(crate) fn folder(&self, most: u64) -> io::Result<Tmp> {
        let folder = self.root.join(self.made.fetch_add(1, Ordering::Relaxed).to_string());
        fs::create_dir(&folder)?;
        Ok(Tmp { quota: Quota::new(folder.clone(), most), folder })
    }
}

/// One instance's. Removed when it is dropped.
#[derive(Debug)]
pub(crate) struct Tmp {
    pub(crate) folder: PathBuf,
    pub(crate) quota: Arc<Quota>,
}

impl Drop for Tmp {
    fn drop(&mut self) {
        let folder = std::mem::take(&mut self.folder);
        // Most are empty, and gone with this.
        if fs::remove_dir(&folder).is_ok() {
            return;
        }
        // Nobody waits for it, and its failure is in the log.
        drop(tokio::task::spawn_blocking(move || {
            if let Err(error) = clear(&folder).and_then(|()| fs::remove_dir(&folder)) {
                tracing::warn!(%error, "the files of an instance are left behind");
            }
        }));
    }
}

/// Removes everything in a folder, however deep it lies: folders within folders are brought up to the top first, so that
/// nothing here depends on how many there are around one.
fn clear(top: &Path) -> io::Result<()> {
    let mut moved = 0;
    loop {
        let mut entries = fs::read_dir(top)?.peekable();
        if entries.peek().is_none() {
            return Ok(());
        }
        for entry in entries {
            take_apart(&entry?, top, &mut moved)?;
        }
    }
}

fn take_apart(entry: &DirEntry, top: &Path, moved: &mut u64) -> io::Result<()> {
    if !entry.file_type()?.is_dir() {
        return fs::remove_file(entry.path());
    }
    for inner in fs::read_dir(entry.path())? {
        let inner = inner?;
        if !inner.file_type()?.is_dir() {
            fs::remove_file(inner.path())?;
            continue;
        }
        *moved += 1;
        // No name of the function's own has these characters first.
        fs::rename(inner.path(), top.join(format!("\u{1}updraft-{moved}")))?;
    }
    fs::remove_dir(entry.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn folders_are_apart_and_go_with_their_instance() {
        let root = tempfile::tempdir().unwrap();
        let scratch = Scratch::new(root.path().join("tmp")).unwrap();
        let (one, other) = (scratch.folder(9).unwrap(), scratch.folder(9).unwrap());
        assert_ne!(one.folder, other.folder);
        let folder = one.folder.clone();
        drop(one);
        assert!(!folder.exists() && other.folder.exists());
    }

    #[test]
    fn what_lies_deeper_than_a_path_is_long_is_removed_too() {
        let root = tempfile::tempdir().unwrap();
        let (name, mut top) = ("d".repeat(200), root.path().join("0"));
        fs::create_dir(&top).unwrap();
        for n in 1..60 {
            // Each around the one before: from the inside no path is long enough to make them.
            let around = root.path().join(n.to_string());
            fs::create_dir(&around).unwrap();
            fs::write(around.join("file"), "x").unwrap();
            fs::rename(&top, around.join(&name)).unwrap();
            top = around;
        }
        clear(root.path()).unwrap();
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_an_earlier_process_left_is_removed() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("7/sub")).unwrap();
        Scratch::new(root.path().to_owned()).unwrap();
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
    }
}
