//! Third process: waits for the command and becomes it.

use std::ffi::CString;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;

use super::{Failure, Step, report};
use crate::Command;
use crate::linux::sys::{c_string, process};
use crate::linux::wire::{self, Answer, StartRequest};

/// What shells answer for a program that is not there, and for one that cannot be run.
const NOT_FOUND: i32 = 127;
const NOT_EXECUTABLE: i32 = 126;

pub(super) fn run(control: &UnixStream, join: Vec<File>) -> ! {
    let request = match prepare(control, join) {
        Ok(request) => request,
        Err(failure) => process::exit_now(report(control, Err(failure))),
    };
    let Err(err) = become_command(request);
    let code = if err.kind() == io::ErrorKind::NotFound { NOT_FOUND } else { NOT_EXECUTABLE };
    process::exit_now(code)
}

/// Joins the control group, says that all is ready, and waits: this is where a pooled sandbox rests.
fn prepare(control: &UnixStream, join: Vec<File>) -> Result<(StartRequest, Vec<OwnedFd>), Failure> {
    for mut procs in join {
        procs.write_all(b"0").step("join the control group")?;
    }
    process::new_session().step("make a session")?;
    wire::send(control, &Answer::Ready, &[]).step("say ready")?;
    wire::receive(control).step("read the command")
}

/// Returns only on failure, which standard error then explains.
fn become_command((request, output): (StartRequest, Vec<OwnedFd>)) -> io::Result<std::convert::Infallible> {
    let [stdout, stderr] = output.as_slice() else { return Err(io::ErrorKind::InvalidInput.into()) };
    #[expect(clippy::disallowed_methods, reason = "the sandbox's own null device")]
    let null = File::open("/dev/null")?;
    for (fd, number) in [(null.as_fd(), 0), (stdout.as_fd(), 1), (stderr.as_fd(), 2)] {
        process::install(fd, number)?;
    }
    process::reset_signals()?;
    process::close_on_exec_above_stdio()?;
    execute(&request.command).inspect_err(|err| {
        let name = request.command.argv.first().map(|arg| arg.to_string_lossy().into_owned()).unwrap_or_default();
        drop(writeln!(io::stderr(), "sandbox: cannot run {name}: {err}"));
    })
}

fn execute(command: &Command) -> io::Result<std::convert::Infallible> {
    std::env::set_current_dir(&command.cwd)?;
    let argv = command.argv.iter().map(|arg| c_string(arg)).collect::<io::Result<Vec<_>>>()?;
    let env = command.env.iter().map(|(name, value)| variable(name.as_bytes(), value.as_bytes()));
    process::exec(&argv, &env.collect::<io::Result<Vec<_>>>()?)
}

fn variable(name: &[u8], value: &[u8]) -> io::Result<CString> {
    CString::new([name, b"=", value].concat())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "zero byte in the environment"))
}
