//! Starting, freezing, ending; and that nothing is left behind.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::io::AsyncReadExt;
use updraft_sandbox::{Bind, Config, ExitReason, ExitStatus, ProcessBackend, SandboxBackend, SandboxError};

use crate::harness::Case;
use crate::lab::{build, children_of, inits_of, processes_with, program, python, run, sh, spec, wait, wait_until};

pub(crate) const CASES: &[Case] = &[
    ("lifecycle::a_frozen_sandbox_stands_still_until_thawed", a_frozen_sandbox_stands_still_until_thawed),
    ("lifecycle::kill_ends_everything_even_when_frozen", kill_ends_everything_even_when_frozen),
    ("lifecycle::daemons_end_with_the_command", daemons_end_with_the_command),
    ("lifecycle::the_init_cannot_be_killed_from_inside", the_init_cannot_be_killed_from_inside),
    ("lifecycle::a_sandbox_starts_once", a_sandbox_starts_once),
    ("lifecycle::a_pooled_sandbox_can_be_killed_unused", a_pooled_sandbox_can_be_killed_unused),
    ("lifecycle::a_name_is_taken_until_its_sandbox_is_gone", a_name_is_taken_until_its_sandbox_is_gone),
    ("lifecycle::a_missing_source_is_named", a_missing_source_is_named),
    ("lifecycle::a_host_below_the_minimum_is_refused_by_name", a_host_below_the_minimum_is_refused_by_name),
    ("lifecycle::nothing_leaks_over_many_lives", nothing_leaks_over_many_lives),
    ("lifecycle::only_standard_streams_are_inherited", only_standard_streams_are_inherited),
    ("lifecycle::many_are_built_at_once", many_are_built_at_once),
    ("lifecycle::one_that_makes_no_more_has_left_nothing", one_that_makes_no_more_has_left_nothing),
    ("lifecycle::measured", measured),
];

fn a_frozen_sandbox_stands_still_until_thawed() {
    wait(async {
        let mut sandbox = build(spec()).await;
        let script = "import time\nwhile True: print('x', end='', flush=True); time.sleep(0.002)";
        let mut out = sandbox.start(python(script)).unwrap().stdout;
        let mut buffer = [0; 4096];
        assert!(out.read(&mut buffer).await.unwrap() > 0, "control: it runs");
        sandbox.freeze().unwrap();
        // Freezing is asked for, not waited for: what was under way may still come.
        while tokio::time::timeout(Duration::from_millis(300), out.read(&mut buffer)).await.is_ok() {}
        sandbox.thaw().unwrap();
        assert!(out.read(&mut buffer).await.unwrap() > 0, "it runs again");
        sandbox.destroy().await;
    });
}

fn kill_ends_everything_even_when_frozen() {
    let marker = format!("987{}", std::process::id());
    wait(async {
        let mut sandbox = build(spec()).await;
        let _stdio =
            sandbox.start(sh(&format!("setsid sleep {marker} & setsid sleep {marker} & sleep {marker}"))).unwrap();
        wait_until("three sleepers", || processes_with(&marker).len() >= 3);
        sandbox.freeze().unwrap();
        sandbox.kill();
        assert_eq!(sandbox.wait().await, ExitReason { status: ExitStatus::Killed, oom_killed: false });
        assert_eq!(sandbox.wait().await.status, ExitStatus::Killed, "the answer stays");
        assert_eq!(processes_with(&marker), [0_u32; 0]);
        sandbox.destroy().await;
    });
}

fn daemons_end_with_the_command() {
    let marker = format!("986{}", std::process::id());
    let outcome = wait(run(spec(), sh(&format!("setsid sleep {marker} >/dev/null 2>&1 & exit 5"))));
    assert_eq!(outcome.exit.status, ExitStatus::Code(5));
    assert_eq!(processes_with(&marker), [0_u32; 0]);
}

fn the_init_cannot_be_killed_from_inside() {
    let script = "kill -9 1; kill -9 -1; kill -TERM 1; kill -USR1 1; echo alive";
    assert!(wait(run(spec(), sh(script))).ok().ends_with("alive"));
}

fn a_sandbox_starts_once() {
    wait(async {
        let mut sandbox = build(spec()).await;
        let _stdio = sandbox.start(sh("sleep 60")).unwrap();
        assert!(matches!(sandbox.start(sh("true")), Err(SandboxError::AlreadyStarted)));
        sandbox.destroy().await;
    });
}

fn a_pooled_sandbox_can_be_killed_unused() {
    wait(async {
        let sandbox = build(spec()).await;
        sandbox.kill();
        assert_eq!(sandbox.wait().await.status, ExitStatus::Killed);
        sandbox.destroy().await;
    });
}

fn a_name_is_taken_until_its_sandbox_is_gone() {
    wait(async {
        let first = build(spec()).await;
        let mut same = spec();
        same.name = format!("test-{}", same.name.trim_start_matches("test-").parse::<u32>().unwrap() - 1);
        let refused = crate::lab::backend().build(same.clone()).await.unwrap_err();
        assert!(refused.to_string().contains("already exists"), "{refused}");
        first.destroy().await;
        build(same).await.destroy().await;
    });
}

fn a_missing_source_is_named() {
    let mut spec = spec();
    spec.binds.push(Bind::same("/no/such/folder"));
    let err = wait(crate::lab::backend().build(spec)).unwrap_err().to_string();
    assert!(err.contains("take /no/such/folder") && err.contains("os error 2"), "{err}");
}

fn a_host_below_the_minimum_is_refused_by_name() {
    // A helper that builds nothing stands for a host on which nothing can be built.
    let weak = ProcessBackend::new(Config { helper: "/bin/true".into(), ..Config::default() }).unwrap();
    let err = wait(weak.build(spec())).unwrap_err();
    assert!(matches!(err, SandboxError::TooWeak { missing: "files", .. }), "{err:?}");
    assert!(err.to_string().contains("run as root, or allow user namespaces"), "{err}");
}

fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

fn groups_of_this_process() -> Vec<String> {
    let mine = format!("{}-", std::process::id());
    let find =
        std::process::Command::new("find").args(["/sys/fs/cgroup", "-name", &format!("{mine}*")]).output().unwrap();
    String::from_utf8(find.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn nothing_leaks_over_many_lives() {
    let live = || wait(run(spec(), sh("true")));
    live();
    let before = open_descriptors();
    wait(async {
        let sandbox = build(spec()).await;
        assert_ne!(groups_of_this_process(), [""; 0], "control: groups are found where there are some");
        assert_eq!(inits_of(std::process::id()).len(), 1, "control: and so is the init");
        drop(sandbox);
    });
    for _ in 0..10 {
        live();
    }
    wait_until("the dropped sandbox is taken away", || groups_of_this_process().is_empty());
    wait_until("no more descriptors than before", || open_descriptors() <= before);
    wait_until("no zombies", || inits_of(std::process::id()).is_empty());
    assert_eq!(children_of(std::process::id()).len(), 1, "the nursery alone");
}

fn only_standard_streams_are_inherited() {
    let _open = std::fs::File::open("/etc/shadow").unwrap();
    assert!(open_descriptors() > 4, "control: the supervisor has more");
    // The third is the listing's own.
    let script = "import os; print(sorted(int(fd) for fd in os.listdir('/proc/self/fd')))";
    assert_eq!(wait(run(spec(), python(script))).ok(), "[0, 1, 2, 3]");
}

fn many_are_built_at_once() {
    wait(async {
        let all = (0..12).map(|_| run(spec(), sh("echo $$"))).map(tokio::spawn).collect::<Vec<_>>();
        for one in all {
            one.await.unwrap().ok();
        }
    });
}

fn one_that_makes_no_more_has_left_nothing() {
    wait(async {
        let backend = ProcessBackend::new(Config::default()).unwrap();
        let sandboxes = join_all((0..8).map(|_| backend.build(spec()))).await;
        assert!(sandboxes.iter().all(Result::is_ok) && groups_of_this_process().len() >= 8, "control: they are there");
        // Nobody will take this one.
        let maker = backend.clone();
        let building = tokio::spawn(async move { maker.build(spec()).await.map(drop) });
        tokio::task::yield_now().await;
        building.abort();
        drop(sandboxes);
        backend.close().await;
        assert_eq!(groups_of_this_process(), [""; 0]);
        assert_eq!(inits_of(std::process::id()), [0_u32; 0]);
        assert!(matches!(backend.build(spec()).await, Err(SandboxError::Closed)));
    });
}

/// Not a judgement, only numbers: this machine may be busy.
fn measured() {
    const RUNS: usize = 20;
    wait(async {
        run(spec(), sh("true")).await;
        let mut times: [Vec<u128>; 4] = Default::default();
        for _ in 0..RUNS {
            let mut at = Instant::now();
            let mut lap = || std::mem::replace(&mut at, Instant::now()).elapsed().as_micros();
            let mut sandbox = build(spec()).await;
            times[0].push(lap());
            let _stdio = sandbox.start(program(["/bin/true"])).unwrap();
            times[1].push(lap());
            sandbox.wait().await;
            times[2].push(lap());
            sandbox.destroy().await;
            times[3].push(lap());
        }
        for (name, mut runs) in ["build", "start", "wait", "destroy"].into_iter().zip(times) {
            runs.sort_unstable();
            println!("{name}: min {} µs, median {} µs, max {} µs", runs[0], runs[RUNS / 2], runs[RUNS - 1]);
        }
    });
}
