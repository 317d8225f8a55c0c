//! Running other programs.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// What a program said and how it ended.
pub(crate) struct Said {
    pub(crate) ok: bool,
    /// Both streams, as they came, without colour.
    pub(crate) text: String,
}

/// Runs it with its output shown and kept.
///
/// # Errors
/// If it can't be started.
pub(crate) fn shown(command: &mut Command) -> Result<Said> {
    let (reader, writer) = std::io::pipe().context("making a pipe")?;
    let program = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("{program} can't be started"))?;
    // The parent's copies of the pipe's end must go, or the reader below never sees its end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut text = String::new();
    for line in BufReader::new(reader).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        println!("{line}");
        text.push_str(&line);
        text.push('\n');
    }
    std::io::stdout().flush()?;
    Ok(Said { ok: child.wait()?.success(), text })
}

/// Runs it silently; its output is the error's text where it fails.
///
/// # Errors
/// If it can't be started, or fails.
pub(crate) fn quiet(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{program} can't be started"))?;
    if !output.status.success() {
        let both = [output.stdout, output.stderr].concat();
        bail!("{program} failed:\n{}", String::from_utf8_lossy(&both).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether the program exists and answers.
pub(crate) fn there(program: &str, arg: &str) -> bool {
    Command::new(program).arg(arg).stdin(Stdio::null()).output().is_ok_and(|out| out.status.success())
}

/// The cargo that runs us.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(crate::house::root()).env("CARGO_TERM_COLOR", "never");
    command
}

/// Runs the generator as its own program, so that what it prints can be shown only where it fails.
pub(crate) fn codegen(check: bool) -> Result<()> {
    let mut command = Command::new(std::env::current_exe().context("finding xtask itself")?);
    command.arg("codegen").args(check.then_some("--check")).current_dir(crate::house::root());
    quiet(&mut command).map(|_| ())
}
