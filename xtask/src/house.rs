//! Where things are in this repository, and what its manifests say.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use toml::{Table, Value};

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// One crate of the workspace.
pub(crate) struct Member {
    /// Relative to the root, such as `crates/foundation/wire`.
    pub(crate) folder: String,
    pub(crate) name: String,
    pub(crate) manifest: Table,
    /// The manifest as written, for checks of its order.
    pub(crate) text: String,
}

impl Member {
    fn read(root: &Path, folder: &Path) -> Result<Self> {
        let path = folder.join("Cargo.toml");
        let text = read(&path)?;
        let manifest: Table = text.parse().with_context(|| format!("{} is not TOML", path.display()))?;
        let name = manifest.get("package").and_then(|p| p.get("name")).and_then(Value::as_str);
        let name = name.with_context(|| format!("{} names no package", path.display()))?.to_owned();
        let folder = folder.strip_prefix(root).unwrap_or(folder).to_string_lossy().into_owned();
        Ok(Self { folder, name, manifest, text })
    }

    /// `foundation`, `api`, `services`, `engine`, `backends`, `edge`; or the folder itself (`crates/updraft`, `xtask`).
    pub(crate) fn layer(&self) -> &str {
        let mut parts = self.folder.split('/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("crates"), Some(layer), Some(_)) => layer,
            _ => &self.folder,
        }
    }

    /// Last part of the folder: `wire`.
    pub(crate) fn short(&self) -> &str {
        self.folder.rsplit('/').next().unwrap_or(&self.folder)
    }

    /// The names in one of the manifest's dependency tables.
    pub(crate) fn dependencies(&self, table: &str) -> Vec<(&str, &Value)> {
        let found = self.manifest.get(table).and_then(Value::as_table);
        found.into_iter().flatten().map(|(name, value)| (name.as_str(), value)).collect()
    }
}

/// Every crate of the workspace, by the root manifest's `members`, in order of folder.
pub(crate) fn members() -> Result<Vec<Member>> {
    let root = root();
    let manifest: Table = read(&root.join("Cargo.toml"))?.parse()?;
    let patterns = manifest.get("workspace").and_then(|w| w.get("members")).and_then(Value::as_array);
    let mut folders = Vec::new();
    for pattern in patterns.context("the root manifest has no workspace members")? {
        expand(&root, pattern.as_str().unwrap_or_default(), &mut folders)?;
    }
    folders.sort();
    folders.iter().map(|folder| Member::read(&root, folder)).collect()
}

fn expand(root: &Path, pattern: &str, into: &mut Vec<PathBuf>) -> Result<()> {
    let Some(parent) = pattern.strip_suffix("/*") else {
        into.push(root.join(pattern));
        return Ok(());
    };
    for entry in fs::read_dir(root.join(parent)).with_context(|| format!("reading {parent}"))? {
        let folder = entry?.path();
        if folder.join("Cargo.toml").is_file() {
            into.push(folder);
        }
    }
    Ok(())
}

/// Files git knows or would add, relative to the root.
pub(crate) fn files() -> Result<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .context("git is needed to list the project's files: install it")?;
    if !output.status.success() {
        bail!("git can't list the project's files: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let mut files: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    files.retain(|file| root().join(file).is_file());
    files.sort();
    files.dedup();
    Ok(files)
}

/// The service folders of models/overrides, sorted.
pub(crate) fn services() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("models/overrides")).context("reading models/overrides")? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".toml").map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// The operations models/overrides says are built, sorted.
pub(crate) fn implemented(service: &str) -> Result<Vec<String>> {
    let path = root().join(format!("models/overrides/{service}.toml"));
    let table: Table = read(&path)?.parse().with_context(|| format!("{} is not TOML", path.display()))?;
    let list = table.get("implemented").and_then(Value::as_array);
    let mut names: Vec<String> = list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    names.sort();
    Ok(names)
}

pub(crate) fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}
