//! The helper: this binary, re-executed as a small single-threaded process that turns itself into a sandbox.
//!
//! The supervisor has threads, and a process with threads cannot fork and go on safely. So it starts the binary anew,
//! and the helper does the rest in three processes:
//!
//! 1. [`outer`] takes the spec, leaves the host's namespaces, and forks
//! 2. [`inner`], which becomes pid 1 inside: it builds the root, gives up every privilege, and forks
//! 3. [`command`], which waits for the command and becomes it.
//!
//! The outer process is gone when the sandbox is ready; the inner one stays as its init.

mod command;
mod escapes;
mod filter;
mod inner;
mod network;
mod outer;
mod privileges;
mod root;

use std::io;
use std::os::unix::net::UnixStream;

use super::sys::{process, socket};
use super::wire::{self, Answer};

/// First argument of a process that is to become a sandbox; the socket to the supervisor is its standard input.
pub(crate) const INIT: &str = "__sandbox-init";
/// First argument of a process inside a sandbox that is to try escapes.
pub(crate) const PROBE: &str = "__sandbox-probe";

/// Becomes a helper if that is what this process was started for; otherwise returns at once.
///
/// To be called first thing in `main`, before any thread is started: the sandbox re-executes the running binary.
pub fn init_main() {
    let mut args = std::env::args().skip(1);
    match args.next().as_deref() {
        Some(INIT) => process::exit_now(run_init()),
        Some(PROBE) => process::exit_now(escapes::run(args)),
        _ => {}
    }
}

fn run_init() -> i32 {
    let taken = process::close_above_stdio().and_then(|()| socket::take_standard(0));
    let Ok(control) = taken.map(UnixStream::from) else { return 2 };
    report(&control, outer::run(&control))
}

/// Tells the supervisor about a failure. Answers the exit code.
fn report(control: &UnixStream, result: Result<(), Failure>) -> i32 {
    let Err(failure) = result else { return 0 };
    let answer = Answer::Failed { step: failure.step, errno: failure.source.raw_os_error().unwrap_or(libc::EIO) };
    // If the supervisor is gone, nobody wants to know; the exit code is all that is left.
    wire::send(control, &answer, &[]).map_or(2, |()| 1)
}

/// Which step of the construction failed, and how.
#[derive(Debug)]
struct Failure {
    step: String,
    source: io::Error,
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
