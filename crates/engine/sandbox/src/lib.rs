//! Keeps the code of customers apart from the host and from each other.
//!
//! For: building, driving and tearing down process sandboxes on Linux, and saying honestly how well they hold.
//! Must never know: functions, invocations, AWS, the store. It is the only crate with `unsafe` code.
//! Start reading at [`SandboxBackend`], then `linux/`.

mod error;
mod host;
mod report;
mod seam;
mod spec;

pub use error::SandboxError;
pub use report::{Capability, Level, Report};
pub use seam::{ExitReason, ExitStatus, Sandbox, SandboxBackend, Stdio};
pub use spec::{Bind, Command, DEFAULT_UID, Limits, SandboxSpec, Symlink};
