//! Hosts that have less: no control groups, no root.

use std::os::unix::process::CommandExt;
use std::process::Command;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use updraft_sandbox::{
    Config, ExitStatus, Furniture, Level, Limits, Occupant, ProcessBackend, SandboxBackend, SandboxError,
};

use crate::harness::Case;
use crate::lab::{python, sh, spec, wait};

/// First argument of a process that is not root.
pub(crate) const MODE: &str = "unprivileged";

pub(crate) const CASES: &[Case] = &[
    ("weak::without_control_groups_the_default_minimum_refuses", without_control_groups_the_default_minimum_refuses),
    (
        "weak::without_control_groups_processes_are_limited_one_by_one",
        without_control_groups_processes_are_limited_one_by_one,
    ),
    ("weak::furniture_limits_processes_one_by_one", furniture_limits_processes_one_by_one),
    ("weak::without_a_freezer_signals_freeze", without_a_freezer_signals_freeze),
    ("weak::without_root_a_user_namespace_does", without_root_a_user_namespace_does),
];

fn groupless(minimum: Level) -> ProcessBackend {
    ProcessBackend::new(Config { minimum, control_groups: false, ..Config::default() }).unwrap()
}

fn without_control_groups_the_default_minimum_refuses() {
    let err = wait(groupless(Level::Full).build(spec())).unwrap_err();
    assert!(matches!(err, SandboxError::TooWeak { found: Level::NoCgroup, missing: "memory", .. }), "{err:?}");
}

fn without_control_groups_processes_are_limited_one_by_one() {
    wait(async {
        let mut sandbox = groupless(Level::NoCgroup).build(spec()).await.unwrap();
        assert_eq!((sandbox.level(), sandbox.peak_memory()), (Level::NoCgroup, None));
        let script = "
import resource
print(resource.getrlimit(resource.RLIMIT_NPROC)[0])
try: bytearray(400 << 20)
except MemoryError: print('refused')";
        let mut stdout = sandbox.start(python(script)).unwrap().stdout;
        let mut text = String::new();
        stdout.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "1024\nrefused\n");
        sandbox.destroy().await;
    });
}

fn furniture_limits_processes_one_by_one() {
    wait(async {
        assert_eq!(limited_by(&groupless(Level::NoCgroup)).await, "100");
    });
}

fn without_a_freezer_signals_freeze() {
    wait(async {
        let mut sandbox = groupless(Level::NoCgroup).build(spec()).await.unwrap();
        let mut out = sandbox.start(sh("while :; do echo x; sleep 0.01; done")).unwrap().stdout;
        let mut buffer = [0; 4096];
        assert!(out.read(&mut buffer).await.unwrap() > 0, "control: it runs");
        sandbox.freeze().unwrap();
        while tokio::time::timeout(Duration::from_millis(300), out.read(&mut buffer)).await.is_ok() {}
        sandbox.thaw().unwrap();
        assert!(out.read(&mut buffer).await.unwrap() > 0, "it runs again");
        sandbox.freeze().unwrap();
        sandbox.kill();
        assert_eq!(sandbox.wait().await.status, ExitStatus::Killed);
        sandbox.destroy().await;
    });
}

/// How many MiB of data a furnished command may have.
async fn limited_by(backend: &ProcessBackend) -> String {
    let mut sandbox = backend.prepare(spec(), Occupant::Command).await.unwrap_or_else(|err| panic!("{err}"));
    let limits = Limits { memory_bytes: Some(100 << 20), ..Limits::default() };
    sandbox.furnish(Furniture { limits: Some(limits), ..Furniture::default() }).unwrap();
    let script = "import resource; print(resource.getrlimit(resource.RLIMIT_DATA)[1] >> 20)";
    let mut text = String::new();
    sandbox.start(python(script)).unwrap().stdout.read_to_string(&mut text).await.unwrap();
    sandbox.destroy().await;
    text.trim().to_owned()
}

/// Builds sandboxes as whoever runs this, and prints what it finds.
pub(crate) fn live() -> ! {
    let backend = ProcessBackend::new(Config { minimum: Level::NoCgroup, ..Config::default() }).unwrap();
    println!("{}", wait(crate::prepared::forked_by(&backend)));
    println!("{}", wait(limited_by(&backend)));
    let text = wait(async {
        let mut sandbox = match backend.build(spec()).await {
            Ok(sandbox) => sandbox,
            Err(err) => return err.to_string(),
        };
        let mut stdout = sandbox.start(sh("id -u; ls /root 2>&1; ls -d /proc/[0-9]* | wc -l")).unwrap().stdout;
        let mut text = String::new();
        stdout.read_to_string(&mut text).await.unwrap();
        text.push_str(sandbox.level().as_str());
        sandbox.destroy().await;
        text
    });
    println!("{text}");
    std::process::exit(0)
}

fn without_root_a_user_namespace_does() {
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("program");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    std::fs::set_permissions(dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let output = Command::new(program).arg(MODE).uid(65_534).gid(65_534).current_dir("/").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    // Three processes are seen: the shell, `ls` and `wc`. `/root` is not there at all.
    let missing = "ls: cannot access '/root': No such file or directory";
    let fork = "inherited furniture 993\ninherited furniture 993\n100";
    assert_eq!(
        text.trim(),
        format!("{fork}\n993\n{missing}\n3\nno-cgroup"),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
