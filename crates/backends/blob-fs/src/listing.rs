//! Going through all blobs, directory by directory, in the order of their ids.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use updraft_blob::{BlobId, BlobInfo};
use updraft_kernel::UnixMillis;

use crate::places::Places;

/// Blobs behind `after`. Names that are none of ours are passed over.
pub(crate) fn page(places: &Places, after: Option<&BlobId>, limit: usize) -> io::Result<Vec<BlobInfo>> {
    let after = after.map_or("", BlobId::as_str);
    let mut found = Vec::new();
    for (outer, path) in names(places.root(), 2)? {
        if is_behind(&outer, after) {
            collect(&path, &outer, after, limit, &mut found)?;
        }
        if found.len() >= limit {
            break;
        }
    }
    found.truncate(limit);
    Ok(found)
}

fn collect(directory: &Path, outer: &str, after: &str, limit: usize, found: &mut Vec<BlobInfo>) -> io::Result<()> {
    for (inner, path) in names(directory, 2)? {
        if found.len() >= limit {
            return Ok(());
        }
        if is_behind(&format!("{outer}{inner}"), after) {
            let files = names(&path, 32)?.into_iter().filter(|(name, _)| name.as_str() > after);
            for (name, path) in files {
                found.extend(info(&name, &path)?);
            }
        }
    }
    Ok(())
}

/// Whether a directory of ids with this prefix can hold one behind `after`.
fn is_behind(prefix: &str, after: &str) -> bool {
    after.get(..prefix.len()).is_none_or(|cut| prefix >= cut)
}

/// The entries with names of `len` hexadecimal digits, sorted.
fn names(directory: &Path, len: usize) -> io::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.len() == len && name.bytes().all(|b| b.is_ascii_hexdigit()) {
            found.push((name, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}

/// `None` if it was deleted meanwhile, or isn't a blob.
fn info(name: &str, path: &Path) -> io::Result<Option<BlobInfo>> {
    let Ok(id) = BlobId::parse(name) else { return Ok(None) };
    match fs::metadata(path) {
        Ok(meta) => Ok(Some(BlobInfo { id, size: meta.len(), written: millis(meta.modified()?) })),
        Err(err) if err.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(err) => Err(err),
    }
}

pub(crate) fn millis(at: SystemTime) -> UnixMillis {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
