//! Where blobs lie: `ab/cd/abcd…`.
#![expect(clippy::disallowed_methods, reason = "this crate is the owner of the files")]

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use updraft_blob::{BlobId, GRACE};
use updraft_files::{make_folder, sync_folder};
use updraft_kernel::UnixMillis;

use crate::listing::millis;

/// The folder and what is in it.
#[derive(Debug)]
pub(crate) struct Places {
    root: PathBuf,
    /// The directories, by the first four digits, that are known to survive power loss.
    made: Mutex<BTreeSet<String>>,
}

impl Places {
    /// Where drafts lie that must have a name; no blob's directory is called so.
    const DRAFTS: &str = "drafts";

    pub(crate) fn open(root: PathBuf, now: UnixMillis) -> io::Result<Self> {
        let places = Self { root, made: Mutex::default() };
        make_folder(&places.root)?;
        make_folder(&places.drafts())?;
        places.clear_drafts(now)?;
        Ok(places)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn drafts(&self) -> PathBuf {
        self.root.join(Self::DRAFTS)
    }

    pub(crate) fn path(&self, id: &BlobId) -> PathBuf {
        self.leaf(id).join(id.as_str())
    }

    pub(crate) fn leaf(&self, id: &BlobId) -> PathBuf {
        let digits = |from: usize| id.as_str().get(from..from + 2).unwrap_or_default();
        self.root.join(digits(0)).join(digits(2))
    }

    /// Makes the directory of this blob, so that it survives power loss.
    pub(crate) fn make_leaf(&self, id: &BlobId) -> io::Result<PathBuf> {
        let (leaf, digits) = (self.leaf(id), id.as_str().get(..4).unwrap_or_default());
        // Held while syncing: that the directory is there doesn't mean that whoever made it has synced it yet.
        let mut made = self.made.lock();
        if !made.contains(digits) {
            fs::create_dir_all(&leaf)?;
            leaf.parent().map_or(Ok(()), sync_folder)?;
            sync_folder(&self.root)?;
            made.insert(digits.to_owned());
        }
        Ok(leaf)
    }

    /// What a crash left behind. Younger ones may be another process's that it is still writing.
    fn clear_drafts(&self, now: UnixMillis) -> io::Result<()> {
        for entry in fs::read_dir(self.drafts())? {
            let entry = entry?;
            let touched = entry.metadata().and_then(|meta| meta.modified()).map(millis);
            if touched.is_ok_and(|at| now.since(at) > GRACE)
                && let Err(err) = fs::remove_file(entry.path())
            {
                tracing::warn!(error = %err, path = %entry.path().display(), "a draft can't be removed");
            }
        }
        Ok(())
    }
}
