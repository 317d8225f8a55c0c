//! What the client tests need from the outside, installed under target/ from the package registries, pinned.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::{house, run};

/// The venv's Python, with the AWS CLI, boto3 and pytest in it; run from the repository's root.
pub(crate) fn python() -> Result<Command> {
    if !run::there("python3", "--version") {
        bail!(
            "python3 is missing: install Python 3.11 or newer with its venv module (Debian: apt install python3-venv)"
        );
    }
    let venv = house::root().join("target/venv");
    let wanted = house::read(&house::root().join("tests/requirements.txt"))?;
    let stamp = venv.join("installed.txt");
    if house::read(&stamp).ok().as_deref() != Some(wanted.as_str()) {
        make_venv(&venv)?;
        house::write(&stamp, &wanted)?;
    }
    let mut command = Command::new(venv.join("bin/python"));
    command.current_dir(house::root());
    Ok(command)
}

fn make_venv(venv: &PathBuf) -> Result<()> {
    println!("making target/venv (tests/requirements.txt)");
    run::quiet(Command::new("python3").args(["-m", "venv", "--clear"]).arg(venv))
        .context("python3 has no working venv module: install it (Debian: apt install python3-venv)")?;
    let mut pip = Command::new(venv.join("bin/python"));
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--requirement",
        "tests/requirements.txt",
    ]);
    run::quiet(pip.current_dir(house::root()))
        .context("the Python packages of tests/requirements.txt can't be installed")?;
    Ok(())
}

/// The AWS SDK for JavaScript in tests/clients/js/node_modules.
pub(crate) fn javascript() -> Result<()> {
    if !run::there("node", "--version") || !run::there("npm", "--version") {
        bail!("node or npm is missing: install Node.js 18 or newer with npm (Debian: apt install nodejs npm)");
    }
    let folder = house::root().join("tests/clients/js");
    let wanted = house::read(&folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.installed.json");
    if house::read(&stamp).ok().as_deref() == Some(wanted.as_str()) {
        return Ok(());
    }
    println!("making tests/clients/js/node_modules (package-lock.json)");
    run::quiet(Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(&folder))
        .context("the packages of tests/clients/js can't be installed")?;
    house::write(&stamp, &wanted)
}
