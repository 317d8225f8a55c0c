"""Ends of processes, and what callers are told of them."""

import contextlib
import os
import re
import signal

from harness.wait import wait_until
from sandbox.lab import host


def kill(pids, sig=signal.SIGKILL):
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sig)


def died(told, words="signal: killed"):
    status, error, payload = told
    assert (status, error, payload["errorType"]) == (200, "Unhandled", "Runtime.ExitError"), told
    assert re.fullmatch(rf"RequestId: [0-9a-f-]{{36}} Error: Runtime exited with error: {words}", payload["errorMessage"]), told


def marked(pids):
    """What tells processes apart from others that get their numbers: namespaces and numbers are given again."""
    return {(pid, stat[3]) for pid in pids if (stat := host.stat_of(pid))}


def inside(namespace):
    init, others = host.sandbox_of(namespace)
    return marked([init, *others] if init else others)


def living(marks):
    """Those of them that haven't ended."""
    return {(pid, start) for pid, start in marks if (stat := host.stat_of(pid)) and stat[1] not in "ZX" and stat[3] == start}


def await_end(marks, seconds=10):
    wait_until(lambda: not living(marks), seconds, "their end")


class Death:
    """A platform that is killed, and what lived below it."""

    def __init__(self, platform):
        self.pid = platform.process.pid
        below = marked(host.descendants(self.pid))
        platform.kill()
        await_end(below, 20)
