//! Many seeds, each in a process of its own.

use std::process::{Child, Command, ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::Args;

/// Seeds that have found something once: run first, for good.
const REMEMBERED: &str = include_str!("../seeds.txt");

#[expect(clippy::print_stdout, reason = "the verdict")]
pub(crate) fn run(args: &Args) -> ExitCode {
    match all(args) {
        Ok(failed) if failed.is_empty() => ExitCode::SUCCESS,
        Ok(failed) => {
            println!("wrong: seeds {failed:?}; add them to tests/sim/seeds.txt");
            ExitCode::FAILURE
        }
        Err(err) => {
            println!("{err:#}");
            ExitCode::FAILURE
        }
    }
}

/// The seeds that are wrong.
#[expect(clippy::print_stdout, reason = "what was run")]
fn all(args: &Args) -> Result<Vec<u64>> {
    let mut failed = Vec::new();
    let seeds: Vec<u64> = remembered().chain(args.from..args.from.saturating_add(args.seeds)).collect();
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    for some in seeds.chunks(at_once) {
        let begun = some.iter().map(|seed| Ok((*seed, begin(*seed, args)?))).collect::<Result<Vec<_>>>()?;
        for (seed, child) in begun {
            let said = child.wait_with_output().context("a seed can't be run")?;
            if !said.status.success() {
                print!("{}{}", String::from_utf8_lossy(&said.stdout), String::from_utf8_lossy(&said.stderr));
                println!("seed {seed}: {}", said.status);
                failed.push(seed);
            }
        }
    }
    println!("{} seeds run, {} right, {} wrong", seeds.len(), seeds.len() - failed.len(), failed.len());
    Ok(failed)
}

fn remembered() -> impl Iterator<Item = u64> {
    let lines = REMEMBERED.lines().filter_map(|line| line.split_whitespace().next());
    lines.filter_map(|word| word.parse().ok())
}

fn begin(seed: u64, args: &Args) -> Result<Child> {
    let own = std::env::current_exe().context("this program can't find itself")?;
    let mut command = Command::new(own);
    command.args(["--seed", &seed.to_string(), "--span", &args.span.to_string()]);
    if let Some(mutation) = args.mutation {
        command.args(["--mutation", &mutation.name()]);
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().context("a seed can't be run")
}
