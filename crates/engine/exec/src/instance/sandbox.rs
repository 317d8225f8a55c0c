//! What a function's sandbox looks like.

use std::path::Path;

use updraft_kernel::ports::FunctionSpec;
use updraft_sandbox::{Bind, Command, DEFAULT_UID, Limits, SandboxSpec, Symlink};

use crate::env::{AWS_PORT, RUNTIME_PORT};
use crate::runtime::{Launch, Unpacked};

/// AWS: 1,769 MB of memory are one core's worth.
const MB_PER_CORE: u64 = 1769;
/// Below this a function hardly moves, whatever its share is.
const LEAST_CPU_MILLIS: u64 = 20;
/// How many uids there are to give: neighbours must not share one.
pub(super) const UIDS: u64 = 60_000;
/// AWS: processes and threads, and descriptors.
const PIDS: u32 = 1024;
const DESCRIPTORS: u64 = 1024;

/// The processor share that goes with a memory size, in thousandths of a core.
pub(crate) fn cpu_millis(memory_mb: u32) -> u32 {
    let share = (u64::from(memory_mb) * 1000).div_ceil(MB_PER_CORE).max(LEAST_CPU_MILLIS);
    u32::try_from(share).unwrap_or(u32::MAX)
}

/// The sandbox for one instance. It starts without a processor quota: AWS boosts the start.
pub(crate) fn shape(name: String, number: u64, spec: &FunctionSpec, from: &Unpacked, launch: &Launch) -> SandboxSpec {
    let mut shape = SandboxSpec::system(name);
    shape.binds.push(Bind::read_only(&*from.code, "/var/task"));
    shape.binds.extend(from.layers.iter().map(|layers| Bind::read_only(&**layers, "/opt")));
    shape.binds.extend(launch.binds.iter().map(|bind| Bind::read_only(&bind.host, &bind.inside)));
    let files = launch.files.iter();
    shape.files.extend(files.map(|file| (Path::new("/var/runtime").join(file.name), file.content.to_vec())));
    let links = launch.links.iter().cloned();
    shape.symlinks.extend(links.map(|(path, to)| Symlink { path, to }));
    shape.tmp_bytes = u64::from(spec.ephemeral_mb) << 20;
    shape.limits = Limits {
        memory_bytes: Some(u64::from(spec.memory_mb) << 20),
        cpu_millis: None,
        pids: Some(PIDS),
        nofile: DESCRIPTORS,
    };
    shape.listeners = vec![RUNTIME_PORT, AWS_PORT];
    shape.uid = DEFAULT_UID + u32::try_from(number % UIDS).unwrap_or(0);
    shape
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
