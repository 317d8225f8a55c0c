//! Starting a process under observation.

use std::ffi::OsString;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// What to run.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    pub(crate) args: Vec<OsString>,
    /// Where its standard error goes.
    pub(crate) log: PathBuf,
}

/// The shell stops itself before it becomes the program: nothing of the program runs unseen.
const STOPPED: &str = r#"kill -STOP $$; exec "$0" "$@""#;

#[expect(clippy::disallowed_methods, reason = "a log for whoever looks for why it failed")]
pub(crate) fn start(program: &Program) -> Result<Pid> {
    let log = File::create(&program.log).with_context(|| format!("making {}", program.log.display()))?;
    let child = Command::new("/bin/sh")
        .args(["-c", STOPPED])
        .arg(&program.path)
        .args(&program.args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .context("starting /bin/sh")?;
    let pid = Pid::from_raw(i32::try_from(child.id())?);
    match waitpid(pid, Some(WaitPidFlag::WUNTRACED))? {
        WaitStatus::Stopped(_, Signal::SIGSTOP) => {}
        other => bail!("the shell didn't stop: {other:?}"),
    }
    // Threads are followed, processes that it starts are not.
    let options = Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACECLONE
        | Options::PTRACE_O_TRACEEXEC
        | Options::PTRACE_O_EXITKILL;
    ptrace::seize(pid, options).context("this machine doesn't let a process trace its own child (ptrace)")?;
    kill(pid, Signal::SIGCONT)?;
    Ok(pid)
}
