//! Sandboxes made of Linux processes: namespaces, control groups, a system call filter, and no privileges.

mod backend;
mod cgroup;
mod helper;
mod instance;
mod launch;
mod probe;
mod reaper;
mod sys;
mod wire;

pub use backend::ProcessBackend;
pub use helper::init_main;

/// Tells a sandbox's init to stop everything inside, where the host has no freezer.
const STOP_ALL: libc::c_int = libc::SIGUSR1;
/// Tells a sandbox's init to let everything run again.
const CONTINUE_ALL: libc::c_int = libc::SIGUSR2;
