//! `updraft doctor`: what this machine offers for running functions safely, and what is missing.

use anyhow::{Result, bail};
use updraft_cli::{StartArgs, out};
use updraft_exec::{Availability, ExecConfig};
use updraft_network::Policy;
use updraft_sandbox::{Capability, HostMemory, Level};

use crate::compose;
use crate::config::Config;
use crate::network;
use crate::sdk::{self, Language};
use crate::wasm;

/// # Errors
/// If functions can't be isolated fully here: so that scripts can ask, too.
pub(crate) async fn run(args: &StartArgs) -> Result<()> {
    let config = Config::resolve(args)?;
    let sandboxes = compose::sandboxes(&config)?;
    let report = sandboxes.probe().await;
    out::line(&out::bold("isolation of functions"))?;
    for row in &report.rows {
        print(row)?;
    }
    if let Some(trouble) = &report.trouble {
        out::line(&format!("  {} {trouble}", out::yellow("the rest couldn't be tried:")))?;
    }
    out::line(&format!("  level: {} {}\n", report.level, out::dim(&format!("({})", meaning(report.level)))))?;
    out::line(&out::bold("memory for instances"))?;
    out::line(&format!("  {}\n", memory(sandboxes.memory(), config.memory_reserve)))?;
    out::line(&out::bold("network of functions"))?;
    let trouble = network::trouble(&config.function_network, &*sandboxes).await;
    reached(&config.function_network, trouble.as_deref())?;
    runtimes(&config)?;
    if let Some(trouble) = trouble {
        bail!("{trouble}");
    }
    match report.obstacle(Level::Full) {
        None => Ok(()),
        Some(_) if config.allow_weak_sandbox => Ok(()),
        Some(row) => bail!(
            "functions are refused here: {} is missing. {} (or accept the risk with --allow-weak-sandbox)",
            row.name,
            row.mend
        ),
    }
}

/// What it is like to run functions there.
const fn meaning(level: Level) -> &'static str {
    match level {
        Level::Full => "functions can't reach each other or this machine, and none takes more than its share",
        Level::NoCgroup => "functions can't reach each other or this machine, but one may take more than its share",
        Level::NoNetns => "functions can't read each other's files, but reach what listens on this machine",
        Level::LandlockOnly => "files are kept apart; processes and the network are shared",
        Level::None => "nothing keeps functions from each other or from this machine",
    }
}

fn memory(host: Option<HostMemory>, reserve: Option<u64>) -> String {
    let Some(HostMemory { total, available }) = host else {
        return "this machine doesn't say what it has; instances are started without asking".to_owned();
    };
    let reserve = reserve.unwrap_or_else(|| ExecConfig::usual_reserve(total));
    let [total, available, left, reserve] =
        [total, available, available.saturating_sub(reserve), reserve].map(|bytes| bytes >> 20);
    format!("{left} MB: of {total} MB, {available} are available, and {reserve} are kept back (--memory-reserve)")
}

fn reached(policy: &Policy, trouble: Option<&str>) -> Result<()> {
    let mark = if trouble.is_none() { out::green("✓") } else { out::yellow("✗") };
    out::line(&format!("  {mark} {policy}"))?;
    if let Some(trouble) = trouble {
        out::line(&format!("    {trouble}"))?;
    }
    Ok(out::line("")?)
}

fn print(row: &Capability) -> Result<()> {
    if row.found {
        return Ok(out::line(&format!("  {} {:<20} {}", out::green("✓"), row.name, out::dim(row.protects)))?);
    }
    out::line(&format!("  {} {:<20} without it: {}", out::yellow("✗"), row.name, row.without))?;
    Ok(out::line(&format!("    {:<20} mend: {}", "", row.mend))?)
}

/// Which runtimes can be served with what is installed, and where their SDKs are.
///
/// # Errors
/// If standard output can't be written.
pub(crate) fn runtimes(config: &Config) -> Result<()> {
    out::line(&out::bold("runtimes"))?;
    for runtime in compose::runtimes(config, None) {
        for name in runtime.names() {
            let (mark, text) = match runtime.availability(name) {
                Availability::Ready { version, note } => {
                    (out::green("✓"), note.map_or_else(|| version.clone(), |note| format!("{version} ({note})")))
                }
                Availability::Missing(what) => (out::yellow("✗"), what),
            };
            out::line(&format!("  {mark} {name:<20} {text}"))?;
        }
    }
    out::line(&out::bold("WebAssembly components"))?;
    out::line(&format!("  {}\n", wasm::told(config)))?;
    out::line(&out::bold("AWS SDKs for functions that bring none"))?;
    for language in Language::ALL {
        let found = sdk::find(language, config).map_or_else(
            || format!("none; `updraft runtimes install {}` fetches it", language.name()),
            |folder| folder.display().to_string(),
        );
        out::line(&format!("  {:<22} {found}", language.name()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_told_with_what_is_kept_back() {
        let host = Some(HostMemory { total: 8000 << 20, available: 3000 << 20 });
        let told = "2600 MB: of 8000 MB, 3000 are available, and 400 are kept back (--memory-reserve)";
        assert_eq!(memory(host, None), told);
        assert!(memory(host, Some(4000 << 20)).starts_with("0 MB: "));
        assert!(memory(None, None).contains("doesn't say"));
    }
}
