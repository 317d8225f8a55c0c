//! Runs the code of functions: pools of sandboxed instances, their life from start to end, the Lambda Runtime API
//! they speak, and what they print.
//!
//! It implements the kernel's `RunnerPort`. It must never know a service, the store, or how a sandbox is made; a
//! language it knows only as a [`Runtime`].
//! Start reading at [`Exec`], then `run.rs` (one call from admission to outcome), then `pool.rs` (the decisions).

mod accounts;
mod ahead;
mod api;
mod burst;
mod carry;
mod code;
mod config;
mod debug;
mod env;
mod exec;
mod expect;
mod extensions;
mod failure;
mod function;
#[doc(hidden)]
pub mod fuzz;
mod host;
mod instance;
mod keeper;
mod logs;
mod memory;
mod pool;
pub mod programs;
mod reset;
mod resident;
mod run;
mod runtime;
mod sink;
mod stock;
#[cfg(feature = "suite")]
pub mod suite;
mod telemetry;
#[cfg(test)]
mod testing;

pub use config::ExecConfig;
pub use debug::DebugWay;
pub use env::taken;
pub use exec::{Exec, ExecDeps};
pub use instance::ways::tunnel_spec;
pub use resident::{End, Life, Lodger, Pieces, Printed, Resident, Wire, Work};
pub use runtime::{Ahead, Availability, By, Launch, LaunchError, ReadOnly, Runtime, RuntimeFile, Unpacked};
pub use sink::{ConnectionSink, NoEndpoint, PeerInfo, Place};
#[cfg(feature = "suite")]
pub(crate) use updraft_kernel::BoxFuture;
pub use updraft_sandbox::PYTHON_ZYGOTE;
