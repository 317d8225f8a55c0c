//! What runs beside a sandbox's command, and what outlives it.

use updraft_sandbox::{ExitReason, ExitStatus, Furniture, Limits, Occupant};

use crate::harness::Case;
use crate::lab::{sh, wait};
use crate::prepared::{forked, output, prepare, tell, zygote};

pub(crate) const CASES: &[Case] = &[
    ("beside::programs_run_beside_the_command", programs_run_beside_the_command),
    ("beside::a_command_is_outlived", a_command_is_outlived),
    ("beside::a_fork_is_outlived", a_fork_is_outlived),
];

fn programs_run_beside_the_command() {
    wait(async {
        let mut sandbox = prepare(Occupant::Command).await;
        sandbox.furnish(Furniture::default()).unwrap();
        let (mut first, ended) =
            sandbox.start_beside(sh("id -u; cat /proc/self/status | grep Seccomp:; exit 7")).unwrap();
        assert_eq!(output(&mut first).await, "993\nSeccomp:\t2");
        assert_eq!(ended.await, ExitStatus::Code(7));
        let (_second, killed) = sandbox.start_beside(sh("kill -SEGV $$")).unwrap();
        assert_eq!(killed.await, ExitStatus::Signal(11));
        let (_third, lost) = sandbox.start_beside(sh("sleep 1000")).unwrap();
        let mut main = sandbox.start(sh("echo main")).unwrap();
        assert_eq!(output(&mut main).await, "main");
        assert_eq!(sandbox.wait().await.status, ExitStatus::Code(0));
        assert_eq!(lost.await, ExitStatus::Killed, "with the command, everything ends");
        sandbox.destroy().await;
    });
}

const BY_ITSELF: ExitReason = ExitReason { status: ExitStatus::Code(5), oom_killed: false };

fn a_command_is_outlived() {
    wait(async {
        let mut sandbox = prepare(Occupant::Command).await;
        sandbox.furnish(Furniture::default()).unwrap();
        let over = sandbox.outlive().unwrap();
        let (mut beside, left) = sandbox.start_beside(sh("mkfifo /tmp/word; read x < /tmp/word; echo $x")).unwrap();
        drop(sandbox.start(sh("until test -p /tmp/word; do :; done; exit 5")).unwrap());
        assert_eq!(over.await, BY_ITSELF);
        drop(sandbox.start_beside(sh("echo alive > /tmp/word")).unwrap());
        assert_eq!(output(&mut beside).await, "alive");
        assert_eq!(left.await, ExitStatus::Code(0));
        sandbox.kill();
        assert_eq!(sandbox.wait().await.status, ExitStatus::Killed);
        sandbox.destroy().await;
    });
}

fn a_fork_is_outlived() {
    wait(async {
        let zygote = zygote().await;
        let (mut sandbox, _stdio, seat) = forked(&zygote).await;
        let limits = Limits { memory_bytes: Some(64 << 20), ..Limits::default() };
        sandbox.furnish(Furniture { limits: Some(limits), ..Furniture::default() }).unwrap();
        let over = sandbox.outlive().unwrap();
        let (_beside, left) = sandbox.start_beside(sh("sleep 1000")).unwrap();
        tell(&seat, "b = bytearray(200 << 20); print(len(b))");
        assert_eq!(over.await, ExitReason { status: ExitStatus::Signal(9), oom_killed: true });
        let (mut after, _) = sandbox.start_beside(sh("echo alive")).unwrap();
        assert_eq!(output(&mut after).await, "alive");
        sandbox.kill();
        assert_eq!(left.await, ExitStatus::Killed);
        assert_eq!(sandbox.wait().await.status, ExitStatus::Killed);
        sandbox.destroy().await;
    });
}
