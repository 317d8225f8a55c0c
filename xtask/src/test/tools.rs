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

fn make_venv(venv: &Path) -> Result<()> {
    println!("making target/venv (tests/requirements.txt)");
    run::quiet(Command::new("python3").args(["-m", "venv", "--clear"]).arg(venv))
        .context("python3 has no working venv module: install it (Debian: apt install python3-venv)")?;
    pip(venv, "tests/requirements.txt", &[])
}

fn pip(venv: &Path, requirements: &str, more: &[&str]) -> Result<()> {
    let mut pip = Command::new(venv.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirements]);
    run::quiet(pip.args(more).current_dir(house::root()))
        .with_context(|| format!("the Python packages of {requirements} can't be installed"))?;
    Ok(())
}

/// In target/older, a botocore from before SQS spoke JSON: how its clients still in use write and read.
pub(crate) fn older() -> Result<()> {
    beside("older")
}

/// In target/storage, clients of object storage that aren't AWS's own.
pub(crate) fn storage() -> Result<()> {
    beside("storage")
}

/// In target/chalice, AWS's framework that deploys applications.
pub(crate) fn chalice() -> Result<()> {
    beside("chalice")
}

/// In a folder of target/, Python packages that don't go together with those of the venv.
fn beside(name: &str) -> Result<()> {
    let (requirements, target) = (format!("tests/clients/{name}/requirements.txt"), format!("target/{name}"));
    let (root, stamp) = (house::root(), house::root().join(&target).join("installed.txt"));
    let wanted = house::read(&root.join(&requirements))?;
    if house::read(&stamp).ok().as_deref() == Some(wanted.as_str()) {
        return Ok(());
    }
    println!("making {target} ({requirements})");
    pip(&root.join("target/venv"), &requirements, &["--no-deps", "--upgrade", "--target", &target])?;
    house::write(&stamp, &wanted)
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
    let Some(modules) = Modules::wanted("ric")? else { return Ok(()) };
    of_debian("cmake", "CMake");
    if let Some(missing) = ["cmake", "make", "c++"].into_iter().find(|tool| !run::there(tool, "--version")) {
        println!(
            "{missing} is missing (Debian: apt install build-essential cmake libnode-dev): AWS's clients for Node aren't built"
        );
        return Ok(());
    }
    modules.install()?;
    println!("compiling AWS's clients for Node, which takes minutes");
    match compile(&modules.folder.join("node_modules/aws-lambda-ric")) {
        Ok(()) => modules.done(),
        Err(err) => {
            println!("AWS's clients for Node can't be built here: {err:#}");
            Ok(())
        }
    }
}

/// Powertools for functions in JavaScript, in target/powertools/node_modules.
pub(crate) fn powertools() -> Result<()> {
    let Some(modules) = Modules::wanted("powertools")? else { return Ok(()) };
    modules.install()?;
    modules.done()
}

/// What a package.json of the client tests asks for, in a folder of target/.
struct Modules {
    from: PathBuf,
    folder: PathBuf,
    lock: String,
}

impl Modules {
    /// `None`: all of it is there.
    fn wanted(name: &str) -> Result<Option<Self>> {
        let (from, folder) = (house::root().join("tests/clients").join(name), house::root().join("target").join(name));
        let lock = house::read(&from.join("package-lock.json"))?;
        let done = house::read(&folder.join("installed.json")).ok().as_deref() == Some(lock.as_str());
        Ok((!done).then_some(Self { from, folder, lock }))
    }

    fn install(&self) -> Result<()> {
        println!("making {} ({}/package-lock.json)", self.folder.display(), self.from.display());
        std::fs::create_dir_all(&self.folder)?;
        house::write(&self.folder.join("package.json"), &house::read(&self.from.join("package.json"))?)?;
        house::write(&self.folder.join("package-lock.json"), &self.lock)?;
        npm_ci(&self.folder, &["--ignore-scripts", "--omit=peer"])
    }

    fn done(&self) -> Result<()> {
        house::write(&self.folder.join("installed.json"), &self.lock)
    }
}

/// Chromium, for the tests that look at pages: where it can't be had, they say so and are skipped.
pub(crate) fn chromium() {
    of_debian("chromium", "Chromium");
}

/// What a package of Debian brings under its own name, where it isn't here yet; that it can't be had is said.
fn of_debian(package: &str, name: &str) {
    if run::there(package, "--version") {
        return;
    }
    println!("{name} isn't here; installing it (apt-get install {package})");
    let listed = apt_get(&["update", "--quiet"]);
    let installed = apt_get(&["install", "--yes", "--quiet", "--no-install-recommends", package]);
    if let Err(err) = listed.and(installed) {
        println!("{name} can't be installed here: {err:#}");
    }
}

pub(super) fn apt_get(args: &[&str]) -> Result<()> {
    run::quiet(Command::new("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive")).map(drop)
}

/// The function and the extension in Rust that the client tests run, in target/functions/debug.
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
