//! Finds out what holds here by trying, not by reading versions.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::AsyncReadExt;

use super::ProcessBackend;
use super::helper::PROBE;
use super::launch::Plan;
use crate::{
    Bind, Capability, Command, ExitReason, ExitStatus, Level, Limits, Occupant, Report, SandboxError, SandboxSpec,
    TunnelSpec,
};

/// Where the probing program is inside.
const PROGRAM: &str = "/probe-program";
const HOG_LIMIT: u64 = 32 << 20;
const HOG_WANTS: u64 = 128 << 20;
const SWARM_LIMIT: u32 = 16;
const SWARM_WANTS: u32 = 64;

/// Each sandbox of a process needs a name of its own.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// Builds throw-away sandboxes and reports what held in them.
pub(super) async fn run(backend: &ProcessBackend) -> Report {
    let mut held = BTreeSet::new();
    let trouble = try_all(backend, &mut held).await.err().map(|err| err.to_string());
    let rows = CAPABILITIES.into_iter().map(|row| Capability { found: held.contains(row.name), ..row }).collect();
    let report = Report { trouble, ..Report::from_rows(rows) };
    tracing::info!(level = report.level.as_str(), trouble = report.trouble, "sandboxes probed");
    report
}

async fn try_all(backend: &ProcessBackend, held: &mut BTreeSet<String>) -> Result<(), SandboxError> {
    try_escapes(backend, held).await?;
    // Per-process limits would stop the attempts, too, but they are not what these rows promise.
    if backend.has_groups() { try_limits(backend, held).await } else { Ok(()) }
}

async fn try_escapes(backend: &ProcessBackend, held: &mut BTreeSet<String>) -> Result<(), SandboxError> {
    let bait = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|bait| Ok((bait.local_addr()?.port(), bait)));
    let (port, _bait) = bait.map_err(|err| SandboxError::step("listen on the host", err))?;
    let args = ["escapes".to_owned(), port.to_string(), std::process::id().to_string()];
    let (_, output) = attempt(backend, Limits::default(), args).await?;
    held.extend(output.lines().filter_map(|line| line.strip_suffix(" held")).map(str::to_owned));
    Ok(())
}

async fn try_limits(backend: &ProcessBackend, held: &mut BTreeSet<String>) -> Result<(), SandboxError> {
    let limits = Limits { memory_bytes: Some(HOG_LIMIT), ..Limits::default() };
    let (exit, _) = attempt(backend, limits, ["hog".to_owned(), HOG_WANTS.to_string()]).await?;
    if exit.oom_killed {
        held.insert("memory".to_owned());
    }
    let limits = Limits { pids: Some(SWARM_LIMIT), ..Limits::default() };
    let (exit, _) = attempt(backend, limits, ["swarm".to_owned(), SWARM_WANTS.to_string()]).await?;
    if exit.status == ExitStatus::Code(0) {
        held.insert("pids".to_owned());
    }
    Ok(())
}

/// Sends a packet from inside, and looks for it at the tunnel's other end.
pub(super) async fn through(backend: &ProcessBackend, tunnel: TunnelSpec) -> Result<(), SandboxError> {
    let spec = SandboxSpec { tunnel: Some(tunnel), ..spec()? };
    let mut sandbox = backend.build_unchecked(plan(spec), Level::None).await?;
    let end = sandbox.tunnel()?;
    let mut stdio = sandbox.start(Command::new([PROGRAM, PROBE, "knock"]))?;
    let mut output = String::new();
    let read = stdio.stdout.read_to_string(&mut output).await;
    sandbox.wait().await;
    let came = end.is_some_and(|end| end.try_recv(&mut [0; 2048]).is_ok());
    sandbox.destroy().await;
    read.map_err(|err| SandboxError::step("read the probe's answers", err))?;
    let lost = || SandboxError::step("send through the tunnel", io::ErrorKind::NetworkUnreachable.into());
    came.then_some(()).ok_or_else(lost)
}

/// Runs the probing program once; answers how it ended and what it printed.
async fn attempt<const N: usize>(
    backend: &ProcessBackend,
    limits: Limits,
    args: [String; N],
) -> Result<(ExitReason, String), SandboxError> {
    let mut sandbox = backend.build_unchecked(plan(SandboxSpec { limits, ..spec()? }), Level::None).await?;
    let argv = [PROGRAM.to_owned(), PROBE.to_owned()].into_iter().chain(args);
    let mut stdio = sandbox.start(Command::new(argv))?;
    let mut output = String::new();
    let read = stdio.stdout.read_to_string(&mut output).await;
    read.map_err(|err| SandboxError::step("read the probe's answers", err))?;
    let exit = sandbox.wait().await;
    sandbox.destroy().await;
    Ok((exit, output))
}

fn plan(spec: SandboxSpec) -> Plan {
    Plan { spec, occupant: Occupant::Command, open: false, tmp: None }
}

fn spec() -> Result<SandboxSpec, SandboxError> {
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let program: PathBuf = std::env::current_exe().map_err(|err| SandboxError::step("find the own program", err))?;
    let mut spec = SandboxSpec::system(format!("probe-{count}"));
    spec.binds.push(Bind::read_only(program, PROGRAM));
    Ok(spec)
}

/// Every capability, as not found. Names are those that the probing program prints.
const CAPABILITIES: [Capability; 9] = [
    Capability {
        name: "files",
        found: false,
        protects: "the host's files from functions",
        without: "functions are refused",
        mend: "run as root, or allow user namespaces (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns=0)",
        caps_at: Level::None,
    },
    Capability {
        name: "root",
        found: false,
        protects: "code and runtime from being changed",
        without: "functions are refused",
        mend: "use Linux 5.12 or newer (mount_setattr)",
        caps_at: Level::None,
    },
    Capability {
        name: "processes",
        found: false,
        protects: "processes of the host and of other functions",
        without: "functions are refused",
        mend: "allow pid namespaces; in a container, run it with CAP_SYS_ADMIN or on the host",
        caps_at: Level::None,
    },
    Capability {
        name: "user",
        found: false,
        protects: "everything that belongs to root",
        without: "functions are refused",
        mend: "run as root, or allow user namespaces",
        caps_at: Level::None,
    },
    Capability {
        name: "privileges",
        found: false,
        protects: "against programs that gain privileges",
        without: "functions are refused",
        mend: "use a kernel with capability bounding sets and no_new_privs",
        caps_at: Level::None,
    },
    Capability {
        name: "filter",
        found: false,
        protects: "the kernel's rarely used parts from attacks",
        without: "functions are refused",
        mend: "use a kernel with CONFIG_SECCOMP_FILTER",
        caps_at: Level::None,
    },
    Capability {
        name: "network",
        found: false,
        protects: "services on the host's loopback and other functions' runtimes",
        without: "functions reach everything that the host reaches",
        mend: "allow network namespaces (CONFIG_NET_NS, CAP_SYS_ADMIN)",
        caps_at: Level::NoNetns,
    },
    Capability {
        name: "memory",
        found: false,
        protects: "the host's memory",
        without: "one function can exhaust the host's memory; only single processes are limited",
        mend: "run as root with writable control groups, or under systemd with Delegate=yes",
        caps_at: Level::NoCgroup,
    },
    Capability {
        name: "pids",
        found: false,
        protects: "against fork bombs",
        without: "only the number of processes per user is limited",
        mend: "run as root with writable control groups, or under systemd with Delegate=yes",
        caps_at: Level::NoCgroup,
    },
];
