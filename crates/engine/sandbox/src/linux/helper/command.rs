//! Third process: waits for the command and becomes it.

use std::ffi::CString;
use std::fs::File;
use std::io::{self, PipeReader, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;

use super::{Failure, Step, report};
use crate::Command;
use crate::linux::SEAT;
use crate::linux::sys::{c_string, process};
use crate::linux::wire::{self, Answer, StartRequest};

/// What shells answer for a program that is not there, and for one that cannot be run.
const NOT_FOUND: i32 = 127;
const NOT_EXECUTABLE: i32 = 126;

pub(super) fn run(
    orders: &UnixStream,
    (join, tmp): (&[File], OwnedFd),
    gate: PipeReader,
    give_up: impl FnOnce() -> Result<(), Failure>,
) -> ! {
    let prepared = give_up().and_then(|()| prepare(orders, join, tmp));
    let (request, fds) = match prepared.and_then(|(request, fds)| admit(request, fds, gate)) {
        Ok(told) => told,
        Err(failure) => process::exit_now(report(orders, Err(failure))),
    };
    execute(&request.command, fds)
}

/// What is to be run, and its descriptors: nothing of a customer's before the init has given up its privileges.
fn admit(
    request: StartRequest,
    mut fds: Vec<OwnedFd>,
    mut gate: PipeReader,
) -> Result<(StartRequest, Vec<OwnedFd>), Failure> {
    if request.seated {
        // Next to the seat, which follows the two for output.
        fds.insert(fds.len().min(3), gate.into());
    } else {
        gate.read_exact(&mut [0]).step("wait for the init")?;
    }
    Ok((request, fds))
}

/// One that doesn't wait: the init has its order already.
pub(super) fn run_beside(command: &Command, fds: Vec<OwnedFd>, join: &[File]) -> ! {
    match enter(join) {
        Ok(()) => execute(command, fds),
        Err(_) => process::exit_now(NOT_EXECUTABLE),
    }
}

/// Joins the control group, says that all is ready, and waits: this is where a pooled sandbox rests.
fn prepare(orders: &UnixStream, join: &[File], tmp: OwnedFd) -> Result<(StartRequest, Vec<OwnedFd>), Failure> {
    enter(join).step("join the control group")?;
    wire::send(orders, &Answer::Ready, &[tmp.as_fd()]).step("say ready")?;
    drop(tmp);
    wire::receive(orders).step("read the command")
}

fn enter(join: &[File]) -> io::Result<()> {
    for mut procs in join {
        procs.write_all(b"0")?;
    }
    process::new_session()
}

fn execute(command: &Command, fds: Vec<OwnedFd>) -> ! {
    let Err(err) = become_command(command, fds);
    let code = if err.kind() == io::ErrorKind::NotFound { NOT_FOUND } else { NOT_EXECUTABLE };
    process::exit_now(code)
}

/// Returns only on failure, which standard error then explains.
fn become_command(command: &Command, fds: Vec<OwnedFd>) -> io::Result<std::convert::Infallible> {
    let mut fds = fds.into_iter();
    let (Some(stdout), Some(stderr)) = (fds.next(), fds.next()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let others = fds.map(process::out_of_the_way).collect::<io::Result<Vec<_>>>()?;
    #[expect(clippy::disallowed_methods, reason = "the sandbox's own null device")]
    let null = File::open("/dev/null")?;
    for (fd, number) in [(null.as_fd(), 0), (stdout.as_fd(), 1), (stderr.as_fd(), 2)] {
        process::install(fd, number)?;
    }
    process::reset_signals()?;
    process::close_on_exec_above_stdio()?;
    for (fd, number) in others.iter().zip(SEAT..) {
        process::install(fd, number)?;
    }
    exec(command).inspect_err(|err| {
        let name = command.argv.first().map(|arg| arg.to_string_lossy().into_owned()).unwrap_or_default();
        drop(writeln!(io::stderr(), "sandbox: cannot run {name}: {err}"));
    })
}

/// Returns only on failure.
pub(super) fn exec(command: &Command) -> io::Result<std::convert::Infallible> {
    std::env::set_current_dir(&command.cwd)?;
    let argv = command.argv.iter().map(|arg| c_string(arg)).collect::<io::Result<Vec<_>>>()?;
    let env = command.env.iter().map(|(name, value)| variable(name.as_bytes(), value.as_bytes()));
    process::exec(&argv, &env.collect::<io::Result<Vec<_>>>()?)
}

fn variable(name: &[u8], value: &[u8]) -> io::Result<CString> {
    CString::new([name, b"=", value].concat())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "zero byte in the environment"))
}
