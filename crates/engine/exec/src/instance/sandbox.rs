//! What a function's sandbox looks like.

use updraft_kernel::ports::FunctionSpec;
use updraft_sandbox::{Bind, Command, Furniture};

use crate::runtime::{Launch, Unpacked};
use crate::stock::limits;

/// AWS: 1,769 MB of memory are one core's worth.
const MB_PER_CORE: u64 = 1769;
/// Below this a function hardly moves, whatever its share is.
const LEAST_CPU_MILLIS: u64 = 20;
/// AWS: a start has more than its share. Not without end: starts can be had as often as one likes.
const BOOST_CPU_MILLIS: u32 = 2000;

/// The processor share that goes with a memory size, in thousandths of a core.
pub(crate) fn cpu_millis(memory_mb: u32) -> u32 {
    let share = (u64::from(memory_mb) * 1000).div_ceil(MB_PER_CORE).max(LEAST_CPU_MILLIS);
    u32::try_from(share).unwrap_or(u32::MAX)
}

/// What a prepared sandbox is given for one function.
pub(crate) fn furniture(spec: &FunctionSpec, from: &Unpacked, boosted: bool) -> Furniture {
    let share = cpu_millis(spec.memory_mb);
    let cpu = if boosted { share.max(BOOST_CPU_MILLIS) } else { share };
    let layers = from.layers.iter().map(|layers| Bind::read_only(&**layers, "/opt"));
    Furniture {
        binds: std::iter::once(Bind::read_only(&*from.code, "/var/task")).chain(layers).collect(),
        tmp_bytes: Some(u64::from(spec.ephemeral_mb) << 20),
        limits: Some(limits(spec, cpu)),
    }
}

/// The process to run in it. AWS: a wrapper script that the function names gets the runtime's command as arguments;
/// runtimes that are nothing but an operating system know none.
pub(crate) fn command(
    spec: &FunctionSpec,
    launch: &Launch,
    env: Vec<(std::ffi::OsString, std::ffi::OsString)>,
) -> Command {
    let wrapper = spec.environment.get("AWS_LAMBDA_EXEC_WRAPPER").filter(|_| !spec.runtime.starts_with("provided"));
    let mut command = Command::new(wrapper.into_iter().chain(&launch.argv).map(String::as_str));
    command.env = env;
    command.cwd = "/var/task".into();
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_share_follows_the_memory() {
        assert_eq!(cpu_millis(1769), 1000);
        assert_eq!(cpu_millis(128), 73);
        assert_eq!(cpu_millis(3538), 2000);
        assert_eq!(cpu_millis(1), 20);
    }
}
