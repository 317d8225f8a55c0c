//! Which files are watched, and how the recording calls them.

use std::collections::HashMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::thread::Thread;
use crate::disk::Image;
use crate::trace::{FileId, Target};

/// Files made while recording are counted from here on, above any inode.
const FIRST: FileId = 1 << 62;

pub(crate) struct Names {
    folder: PathBuf,
    /// By inode. One that is used again is another file.
    known: HashMap<u64, FileId>,
    next: FileId,
}

impl Names {
    pub(crate) fn new(folder: PathBuf, base: &Image) -> Self {
        let known = base.entries().filter_map(|(_, file)| file.map(|(id, _)| (id, id))).collect();
        Self { folder, known, next: FIRST }
    }

    /// The path within the watched folder.
    pub(crate) fn inside(&self, path: &Path) -> Option<PathBuf> {
        path.strip_prefix(&self.folder).ok().map(Path::to_path_buf)
    }

    /// A file that has just been made.
    pub(crate) fn made(&mut self, path: &Path) -> Result<FileId> {
        let inode = path.metadata().with_context(|| format!("looking at {}", path.display()))?.ino();
        self.next += 1;
        self.known.insert(inode, self.next);
        Ok(self.next)
    }

    pub(crate) fn file(&self, path: &Path) -> Result<FileId> {
        let inode = path.metadata().with_context(|| format!("looking at {}", path.display()))?.ino();
        self.known.get(&inode).copied().with_context(|| format!("nobody saw {} being made", path.display()))
    }

    pub(crate) fn whole(&self, inside: &Path) -> PathBuf {
        self.folder.join(inside)
    }

    /// What is behind a descriptor, if it is watched.
    pub(crate) fn target(&self, thread: &Thread, fd: i32) -> Result<Option<Target>> {
        // One that isn't open is the kernel's to refuse.
        let Ok(path) = thread.descriptor(fd) else { return Ok(None) };
        let Some(inside) = self.inside(&path) else { return Ok(None) };
        let link = thread.proc(&format!("fd/{fd}"));
        let target = if link.is_dir() { Target::Folder(inside) } else { Target::File(self.file(&link)?) };
        Ok(Some(target))
    }
}
