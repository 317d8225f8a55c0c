//! What is counted is held to its limit.

use updraft_sandbox::{ExitReason, ExitStatus};

use crate::harness::Case;
use crate::lab::{build, program, python, run, sh, spec, wait};

pub(crate) const CASES: &[Case] = &[
    ("limits::a_memory_bomb_is_killed_and_told_from_other_kills", a_memory_bomb_is_killed_and_told_from_other_kills),
    ("limits::files_in_memory_count", files_in_memory_count),
    ("limits::a_fork_bomb_stays_inside", a_fork_bomb_stays_inside),
    ("limits::threads_count_as_processes", threads_count_as_processes),
    ("limits::descriptors_end_at_the_limit", descriptors_end_at_the_limit),
    ("limits::inodes_end_before_memory", inodes_end_before_memory),
    ("limits::the_out_of_memory_killer_cannot_be_bribed", the_out_of_memory_killer_cannot_be_bribed),
    ("limits::the_processor_quota_holds_and_can_be_lifted", the_processor_quota_holds_and_can_be_lifted),
    ("limits::the_memory_peak_is_seen_and_reset", the_memory_peak_is_seen_and_reset),
];

const BOMB: &str = "b = bytearray(400 << 20); print('survived', len(b) >> 20)";
const OOM: ExitReason = ExitReason { status: ExitStatus::Signal(9), oom_killed: true };

fn a_memory_bomb_is_killed_and_told_from_other_kills() {
    let mut roomy = spec();
    roomy.limits.memory_bytes = Some(600 << 20);
    assert_eq!(wait(run(roomy, python(BOMB))).ok(), "survived 400", "control: with room it lives");
    assert_eq!(wait(run(spec(), python(BOMB))).exit, OOM);
    let other = wait(run(spec(), sh("kill -9 $$"))).exit;
    assert_eq!(other, ExitReason { status: ExitStatus::Signal(9), oom_killed: false });
}

fn files_in_memory_count() {
    let mut roomy = spec();
    roomy.limits.memory_bytes = Some(600 << 20);
    let fill = sh("head -c 400000000 /dev/zero > /tmp/big; echo $?");
    assert_eq!(wait(run(roomy, fill.clone())).ok(), "0", "control: with room it fits");
    assert!(wait(run(spec(), fill)).exit.oom_killed, "/tmp");
    let memfd = "import os\nfd = os.memfd_create('m')\nwhile True: os.write(fd, bytes(1 << 20))";
    assert_eq!(wait(run(spec(), python(memfd))).exit, OOM, "memfd");
}

fn a_fork_bomb_stays_inside() {
    let bomb = "
import os, time
n = 0
try:
    while True:
        if os.fork() == 0: time.sleep(60)
        n += 1
except BlockingIOError: print(n, flush=True)
os._exit(0)";
    let with_limit = |pids| {
        let mut spec = spec();
        spec.limits.pids = Some(pids);
        wait(run(spec, python(bomb))).ok().parse::<u32>().unwrap()
    };
    assert_eq!(with_limit(20), 19);
    assert_eq!(with_limit(50), 49, "control: it is the limit that stops it");
}

fn threads_count_as_processes() {
    let bomb = "
import threading, time
n = 0
try:
    while n < 200:
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start(); n += 1
except RuntimeError: pass
print(n, flush=True)
import os; os._exit(0)";
    let mut limited = spec();
    limited.limits.pids = Some(20);
    assert_eq!(wait(run(limited, python(bomb))).ok(), "19");
    assert_eq!(wait(run(spec(), python(bomb))).ok(), "200", "control");
}

fn descriptors_end_at_the_limit() {
    let script = "
import os
n = 0
try:
    while n < 5000: os.dup(0); n += 1
except OSError as e: print(n, e.errno)";
    assert_eq!(wait(run(spec(), python(script))).ok(), "1021 24");
}

fn inodes_end_before_memory() {
    let script = "
n = 0
try:
    while n < 1000000: open(f'/tmp/{n}', 'w').close(); n += 1
except OSError as e: print(e.errno)";
    let mut spec = spec();
    spec.tmp_bytes = 1 << 20;
    assert_eq!(wait(run(spec, python(script))).ok(), "28");
}

fn the_out_of_memory_killer_cannot_be_bribed() {
    let script = "
try: open('/proc/self/oom_score_adj', 'w').write('-1000'); print('bribed')
except OSError as e: print('refused')";
    assert_eq!(wait(run(spec(), python(script))).ok(), "refused");
    let control = std::process::Command::new("/usr/bin/python3").args(["-c", script]).output().unwrap();
    assert_eq!(control.stdout, b"bribed\n", "control: root may");
}

fn the_processor_quota_holds_and_can_be_lifted() {
    let script = "
import time
start, cpu = time.monotonic(), time.process_time()
while time.monotonic() - start < 0.6: pass
print(int((time.process_time() - cpu) / (time.monotonic() - start) * 1000))";
    let share = |lift: bool| {
        wait(async {
            let mut slow = spec();
            slow.limits.cpu_millis = Some(100);
            let mut sandbox = build(slow).await;
            if lift {
                sandbox.set_cpu(None).unwrap();
            }
            let mut stdout = sandbox.start(python(script)).unwrap().stdout;
            let mut text = String::new();
            tokio::io::AsyncReadExt::read_to_string(&mut stdout, &mut text).await.unwrap();
            sandbox.destroy().await;
            text.trim().parse::<u32>().unwrap()
        })
    };
    let (limited, lifted) = (share(false), share(true));
    assert!(limited < 200, "a tenth of a core, got {limited} thousandths");
    assert!(lifted > limited, "control: without quota {lifted}, with it {limited}");
}

fn the_memory_peak_is_seen_and_reset() {
    wait(async {
        let mut sandbox = build(spec()).await;
        let script = "b = bytearray(100 << 20); del b; print('x', flush=True); import time; time.sleep(60)";
        let mut stdout = sandbox.start(python(script)).unwrap().stdout;
        tokio::io::AsyncReadExt::read_exact(&mut stdout, &mut [0]).await.unwrap();
        let peak = sandbox.peak_memory().unwrap();
        assert!(peak > 100 << 20, "{peak}");
        sandbox.reset_peak();
        let after = sandbox.peak_memory().unwrap();
        assert!(after < 100 << 20, "{after}");
        sandbox.destroy().await;
    });
    assert_eq!(wait(run(spec(), program(["/bin/true"]))).ok(), "");
}
