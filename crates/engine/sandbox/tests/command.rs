//! Programs run inside as they would outside.

use std::path::{Path, PathBuf};

use updraft_sandbox::{Bind, Command, ExitStatus, Level, SandboxBackend};

use crate::harness::Case;
use crate::lab::{backend, program, python, run, sh, spec, wait};

pub(crate) const CASES: &[Case] = &[
    ("command::this_host_reaches_the_full_level", this_host_reaches_the_full_level),
    ("command::shell_python_and_node_run", shell_python_and_node_run),
    ("command::a_static_program_runs", a_static_program_runs),
    ("command::a_python_kept_at_home_runs_when_it_is_shown", a_python_kept_at_home_runs_when_it_is_shown),
    ("command::node_threads_and_subprocesses_work", node_threads_and_subprocesses_work),
    ("command::python_threads_and_subprocesses_work", python_threads_and_subprocesses_work),
    ("command::exit_codes_and_signals_are_told_apart", exit_codes_and_signals_are_told_apart),
    ("command::a_program_that_is_not_there_says_so", a_program_that_is_not_there_says_so),
    ("command::only_the_given_environment_is_there", only_the_given_environment_is_there),
    ("command::output_can_be_opened_by_name", output_can_be_opened_by_name),
    ("command::the_user_and_the_host_are_generated", the_user_and_the_host_are_generated),
    ("command::tmp_is_private_writable_and_capped", tmp_is_private_writable_and_capped),
    ("command::generated_files_and_links_are_there", generated_files_and_links_are_there),
];

fn this_host_reaches_the_full_level() {
    let report = wait(backend().probe());
    let missing: Vec<_> = report.rows.iter().filter(|row| !row.found).map(|row| row.name).collect();
    assert_eq!((report.level, missing), (Level::Full, vec![]));
}

fn shell_python_and_node_run() {
    assert_eq!(wait(run(spec(), sh("echo $((6*7))"))).ok(), "42");
    assert_eq!(wait(run(spec(), python("import json, ssl, hashlib; print(json.dumps([1]))"))).ok(), "[1]");
    let node = "console.log(JSON.stringify(require('os').cpus().length > 0))";
    assert_eq!(wait(run(spec(), program(["/usr/bin/node", "-e", node]))).ok(), "true");
}

fn a_static_program_runs() {
    // `ldconfig` must work where libraries do not, so it is linked statically.
    let program_file = std::fs::read("/usr/sbin/ldconfig").unwrap();
    assert!(!program_file.windows(7).any(|part| part == b".interp"), "control: it has no section that names a loader");
    assert!(wait(run(spec(), program(["/usr/sbin/ldconfig", "--version"]))).ok().starts_with("ldconfig"));
}

/// An interpreter that somebody keeps in their home, as pyenv does.
fn python_at_home() -> Option<PathBuf> {
    let home = std::env::var_os("HOME")?;
    let kept = std::fs::read_dir(Path::new(&home).join(".pyenv/versions")).ok()?;
    kept.filter_map(|entry| Some(entry.ok()?.path())).find(|prefix| prefix.join("bin/python3").exists())
}

fn a_python_kept_at_home_runs_when_it_is_shown() {
    let Some(prefix) = python_at_home() else {
        return println!("there is no python in ~/.pyenv; the case of /usr/bin/python3 covers the rest");
    };
    let mut spec = spec();
    spec.binds.push(Bind::same(&prefix));
    let python = format!("{}/bin/python3", prefix.display());
    assert_eq!(
        wait(run(spec, program([&python, "-c", "import sys; print(sys.prefix)"]))).ok(),
        prefix.to_str().unwrap()
    );
}

fn node_threads_and_subprocesses_work() {
    let script = "
        const { Worker, isMainThread } = require('worker_threads');
        const { execFileSync } = require('child_process');
        new Worker('require(\"worker_threads\").parentPort.postMessage(7)', { eval: true })
            .on('message', (seven) => console.log(seven, execFileSync('/bin/echo', ['child']).toString().trim()));";
    assert_eq!(wait(run(spec(), program(["/usr/bin/node", "-e", script]))).ok(), "7 child");
}

fn python_threads_and_subprocesses_work() {
    let script = "
import threading, subprocess
t = threading.Thread(target=lambda: print('thread', flush=True)); t.start(); t.join()
print(subprocess.run(['/bin/echo', 'child'], capture_output=True, text=True).stdout.strip())";
    assert_eq!(wait(run(spec(), python(script))).ok(), "thread\nchild");
}

fn exit_codes_and_signals_are_told_apart() {
    let ended = |script| wait(run(spec(), sh(script))).exit;
    assert_eq!(ended("exit 3").status, ExitStatus::Code(3));
    let killed = ended("kill -SEGV $$");
    assert_eq!((killed.status, killed.oom_killed), (ExitStatus::Signal(11), false));
}

fn a_program_that_is_not_there_says_so() {
    let missing = wait(run(spec(), program(["/no/such/program"])));
    assert_eq!(missing.exit.status, ExitStatus::Code(127));
    assert!(missing.stderr.contains("cannot run /no/such/program"), "{missing:?}");
    assert_eq!(wait(run(spec(), program(["/etc/passwd"]))).exit.status, ExitStatus::Code(126));
}

fn only_the_given_environment_is_there() {
    let mut command = Command::new(["/usr/bin/env"]);
    command.env = vec![("A".into(), "1".into())];
    assert!(std::env::vars().count() > 1, "control: the supervisor has an environment that could leak");
    assert_eq!(wait(run(spec(), command)).ok(), "A=1");
}

fn output_can_be_opened_by_name() {
    let outcome = wait(run(spec(), sh("echo out > /dev/stdout; echo err > /dev/stderr")));
    assert_eq!((outcome.ok(), outcome.stderr.trim()), ("out", "err"));
}

fn the_user_and_the_host_are_generated() {
    let mut spec = spec();
    spec.hostname = "mine".into();
    assert_eq!(
        wait(run(spec, sh("id; hostname; cat /etc/hosts"))).ok(),
        "uid=993(sandbox) gid=990(sandbox) groups=990(sandbox)\nmine\n127.0.0.1 localhost sandbox sandbox.localdomain"
    );
}

fn tmp_is_private_writable_and_capped() {
    let mut spec = spec();
    spec.tmp_bytes = 1 << 20;
    let script = "ls -A /tmp; echo hi > /tmp/a && cat /tmp/a; head -c 2000000 /dev/zero > /tmp/b || echo full; touch /dev/shm/x && echo shm";
    assert_eq!(wait(run(spec, sh(script))).ok(), "hi\nfull\nshm");
}

fn generated_files_and_links_are_there() {
    let mut spec = spec();
    spec.files.push(("/opt/deep/note".into(), b"hello".to_vec()));
    spec.symlinks.push(updraft_sandbox::Symlink { path: "/var/lang".into(), to: "/opt/deep".into() });
    assert_eq!(
        wait(run(spec, sh("cat /var/lang/note; echo x > /var/lang/note 2>/dev/null || echo -n ' ro'"))).ok(),
        "hello ro"
    );
}
