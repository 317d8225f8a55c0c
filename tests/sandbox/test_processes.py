"""Processes: of the host, of the platform, of neighbours, and the function's own beyond their time."""

import re
import signal

from harness.wait import wait_until
from sandbox.lab import control, host
from sandbox.lab.bait import Victim

GONE = {"ENOENT", "ESRCH"}
FORBIDDEN = {"EPERM"}
# AWS: processes and threads of one function.
LIMIT = 1024


def test_ptrace_sibling(attack):
    attack(FORBIDDEN)


def test_ptrace_supervisor(attack):
    attack({"the init": FORBIDDEN, "the platform": FORBIDDEN, ...: GONE | {"EACCES"}})


def test_process_vm_readv(attack):
    attack({"a sibling": FORBIDDEN, ...: GONE})


def test_kill_host_pid(attack):
    disposable = Victim()
    try:
        attack({"the init": {"nothing"}, ...: GONE}, outside={"victim": disposable.pid}, root=False)
    finally:
        disposable.end()


def test_kill_minus_one(attack, function):
    """Inside, its own children end, the init and everything outside live."""
    one = function("import os, subprocess\ndef handler(event, context):\n    child = subprocess.Popen(['sleep', '600'])\n    os.kill(-1, 9)\n    return [child.wait(), os.listdir('/tmp')]\n")
    assert one.invoke() == (200, None, [-9, []])
    assert one.invoke() == (200, None, [-9, []])

    script = "import os\nvictim = os.fork()\nif not victim:\n    import time; time.sleep(600)\nos.kill(-1, 9)\nprint(os.waitpid(victim, 0)[1])"
    attack.control(lambda: control.script(script, control.own_processes()), "9")


def test_pidfd_getfd(attack):
    attack({"a sibling": FORBIDDEN, "the init": FORBIDDEN, "a stranger": GONE})


BEATS = """
import os, signal, time
def beat():
    while True:
        for pid in (1, 0, -1):
            for sig in {signals}:
                try:
                    os.kill(pid, sig)
                except OSError:
                    pass
        with open("/tmp/beats", "w") as file:
            file.write(str(time.monotonic()))
def daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for sig in range(1, 65):
                try:
                    signal.signal(sig, signal.SIG_IGN)
                except (OSError, ValueError):
                    pass
            beat()
        os._exit(0)
for sig in {signals}:
    signal.signal(sig, signal.SIG_IGN)
begun = False
def handler(event, context):
    global begun
    if not begun:
        begun = True
        daemon()
        while not os.path.exists("/tmp/beats"):
            pass
    return os.readlink("/proc/self/ns/pid")
"""
# Continue; and what the platform itself sends to the init to stop and continue everything where there is no freezer.
CONTINUE = "(signal.SIGCONT, signal.SIGUSR1, signal.SIGUSR2)"


def ran(pids):
    """How often these processes have been on a processor."""
    switches = [re.findall(r"ctxt_switches:\s+(\d+)", host.read(f"/proc/{pid}/status")) for pid in pids]
    times = [host.read(f"/proc/{pid}/stat").rpartition(") ")[2].split()[11:13] for pid in pids]
    return switches, times


def frozen_after(one):
    """The processes of a function whose call is over, once none of them can run. The init always can."""
    _, inside = host.sandbox_of(one.invoke()[2])
    assert len(inside) >= 2, "the runtime and its daemon"
    wait_until(lambda: all(host.frozen(pid) for pid in inside), 10, "that the instance is frozen")
    return inside


def stays_still(inside, arena):
    before = ran(inside)
    for _ in range(50):
        arena.neighbour.check()
    assert ran(inside) == before, "it ran while it was frozen"


def test_sigcont_own_freeze(attack, function, arena):
    one = function(BEATS.replace("{signals}", CONTINUE), Timeout=10, MemorySize=512)
    inside = frozen_after(one)
    stays_still(inside, arena)
    assert one.invoke()[1] is None, "it goes on after its freeze"

    def continued():
        """A process that is stopped by a signal is continued by anybody of its user."""
        victim = Victim()
        victim.process.send_signal(signal.SIGSTOP)
        wait_until(lambda: host.stat_of(victim.pid)[1] == "T", 5, "the stop")
        victim.process.send_signal(signal.SIGCONT)
        wait_until(lambda: host.stat_of(victim.pid)[1] != "T", 5, "the continuation")
        victim.end()
        return True

    attack.control(continued, True)


def test_daemon_outlives_invoke(attack, function, arena):
    one = function(BEATS.replace("{signals}", "()"), Timeout=10, MemorySize=512)
    inside = frozen_after(one)
    stays_still(inside, arena)
    arena.end(one)
    wait_until(lambda: not any(host.stat_of(pid) for pid in inside), 10, "the daemon's end")

    def lives_on():
        """Without a sandbox, as a child of somebody else."""
        pid = int(control.script("import os, time\npid = os.fork()\nif pid == 0:\n    os.setsid(); os.closerange(0, 3); time.sleep(600)\nprint(pid)"))
        stat = host.stat_of(pid)
        control.end(pid)
        return stat

    attack.control(lives_on, bool)


def test_fork_bomb(attack, function, arena):
    error, told = arena.bomb("forks", count=LIMIT + 200)
    assert error is None and told[1] == "Resource temporarily unavailable" and told[0] < LIMIT, told
    arena.neighbour.check()
    bomb = function("import os\ndef handler(event, context):\n    while True:\n        try:\n            os.fork()\n        except OSError:\n            pass\n", Timeout=2, MemorySize=512)
    _, error, told = bomb.invoke()
    assert error == "Unhandled" and told["errorType"] in ("Sandbox.Timedout", "Runtime.ExitError"), told
    arena.neighbour.check()
    native = str(arena.bait.programs.folder / "native")
    attack.control(lambda: control.of_bomb(control.own_processes(), bomb="forks", count=LIMIT + 200, native=native)[0], [LIMIT + 200, None])


def test_thread_bomb(attack, arena):
    error, told = arena.bomb("threads", count=LIMIT + 200)
    assert error is None and told[0] < LIMIT and "thread" in told[1], told
    attack.control(lambda: control.of_bomb(bomb="threads", count=LIMIT + 200)[0], [LIMIT + 200, None])
