//! `updraft tune`: at which memory size a function is cheapest, fastest, or both.
//!
//! Every size becomes a version of the function, which is called and deleted again. `$LATEST` has the sizes one after
//! the other only while the versions are published.

mod chart;
mod figures;
mod measure;
mod show;
mod sizes;

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

use self::figures::{Architecture, Figures};
use self::measure::Bench;
use self::sizes::Sizes;
use crate::args::TuneArgs;
use crate::aws::Aws;
use crate::failure::Usage;
use crate::stop::Stop;
use crate::{advice, lambda, out, payload};

/// What is tuned, and what came of it.
#[derive(Debug)]
struct Tuned<'a> {
    function: &'a str,
    architecture: Architecture,
    runs: u32,
    /// Of the function as it is.
    memory_mb: u32,
    /// By size.
    rows: Vec<Row>,
}

/// One size.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    memory_mb: u32,
    /// Or what the function failed with.
    figures: Result<Figures, String>,
}

/// # Errors
/// If nothing answers, there is no such function, it failed at all sizes, or it couldn't be put back as it was.
pub async fn run(args: &TuneArgs) -> Result<()> {
    args.chart.as_deref().map(check_chart).transpose()?;
    let payload = payload::read(&args.payload, false)?;
    let aws = args.call.aws()?;
    let (memory_mb, architecture) = match settings(&aws, &args.function).await {
        Ok(settings) => settings,
        Err(err) => return Err(advice::given(&aws, &args.function, err).await),
    };
    let bench = Bench { aws: &aws, function: &args.function, payload, runs: args.runs, architecture };
    let rows = measured(args, &bench, memory_mb).await?;
    let tuned = Tuned { function: &args.function, architecture, runs: args.runs, memory_mb, rows };
    show::result(&tuned, args.call.connection.json)?;
    if let Some(file) = &args.chart {
        let drawn = chart::drawn(&tuned)?;
        tokio::fs::write(file, drawn).await.with_context(|| format!("can't write {}", file.display()))?;
        out::remark(&format!("the chart is in {}", file.display()))?;
    }
    if tuned.rows.iter().all(|row| row.figures.is_err()) {
        bail!("the function failed at every size; `updraft invoke {} --log` shows why", args.function);
    }
    Ok(())
}

/// Whatever happens on the way, the function is put back as it was.
async fn measured(args: &TuneArgs, bench: &Bench<'_>, memory_mb: u32) -> Result<Vec<Row>> {
    let mut stop = Stop::listen()?;
    let mut sizes = Sizes::begin(bench.aws, bench.function, memory_mb).await?;
    let outcome = async {
        let versions = sizes.publish(&args.memory, &mut stop).await?;
        tokio::select! {
            rows = bench.all(&versions) => rows,
            () = stop.asked() => Err(anyhow!("stopped; the function is as it was")),
        }
    }
    .await;
    out::To::Remark.progress("")?;
    let undone = sizes.end().await;
    match (outcome, undone) {
        (Ok(rows), Ok(())) => Ok(rows),
        (Err(err), Ok(())) => Err(err),
        (Ok(_), Err(left)) => Err(left),
        (Err(err), Err(left)) => Err(err.context(format!("{left:#}"))),
    }
}

/// Memory and processor of a function that can be measured.
async fn settings(aws: &Aws, function: &str) -> Result<(u32, Architecture)> {
    let configuration = lambda::configuration(aws, function).await?;
    if configuration.get("DurableConfig").is_some_and(|durable| !durable.is_null()) {
        bail!("{function} is durable: its calls have no report of their own, so that there is nothing to measure");
    }
    let memory = configuration.get("MemorySize").and_then(Value::as_u64).and_then(|size| u32::try_from(size).ok());
    let memory = memory.context("the platform doesn't say how much memory the function has")?;
    let arm = configuration.pointer("/Architectures/0").and_then(Value::as_str) == Some("arm64");
    Ok((memory, if arm { Architecture::Arm64 } else { Architecture::X86 }))
}

/// Before the work rather than after it.
fn check_chart(file: &Path) -> Result<()> {
    if file.extension().is_none_or(|extension| extension != "svg") {
        return Err(Usage(format!("--chart {} isn't the name of an SVG; call it tune.svg", file.display())).into());
    }
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(Usage(format!("--chart {}: there is no folder {}", file.display(), folder.display())).into());
    }
    Ok(())
}
