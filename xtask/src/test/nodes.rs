//! Several nodes on one PostgreSQL.

use std::path::Path;

use anyhow::{Result, bail};

use super::layers::{judged, pytest, side_by_side};
use super::postgres::Server;
use super::{Args, Outcome, counts, tools};
use crate::run;

/// A server that tests may make databases on, instead of starting their own. Those that kill servers start one anyway.
pub(super) const GIVEN: &str = "UPDRAFT_TEST_POSTGRES";
/// Where Debian keeps the server's programs, by version.
pub(super) const INSTALLED: &str = "/usr/lib/postgresql";

pub(super) fn run(args: &Args) -> Result<Outcome> {
    there_is_postgres()?;
    let mut command = pytest("tests/nodes")?;
    command.arg(format!("--cycles={}", args.cycles)).args(args.seed.map(|seed| format!("--seed={seed}")));
    let said = run::shown(&mut command)?;
    Ok(judged(said.ok, counts::pytest(&said.text)))
}

/// What black-box tests have to say of rows: those that start platforms of their own keep to the default store.
const OF_ROWS: &str = "dynamodb or http_api or lambda or sts or test_example.py or sqs or sns or event_source or s3 or \
                       events or scheduler or pipes";

pub(super) fn clients(_: &Args) -> Result<Outcome> {
    let server = Server::for_tests()?;
    let mut command = side_by_side("tests/clients")?;
    tools::javascript()?;
    let said = run::shown(server.given_to(command.args(["--store=postgres", "-k", OF_ROWS])))?;
    Ok(judged(said.ok, counts::pytest(&said.text)))
}

/// Installs PostgreSQL where that can be done without asking.
///
/// # Errors
/// If there is none and it can't be installed: with what to do.
pub(super) fn there_is_postgres() -> Result<()> {
    if std::env::var_os(GIVEN).is_some() || is_installed() {
        return Ok(());
    }
    println!("PostgreSQL isn't here; installing it (apt-get install postgresql)");
    // A fresh machine has no list of packages yet.
    let listed = tools::apt_get(&["update", "--quiet"]);
    let installed = tools::apt_get(&["install", "--yes", "--quiet", "--no-install-recommends", "postgresql"]);
    if listed.and(installed).is_err() || !is_installed() {
        bail!(
            "PostgreSQL is missing: install its server, 14 or newer (Debian: apt install postgresql), or set {GIVEN} to \
             the URL of one on which tests may create databases"
        );
    }
    Ok(())
}

fn is_installed() -> bool {
    let versions = Path::new(INSTALLED).read_dir().into_iter().flatten().flatten();
    run::there("initdb", "--version") || versions.into_iter().any(|version| version.path().join("bin/initdb").is_file())
}
