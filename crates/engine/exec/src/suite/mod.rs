//! What every runtime must do, tried on real sandboxes. A runtime's test target has no harness: its `main` calls
//! `updraft_sandbox::init_main` (the sandbox re-executes the program) and then [`main`] with its samples.
//!
//! Compiled with the feature `suite` only.
#![expect(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test suite")]

mod bench;
mod cases;
mod harness;
mod host;
mod ports;
mod scaling;
mod streams;
mod world;

pub use cases::common;
pub use harness::{Case, main};
pub use ports::MemoryLogs;
pub use world::{Outcome, World};

use std::sync::Arc;

use crate::runtime::Runtime;

/// A file of a package: path, content, and whether it may be executed.
pub type SampleFile = (&'static str, String, bool);

/// A function to be tried.
#[derive(Clone, Debug)]
pub struct Package {
    pub runtime: &'static str,
    pub handler: &'static str,
    pub files: Vec<SampleFile>,
}

impl Package {
    /// One file that may be read.
    #[must_use]
    pub fn file(runtime: &'static str, handler: &'static str, path: &'static str, text: &str) -> Self {
        Self { runtime, handler, files: vec![(path, text.to_owned(), false)] }
    }
}

/// What the common cases need a function for. Each answers JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {
    /// Answers with its event.
    Echo,
    /// Answers with a string that differs between instances, and stays the same within one.
    Token,
    /// As `Token`, after 300 ms.
    SlowToken,
    /// Never answers.
    Hang,
    /// Exits with code 1 during the call.
    ExitOne,
    /// Exits with code 0 during the call.
    ExitZero,
    /// Takes more memory than it has.
    Memory,
    /// Prints about 100 MB in lines, then `the end`, then answers.
    Flood,
    /// Answers with 7 MB.
    Large,
    /// Leaves a process behind that would live for an hour, and answers.
    Daemon,
    /// Prints `hello from the log` and answers.
    Print,
    /// Answers with its environment.
    Environment,
    /// Answers in pieces, where that is wanted: `["one",` at once, and then as its event says.
    /// `"ok"`: after 400 ms `"two"]`. `"fail"`: fails with the message `in the middle`. `"exit"`: exits with code 1.
    /// `"hang"`: does nothing any more. `"long"`: spaces for a second, then prints `the end of it`. `"flood"`: 300 MB,
    /// and prints `sent 64 MB` when so much is out.
    Stream,
}

/// A runtime and its functions.
pub trait Subject: Send + Sync {
    fn runtime(&self) -> Arc<dyn Runtime>;
    fn package(&self, sample: Sample) -> Package;
}
