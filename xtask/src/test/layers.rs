//! The layers of testing, cheapest first.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use super::postgres::Server;
use super::{Args, Outcome, counts, escapes, nodes, power, sim, tools};
use crate::{compat, house, run, tidy};

pub(crate) struct Layer {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) run: fn(&Args) -> Result<Outcome>,
}

pub(crate) static ALL: &[Layer] = &[
    Layer { name: "fmt", about: "everything is formatted", run: fmt },
    Layer { name: "tidy", about: "the rules of the house", run: tidy },
    Layer { name: "codegen", about: "the api crates are what the models say", run: codegen },
    Layer { name: "compat", about: "COMPAT.md is what the code says", run: compat },
    Layer { name: "clippy", about: "no warnings anywhere", run: clippy },
    Layer { name: "unit", about: "every crate's own tests", run: unit },
    Layer { name: "sim", about: "seeds of the platform on virtual time, under faults", run: sim::run },
    Layer { name: "build", about: "the binary, as it is released", run: build },
    Layer { name: "wasm", about: "what runs WebAssembly components, as it was built for the binary", run: wasm },
    Layer { name: "clients", about: "the binary, driven by real AWS clients", run: clients },
    Layer { name: "conformance", about: "AWS's recorded answers (CONFORMANCE_DIR)", run: conformance },
    Layer {
        name: "sandbox",
        about: "attacks from inside real functions, and what is left of them",
        run: escapes::sandbox,
    },
    Layer { name: "power", about: "the power cut at every write, disks that fail", run: power::power },
    Layer { name: "crash", about: "the binary, killed under load", run: crash },
    Layer { name: "postgres", about: "the clients again, with everything in PostgreSQL", run: nodes::clients },
    Layer { name: "nodes", about: "several of them on one PostgreSQL, killed under load", run: nodes::run },
    Layer { name: "fuzz", about: "the fuzz targets compile", run: fuzz },
];

fn fmt(_: &Args) -> Result<Outcome> {
    cargo_ok(&["fmt", "--all", "--check"])
}

fn tidy(_: &Args) -> Result<Outcome> {
    tidy::run().map(|()| Outcome::of(true))
}

fn codegen(_: &Args) -> Result<Outcome> {
    match run::codegen(true) {
        Ok(()) => Ok(Outcome::of(true)),
        Err(err) if format!("{err:#}").contains("could not be fetched") => {
            Ok(Outcome::skipped("the models can't be fetched here (PyPI isn't reached)"))
        }
        Err(err) => Err(err),
    }
}

fn compat(_: &Args) -> Result<Outcome> {
    compat::check().map(|()| Outcome::of(true))
}

fn clippy(_: &Args) -> Result<Outcome> {
    cargo_ok(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])
}

/// Without what has a layer of its own, lest it be compiled twice.
fn unit(_: &Args) -> Result<Outcome> {
    let postgres = Server::for_tests()?;
    tested(&["--workspace", "--exclude", "updraft-runtime-wasm"], |command| postgres.given_to(command))
}

fn build(_: &Args) -> Result<Outcome> {
    cargo_ok(&["build", "--package", "updraft", "--features", "wasm", "--locked"])
}

/// With the binary's package beside it, so that its dependencies are those that were built for the binary.
fn wasm(_: &Args) -> Result<Outcome> {
    let packages = ["--package", "updraft", "--package", "updraft-runtime-wasm", "--features", "updraft/wasm", "--lib"];
    tested(&packages, |command| command)
}

fn tested(which: &[&str], with: impl Fn(&mut Command) -> &mut Command) -> Result<Outcome> {
    if run::there("cargo-nextest", "--version") {
        let mut command = run::cargo();
        let said = run::shown(with(command.args(["nextest", "run", "--locked", "--profile", "ci"]).args(which)))?;
        return Ok(judged(said.ok, counts::nextest(&said.text)));
    }
    println!("cargo-nextest isn't installed; cargo test does the same, slower");
    let mut command = run::cargo();
    let said = run::shown(with(command.args(["test", "--locked", "--no-fail-fast", "--quiet"]).args(which)))?;
    Ok(judged(said.ok, counts::libtest(&said.text)))
}

fn clients(args: &Args) -> Result<Outcome> {
    let mut command = side_by_side("tests/clients")?;
    tools::javascript()?;
    tools::runtime_clients()?;
    tools::powertools()?;
    tools::older()?;
    tools::storage()?;
    tools::chalice()?;
    tools::rust_functions()?;
    tools::chromium();
    let said = run::shown(command.args(&args.pytest))?;
    Ok(judged(said.ok, counts::pytest(&said.text)))
}

fn conformance(_: &Args) -> Result<Outcome> {
    let mut command = side_by_side("tests/conformance")?;
    tools::older()?;
    let said = run::shown(&mut command)?;
    let mut outcome = judged(said.ok, counts::pytest(&said.text));
    if std::env::var_os("CONFORMANCE_DIR").is_none() {
        outcome.note = "CONFORMANCE_DIR isn't set: the recordings are not at hand".to_owned();
    }
    Ok(outcome)
}

fn crash(args: &Args) -> Result<Outcome> {
    let mut command = pytest("tests/crash")?;
    command.arg(format!("--cycles={}", args.cycles)).args(args.seed.map(|seed| format!("--seed={seed}")));
    let said = run::shown(&mut command)?;
    Ok(judged(said.ok, counts::pytest(&said.text)))
}

/// Compiled with the stable compiler, so that they can't rot; running them needs cargo-fuzz.
fn fuzz(_: &Args) -> Result<Outcome> {
    let fuzz = house::root().join("fuzz");
    let target = house::root().join("target/fuzz-check");
    let said = run::shown(run::cargo().args(["check", "--locked"]).current_dir(fuzz).env("CARGO_TARGET_DIR", target))?;
    Ok(Outcome::of(said.ok))
}

fn cargo_ok(args: &[&str]) -> Result<Outcome> {
    Ok(Outcome::of(run::shown(run::cargo().args(args))?.ok))
}

pub(super) fn pytest(folder: &str) -> Result<Command> {
    let binary = binary();
    if !binary.is_file() {
        bail!("{} isn't there: build it first (cargo build -p updraft)", binary.display());
    }
    let mut command = tools::python()?;
    command.args(["-m", "pytest", folder, "--color=no"]).env("UPDRAFT_BIN", binary);
    Ok(command)
}

/// Several files at once, each with platforms of its own: most of the time a client waits for its answer.
pub(super) fn side_by_side(folder: &str) -> Result<Command> {
    let mut command = pytest(folder)?;
    command.args(["--numprocesses=3", "--dist=loadfile"]);
    Ok(command)
}

/// A program that proves something. They are built together: apart, each would have its dependencies built once more.
pub(super) fn prover(name: &str) -> Result<Command> {
    let built = run::shown(run::cargo().args(["build", "--locked", "-p", "updraft-power", "-p", "updraft-sim"]))?;
    if !built.ok {
        bail!("the proofs don't compile");
    }
    Ok(Command::new(house::root().join("target/debug").join(name)))
}

pub(super) fn binary() -> PathBuf {
    std::env::var_os("UPDRAFT_BIN").map_or_else(|| house::root().join("target/debug/updraft"), PathBuf::from)
}

/// A runner that failed without counting (it didn't compile, say) is one failure, and no count is none too.
pub(super) fn judged(ok: bool, counted: Option<Outcome>) -> Outcome {
    match counted {
        Some(outcome) if ok || outcome.failed > 0 => outcome,
        _ => Outcome::failed("the runner failed before its closing line"),
    }
}
