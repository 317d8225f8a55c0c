//! Sandboxes made of Linux processes: namespaces, control groups, a system call filter, and no privileges.

mod backend;
mod cgroup;
mod ending;
mod helper;
mod instance;
mod launch;
mod nursery;
mod orphans;
mod probe;
mod reaper;
mod remains;
mod sys;
mod wire;
mod zygote;

pub use backend::ProcessBackend;
pub use helper::init_main;
pub use remains::Remains;
pub use sys::program::unmap_what_is_constant;
pub(crate) use sys::tunnel::watch as watch_tunnel;
pub use wire::send_json as tell;
pub use zygote::Zygote;

/// From which number on a program finds what it was handed besides the standard streams: its seat, its gate, and the rest.
const SEAT: i32 = 3;
/// Where a zygote finds the filters that its forks install.
const ZYGOTE_FILTERS: &str = "/var/zygote/filters";
