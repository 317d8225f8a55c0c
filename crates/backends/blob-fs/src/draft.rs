//! A blob that isn't one yet: bytes in a file without a name.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, CWD, OFlags, linkat};
use tempfile::NamedTempFile;
use updraft_blob::BlobId;
use updraft_files::sync_folder;
use updraft_kernel::UnixMillis;

use crate::places::Places;

/// Dropped without being published it leaves nothing behind.
#[derive(Debug)]
pub(crate) enum Draft {
    Unnamed(File),
    /// Where the file system has no unnamed files (NFS, some overlays).
    Named(NamedTempFile),
}

impl Draft {
    pub(crate) fn begin(places: &Places) -> io::Result<Self> {
        match Self::unnamed(places.root()) {
            Ok(draft) => Ok(draft),
            Err(_) => Self::named(places),
        }
    }

    fn unnamed(root: &Path) -> io::Result<Self> {
        let flags = i32::try_from(OFlags::TMPFILE.bits()).map_err(io::Error::other)?;
        let file = OpenOptions::new().read(true).write(true).mode(0o600).custom_flags(flags).open(root)?;
        Ok(Self::Unnamed(file))
    }

    fn named(places: &Places) -> io::Result<Self> {
        NamedTempFile::new_in(places.drafts()).map(Self::Named)
    }

    /// A handle for writing.
    pub(crate) fn file(&self) -> io::Result<File> {
        self.inner().try_clone()
    }

    fn inner(&self) -> &File {
        match self {
            Self::Unnamed(file) => file,
            Self::Named(file) => file.as_file(),
        }
    }

    /// First the bytes, then the name, then the directory that holds the name: a power loss in between leaves nothing
    /// or the whole.
    pub(crate) fn publish(self, places: &Places, id: &BlobId, written: UnixMillis) -> io::Result<()> {
        self.inner().set_modified(system_time(written))?;
        self.inner().sync_all()?;
        let leaf = places.make_leaf(id)?;
        self.link(&leaf.join(id.as_str()))?;
        sync_folder(&leaf)
    }

    /// Never replaces: an id that is taken is an error.
    fn link(self, path: &Path) -> io::Result<()> {
        match self {
            Self::Unnamed(file) => {
                let open = format!("/proc/self/fd/{}", file.as_raw_fd());
                Ok(linkat(CWD, open, CWD, path, AtFlags::SYMLINK_FOLLOW)?)
            }
            Self::Named(file) => file.persist_noclobber(path).map(drop).map_err(|err| err.error),
        }
    }
}

fn system_time(at: UnixMillis) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(at.0).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use updraft_kernel::SeededRng;

    use super::*;

    fn write(draft: &Draft) {
        draft.file().unwrap().write_all(b"body").unwrap();
    }

    fn files(folder: &Path) -> usize {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
    }

    /// The two kinds of draft keep the same promises.
    #[test]
    fn a_draft_is_nothing_until_it_is_published() {
        for begin in [Draft::begin as fn(&Places) -> io::Result<Draft>, Draft::named] {
            let folder = tempfile::tempdir().unwrap();
            let places = Places::open(folder.path().to_owned(), UnixMillis(0)).unwrap();
            let id = BlobId::random(&SeededRng::new(1));
            let dropped = begin(&places).unwrap();
            write(&dropped);
            assert!(!places.path(&id).exists());
            drop(dropped);
            assert_eq!(files(folder.path()), 0);

            let draft = begin(&places).unwrap();
            write(&draft);
            draft.publish(&places, &id, UnixMillis(1_000)).unwrap();
            assert_eq!(std::fs::metadata(places.path(&id)).unwrap().len(), 4);
            assert_eq!(files(folder.path()), 1);
            let again = begin(&places).unwrap().publish(&places, &id, UnixMillis(2_000));
            assert_eq!(again.unwrap_err().kind(), io::ErrorKind::AlreadyExists, "a blob never changes");
        }
    }

    #[test]
    fn drafts_of_a_crash_are_cleared_at_opening() {
        let folder = tempfile::tempdir().unwrap();
        let open = |now| Places::open(folder.path().to_owned(), UnixMillis(now)).unwrap();
        let Draft::Named(file) = Draft::named(&open(0)).unwrap() else { unreachable!("asked for a named one") };
        file.as_file().set_modified(system_time(UnixMillis(10_000))).unwrap();
        file.keep().unwrap();
        open(10_000 + 3_600_000);
        assert_eq!(files(folder.path()), 1, "it may be somebody's");
        open(10_001 + 3_600_000);
        assert_eq!(files(folder.path()), 0);
    }
}
