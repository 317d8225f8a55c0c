//! The folder of unpacked blobs.

use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::OnceCell;
use updraft_blob::{BlobError, BlobId, Blobs, BlobsExt, ByteRange};
use updraft_kernel::ports::{CodeLocation, RunnerRefusal};

use super::BadCode;
use super::unpack::unpack;

type Cell = Arc<OnceCell<Arc<Path>>>;

/// Unpacks each package once. Folders are named by content and by the host's boot: what was written before a power
/// cut may be incomplete on disk, and is then unpacked anew instead of being synced file by file.
#[derive(Debug)]
pub(crate) struct CodeStore {
    root: PathBuf,
    blobs: Arc<dyn Blobs>,
    known: Mutex<HashMap<String, Cell>>,
    /// Keeps what this process unpacks apart from what another one does, which may share the folder.
    tag: String,
}

impl CodeStore {
    pub(crate) fn new(data: &Path, blobs: Arc<dyn Blobs>, tag: String) -> Self {
        Self { root: data.join("code").join(boot_id()), blobs, known: Mutex::new(HashMap::new()), tag }
    }

    /// Removes what earlier boots of the host have left. Blocking.
    pub(crate) fn sweeper(&self) -> impl FnOnce() + Send + 'static {
        let root = self.root.clone();
        move || {
            if let Err(error) = sweep(&root) {
                tracing::warn!(%error, "unpacked code of an earlier boot is left behind");
            }
        }
    }

    /// The folder of this package on the host.
    pub(crate) async fn folder(&self, code: &CodeLocation) -> Result<Arc<Path>, RunnerRefusal> {
        if code.sha256.is_empty() || !code.sha256.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(RunnerRefusal::BadCode("the package's hash is not hexadecimal".to_owned()));
        }
        let unpacked = self.once(code.sha256.clone(), || async {
            let zip = self.fetch(code).await.map_err(|error| unavailable(&error))?;
            Ok(move |root: &Path| unpack(&zip, root))
        });
        unpacked.await
    }

    /// The folder of this name, made if it isn't there yet. `plan` fetches what it is made of; what that gives is
    /// called off the async threads.
    pub(super) async fn once<W>(
        &self,
        name: String,
        plan: impl AsyncFnOnce() -> Result<W, RunnerRefusal>,
    ) -> Result<Arc<Path>, RunnerRefusal>
    where
        W: FnOnce(&Path) -> Result<(), BadCode> + Send + 'static,
    {
        let target = self.root.join(&name);
        let cell = Arc::clone(self.known.lock().entry(name).or_default());
        cell.get_or_try_init(|| self.made(target, plan)).await.cloned()
    }

    async fn made<W>(
        &self,
        target: PathBuf,
        plan: impl AsyncFnOnce() -> Result<W, RunnerRefusal>,
    ) -> Result<Arc<Path>, RunnerRefusal>
    where
        W: FnOnce(&Path) -> Result<(), BadCode> + Send + 'static,
    {
        if tokio::fs::try_exists(&target).await.unwrap_or(false) {
            return Ok(target.into());
        }
        let work = plan().await?;
        let (to, tag) = (target.clone(), self.tag.clone());
        match tokio::task::spawn_blocking(move || make_beside(&to, &tag, work)).await {
            Ok(Ok(())) => Ok(target.into()),
            Ok(Err(error)) => Err(refusal(&error)),
            Err(error) => Err(unavailable(&error)),
        }
    }

    async fn fetch(&self, code: &CodeLocation) -> Result<bytes::Bytes, BlobError> {
        self.blobs.get_bytes(&BlobId::parse(&code.blob)?, ByteRange::ALL).await
    }
}

/// Makes it next to the target and renames, so that the target is whole or absent.
fn make_beside(target: &Path, tag: &str, make: impl FnOnce(&Path) -> Result<(), BadCode>) -> Result<(), BadCode> {
    let parent = target.parent().unwrap_or(target);
    std::fs::DirBuilder::new().recursive(true).create(parent)?;
    let temporary = target.with_extension(format!("{tag}.partial"));
    if temporary.exists() {
        remove(&temporary)?;
    }
    if let Err(error) = make(&temporary) {
        discard(&temporary);
        return Err(error);
    }
    match std::fs::rename(&temporary, target) {
        // Another process was first, with the same bytes.
        Err(_) if target.exists() => Ok(remove(&temporary)?),
        renamed => Ok(renamed?),
    }
}

/// Removes what a package had written before it turned out to be bad: each is another one, and would stay for ever.
fn discard(temporary: &Path) {
    if let Err(error) = remove(temporary)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!(%error, "a bad code package left something behind");
    }
}

/// Removes the folders beside `root`.
fn sweep(root: &Path) -> std::io::Result<()> {
    let Some(parent) = root.parent().filter(|parent| parent.exists()) else { return Ok(()) };
    for entry in std::fs::read_dir(parent)? {
        let path = entry?.path();
        if path != root {
            remove(&path)?;
        }
    }
    Ok(())
}

fn remove(folder: &Path) -> std::io::Result<()> {
    unseal(folder)?;
    std::fs::remove_dir_all(folder)
}

/// Unpacked folders are read-only, which keeps whoever isn't root from removing what is in them.
fn unseal(folder: &Path) -> std::io::Result<()> {
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))?;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            unseal(&entry.path())?;
        }
    }
    Ok(())
}

fn refusal(error: &BadCode) -> RunnerRefusal {
    match error {
        BadCode::Io(_) => unavailable(error),
        bad => RunnerRefusal::BadCode(bad.to_string()),
    }
}

fn unavailable(error: &(dyn std::error::Error + 'static)) -> RunnerRefusal {
    tracing::error!(error, "a code package could not be made ready");
    RunnerRefusal::Unavailable("the code package could not be read or unpacked; the log says why".to_owned())
}

#[expect(clippy::disallowed_methods, reason = "the engine asks the host for its boot's name")]
fn boot_id() -> String {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let id = id.trim();
    if id.is_empty() { "boot".to_owned() } else { id.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_boots_code_is_kept() {
        let data = tempfile::tempdir().unwrap();
        let (now, before) = (data.path().join("now"), data.path().join("before"));
        for folder in [now.join("a"), before.join("b")] {
            std::fs::DirBuilder::new().recursive(true).create(&folder).unwrap();
            std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o555)).unwrap();
        }
        sweep(&now).unwrap();
        assert!(now.join("a").exists() && !before.exists());
    }

    #[test]
    fn a_bad_package_leaves_nothing() {
        let data = tempfile::tempdir().unwrap();
        let bad = |root: &Path| {
            std::fs::create_dir(root)?;
            std::fs::set_permissions(root, std::fs::Permissions::from_mode(0o555))?;
            Err(BadCode::NotAZip)
        };
        assert!(matches!(make_beside(&data.path().join("abc"), "ours", bad), Err(BadCode::NotAZip)));
        assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 0);
    }

    #[test]
    fn processes_that_unpack_the_same_package_into_one_folder_dont_disturb_each_other() {
        let data = tempfile::tempdir().unwrap();
        let target = data.path().join("abc");
        let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        writer.start_file("main.py", zip::write::SimpleFileOptions::default()).unwrap();
        let zip = writer.finish().unwrap().into_inner();
        let under_way = target.with_extension("other.partial");
        std::fs::create_dir(&under_way).unwrap();
        make_beside(&target, "ours", |root| unpack(&zip, root)).unwrap();
        assert!(under_way.exists(), "another process is at it");
        make_beside(&target, "other", |root| unpack(&zip, root)).unwrap();
        let left: Vec<_> = std::fs::read_dir(data.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["abc"]);
        assert!(target.join("main.py").exists());
    }
}
