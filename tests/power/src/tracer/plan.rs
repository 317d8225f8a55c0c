//! What a system call is about to do to the watched folder, and what it has done when it answered well.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::names::Names;
use super::thread::Thread;
use crate::trace::{Event, FileId, Target};

/// Paths are relative to the watched folder.
#[derive(Debug)]
pub(crate) enum Plan {
    /// Opens a file that may have to be made or emptied.
    Open {
        path: PathBuf,
        there: bool,
        empties: bool,
    },
    /// Opens a file without a name.
    Temporary,
    Write {
        file: FileId,
        at: u64,
        from: Source,
    },
    Resize {
        file: FileId,
        len: u64,
    },
    /// Makes room, and the file longer if that is behind its end.
    Reserve {
        fd: i32,
        file: FileId,
    },
    /// Fills with zeros.
    Clear {
        file: FileId,
        at: u64,
        len: u64,
    },
    MakeFolder(PathBuf),
    Link(PathBuf),
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Remove(PathBuf),
    Sync(Target),
    /// Writes to standard output.
    Say(String),
}

/// Where the bytes of a write are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source {
    Buffer(u64),
    /// A table of so many buffers.
    Gather(u64, usize),
}

impl Plan {
    /// It changes something: no other such call runs at the same time.
    pub(crate) fn is_alone(&self) -> bool {
        !matches!(self, Self::Sync(_) | Self::Say(_))
    }

    /// A full disk can refuse it.
    pub(crate) fn needs_room(&self) -> bool {
        match self {
            Self::Open { there, .. } => !there,
            Self::Temporary | Self::Write { .. } | Self::Resize { .. } | Self::Reserve { .. } => true,
            Self::MakeFolder(_) | Self::Link(_) => true,
            Self::Clear { .. } | Self::Rename { .. } | Self::Remove(_) | Self::Sync(_) | Self::Say(_) => false,
        }
    }

    /// What it is about to change, for those that need room.
    pub(crate) fn path(&self, thread: &Thread, names: &Names) -> PathBuf {
        match self {
            Self::Open { path, .. } | Self::MakeFolder(path) | Self::Link(path) => path.clone(),
            _ => thread.descriptor(thread.int(0)).ok().and_then(|path| names.inside(&path)).unwrap_or_default(),
        }
    }

    /// The kernel may do half of it and say so.
    pub(crate) fn can_be_short(&self) -> bool {
        matches!(self, Self::Write { from: Source::Buffer(_), .. })
    }

    /// What it did, now that it answered `answer`.
    pub(crate) fn events(&self, answer: u64, thread: &Thread, names: &mut Names) -> Result<Vec<Event>> {
        let event = match self {
            Self::Open { path, there, empties } => return opened(path, (*there, *empties), names),
            Self::Temporary => {
                let file = names.made(&thread.proc(&format!("fd/{answer}")))?;
                Event::Create { file, path: None }
            }
            Self::Write { file, at, from } => {
                Event::Write { file: *file, at: *at, bytes: from.read(thread, usize::try_from(answer)?)? }
            }
            Self::Resize { file, len } => Event::Resize { file: *file, len: *len },
            Self::Reserve { fd, file } => {
                Event::Resize { file: *file, len: thread.proc(&format!("fd/{fd}")).metadata()?.len() }
            }
            Self::Clear { file, at, len } => {
                Event::Write { file: *file, at: *at, bytes: vec![0; usize::try_from(*len)?] }
            }
            Self::MakeFolder(path) => Event::MakeFolder(path.clone()),
            Self::Link(path) => Event::Link { file: names.file(&names.whole(path))?, path: path.clone() },
            Self::Rename { from, to } => Event::Rename { from: from.clone(), to: to.clone() },
            Self::Remove(path) => Event::Remove(path.clone()),
            Self::Sync(_) | Self::Say(_) => return Ok(Vec::new()),
        };
        Ok(vec![event])
    }
}

fn opened(path: &Path, (there, empties): (bool, bool), names: &mut Names) -> Result<Vec<Event>> {
    let whole = names.whole(path);
    if !there {
        return Ok(vec![Event::Create { file: names.made(&whole)?, path: Some(path.to_owned()) }]);
    }
    let file = names.file(&whole)?;
    Ok(empties.then_some(Event::Resize { file, len: 0 }).into_iter().collect())
}

impl Source {
    fn read(self, thread: &Thread, len: usize) -> Result<Vec<u8>> {
        match self {
            Self::Buffer(at) => thread.bytes(at, len),
            Self::Gather(at, pieces) => thread.gathered(at, pieces, len),
        }
    }
}
