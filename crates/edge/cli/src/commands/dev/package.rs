//! A folder as a package.

use std::ffi::OsStr;
use std::io::{Cursor, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use walkdir::{DirEntry, WalkDir};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// What tools and editors leave beside code; no part of a function.
const LEFT_OUT: [&str; 14] = [
    ".git",
    ".hg",
    ".svn",
    ".updraft",
    ".venv",
    "venv",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".idea",
    ".vscode",
    ".DS_Store",
    "4913",
];
const LEFT_OUT_ENDINGS: [&str; 5] = ["~", ".pyc", ".swp", ".swx", ".tmp"];
/// Packing takes longer than sending: below this, nothing is made smaller.
const AS_IT_IS: u64 = 32 << 20;
/// What Lambda takes in a request.
const LARGEST: usize = 50 << 20;

pub(super) fn is_left_out(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    LEFT_OUT.contains(&&*name) || LEFT_OUT_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// The same bytes for the same files.
pub(super) fn packed(folder: &Path) -> Result<Bytes> {
    let files = files(folder)?;
    let total: u64 = files.iter().filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum();
    let method = if total <= AS_IT_IS { CompressionMethod::Stored } else { CompressionMethod::Deflated };
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for file in files {
        // Saved and gone: editors do that.
        let Ok(content) = read(file.path()) else { continue };
        let mode = file.metadata()?.permissions().mode();
        let name = file.path().strip_prefix(folder)?.to_str().context("a file's name isn't UTF-8")?;
        zip.start_file(name, SimpleFileOptions::default().compression_method(method).unix_permissions(mode & 0o777))?;
        zip.write_all(&content)?;
    }
    let package = zip.finish()?.into_inner();
    if package.len() > LARGEST {
        let size = package.len() >> 20;
        bail!(
            "the folder makes a package of {size} MiB, and Lambda takes 50; leave something out, or put it into a layer"
        );
    }
    Ok(package.into())
}

fn files(folder: &Path) -> Result<Vec<DirEntry>> {
    let all = WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter();
    let wanted = all.filter_entry(|entry| entry.depth() == 0 || !is_left_out(entry.file_name()));
    let mut files = Vec::new();
    for entry in wanted {
        match entry {
            Ok(entry) if entry.file_type().is_file() => files.push(entry),
            Ok(_) => {}
            // Gone since the folder was listed, or a link to nowhere.
            Err(err)
                if err.depth() > 0 && err.io_error().is_some_and(|io| io.kind() == std::io::ErrorKind::NotFound) => {}
            Err(err) => return Err(err).with_context(|| format!("can't read {}", folder.display())),
        }
    }
    if files.is_empty() {
        bail!("there is nothing in {}", folder.display());
    }
    Ok(files)
}

#[expect(clippy::disallowed_methods, reason = "a person named this folder to the command line")]
pub(super) fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    std::fs::read(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tools_leave_is_left_out() {
        for name in [".git", "__pycache__", "app.pyc", ".app.py.swp", "app.py~", ".updraft"] {
            assert!(is_left_out(OsStr::new(name)), "{name}");
        }
        for name in ["app.py", "node_modules", ".env", "git", "bootstrap"] {
            assert!(!is_left_out(OsStr::new(name)), "{name}");
        }
    }
}
