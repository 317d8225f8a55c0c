//! Sandboxes made of Linux processes: namespaces, control groups, a system call filter, and no privileges.

mod backend;
mod cgroup;
mod ending;
mod helper;
mod instance;
mod launch;
mod nursery;
mod probe;
mod reaper;
mod sys;
mod wire;
mod zygote;

pub use backend::ProcessBackend;
pub use helper::init_main;
pub use zygote::Zygote;

/// Under which number a program finds what it was handed besides the standard streams.
const SEAT: i32 = 3;
const GATE: i32 = 4;
/// Where a zygote finds the filters that its forks install.
const ZYGOTE_FILTERS: &str = "/var/zygote/filters";
/// Tells a sandbox's init to stop everything inside, where the host has no freezer.
const STOP_ALL: libc::c_int = libc::SIGUSR1;
/// Tells a sandbox's init to let everything run again.
const CONTINUE_ALL: libc::c_int = libc::SIGUSR2;
