//! A place to try things: a backend, a runtime, and short ways to run a program inside.

use std::ffi::OsString;
use std::future::Future;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt;
use tokio::runtime::Runtime;
use updraft_sandbox::{Command, Config, ExitReason, ExitStatus, ProcessBackend, Sandbox, SandboxBackend, SandboxSpec};

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());
static BACKEND: LazyLock<ProcessBackend> = LazyLock::new(|| ProcessBackend::new(Config::default()).unwrap());
static COUNT: AtomicU32 = AtomicU32::new(0);

/// Long enough for the busiest machine; only failures take it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Runs a test that waits.
pub(crate) fn wait<T>(work: impl Future<Output = T>) -> T {
    RUNTIME.block_on(async { tokio::time::timeout(PATIENCE, work).await.expect("the test takes too long") })
}

pub(crate) fn backend() -> &'static ProcessBackend {
    &BACKEND
}

/// A spec with a name and a user of its own.
pub(crate) fn spec() -> SandboxSpec {
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut spec = SandboxSpec::system(format!("test-{count}"));
    spec.uid = 910_000 + std::process::id() % 10_000 * 10 + count % 10;
    spec.limits.memory_bytes = Some(256 << 20);
    spec
}

pub(crate) async fn build(spec: SandboxSpec) -> Box<dyn Sandbox> {
    backend().build(spec).await.unwrap_or_else(|err| panic!("{err}"))
}

/// What a program did.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) exit: ExitReason,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// Standard output of a program that must have succeeded.
    pub(crate) fn ok(&self) -> &str {
        assert_eq!(self.exit.status, ExitStatus::Code(0), "{self:?}");
        self.stdout.trim()
    }
}

/// Builds, runs to the end, and takes down.
pub(crate) async fn run(spec: SandboxSpec, command: Command) -> Outcome {
    let mut sandbox = build(spec).await;
    let mut stdio = sandbox.start(command).unwrap();
    let (mut stdout, mut stderr) = (String::new(), String::new());
    let (out, err) = tokio::join!(stdio.stdout.read_to_string(&mut stdout), stdio.stderr.read_to_string(&mut stderr));
    assert!(out.is_ok() && err.is_ok());
    let exit = sandbox.wait().await;
    sandbox.destroy().await;
    Outcome { exit, stdout, stderr }
}

pub(crate) fn sh(script: &str) -> Command {
    program(["/bin/sh", "-c", script])
}

pub(crate) fn python(script: &str) -> Command {
    program(["/usr/bin/python3", "-I", "-S", "-c", script])
}

pub(crate) fn program<const N: usize>(argv: [&str; N]) -> Command {
    let mut command = Command::new(argv.map(OsString::from));
    command.env = vec![("PATH".into(), "/usr/bin:/bin".into())];
    command
}

/// Waits for something that no event announces.
pub(crate) fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < PATIENCE, "still not: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Processes of the host whose command line contains `marker`.
pub(crate) fn processes_with(marker: &str) -> Vec<u32> {
    let pids = std::fs::read_dir("/proc").unwrap().flatten();
    pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| {
            *pid != std::process::id()
                && std::fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.contains(marker))
        })
        .collect()
}

/// Processes started by `parent`, zombies included.
pub(crate) fn children_of(parent: u32) -> Vec<u32> {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    all.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| stat(*pid).is_some_and(|(_, of)| of == parent))
        .collect()
}

/// The inits of a supervisor's sandboxes: its nursery has started them.
pub(crate) fn inits_of(supervisor: u32) -> Vec<u32> {
    children_of(supervisor).into_iter().flat_map(children_of).collect()
}

/// State and parent.
pub(crate) fn stat(pid: u32) -> Option<(char, u32)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = text.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}
