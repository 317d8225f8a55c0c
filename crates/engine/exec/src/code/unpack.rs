//! Writing a package's files. Blocking: called off the async threads.
#![expect(clippy::disallowed_methods, reason = "the engine owns the folder of unpacked code")]

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Cursor, Read};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use zip::ZipArchive;

use super::check::{Entry, Kind, entries, link_stays_inside, open};
use super::{BadCode, UNPACKED_LIMIT};

/// Longer than any path that Linux follows.
const LINK_LIMIT: u64 = 4096;

type Archive<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Unpacks into `root`, which must not exist yet. What was declared is not believed: real sizes are counted.
pub(crate) fn unpack(zip: &[u8], root: &Path) -> Result<(), BadCode> {
    let mut archive = open(zip)?;
    let (entries, _) = entries(&mut archive)?;
    fs::create_dir(root)?;
    let mut left = UNPACKED_LIMIT;
    let (links, rest): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| entry.kind == Kind::Link);
    for entry in rest {
        left -= place(&mut archive, entry, root, left)?;
    }
    // Links come last: so nothing is ever written through one.
    for entry in links {
        link(&mut archive, entry, root)?;
    }
    seal(root)
}

/// Writes a file or makes a folder.
///
/// # Returns
/// How many bytes were written.
fn place(archive: &mut Archive<'_>, entry: &Entry, root: &Path, left: u64) -> Result<u64, BadCode> {
    let path = root.join(&entry.path);
    let Kind::File { executable } = entry.kind else {
        fs::create_dir_all(&path)?;
        return Ok(0);
    };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    remove_earlier(&path)?;
    let mode = if executable { 0o555 } else { 0o444 };
    let mut to = OpenOptions::new().write(true).create_new(true).mode(mode).open(&path)?;
    let mut from = archive.by_index(entry.index)?.take(left + 1);
    let written = io::copy(&mut from, &mut to).map_err(unreadable)?;
    to.set_permissions(Permissions::from_mode(mode))?;
    if written > left { Err(BadCode::TooLarge) } else { Ok(written) }
}

/// A package may name a path twice; the later entry counts.
fn remove_earlier(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Bytes that don't inflate, or whose checksum is wrong, are the package's fault.
fn unreadable(error: io::Error) -> BadCode {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => BadCode::NotAZip,
        io::ErrorKind::Other if error.raw_os_error().is_none() => BadCode::NotAZip,
        _ => BadCode::Io(error),
    }
}

fn link(archive: &mut Archive<'_>, entry: &Entry, root: &Path) -> Result<(), BadCode> {
    let mut target = String::new();
    archive.by_index(entry.index)?.take(LINK_LIMIT).read_to_string(&mut target).map_err(unreadable)?;
    let target = PathBuf::from(target);
    let outside = || BadCode::Outside(entry.path.display().to_string());
    let path = root.join(&entry.path);
    let Some(parent) = path.parent() else { return Err(outside()) };
    if !parent.exists() {
        fs::create_dir_all(parent)?;
    }
    // A link in place of a folder puts what follows elsewhere: what counts is where it really comes to lie.
    let (parent, whole) = (parent.canonicalize()?, root.canonicalize()?);
    let folder = parent.strip_prefix(whole).map_err(|_| outside())?;
    if !link_stays_inside(folder, &target) {
        return Err(outside());
    }
    remove_earlier(&path)?;
    Ok(symlink(target, path)?)
}

/// Takes the right to write from every folder, deepest first.
pub(super) fn seal(folder: &Path) -> Result<(), BadCode> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            seal(&entry.path())?;
        }
    }
    Ok(fs::set_permissions(folder, Permissions::from_mode(0o555))?)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn zip(build: impl FnOnce(&mut ZipWriter<Cursor<Vec<u8>>>)) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        build(&mut writer);
        writer.finish().unwrap().into_inner()
    }

    fn file(name: &str, mode: u32, body: &[u8]) -> Vec<u8> {
        zip(|w| {
            w.start_file(name, SimpleFileOptions::default().unix_permissions(mode)).unwrap();
            w.write_all(body).unwrap();
        })
    }

    fn into_temp(bytes: &[u8]) -> (tempfile::TempDir, Result<(), BadCode>) {
        let dir = tempfile::tempdir().unwrap();
        let result = unpack(bytes, &dir.path().join("code"));
        (dir, result)
    }

    #[test]
    fn files_keep_their_content_and_only_the_right_to_be_executed() {
        let (dir, result) = into_temp(&file("bin/run", 0o6755, b"#!/bin/sh\n"));
        result.unwrap();
        let path = dir.path().join("code/bin/run");
        assert_eq!(fs::read(&path).unwrap(), b"#!/bin/sh\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o555);
        assert_eq!(fs::metadata(dir.path().join("code/bin")).unwrap().permissions().mode() & 0o777, 0o555);
    }

    #[test]
    fn a_link_may_stay_but_not_leave() {
        let options = SimpleFileOptions::default();
        let (dir, result) = into_temp(&zip(|w| {
            w.add_symlink("lib/a", "../b", options).unwrap();
        }));
        result.unwrap();
        assert_eq!(fs::read_link(dir.path().join("code/lib/a")).unwrap(), Path::new("../b"));
        let (_dir, result) = into_temp(&zip(|w| {
            w.add_symlink("a", "/etc", options).unwrap();
        }));
        assert!(matches!(result, Err(BadCode::Outside(_))), "{result:?}");
    }

    #[test]
    fn links_dont_leave_by_way_of_each_other() {
        let options = SimpleFileOptions::default();
        for links in [
            [("a/up", ".."), ("a/out", "up/../../x")],
            [("up", "a"), ("a/b/out", "../../../x")],
            [("here", "."), ("here/here/out", "../x")],
        ] {
            let (_dir, result) = into_temp(&zip(|w| {
                w.start_file("a/b/file", options).unwrap();
                links.iter().for_each(|(name, target)| w.add_symlink(*name, *target, options).unwrap());
            }));
            assert!(matches!(result, Err(BadCode::Outside(_))), "{links:?}: {result:?}");
        }
    }

    #[test]
    fn nothing_is_written_through_a_link() {
        let outside = tempfile::tempdir().unwrap();
        let (_dir, result) = into_temp(&zip(|w| {
            let options = SimpleFileOptions::default();
            w.add_symlink("a", "b", options).unwrap();
            w.start_file("a/x", options).unwrap();
            w.write_all(b"x").unwrap();
        }));
        assert!(result.is_err());
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_package_that_declares_too_much_is_refused_before_anything_is_written() {
        let bytes = zip(|w| {
            let options = SimpleFileOptions::default();
            let chunk = vec![0_u8; 1 << 20];
            for part in 0..26 {
                w.start_file(format!("part{part}"), options).unwrap();
                (0..10).for_each(|_| w.write_all(&chunk).unwrap());
            }
        });
        let (dir, result) = into_temp(&bytes);
        assert!(matches!(result, Err(BadCode::TooLarge)), "{result:?}");
        assert!(!dir.path().join("code").exists());
    }
}
