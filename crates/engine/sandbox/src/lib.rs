//! Keeps the code of customers apart from the host and from each other.
//!
//! For: building, driving and tearing down process sandboxes on Linux, and saying honestly how well they hold.
//! Must never know: functions, invocations, AWS, the store. It is the only crate with `unsafe` code.
//! Start reading at [`SandboxBackend`], then `linux/helper/`, then docs/adr/0006-sandbox.md.
//!
//! A program that builds sandboxes calls [`init_main`] first thing in `main`: sandboxes re-execute it.

mod config;
mod error;
mod host;
#[cfg(target_os = "linux")]
mod linux;
mod memory;
mod report;
mod seam;
mod spec;
mod tunnel;

pub use config::Config;
pub use error::SandboxError;
#[cfg(target_os = "linux")]
pub use linux::{ProcessBackend, Remains, Zygote, init_main, tell, unmap_what_is_constant};
pub use memory::HostMemory;
pub use report::{Capability, Level, Report};
pub use seam::{ExitReason, ExitStatus, Sandbox, SandboxBackend, Stdio};
pub use spec::{
    Bind, Command, DEFAULT_UID, Furniture, Limits, Occupant, SANDBOX_GID, SANDBOX_UID, SandboxSpec, Symlink, TunnelSpec,
};
pub use tunnel::Tunnel;

/// The source of a Python module: `Forks(occupy).run()` is the main loop of a [`Zygote`].
pub const PYTHON_ZYGOTE: &str = include_str!("python/zygote.py");
