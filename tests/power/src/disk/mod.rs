//! A disk with a file system on it, as pessimistic as POSIX lets it be, and what a power cut leaves of it.
//!
//! It knows what was done and what of it was synced. A file's bytes are safe once the file was synced, a name once its
//! folder was; everything else may be there or not. Start reading at [`Disk::after_cut`].

mod chance;
mod file;
mod image;
mod pages;
#[cfg(test)]
mod tests;
mod tree;

use std::collections::BTreeMap;

use anyhow::{Context, Result};

pub(crate) use chance::{Chance, Survival};
pub(crate) use image::Image;

use crate::trace::{Event, FileId, SyncId, Target};
use file::File;
use tree::{FolderId, Tree};

/// What the events so far have made of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Disk {
    files: BTreeMap<FileId, File>,
    tree: Tree,
    syncs: BTreeMap<SyncId, Mark>,
}

/// What a sync under way is going to make durable: not what is done after it has begun.
#[derive(Clone, Copy, Debug)]
enum Mark {
    File(FileId, u64),
    Folder(FolderId, u64),
}

impl Disk {
    /// A disk on which everything is durable.
    pub(crate) fn of(image: &Image) -> Result<Self> {
        let mut disk = Self::default();
        for (path, file) in image.entries() {
            match file {
                Some((id, pages)) => {
                    disk.files.insert(id, File::durable(pages.clone()));
                    disk.tree.link(path, id)?;
                }
                None => disk.tree.make_folder(path)?,
            }
        }
        disk.tree.settle();
        Ok(disk)
    }

    /// # Errors
    /// If it can't have happened: the trace is incomplete.
    pub(crate) fn apply(&mut self, event: &Event) -> Result<()> {
        match event {
            Event::Create { file, path } => {
                self.files.insert(*file, File::default());
                path.as_ref().map_or(Ok(()), |path| self.tree.link(path, *file))
            }
            Event::MakeFolder(path) => self.tree.make_folder(path),
            Event::Link { file, path } => self.tree.link(path, *file),
            Event::Rename { from, to } => self.tree.rename(from, to),
            Event::Remove(path) => self.tree.remove(path),
            Event::Write { file, at, bytes } => self.file(*file).map(|file| file.write(*at, bytes)),
            Event::Resize { file, len } => self.file(*file).map(|file| file.resize(*len)),
            Event::SyncBegins { sync, target } => self.sync_begins(*sync, target),
            Event::SyncEnds { sync, well } => self.sync_ends(*sync, *well),
            Event::Said(_) | Event::Refused(_) => Ok(()),
        }
    }

    fn file(&mut self, id: FileId) -> Result<&mut File> {
        self.files.get_mut(&id).with_context(|| format!("file {id} was never created"))
    }

    fn sync_begins(&mut self, sync: SyncId, target: &Target) -> Result<()> {
        let mark = match target {
            Target::File(id) => Mark::File(*id, self.file(*id)?.done()),
            Target::Folder(path) => Mark::Folder(self.tree.folder(path)?, self.tree.done()),
        };
        self.syncs.insert(sync, mark);
        Ok(())
    }

    fn sync_ends(&mut self, sync: SyncId, well: bool) -> Result<()> {
        match self.syncs.remove(&sync).context("a sync ends that never began")? {
            Mark::File(id, upto) if well => self.file(id)?.settle(upto),
            Mark::File(id, upto) => self.file(id)?.forget(upto),
            Mark::Folder(folder, upto) if well => self.tree.settle_folder(folder, upto),
            // The journal keeps it in memory: it may still be written later, or not.
            Mark::Folder(..) => {}
        }
        Ok(())
    }

    /// What is found after a power cut at this moment.
    pub(crate) fn after_cut(&self, survival: Survival) -> Image {
        let mut chance = Chance::new(survival);
        let names = self.tree.after_cut(&mut chance);
        let mut image = Image::default();
        for (path, file) in names {
            let Some(id) = file else {
                image.add_folder(path);
                continue;
            };
            let content = self.files.get(&id).map(|file| file.after_cut(&mut chance)).unwrap_or_default();
            image.add_file(path, id, content);
        }
        image
    }

    /// What a process sees that reads it while the power is on.
    pub(crate) fn live(&self) -> Image {
        self.after_cut(Survival::Everything)
    }
}
