//! Names: what of them is on the disk, and what was done to them since.

use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::chance::{Chance, Names};
use crate::trace::FileId;

/// A folder through all its names.
pub(crate) type FolderId = usize;

/// The watched folder itself, whose own name is durable.
const ROOT: FolderId = 0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Node {
    File(FileId),
    Folder(FolderId),
}

type Folder = BTreeMap<OsString, Node>;

#[derive(Clone, Debug)]
pub(crate) struct Tree {
    durable: Vec<Folder>,
    /// What a process sees.
    live: Vec<Folder>,
    since: VecDeque<(u64, Change)>,
    done: u64,
}

/// One change, which happens as a whole: what becomes of which names.
type Change = Vec<(FolderId, OsString, Option<Node>)>;

impl Default for Tree {
    fn default() -> Self {
        Self { durable: vec![Folder::new()], live: vec![Folder::new()], since: VecDeque::new(), done: 0 }
    }
}

impl Tree {
    pub(crate) fn link(&mut self, path: &Path, file: FileId) -> Result<()> {
        self.add(path, Node::File(file))
    }

    pub(crate) fn make_folder(&mut self, path: &Path) -> Result<()> {
        let id = self.live.len();
        self.live.push(Folder::new());
        self.durable.push(Folder::new());
        self.add(path, Node::Folder(id))
    }

    fn add(&mut self, path: &Path, node: Node) -> Result<()> {
        let (folder, name) = self.place(path)?;
        if self.live.get(folder).is_some_and(|folder| folder.contains_key(&name)) {
            bail!("{} is there already", path.display());
        }
        self.change(vec![(folder, name, Some(node))]);
        Ok(())
    }

    pub(crate) fn rename(&mut self, from: &Path, to: &Path) -> Result<()> {
        let (node, (folder, name)) = (self.node(from)?, self.place(from)?);
        let (new_folder, new_name) = self.place(to)?;
        if (folder, &name) != (new_folder, &new_name) {
            self.change(vec![(folder, name, None), (new_folder, new_name, Some(node))]);
        }
        Ok(())
    }

    pub(crate) fn remove(&mut self, path: &Path) -> Result<()> {
        self.node(path)?;
        let (folder, name) = self.place(path)?;
        self.change(vec![(folder, name, None)]);
        Ok(())
    }

    /// How many changes there were ever.
    pub(crate) fn done(&self) -> u64 {
        self.done
    }

    /// Everything is durable.
    pub(crate) fn settle(&mut self) {
        self.durable.clone_from(&self.live);
        self.since.clear();
    }

    /// The changes of this folder's names before this count are durable. One that is between two folders is durable
    /// with either: journals write it as one.
    pub(crate) fn settle_folder(&mut self, folder: FolderId, upto: u64) {
        let is_meant = |(number, change): &(u64, Change)| *number < upto && change.iter().any(|(of, ..)| *of == folder);
        let (meant, others): (VecDeque<_>, VecDeque<_>) = self.since.drain(..).partition(is_meant);
        self.since = others;
        meant.iter().for_each(|(_, change)| apply(&mut self.durable, change));
    }

    /// The folder at the path.
    pub(crate) fn folder(&self, path: &Path) -> Result<FolderId> {
        match self.node(path)? {
            Node::Folder(id) => Ok(id),
            Node::File(_) => bail!("{} is no folder", path.display()),
        }
    }

    fn node(&self, path: &Path) -> Result<Node> {
        path.components().try_fold(Node::Folder(ROOT), |node, name| {
            let Node::Folder(id) = node else { bail!("{} leads through a file", path.display()) };
            let found = self.live.get(id).and_then(|folder| folder.get(name.as_os_str()));
            found.copied().with_context(|| format!("{} was never made", path.display()))
        })
    }

    /// The folder and the name in it.
    fn place(&self, path: &Path) -> Result<(FolderId, OsString)> {
        let name = path.file_name().with_context(|| format!("{} has no name", path.display()))?;
        Ok((self.folder(path.parent().unwrap_or(Path::new("")))?, name.to_owned()))
    }

    fn change(&mut self, change: Change) {
        apply(&mut self.live, &change);
        self.since.push_back((self.done, change));
        self.done += 1;
    }

    /// Every path with its file, or without if it is a folder; folders before what is in them.
    pub(crate) fn after_cut(&self, chance: &mut Chance) -> Vec<(PathBuf, Option<FileId>)> {
        let mut folders = self.durable.clone();
        match chance.names() {
            Names::Prefix => {
                let survive = chance.first(self.since.len());
                self.since.iter().take(survive).for_each(|(_, change)| apply(&mut folders, change));
            }
            Names::Any => {
                let survivors = self.since.iter().filter(|_| chance.first(1) == 1);
                survivors.for_each(|(_, change)| apply(&mut folders, change));
            }
        }
        let mut found = Vec::new();
        walk(&folders, ROOT, Path::new(""), &mut found);
        found
    }
}

fn apply(folders: &mut [Folder], change: &Change) {
    for (folder, name, node) in change {
        let Some(folder) = folders.get_mut(*folder) else { continue };
        match node {
            Some(node) => folder.insert(name.clone(), *node),
            None => folder.remove(name),
        };
    }
}

fn walk(folders: &[Folder], folder: FolderId, path: &Path, found: &mut Vec<(PathBuf, Option<FileId>)>) {
    for (name, node) in folders.get(folder).into_iter().flatten() {
        let path = path.join(name);
        match node {
            Node::File(file) => found.push((path, Some(*file))),
            Node::Folder(id) => {
                found.push((path.clone(), None));
                walk(folders, *id, &path, found);
            }
        }
    }
}
