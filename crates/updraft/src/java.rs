//! AWS's runtime interface client for Java: found where it was configured or fetched before, fetched with Maven when asked.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use tokio::process::Command;
use updraft_cli::out;

use crate::config::Config;
use crate::sdk;

pub(crate) const NAME: &str = "java";
const JAR: &str = "aws-lambda-java-runtime-interface-client";
/// All that Maven is asked: which version, and what it needs comes along.
const PROJECT: &str = include_str!("java.pom.xml");

/// The folder with its jars. `None`: Java functions can't run.
pub(crate) fn find(config: &Config) -> Option<PathBuf> {
    config.java_client.clone().or_else(|| sdk::cache(NAME).ok().filter(is_whole))
}

fn is_whole(folder: &PathBuf) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with(JAR))
}

/// Fetches what isn't there yet; says which folder it is in.
pub(crate) async fn install(config: &Config) -> Result<PathBuf> {
    if let Some(folder) = find(config) {
        return Ok(folder);
    }
    let folder = sdk::cache(NAME)?;
    out::line(&format!("fetching AWS's runtime client for Java into {} (once)", folder.display()))?;
    let partial = folder.with_extension("partial");
    tokio::fs::create_dir_all(&partial).await.with_context(|| format!("can't write {}", partial.display()))?;
    let project = partial.join("pom.xml");
    tokio::fs::write(&project, PROJECT).await?;
    let mut maven = Command::new("mvn");
    maven.args(["--quiet", "--batch-mode", "dependency:copy-dependencies", "-DoutputDirectory=lib", "--file"]);
    let output = maven.arg(&project).output().await;
    let output =
        output.context("Maven is needed to fetch AWS's runtime client for Java (Debian: apt install maven)")?;
    let jars = partial.join("lib");
    if !output.status.success() || !is_whole(&jars) {
        let said = [output.stdout, output.stderr].concat();
        bail!("Maven could not fetch AWS's runtime client for Java:\n{}", String::from_utf8_lossy(&said).trim());
    }
    tokio::fs::rename(&jars, &folder).await.with_context(|| format!("can't rename to {}", folder.display()))?;
    tokio::fs::remove_dir_all(&partial).await?;
    Ok(folder)
}
