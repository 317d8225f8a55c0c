//! What is on a disk after a power cut, as folders and files that can be opened.
#![expect(clippy::disallowed_methods, reason = "images are files, which are compared and written")]

use std::collections::BTreeMap;
use std::fs;
use std::hash::Hasher;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use xxhash_rust::xxh3::Xxh3;

use super::pages::Pages;
use crate::trace::FileId;

/// Paths relative to the watched folder; folders have no content.
#[derive(Clone, Debug, Default)]
pub(crate) struct Image {
    entries: BTreeMap<PathBuf, Option<(FileId, Pages)>>,
}

impl Image {
    pub(crate) fn add_folder(&mut self, path: PathBuf) {
        self.entries.insert(path, None);
    }

    pub(crate) fn add_file(&mut self, path: PathBuf, file: FileId, content: Pages) {
        self.entries.insert(path, Some((file, content)));
    }

    /// Folders before what is in them.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&Path, Option<(FileId, &Pages)>)> {
        self.entries.iter().map(|(path, entry)| (path.as_path(), entry.as_ref().map(|(id, pages)| (*id, pages))))
    }

    /// What is in the folder now. Files are known by their inodes.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let mut image = Self::default();
        image.read_into(folder, Path::new("")).with_context(|| format!("reading {}", folder.display()))?;
        Ok(image)
    }

    fn read_into(&mut self, root: &Path, folder: &Path) -> Result<()> {
        for entry in fs::read_dir(root.join(folder))? {
            let entry = entry?;
            let (path, kind) = (folder.join(entry.file_name()), entry.file_type()?);
            if kind.is_dir() {
                self.add_folder(path.clone());
                self.read_into(root, &path)?;
            } else if kind.is_file() {
                let mut pages = Pages::default();
                let bytes = fs::read(entry.path())?;
                for (number, chunk) in bytes.chunks(4_096).enumerate() {
                    if chunk.iter().any(|byte| *byte != 0) {
                        pages.write(number as u64 * 4_096, chunk);
                    }
                }
                pages.resize(bytes.len() as u64);
                self.add_file(path, entry.metadata()?.ino(), pages);
            } else {
                bail!("{} is neither a file nor a folder", path.display());
            }
        }
        Ok(())
    }

    /// Makes the files in a folder that is empty.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        for (path, entry) in &self.entries {
            let path = folder.join(path);
            match entry {
                None => fs::create_dir(&path)?,
                Some((_, pages)) => write_file(&path, pages)?,
            }
        }
        Ok(())
    }

    /// Equal images have equal ones.
    pub(crate) fn hash(&self) -> u64 {
        let mut hasher = Xxh3::new();
        for (path, entry) in &self.entries {
            hasher.write(path.as_os_str().as_bytes());
            hasher.write_u8(u8::from(entry.is_some()));
            if let Some((_, pages)) = entry {
                hasher.write_u64(pages.len());
                for (at, piece) in pages.pieces().filter(|(_, piece)| piece.iter().any(|byte| *byte != 0)) {
                    hasher.write_u64(at);
                    hasher.write(piece);
                }
            }
        }
        hasher.finish()
    }

    /// Where two images are not the same.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let mut found = Vec::new();
        let names: std::collections::BTreeSet<_> = self.entries.keys().chain(other.entries.keys()).collect();
        for name in names {
            let alone = |image: &Self| {
                let entry = image.entries.get(name).cloned();
                Self { entries: entry.map(|entry| (PathBuf::from("x"), entry)).into_iter().collect() }
            };
            let (mine, others) = (alone(self), alone(other));
            if mine.hash() != others.hash() {
                found.push(name.display().to_string());
            }
        }
        found
    }
}

fn write_file(path: &Path, pages: &Pages) -> Result<()> {
    let file = fs::File::create_new(path)?;
    file.set_len(pages.len())?;
    for (at, piece) in pages.pieces() {
        file.write_all_at(piece, at)?;
    }
    Ok(())
}
