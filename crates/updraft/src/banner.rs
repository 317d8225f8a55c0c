//! What is printed when the platform is up: where it is, what it keeps, and what is weaker than it should be.

use std::time::Duration;

use anyhow::Result;
use updraft_cli::out;
use updraft_gateway::admin::{Health, Isolation};

/// Where it is, and who may come in.
pub(crate) fn print(url: &str, health: &Health, took: Duration) -> Result<()> {
    let ready = format!("ready in {:.0} ms", took.as_secs_f64() * 1000.0);
    out::line(&format!("{} {}  {}  {}", out::bold("updraft"), health.version, out::green(url), out::dim(&ready)))?;
    out::line(&format!("  store    {}", health.store))?;
    out::line("  access   loopback only; test/test is the root of account 000000000000; signatures are verified")?;
    Ok(out::line(
        "  iam      off: policies are not evaluated yet, every signed caller may do everything in its account",
    )?)
}

/// How functions are kept apart, and what they reach: known a moment later, once the host was probed.
pub(crate) fn print_isolation(isolation: &Isolation) -> Result<()> {
    out::line(&format!("  sandbox  {}", isolation.level))?;
    out::line(&format!("  network  {}", isolation.network))?;
    for warning in &isolation.warnings {
        out::line(&format!("  {}  {warning}", out::yellow("warning")))?;
    }
    Ok(out::line("")?)
}
