//! The helper: this binary, re-executed as a small single-threaded process from which sandboxes are made.
//!
//! The supervisor has threads, and a process with threads cannot fork and go on safely. So it starts the binary anew,
//! once, as the [`nursery`], which forks for each sandbox:
//!
//! 1. [`outer`], which leaves the host's namespaces and forks
//! 2. [`inner`], which becomes pid 1 inside: it builds the root, waits for what is to be shown in it, gives up every
//!    privilege, and has forked
//! 3. [`command`], which waits for the command and becomes it.
//!
//! The outer process is gone when the sandbox is ready; the inner one stays as its init. A [`zygote`] is a process in a
//! root like that of sandboxes, which forks itself into them in place of a command.

mod beside;
mod command;
mod escapes;
mod filter;
mod inner;
mod network;
mod nursery;
mod outer;
mod privileges;
mod root;
mod search;
mod users;
mod zygote;

use std::io;
use std::os::unix::net::UnixStream;

use super::sys::{process, socket};
use super::wire::{self, Answer};

pub(crate) use privileges::limits;
pub(crate) use root::take_grafts;

/// First argument of a process from which sandboxes are to be made.
pub(crate) const NURSERY: &str = "__sandbox-nursery";
/// First argument of a process inside a sandbox that is to try escapes.
pub(crate) const PROBE: &str = "__sandbox-probe";

/// Becomes a helper if that is what this process was started for; otherwise returns at once.
///
/// To be called first thing in `main`, before any thread is started: the sandbox re-executes the running binary.
pub fn init_main() {
    let mut args = std::env::args().skip(1);
    match args.next().as_deref() {
        Some(NURSERY) => process::exit_now(run_nursery()),
        Some(PROBE) => process::exit_now(escapes::run(args)),
        _ => {}
    }
}

fn run_nursery() -> i32 {
    let taken = process::close_above_stdio().and_then(|()| socket::take_standard(0));
    // What is forked must not hold the socket under another number.
    let Ok(control) = taken.and_then(|control| close_standard_input().map(|()| UnixStream::from(control))) else {
        return 2;
    };
    nursery::run(&control)
}

#[expect(clippy::disallowed_methods, reason = "the host's null device")]
fn close_standard_input() -> io::Result<()> {
    process::install(std::fs::File::open("/dev/null")?, 0)
}

/// Tells the supervisor about a failure. Answers the exit code.
fn report(control: &UnixStream, result: Result<(), Failure>) -> i32 {
    let Err(failure) = result else { return 0 };
    // If the supervisor is gone, nobody wants to know; the exit code is all that is left.
    wire::send(control, &Answer::from(failure), &[]).map_or(2, |()| 1)
}

/// Which step of the construction failed, and how.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) step: String,
    pub(crate) source: io::Error,
}

impl From<Failure> for Answer {
    fn from(failure: Failure) -> Self {
        Self::Failed { step: failure.step, errno: failure.source.raw_os_error().unwrap_or(libc::EIO) }
    }
}

/// Names the step that a result belongs to.
trait Step<T> {
    fn step(self, name: impl Into<String>) -> Result<T, Failure>;
}

impl<T> Step<T> for io::Result<T> {
    fn step(self, name: impl Into<String>) -> Result<T, Failure> {
        self.map_err(|source| Failure { step: name.into(), source })
    }
}
