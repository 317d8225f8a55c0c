//! What the client tests need from the outside, installed under target/ from the package registries, pinned.

use std::path::{Path, PathBuf};
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
    npm_ci(&folder, &[])?;
    house::write(&stamp, &wanted)
}

fn npm_ci(folder: &Path, more: &[&str]) -> Result<()> {
    let args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
    run::quiet(Command::new("npm").args(args).args(more).current_dir(folder))
        .with_context(|| format!("the packages of {} can't be installed", folder.display()))?;
    Ok(())
}

/// AWS's own runtime clients for Node in target/ric/node_modules, whose native part is compiled: where that can't be
/// done, the tests that compare ours with them say so and are skipped.
pub(crate) fn runtime_clients() -> Result<()> {
    let (from, folder) = (house::root().join("tests/clients/ric"), house::root().join("target/ric"));
    let wanted = house::read(&from.join("package-lock.json"))?;
    let stamp = folder.join("installed.json");
    if house::read(&stamp).ok().as_deref() == Some(wanted.as_str()) {
        return Ok(());
    }
    if let Some(missing) = ["cmake", "make", "c++"].into_iter().find(|tool| !run::there(tool, "--version")) {
        println!(
            "{missing} is missing (Debian: apt install build-essential cmake libnode-dev): AWS's clients for Node aren't built"
        );
        return Ok(());
    }
    println!("making target/ric (tests/clients/ric/package-lock.json), which takes minutes");
    std::fs::create_dir_all(&folder)?;
    house::write(&folder.join("package.json"), &house::read(&from.join("package.json"))?)?;
    house::write(&folder.join("package-lock.json"), &wanted)?;
    npm_ci(&folder, &["--ignore-scripts"])?;
    match compile(&folder.join("node_modules/aws-lambda-ric")) {
        Ok(()) => house::write(&stamp, &wanted),
        Err(err) => {
            println!("AWS's clients for Node can't be built here: {err:#}");
            Ok(())
        }
    }
}

/// The function in Rust that the client tests run: target/functions/debug/bootstrap.
pub(crate) fn rust_functions() -> Result<()> {
    let manifest = house::root().join("tests/clients/rust/Cargo.toml");
    let mut build = run::cargo();
    build.args(["build", "--locked", "--quiet", "--manifest-path"]).arg(manifest);
    run::quiet(build.env("CARGO_TARGET_DIR", house::root().join("target/functions")))
        .context("tests/clients/rust can't be built")?;
    Ok(())
}

/// As npm would, with the headers that came with Node if there are any: otherwise they are fetched.
fn compile(package: &Path) -> Result<()> {
    let node = Command::new("node").args(["-p", "process.execPath"]).output()?;
    let node = PathBuf::from(String::from_utf8(node.stdout)?.trim());
    let prefix = node.parent().and_then(Path::parent).filter(|prefix| prefix.join("include/node/node_api.h").is_file());
    for script in ["scripts/preinstall.sh", "scripts/postinstall.sh"] {
        let mut build = Command::new("sh");
        build.arg(script).current_dir(package).envs(prefix.map(|prefix| ("npm_config_nodedir", prefix)));
        run::quiet(&mut build)?;
    }
    Ok(())
}
