//! The end of the supervisor is the end of its sandboxes, however it comes.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::harness::Case;
use crate::lab::{build, inits_of, processes_with, sh, spec, stat, wait, wait_until};

/// First argument of a process that plays the supervisor; the second is a marker.
pub(crate) const MODE: &str = "supervise";

pub(crate) const CASES: &[Case] = &[
    ("supervisor::a_killed_supervisor_leaves_no_processes", a_killed_supervisor_leaves_no_processes),
    ("supervisor::an_interrupt_while_building_leaves_no_processes", an_interrupt_while_building_leaves_no_processes),
];

/// Has one running, one frozen and one waiting sandbox, says so, and waits to be killed.
pub(crate) fn live() -> ! {
    let marker = std::env::args().nth(2).unwrap();
    wait(async {
        let mut running = build(spec()).await;
        let mut frozen = build(spec()).await;
        let waiting = build(spec()).await;
        let _one = running.start(sh(&format!("sleep {marker}"))).unwrap();
        let _two = frozen.start(sh(&format!("sleep {marker}"))).unwrap();
        wait_until("two sleepers", || processes_with(&format!("sleep\0{marker}")).len() == 2);
        frozen.freeze().unwrap();
        println!("{marker}");
        std::mem::forget((running, frozen, waiting));
    });
    loop {
        std::thread::park();
    }
}

fn a_killed_supervisor_leaves_no_processes() {
    let marker = format!("985{}", std::process::id());
    let program = std::env::current_exe().unwrap();
    let mut supervisor = Command::new(program).args([MODE, &marker]).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(supervisor.stdout.take().unwrap()).read_line(&mut said).unwrap();
    assert_eq!(said.trim(), marker);
    let inits = inits_of(supervisor.id());
    assert_eq!(inits.len(), 3, "control: each sandbox has an init");
    supervisor.kill().unwrap();
    supervisor.wait().unwrap();
    wait_until("the sleepers are gone", || processes_with(&format!("sleep\0{marker}")).is_empty());
    wait_until("the inits are gone", || inits.iter().all(|pid| !is_alive(*pid)));
}

/// As by Ctrl-C: supervisor and helpers get the signal, at every stage of their work.
fn an_interrupt_while_building_leaves_no_processes() {
    const STEPS: u64 = 25;
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("program");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    for step in 0..STEPS {
        let marker = format!("984{}", std::process::id());
        let mut supervisor =
            Command::new(&program).args([MODE, &marker]).stdout(Stdio::null()).process_group(0).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(3 + step));
        let group = format!("-{}", supervisor.id());
        assert!(Command::new("kill").args(["-INT", "--", &group]).status().unwrap().success());
        supervisor.wait().unwrap();
        wait_until("nothing of it runs", || running(&program) == 0);
    }
}

fn running(program: &Path) -> usize {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    all.filter(|entry| std::fs::read_link(entry.path().join("exe")).is_ok_and(|exe| exe == program)).count()
}

/// A zombie waits only for whoever has inherited it.
fn is_alive(pid: u32) -> bool {
    stat(pid).is_some_and(|(state, _)| state != 'Z')
}
