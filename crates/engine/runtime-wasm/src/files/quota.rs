//! How much is in a folder, on disk. Whatever is written is counted as more, and in whole blocks, whether it is or takes the
//! place of something; when there seems to be no room left, it is looked at what is really there, unless nothing can have
//! changed that. A file's length is none of this: where nothing was written it takes no room.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use walkdir::WalkDir;

/// What a name costs, of a file, a folder or a link; and what a file grows by at once, in bytes.
pub(crate) const NAME: u64 = 4096;

/// What a file's place on disk is counted in, in bytes.
const BLOCK: u64 = 512;

#[derive(Debug)]
pub(crate) struct Quota {
    folder: PathBuf,
    most: u64,
    count: Mutex<Count>,
}

#[derive(Debug, Default)]
struct Count {
    used: u64,
    /// It may be less by now.
    stale: bool,
}

impl Quota {
    /// Of an empty folder, in bytes.
    pub(crate) fn new(folder: PathBuf, most: u64) -> Arc<Self> {
        Arc::new(Self { folder, most, count: Mutex::default() })
    }

    /// How much room there is as far as is known.
    pub(crate) fn left(&self) -> u64 {
        self.most.saturating_sub(self.count.lock().used)
    }

    /// So much is written at one place. `false`: there is no room for it.
    pub(crate) fn take_written(&self, bytes: usize) -> bool {
        let taken = self.take(whole(bytes));
        if taken {
            self.is_stale();
        }
        taken
    }

    /// So much is more. `false`: there is no room for it.
    pub(crate) fn take(&self, bytes: u64) -> bool {
        let mut count = self.count.lock();
        let used = count.used.saturating_add(bytes);
        if used <= self.most {
            count.used = used;
        }
        used <= self.most
    }

    /// Something was removed, or was written in place of something.
    pub(crate) fn is_stale(&self) {
        self.count.lock().stale = true;
    }

    /// As [`Self::take_written`], after another look where that may help.
    pub(crate) async fn find_written(self: &Arc<Self>, bytes: usize) -> bool {
        let found = self.find(whole(bytes)).await;
        if found {
            self.is_stale();
        }
        found
    }

    /// As [`Self::take`], after another look where that may help.
    pub(crate) async fn find(self: &Arc<Self>, bytes: u64) -> bool {
        self.take(bytes) || self.look_again().await && self.take(bytes)
    }

    /// `false`: nothing can have changed.
    pub(crate) async fn look_again(self: &Arc<Self>) -> bool {
        if !std::mem::take(&mut self.count.lock().stale) {
            return false;
        }
        let quota = Arc::clone(self);
        // The instance waits, so nothing is written meanwhile.
        let looked = tokio::task::spawn_blocking(move || {
            let used = measured(&quota.folder).unwrap_or(quota.most);
            quota.count.lock().used = used;
        });
        looked.await.is_ok()
    }
}

/// What so many bytes may take that lie anywhere in a file.
fn whole(bytes: usize) -> u64 {
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
    bytes.checked_next_multiple_of(NAME).map_or(u64::MAX, |whole| whole.saturating_add(NAME))
}

/// `None`: it couldn't all be looked at.
fn measured(folder: &Path) -> Option<u64> {
    WalkDir::new(folder).min_depth(1).into_iter().try_fold(0_u64, |all, entry| {
        let blocks = entry.ok()?.metadata().ok()?.blocks();
        Some(all.saturating_add(NAME).saturating_add(blocks.saturating_mul(BLOCK)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_counted_in_blocks() {
        assert_eq!([0, 1, 4096, 4097].map(whole), [4096, 8192, 8192, 12288]);
        let quota = Quota::new(PathBuf::new(), 3 * NAME);
        assert!(quota.take_written(1) && !quota.take_written(1));
    }

    #[tokio::test]
    async fn what_was_removed_makes_room_once_it_is_looked_for() {
        let folder = tempfile::tempdir().unwrap();
        let quota = Quota::new(folder.path().to_owned(), 3 * NAME);
        assert!(quota.take(NAME) && quota.take(2 * NAME) && !quota.take(1));
        std::fs::create_dir(folder.path().join("a")).unwrap();
        assert!(!quota.find(1).await, "nothing was removed");
        quota.is_stale();
        assert!(quota.find(NAME).await);
        assert!(quota.left() <= NAME && !quota.find(2 * NAME).await);
    }
}
