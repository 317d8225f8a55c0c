//! What a process did to the files under one folder, in order.

use std::path::PathBuf;

/// A file through all its names, and without any.
pub(crate) type FileId = u64;

/// One call to sync, from its beginning to its end.
pub(crate) type SyncId = u64;

/// Paths are relative to the watched folder, which itself is the empty path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A new, empty file; without a name where it was opened as a temporary one.
    Create {
        file: FileId,
        path: Option<PathBuf>,
    },
    MakeFolder(PathBuf),
    Link {
        file: FileId,
        path: PathBuf,
    },
    /// Replaces what has the new name.
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    /// Of a file or an empty folder.
    Remove(PathBuf),
    Write {
        file: FileId,
        at: u64,
        bytes: Vec<u8>,
    },
    Resize {
        file: FileId,
        len: u64,
    },
    /// What was done to the target before this is durable when the sync ends well.
    SyncBegins {
        sync: SyncId,
        target: Target,
    },
    /// After a failure the kernel has forgotten what it couldn't write.
    SyncEnds {
        sync: SyncId,
        well: bool,
    },
    /// A call failed that wanted room: what it was about to change.
    Refused(PathBuf),
    /// A line of the process's standard output, or of whoever watches it: who hears it may rely on it.
    Said(String),
}

impl Event {
    /// Whether a power cut after it can find another disk than one before it.
    pub(crate) fn is_of_the_disk(&self) -> bool {
        !matches!(self, Self::Said(_) | Self::Refused(_) | Self::SyncBegins { .. })
    }
}

/// What is synced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    File(FileId),
    Folder(PathBuf),
}
