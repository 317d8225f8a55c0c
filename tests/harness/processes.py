"""What the machine's process table says."""

import subprocess


def children_of(pid):
    """How many descendants a process has."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = dict(tuple(map(int, line.split())) for line in listed.splitlines())
    return sum(_below(pid, child, parents) for child in parents) - (1 if pid in parents else 0)


def _below(pid, child, parents):
    while child in parents:
        if child == pid:
            return True
        child = parents[child]
    return False


def running(text):
    """How many processes of the machine have this in their command line."""
    listed = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True, check=True).stdout
    return sum(text in line and not line.startswith("ps ") for line in listed.splitlines())


def resident_mib(pid):
    return _memory(pid, "VmRSS")


def peak_mib(pid):
    """The most that ever was resident."""
    return _memory(pid, "VmHWM")


def _memory(pid, what):
    with open(f"/proc/{pid}/status") as status:
        (line,) = [line for line in status if line.startswith(what)]
    return int(line.split()[1]) // 1024
