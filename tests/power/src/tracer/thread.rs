//! A thread stopped at a system call: its arguments, its memory, its files.
#![expect(clippy::disallowed_methods, reason = "what the kernel tells of a process is read from files")]

use std::ffi::OsString;
use std::fs;
use std::io::IoSliceMut;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use libc::user_regs_struct;
use nix::sys::ptrace;
use nix::sys::uio::{RemoteIoVec, process_vm_readv};
use nix::unistd::Pid;

use super::fault::Injected;

pub(crate) struct Thread {
    tid: Pid,
    registers: user_regs_struct,
}

/// No such call: the kernel skips it.
const SKIPPED: u64 = u64::MAX;

impl Thread {
    pub(crate) fn at(tid: Pid) -> Result<Self> {
        Ok(Self { tid, registers: ptrace::getregs(tid)? })
    }

    pub(crate) fn tid(&self) -> Pid {
        self.tid
    }

    /// The number of the call.
    pub(crate) fn call(&self) -> i64 {
        self.registers.orig_rax.cast_signed()
    }

    /// What the call answered: negative is an error.
    pub(crate) fn answer(&self) -> i64 {
        self.registers.rax.cast_signed()
    }

    pub(crate) fn arg(&self, number: usize) -> u64 {
        let r = &self.registers;
        [r.rdi, r.rsi, r.rdx, r.r10, r.r8, r.r9].get(number).copied().unwrap_or(0)
    }

    /// An argument that is a descriptor or flags.
    pub(crate) fn int(&self, number: usize) -> i32 {
        #[expect(clippy::cast_possible_truncation, reason = "the upper half of an int's register means nothing")]
        let low = self.arg(number) as u32;
        low.cast_signed()
    }

    /// Lets the kernel see a call that is skipped, or one that is asked for less.
    pub(crate) fn before(&mut self, injected: &Injected) -> Result<()> {
        match injected {
            Injected::Fails(_) => self.registers.orig_rax = SKIPPED,
            Injected::Shortened => self.registers.rdx = self.registers.rdx.div_ceil(2),
        }
        Ok(ptrace::setregs(self.tid, self.registers)?)
    }

    pub(crate) fn after(&mut self, injected: &Injected) -> Result<()> {
        if let Injected::Fails(errno) = injected {
            self.registers.rax = (-i64::from(*errno as i32)).cast_unsigned();
            ptrace::setregs(self.tid, self.registers)?;
        }
        Ok(())
    }

    pub(crate) fn bytes(&self, at: u64, len: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; len];
        let remote = RemoteIoVec { base: usize::try_from(at)?, len };
        let got = process_vm_readv(self.tid, &mut [IoSliceMut::new(&mut bytes)], &[remote])?;
        if got < len {
            bail!("only {got} of {len} bytes of the process could be read");
        }
        Ok(bytes)
    }

    /// A path in its memory. Read up to the end of each page, as the next one may not be there.
    pub(crate) fn path(&self, mut at: u64) -> Result<PathBuf> {
        let mut bytes = Vec::new();
        loop {
            let room = usize::try_from(4_096 - at % 4_096)?;
            let piece = self.bytes(at, room)?;
            if let Some(end) = piece.iter().position(|byte| *byte == 0) {
                bytes.extend(piece.into_iter().take(end));
                return Ok(PathBuf::from(OsString::from_vec(bytes)));
            }
            bytes.extend(piece);
            at += room as u64;
        }
    }

    /// The bytes of the pieces at `at`, `len` in all.
    pub(crate) fn gathered(&self, at: u64, pieces: usize, len: usize) -> Result<Vec<u8>> {
        let table = self.bytes(at, pieces * 16)?;
        let word = |bytes: &[u8]| bytes.try_into().map(u64::from_le_bytes).unwrap_or(0);
        let mut all = Vec::with_capacity(len);
        for entry in table.chunks_exact(16) {
            let (base, size) = entry.split_at(8);
            let size = usize::try_from(word(size))?.min(len - all.len());
            all.extend(self.bytes(word(base), size)?);
        }
        Ok(all)
    }

    /// What the kernel says that a descriptor is.
    pub(crate) fn proc(&self, what: &str) -> PathBuf {
        Path::new("/proc").join(self.tid.to_string()).join(what)
    }

    pub(crate) fn descriptor(&self, fd: i32) -> Result<PathBuf> {
        let link = self.proc(&format!("fd/{fd}"));
        fs::read_link(&link).with_context(|| format!("reading {}", link.display()))
    }

    /// A descriptor's place in its file, and how it was opened.
    pub(crate) fn position(&self, fd: i32) -> Result<(u64, i32)> {
        let text = fs::read_to_string(self.proc(&format!("fdinfo/{fd}")))?;
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let position = field("pos:").context("no position")?.parse()?;
        let flags = i32::from_str_radix(field("flags:").context("no flags")?, 8)?;
        Ok((position, flags))
    }

    /// The path that an argument names, with all but its last part resolved.
    pub(crate) fn resolve(&self, folder: i32, path: &Path) -> Result<PathBuf> {
        let base = match folder {
            _ if path.is_absolute() => PathBuf::new(),
            libc::AT_FDCWD => fs::read_link(self.proc("cwd"))?,
            fd => self.descriptor(fd)?,
        };
        let whole = base.join(path);
        let (Some(parent), Some(name)) = (whole.parent(), whole.file_name()) else { return Ok(whole) };
        Ok(parent.canonicalize().map_or_else(|_| whole.clone(), |parent| parent.join(name)))
    }
}
