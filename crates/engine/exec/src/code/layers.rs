//! Layers: laid over each other into one folder, which the function sees at `/opt`. Each set of layers is laid out
//! once, of links to the files of the layers' own folders. Laying out is blocking: called off the async threads.
#![expect(clippy::disallowed_methods, reason = "the engine owns the folder of unpacked code")]

use std::fs::{self, FileType};
use std::io;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use updraft_kernel::ports::{FunctionSpec, LayerSpec, RunnerRefusal};

use super::store::CodeStore;
use super::{BadCode, unpack};
use crate::runtime::Unpacked;

impl CodeStore {
    /// Everything that a function is made of, on the host.
    pub(crate) async fn unpacked(&self, spec: &FunctionSpec) -> Result<Unpacked, RunnerRefusal> {
        let code = self.folder(&spec.code).await?;
        Ok(Unpacked { code, layers: self.layers(&spec.layers).await? })
    }

    async fn layers(&self, layers: &[LayerSpec]) -> Result<Option<Arc<Path>>, RunnerRefusal> {
        let mut folders = Vec::with_capacity(layers.len());
        for layer in layers {
            folders.push(self.folder(&layer.code).await?);
        }
        if folders.len() < 2 {
            return Ok(folders.pop());
        }
        let merged = self.once(name(layers), || async { Ok(move |root: &Path| merge(&folders, root)) });
        merged.await.map(Some)
    }
}

/// Of these layers, in this order.
fn name(layers: &[LayerSpec]) -> String {
    let mut hash = Sha256::new();
    for layer in layers {
        hash.update(&layer.code.sha256);
        hash.update(b"\n");
    }
    format!("layers-{}", updraft_kernel::hex(&hash.finalize()))
}

/// Lays the folders over each other into `root`, which must not exist yet. Later ones win over earlier ones.
fn merge(folders: &[Arc<Path>], root: &Path) -> Result<(), BadCode> {
    fs::create_dir(root)?;
    for folder in folders {
        lay(folder, root)?;
    }
    unpack::seal(root)
}

/// Nothing here follows a link: where one stands in the way of a folder it goes, so nothing is ever written through it.
fn lay(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, place) = (entry.file_type()?, to.join(entry.file_name()));
        let there = fs::symlink_metadata(&place).ok().map(|data| data.file_type());
        if !(kind.is_dir() && there.is_some_and(|there| there.is_dir())) {
            make_way(&place, there)?;
        }
        if kind.is_symlink() {
            symlink(fs::read_link(entry.path())?, place)?;
        } else if kind.is_dir() {
            if !place.is_dir() {
                fs::create_dir(&place)?;
            }
            lay(&entry.path(), &place)?;
        } else if fs::hard_link(entry.path(), &place).is_err() {
            // A file has only so many names, and some file systems know only one.
            fs::copy(entry.path(), &place)?;
        }
    }
    Ok(())
}

fn make_way(place: &Path, there: Option<FileType>) -> io::Result<()> {
    match there {
        None => Ok(()),
        Some(there) if there.is_dir() => fs::remove_dir_all(place),
        Some(_) => fs::remove_file(place),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use updraft_kernel::ports::CodeLocation;

    use super::*;

    /// A folder with these files, a link where the text begins with `->`.
    fn folder(root: &Path, name: &str, files: &[(&str, &str)]) -> Arc<Path> {
        let folder = root.join(name);
        for (path, text) in files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match text.strip_prefix("->") {
                Some(target) => symlink(target, path).unwrap(),
                None => fs::write(path, text).unwrap(),
            }
        }
        folder.into()
    }

    fn merged(parts: &[&[(&str, &str)]]) -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let parts = parts.iter().enumerate();
        let folders: Vec<_> = parts.map(|(n, files)| folder(dir.path(), &n.to_string(), files)).collect();
        let root = dir.path().join("opt");
        merge(&folders, &root).unwrap();
        (dir, root)
    }

    #[test]
    fn later_layers_win_and_folders_are_joined() {
        let (_dir, opt) = merged(&[
            &[("python/a.py", "1"), ("python/both.py", "1"), ("bin/tool", "1")],
            &[("python/both.py", "2"), ("lib/x.so", "2")],
        ]);
        let read = |path: &str| fs::read_to_string(opt.join(path)).unwrap();
        assert_eq!((read("python/a.py"), read("python/both.py")), ("1".to_owned(), "2".to_owned()));
        assert_eq!((read("bin/tool"), read("lib/x.so")), ("1".to_owned(), "2".to_owned()));
        assert_eq!(fs::metadata(opt.join("python")).unwrap().permissions().mode() & 0o777, 0o555);
    }

    #[test]
    fn files_folders_and_links_replace_each_other() {
        let (_dir, opt) =
            merged(&[&[("a", "file"), ("b/inner", "1"), ("c", "->b")], &[("a/inner", "2"), ("b", "->a")]]);
        assert_eq!(fs::read_to_string(opt.join("a/inner")).unwrap(), "2");
        assert_eq!(fs::read_link(opt.join("b")).unwrap(), Path::new("a"));
        assert_eq!(fs::read_link(opt.join("c")).unwrap(), Path::new("b"));
    }

    #[test]
    fn nothing_is_written_through_a_link_of_an_earlier_layer() {
        let outside = tempfile::tempdir().unwrap();
        let link = format!("->{}", outside.path().display());
        let (_dir, opt) = merged(&[&[("out", &link)], &[("out/evil", "x")]]);
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
        assert!(fs::symlink_metadata(opt.join("out")).unwrap().is_dir());
    }

    #[test]
    fn a_merged_layers_name_holds_their_order() {
        let layer =
            |sha: &str| LayerSpec { arn: "a".into(), code: CodeLocation { blob: "b".into(), sha256: sha.into() } };
        assert_ne!(name(&[layer("1"), layer("2")]), name(&[layer("2"), layer("1")]));
        assert_ne!(name(&[layer("1"), layer("2")]), name(&[layer("12")]));
    }
}
