"""Other processes."""

import ctypes
import os
import signal

from frame import Absent, attempt
from calls import call, child

PTRACE_TRACEME, PTRACE_ATTACH, PTRACE_SEIZE = 0, 16, 0x4206


def trace(how, pid):
    return call("ptrace", how, pid, 0, 0) == 0


@attempt
def ptrace_sibling(bait):
    return {
        "seize": lambda: trace(PTRACE_SEIZE, child()),
        "attach": lambda: trace(PTRACE_ATTACH, child()),
        "be traced": lambda: trace(PTRACE_TRACEME, 0),
    }


@attempt
def ptrace_supervisor(bait):
    def memory(pid):
        with open(f"/proc/{pid}/mem", "rb"):
            return True

    return {
        "the init": lambda: trace(PTRACE_SEIZE, bait["init"]),
        "the platform": lambda: trace(PTRACE_SEIZE, bait["platform"]),
        "the init's memory": lambda: memory(bait["init"]),
        "the platform's memory": lambda: memory(bait["platform"]),
    }


@attempt
def process_vm_readv(bait):
    class Part(ctypes.Structure):
        _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]

    def read(pid):
        """Children of a fork have the same addresses; a stranger's are found in its map."""
        secret, got = ctypes.create_string_buffer(b"secret"), ctypes.create_string_buffer(7)
        there = Part(ctypes.addressof(secret), 6)
        if pid is None:
            pid = child()
        else:
            with open(f"/proc/{pid}/maps") as table:
                there.base = int(table.readline().split("-")[0], 16)
        here = Part(ctypes.addressof(got), 6)
        return call("process_vm_readv", pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0) == 6

    return {"a sibling": lambda: read(None), "the init": lambda: read(bait["init"]), "a stranger": lambda: read(bait["victim"])}


@attempt
def kill_host_pid(bait):
    def by_descriptor(pid):
        return call("pidfd_open", pid, 0) >= 0

    def sent(pid, sig):
        os.kill(pid, sig)
        return True

    parts = {
        "ask": lambda: sent(bait["victim"], 0),
        "by descriptor": lambda: by_descriptor(bait["victim"]),
        "the platform": lambda: sent(bait["platform"], 0),
        "kill": lambda: sent(bait["victim"], signal.SIGKILL),
    }
    if bait["inside"]:
        # The kernel takes it without a word; whoever reads this lives.
        parts["the init"] = lambda: sent(1, signal.SIGKILL) and False
    return parts


@attempt
def kill_minus_one(bait):
    """Everybody but the caller and its init gets the signal: the control needs a place of its own."""

    def all_others():
        os.kill(-1, signal.SIGKILL)
        try:
            os.kill(bait["victim"], 0)
        except ProcessLookupError:
            return not bait["inside"]
        # Killed, though nobody has waited for it yet.
        with open(f"/proc/{bait['victim']}/stat") as stat:
            return stat.read().rsplit(") ", 1)[1].startswith("Z")

    return {"everybody": all_others}


@attempt
def pidfd_getfd(bait):
    def take(pid):
        return call("pidfd_getfd", call("pidfd_open", pid, 0), 0, 0) >= 0

    return {"a sibling": lambda: take(child()), "the init": lambda: take(bait["init"]), "a stranger": lambda: take(bait["victim"])}


@attempt
def oom_adjust(bait):
    def write(path, text):
        try:
            with open(path, "w") as file:
                file.write(text)
                return True
        except PermissionError as err:
            if bait["inside"] or not text.startswith("-"):
                raise
            raise Absent("whoever runs this may not lower it either") from err

    return {
        "its own": lambda: write("/proc/self/oom_score_adj", "-1000"),
        "the old file": lambda: write("/proc/self/oom_adj", "-17"),
        "a child": lambda: write(f"/proc/{child()}/oom_score_adj", "-1000"),
        "more": lambda: write("/proc/self/oom_score_adj", "1000"),
    }
