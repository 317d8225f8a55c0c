"""The same attempts without a sandbox: what goes through here is a real attempt."""

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

from sandbox.lab.bait import INSIDE, is_root

# A place of its own for attempts that would harm this machine.
OWN_MOUNTS = ("unshare", "--mount", "--propagation", "private")
OWN_PROCESSES = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")

LONG = 60
LAB = Path(__file__).parent


class Impossible(Exception):
    """There can be no control here, and why."""


def of(name, bait, scratch, wrapper=(), root=True, **options):
    """{part: how it went} of an attempt made on the host; `root`: it takes root there."""
    if root and not is_root():
        raise Impossible("takes root")
    command = [*wrapper, sys.executable, "-S", "-E", str(INSIDE / "main.py"), name, json.dumps(bait)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONG, cwd=scratch, **options)
    assert done.returncode == 0, f"the control of {name} ended with {done.returncode}: {done.stderr}"
    return json.loads(done.stdout)


def of_bomb(wrapper=(), **event):
    """What a bomb of bounded size does on the host."""
    command = [*wrapper, sys.executable, "-S", "-E", str(INSIDE / "bombs.py"), json.dumps(event)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LONG)
    assert done.returncode == 0, f"the control of {event['bomb']} ended with {done.returncode}: {done.stderr.decode()[-2000:]}"
    return json.loads(done.stderr), len(done.stdout)


def preferred():
    """Before others on a busy host, where that can be had."""
    return ("nice", "-n", "-20") if is_root() else ()


def own_processes():
    """A process namespace that ends with whoever is in it."""
    if not is_root():
        raise Impossible("takes root")
    return OWN_PROCESSES


def on_tmpfs(folder, options):
    """A file system in memory at a folder, which ends with whoever uses it."""
    if not is_root():
        raise Impossible("takes root")
    return *OWN_MOUNTS, "sh", "-c", f'mount -t tmpfs -o {options} none {folder} && exec "$@"', "sh"


def metadata_service():
    """A network in which there is a cloud's metadata service."""
    if not is_root():
        raise Impossible("takes root")
    return sys.executable, "-S", "-E", str(LAB / "metadata.py")


def network_of(pid):
    """The network of another process."""
    if not is_root():
        raise Impossible("takes root")
    return "nsenter", "--net", "--target", str(pid)


def script(text, wrapper=(), *args):
    """What a few lines of Python print on the host."""
    if wrapper and not is_root():
        raise Impossible("takes root")
    command = [*wrapper, sys.executable, "-S", "-E", "-c", text, *args]
    return subprocess.run(command, stdout=subprocess.PIPE, timeout=LONG, check=True, text=True).stdout.strip()


def as_nobody(*command):
    """What a program prints that nobody special runs."""
    if not is_root():
        raise Impossible("takes root")
    nobody = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")
    return subprocess.run([*nobody, *map(str, command)], capture_output=True, text=True, check=True, timeout=LONG).stdout.strip()


def with_descriptors(count):
    """Whether a process may have so many here."""
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < count:
        raise Impossible("nobody may have so many descriptors here")
    return True


def counters():
    """Whether this user can still have an inotify instance, and a timer."""
    libc = ctypes.CDLL(None, use_errno=True)
    inotify, timer = libc.inotify_init(), ctypes.c_void_p()
    made = libc.timer_create(0, None, ctypes.byref(timer)) == 0
    if inotify >= 0:
        os.close(inotify)
    if made:
        libc.timer_delete(timer)
    return inotify >= 0, made


def end(pid):
    """Kills a process that a control has left."""
    os.kill(pid, signal.SIGKILL)
