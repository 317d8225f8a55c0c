//! `cargo xtask test`: everything, cheapest first, each layer to its end; then one line per layer and the sum.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

mod counts;
mod escapes;
mod layers;
mod nodes;
mod postgres;
mod power;
mod sim;
mod tools;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only these layers (may be given more than once): fmt tidy codegen compat clippy unit sim build clients conformance sandbox power crash postgres nodes fuzz
    #[arg(long, value_name = "LAYER")]
    only: Vec<String>,
    /// How often the crash and nodes layers kill the platform.
    #[arg(long, default_value_t = 50)]
    cycles: u32,
    /// Repeats these layers' choice of moments; each run prints its own.
    #[arg(long)]
    seed: Option<u32>,
    /// Given to pytest in the clients and sandbox layers, such as `-k sts`.
    #[arg(last = true)]
    pytest: Vec<String>,
}

/// What a layer found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    passed: u32,
    failed: u32,
    skipped: u32,
    /// One sentence where the numbers don't say it all.
    note: String,
}

impl Outcome {
    fn of(ok: bool) -> Self {
        Self { passed: u32::from(ok), failed: u32::from(!ok), ..Self::default() }
    }

    fn skipped(why: impl Into<String>) -> Self {
        Self { skipped: 1, note: why.into(), ..Self::default() }
    }

    fn failed(why: impl Into<String>) -> Self {
        Self { failed: 1, note: why.into(), ..Self::default() }
    }
}

/// # Errors
/// If anything failed.
pub(crate) fn run(args: &Args) -> Result<()> {
    let chosen = layers::ALL.iter().filter(|layer| args.only.is_empty() || args.only.iter().any(|n| n == layer.name));
    let mut done = Vec::new();
    for layer in chosen {
        println!("── {}: {}", layer.name, layer.about);
        let started = Instant::now();
        let outcome = (layer.run)(args).unwrap_or_else(|err| Outcome::failed(format!("{err:#}")));
        done.push((layer.name, outcome, started.elapsed()));
    }
    if done.is_empty() {
        bail!("no such layer: {}", args.only.join(", "));
    }
    report(&done)
}

fn report(done: &[(&str, Outcome, Duration)]) -> Result<()> {
    println!();
    for (name, outcome, took) in done {
        let Outcome { passed, failed, skipped, note } = outcome;
        let verdict = if *failed > 0 { "FAILED" } else { "ok" };
        println!(
            "{name:<11} {verdict:<6} {passed:>5} passed {failed:>3} failed {skipped:>3} skipped {:>6.1} s  {note}",
            took.as_secs_f64()
        );
    }
    let sum = |of: fn(&Outcome) -> u32| done.iter().map(|(_, outcome, _)| of(outcome)).sum::<u32>();
    let failed = sum(|o| o.failed);
    println!("\n{} passed, {failed} failed", sum(|o| o.passed));
    if failed > 0 {
        bail!("not everything passed");
    }
    Ok(())
}
