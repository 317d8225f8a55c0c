//! dynalite, the peer for DynamoDB: installed from npm by the bench, pinned, under its own folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::platform::{Server, free_address};

const DYNALITE: &str = "dynalite@4.0.0";

/// Installs it if it isn't there.
///
/// # Errors
/// If npm is missing or can't fetch it.
pub(crate) fn install(folder: &Path) -> Result<PathBuf> {
    let home = folder.join("dynalite");
    let program = home.join("node_modules/dynalite/cli.js");
    if !program.is_file() {
        std::fs::create_dir_all(&home)?;
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"]).arg(&home).arg(DYNALITE);
        let done = npm.output().context("npm is missing: the peer dynalite can't be installed")?;
        ensure!(done.status.success(), "npm can't install {DYNALITE}: {}", String::from_utf8_lossy(&done.stderr));
    }
    Ok(program)
}

/// Starts it on a folder of its own, so that it keeps what it is given.
///
/// # Errors
/// If it isn't ready within a minute.
pub(crate) fn start(program: &Path, data: &Path) -> Result<Server> {
    let address = free_address()?;
    let mut command = Command::new("node");
    command.arg(program).args(["--port", &address.port().to_string(), "--host", "127.0.0.1", "--createTableMs", "1"]);
    command.arg("--path").arg(data);
    Server::start(command, address, "/")
}
