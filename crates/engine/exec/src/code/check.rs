//! Looking at a package without unpacking it: what it would write, and where.

use std::io::Cursor;
use std::path::{Component, Path, PathBuf};

use zip::ZipArchive;

use super::{BadCode, DEPTH_LIMIT, ENTRY_LIMIT, UNPACKED_LIMIT};

const TYPE_MASK: u32 = 0o170_000;
const DIRECTORY: u32 = 0o040_000;
const REGULAR: u32 = 0o100_000;
const LINK: u32 = 0o120_000;

/// What an entry becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    File { executable: bool },
    Folder,
    Link,
}

/// One entry, found fit to be unpacked.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) index: usize,
    pub(crate) path: PathBuf,
    pub(crate) kind: Kind,
}

/// Checks format, names and declared sizes.
///
/// # Returns
/// The unpacked size in bytes, as the package declares it.
pub(crate) fn check(zip: &[u8]) -> Result<u64, BadCode> {
    let mut archive = open(zip)?;
    entries(&mut archive).map(|(_, size)| size)
}

pub(crate) fn open(zip: &[u8]) -> Result<ZipArchive<Cursor<&[u8]>>, BadCode> {
    Ok(ZipArchive::new(Cursor::new(zip))?)
}

/// Every entry with its place, and the sum of the declared sizes.
pub(crate) fn entries(archive: &mut ZipArchive<Cursor<&[u8]>>) -> Result<(Vec<Entry>, u64), BadCode> {
    if archive.len() > ENTRY_LIMIT {
        return Err(BadCode::TooManyEntries);
    }
    let mut found = Vec::with_capacity(archive.len());
    let mut size: u64 = 0;
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index)?;
        size = size.saturating_add(file.size());
        let name = file.name()?;
        let kind = kind(file.unix_mode(), file.is_dir(), &name)?;
        found.push(Entry { index, path: place(&name)?, kind });
    }
    if size > UNPACKED_LIMIT { Err(BadCode::TooLarge) } else { Ok((found, size)) }
}

fn kind(mode: Option<u32>, folder: bool, name: &str) -> Result<Kind, BadCode> {
    let mode = mode.unwrap_or(REGULAR);
    match mode & TYPE_MASK {
        _ if folder => Ok(Kind::Folder),
        DIRECTORY => Ok(Kind::Folder),
        // Set-user-id and sticky bits are left behind: only "may be executed" is kept.
        REGULAR | 0 => Ok(Kind::File { executable: mode & 0o111 != 0 }),
        LINK => Ok(Kind::Link),
        _ => Err(BadCode::Special(name.to_owned())),
    }
}

/// The entry's path below the package's root; refuses whatever would leave it.
fn place(name: &str) -> Result<PathBuf, BadCode> {
    let outside = || BadCode::Outside(name.to_owned());
    if name.contains('\0') || name.contains('\\') && name.split('\\').any(|part| part == "..") {
        return Err(outside());
    }
    let mut path = PathBuf::new();
    if Path::new(name).components().count() > DEPTH_LIMIT {
        return Err(BadCode::TooDeep(DEPTH_LIMIT));
    }
    for part in Path::new(name).components() {
        match part {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            _ => return Err(outside()),
        }
    }
    Ok(path)
}

/// May a link in `folder` (below the root, and no link itself) point to `target`? Only to what is inside as well. What a
/// name leads to may be a link, so after one there is no way to tell where `..` is.
pub(crate) fn link_stays_inside(folder: &Path, target: &Path) -> bool {
    let mut parts = target.components().filter(|part| *part != Component::CurDir).peekable();
    let mut up = 0;
    while parts.next_if_eq(&Component::ParentDir).is_some() {
        up += 1;
    }
    up <= folder.components().count() && parts.all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_leave_the_package_are_refused() {
        for bad in ["../x", "a/../../x", "/etc/passwd", "..\\x", "a\0b"] {
            assert!(place(bad).is_err(), "{bad:?}");
        }
        assert_eq!(place("./a//b.py").unwrap(), Path::new("a/b.py"));
        assert!(place(&"a/".repeat(DEPTH_LIMIT)).is_ok() && place(&"a/".repeat(DEPTH_LIMIT + 1)).is_err());
    }

    #[test]
    fn links_stay_inside() {
        let ok = |folder: &str, target: &str| link_stays_inside(Path::new(folder), Path::new(target));
        assert!(ok("a", "../c") && ok("", "b/./c") && ok("x/y", "../../q") && ok("a", ".."));
        assert!(!ok("", "/etc") && !ok("a", "../../c") && !ok("", ".."));
        assert!(!ok("a", "b/../c"), "b may be a link");
    }

    #[test]
    fn devices_are_refused_and_odd_bits_left_behind() {
        assert!(kind(Some(0o020_666), false, "dev").is_err());
        assert_eq!(kind(Some(0o104_755), false, "suid").unwrap(), Kind::File { executable: true });
        assert_eq!(kind(None, false, "dos").unwrap(), Kind::File { executable: false });
    }

    #[test]
    fn what_is_no_zip_is_refused_in_awss_words() {
        let said = check(b"this is no zip").unwrap_err().to_string();
        assert_eq!(said, "Could not unzip uploaded file. Please check your file, then try to upload again.");
    }
}
