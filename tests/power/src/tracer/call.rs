//! Understanding system calls. Which ones there are is this file; what they come to is in `plan`.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::names::Names;
use super::plan::{Plan, Source};
use super::thread::Thread;
use crate::trace::{FileId, Target};

/// What the call is about to do, if that concerns us.
///
/// # Errors
/// If it concerns us and can't be followed.
pub(crate) fn plan(thread: &Thread, names: &Names) -> Result<Option<Plan>> {
    let call = Call { thread, names };
    match thread.call() {
        libc::SYS_open => call.open(libc::AT_FDCWD, 0, thread.int(1)),
        libc::SYS_creat => call.open(libc::AT_FDCWD, 0, libc::O_CREAT | libc::O_WRONLY | libc::O_TRUNC),
        libc::SYS_openat => call.open(thread.int(0), 1, thread.int(2)),
        libc::SYS_write | libc::SYS_pwrite64 | libc::SYS_writev | libc::SYS_pwritev | libc::SYS_pwritev2 => {
            call.write()
        }
        libc::SYS_ftruncate => call.on_file(0, |file| Plan::Resize { file, len: thread.arg(1) }),
        libc::SYS_truncate => call.truncate(),
        libc::SYS_fallocate => call.fallocate(),
        libc::SYS_fsync | libc::SYS_fdatasync => call.sync(),
        libc::SYS_io_uring_setup => bail!("io_uring can't be followed"),
        number => call.names_or_strange(number),
    }
}

struct Call<'a> {
    thread: &'a Thread,
    names: &'a Names,
}

impl Call<'_> {
    /// Calls on names, and those that should never come.
    fn names_or_strange(&self, number: i64) -> Result<Option<Plan>> {
        let at = |folder: usize| self.thread.int(folder);
        const HERE: i32 = libc::AT_FDCWD;
        match number {
            libc::SYS_mkdir => self.on_path(HERE, 0, Plan::MakeFolder),
            libc::SYS_mkdirat => self.on_path(at(0), 1, Plan::MakeFolder),
            libc::SYS_unlink | libc::SYS_rmdir => self.on_path(HERE, 0, Plan::Remove),
            libc::SYS_unlinkat => self.on_path(at(0), 1, Plan::Remove),
            libc::SYS_link => self.on_path(HERE, 1, Plan::Link),
            libc::SYS_linkat => self.on_path(at(2), 3, Plan::Link),
            libc::SYS_rename => self.rename((HERE, 0), (HERE, 1)),
            libc::SYS_renameat => self.rename((at(0), 1), (at(2), 3)),
            libc::SYS_renameat2 if self.thread.arg(4) & u64::from(libc::RENAME_EXCHANGE) == 0 => {
                self.rename((at(0), 1), (at(2), 3))
            }
            _ => self.strange(number),
        }
    }

    /// Ways of changing files that nobody here is known to use: a recording without them would be wrong.
    fn strange(&self, number: i64) -> Result<Option<Plan>> {
        let watched = |fd: i32| Ok::<_, anyhow::Error>(self.names.target(self.thread, fd)?.is_some());
        let int = |number: usize| self.thread.int(number);
        let inside = |folder: i32, path: usize| self.inside(folder, path);
        let concerns = match number {
            libc::SYS_mmap => {
                let shared = int(3) & libc::MAP_TYPE != libc::MAP_PRIVATE && int(3) & libc::MAP_ANONYMOUS == 0;
                shared && int(2) & libc::PROT_WRITE != 0 && watched(int(4))?
            }
            libc::SYS_sendfile => watched(int(0))?,
            libc::SYS_copy_file_range | libc::SYS_splice => watched(int(2))?,
            libc::SYS_sync | libc::SYS_syncfs => true,
            libc::SYS_symlink => inside(libc::AT_FDCWD, 1)?.is_some(),
            libc::SYS_symlinkat => inside(int(1), 2)?.is_some(),
            libc::SYS_mknod => inside(libc::AT_FDCWD, 0)?.is_some(),
            libc::SYS_mknodat => inside(int(0), 1)?.is_some(),
            libc::SYS_renameat2 => inside(int(0), 1)?.is_some(),
            libc::SYS_openat2 => inside(int(0), 1)?.is_some(),
            _ => false,
        };
        if concerns {
            bail!("system call {number} on the watched folder can't be followed");
        }
        Ok(None)
    }

    fn open(&self, folder: i32, path: usize, flags: i32) -> Result<Option<Plan>> {
        let unnamed = flags & libc::O_TMPFILE == libc::O_TMPFILE;
        let writes = flags & (libc::O_CREAT | libc::O_TRUNC | libc::O_DSYNC) != 0;
        if !(unnamed || writes) {
            return Ok(None);
        }
        let Some(path) = self.inside(folder, path)? else { return Ok(None) };
        if flags & libc::O_DSYNC != 0 {
            bail!("{} is opened for synchronous writing, which can't be followed", path.display());
        }
        if unnamed {
            return Ok(Some(Plan::Temporary));
        }
        let there = self.names.whole(&path).symlink_metadata().is_ok();
        Ok(Some(Plan::Open { path, there, empties: flags & libc::O_TRUNC != 0 }))
    }

    fn write(&self) -> Result<Option<Plan>> {
        let fd = self.thread.int(0);
        let (vector, number) = (self.thread.arg(1), self.thread.call());
        if fd == libc::STDOUT_FILENO && number == libc::SYS_write {
            let bytes = self.thread.bytes(vector, usize::try_from(self.thread.arg(2))?)?;
            return Ok(Some(Plan::Say(String::from_utf8_lossy(&bytes).into_owned())));
        }
        let Some(Target::File(file)) = self.names.target(self.thread, fd)? else { return Ok(None) };
        let from = match number {
            libc::SYS_write | libc::SYS_pwrite64 => Source::Buffer(vector),
            _ => Source::Gather(vector, usize::try_from(self.thread.arg(2))?),
        };
        if number == libc::SYS_pwritev2 && self.thread.arg(5) != 0 {
            bail!("a write with flags can't be followed");
        }
        let at = match number {
            libc::SYS_write | libc::SYS_writev => self.place(fd)?,
            _ => self.thread.arg(3),
        };
        Ok(Some(Plan::Write { file, at, from }))
    }

    /// Where a write goes that doesn't say.
    fn place(&self, fd: i32) -> Result<u64> {
        let (position, flags) = self.thread.position(fd)?;
        if flags & libc::O_APPEND == 0 {
            return Ok(position);
        }
        Ok(self.thread.proc(&format!("fd/{fd}")).metadata()?.len())
    }

    fn truncate(&self) -> Result<Option<Plan>> {
        let Some(path) = self.inside(libc::AT_FDCWD, 0)? else { return Ok(None) };
        let file = self.names.file(&self.names.whole(&path))?;
        Ok(Some(Plan::Resize { file, len: self.thread.arg(1) }))
    }

    fn fallocate(&self) -> Result<Option<Plan>> {
        let (fd, mode) = (self.thread.int(0), self.thread.int(1));
        let (at, len) = (self.thread.arg(2), self.thread.arg(3));
        match mode {
            0 => self.on_file(0, |file| Plan::Reserve { fd, file }),
            libc::FALLOC_FL_KEEP_SIZE => Ok(None),
            libc::FALLOC_FL_ZERO_RANGE => self.on_file(0, |file| Plan::Clear { file, at, len }),
            _ if self.names.target(self.thread, fd)?.is_none() => Ok(None),
            _ => bail!("fallocate with mode {mode} can't be followed"),
        }
    }

    fn sync(&self) -> Result<Option<Plan>> {
        Ok(self.names.target(self.thread, self.thread.int(0))?.map(Plan::Sync))
    }

    fn rename(&self, from: (i32, usize), to: (i32, usize)) -> Result<Option<Plan>> {
        match (self.inside(from.0, from.1)?, self.inside(to.0, to.1)?) {
            (Some(from), Some(to)) => Ok(Some(Plan::Rename { from, to })),
            (None, None) => Ok(None),
            (from, to) => bail!("a rename into or out of the watched folder can't be followed: {from:?} to {to:?}"),
        }
    }

    fn on_file(&self, fd: usize, plan: impl FnOnce(FileId) -> Plan) -> Result<Option<Plan>> {
        match self.names.target(self.thread, self.thread.int(fd))? {
            Some(Target::File(file)) => Ok(Some(plan(file))),
            _ => Ok(None),
        }
    }

    fn on_path(&self, folder: i32, path: usize, plan: impl FnOnce(PathBuf) -> Plan) -> Result<Option<Plan>> {
        Ok(self.inside(folder, path)?.map(plan))
    }

    /// The path in this argument, if it leads into the watched folder.
    fn inside(&self, folder: i32, path: usize) -> Result<Option<PathBuf>> {
        // A bad address is the kernel's to refuse.
        let Ok(path) = self.thread.path(self.thread.arg(path)) else { return Ok(None) };
        Ok(self.names.inside(&self.thread.resolve(folder, &path)?))
    }
}
