//! Where the bench works and what it has started so far.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::peer;
use crate::platform::{self, Server};

pub(crate) struct World {
    pub(crate) binary: PathBuf,
    /// On the disk under measurement; peers stay installed here, the rest is removed.
    folder: PathBuf,
    scratch: PathBuf,
    made: u32,
    pub(crate) quick: bool,
}

impl World {
    /// # Errors
    /// If the platform's binary isn't there.
    pub(crate) fn new(quick: bool) -> Result<Self> {
        let binary = PathBuf::from(std::env::var_os("UPDRAFT_BIN").unwrap_or_else(|| "target/release/updraft".into()));
        ensure!(binary.is_file(), "{} isn't there: run `cargo xtask bench`, which builds it", binary.display());
        let folder = PathBuf::from(std::env::var_os("BENCH_FOLDER").unwrap_or_else(|| "target/bench".into()));
        let scratch = folder.join(format!("run-{}", std::process::id()));
        std::fs::create_dir_all(&scratch).with_context(|| format!("making {}", scratch.display()))?;
        Ok(Self { binary, folder, scratch: scratch.canonicalize()?, made: 0, quick })
    }

    /// Rounds of each measurement.
    pub(crate) fn rounds(&self) -> usize {
        if self.quick { 3 } else { 7 }
    }

    /// The larger number, or the smaller one when it has to be quick.
    pub(crate) fn size(&self, full: usize, quick: usize) -> usize {
        if self.quick { quick } else { full }
    }

    /// A new, empty folder.
    ///
    /// # Errors
    /// If it can't be made.
    pub(crate) fn folder(&mut self) -> Result<PathBuf> {
        self.made += 1;
        let folder = self.scratch.join(self.made.to_string());
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// A new platform with nothing in it.
    ///
    /// # Errors
    /// If it doesn't start.
    pub(crate) fn platform(&mut self) -> Result<Server> {
        self.platform_with(&[])
    }

    /// The same, started with these arguments.
    ///
    /// # Errors
    /// As [`Self::platform`].
    pub(crate) fn platform_with(&mut self, more: &[&OsStr]) -> Result<Server> {
        let data = self.folder()?;
        platform::updraft(&self.binary, &data, more)
    }

    /// The folder of AWS's SDK for Python, fetched once.
    ///
    /// # Errors
    /// If it can't be fetched.
    pub(crate) fn python_sdk(&self) -> Result<PathBuf> {
        let cache = std::path::absolute(self.folder.join("cache"))?;
        let mut fetch = Command::new(&self.binary);
        fetch.args(["runtimes", "install", "python"]).env("XDG_CACHE_HOME", &cache).stdout(Stdio::null());
        ensure!(fetch.status()?.success(), "AWS's SDK for Python can't be fetched");
        let found = walk(&cache, 4).context("AWS's SDK for Python isn't where it was fetched to")?;
        Ok(found)
    }

    /// One of several platforms on a database, with blobs in common.
    ///
    /// # Errors
    /// If it doesn't start.
    pub(crate) fn node(&mut self, database: &str, blobs: &Path) -> Result<Server> {
        let data = self.folder()?;
        let more = ["--store".as_ref(), database.as_ref(), "--blobs".as_ref(), blobs.as_os_str()];
        platform::updraft(&self.binary, &data, &more)
    }

    /// A new dynalite; `None`, with a line, where it can't be had.
    ///
    /// # Errors
    /// If a folder can't be made.
    pub(crate) fn dynalite(&mut self) -> Result<Option<Server>> {
        let data = self.folder()?;
        let started = peer::install(&self.folder).and_then(|program| peer::start(&program, &data));
        Ok(started.inspect_err(|err| eprintln!("  without dynalite: {err:#}")).ok())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Err(err) = std::fs::remove_dir_all(&self.scratch) {
            eprintln!("{} is left behind: {err}", self.scratch.display());
        }
    }
}

/// The folder of packages that has boto3, no deeper than this.
fn walk(folder: &Path, depth: usize) -> Option<PathBuf> {
    if folder.join("boto3").is_dir() {
        return Some(folder.to_owned());
    }
    let entries = std::fs::read_dir(folder).ok().filter(|_| depth > 0)?;
    entries.filter_map(Result::ok).find_map(|entry| walk(&entry.path(), depth - 1))
}
