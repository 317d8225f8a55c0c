"""What others know."""

import glob
import os
import re
import socket
import stat
import subprocess
import sys

from frame import attempt


def readable(path):
    try:
        with open(path, "rb") as file:
            return file.read(1 << 20)
    except OSError:
        return b""


@attempt
def proc_environ_other(bait):
    return {
        "a stranger's": lambda: open(f"/proc/{bait['victim']}/environ").read(),
        "the init's": lambda: open(f"/proc/{bait['init']}/environ").read(),
        "anybody's": lambda: [path for path in glob.glob("/proc/[0-9]*/environ") if bait["mark"].encode() in readable(path)],
    }


@attempt
def proc_cmdline_other(bait):
    def anybody():
        own = {str(os.getpid()), str(os.getppid())}
        others = [path for path in glob.glob("/proc/[0-9]*/cmdline") if path.split("/")[2] not in own]
        return [path for path in others if bait["mark"].encode() in readable(path)]

    return {
        "a stranger's": lambda: open(f"/proc/{bait['victim']}/cmdline").read(),
        "the init's": lambda: open(f"/proc/{bait['init']}/cmdline").read(),
        "anybody's": anybody,
    }


# Run in a program of its own: only what survives an exec counts.
LIST = """
import os, stat, sys
for name in os.listdir("/proc/self/fd"):
    try: print(name, stat.S_IFMT(os.stat("/proc/self/fd/" + name).st_mode), os.readlink("/proc/self/fd/" + name))
    except OSError: pass
"""


@attempt
def inherited_fd(bait):
    def strange():
        """Files, folders and devices that this process didn't open, and sockets to others of the host."""
        found = []
        for name in os.listdir("/proc/self/fd"):
            try:
                mode, to = os.stat(f"/proc/self/fd/{name}").st_mode, os.readlink(f"/proc/self/fd/{name}")
            except OSError:
                continue
            own = to.startswith(("/dev/null", "/usr/", "/proc/", "/var/", bait["scratch"], sys.base_prefix))
            if not stat.S_ISFIFO(mode) and not stat.S_ISSOCK(mode) and not own and not to.startswith("anon_inode:[event"):
                found.append(to)
            if stat.S_ISSOCK(mode) and socket.socket(fileno=os.dup(int(name))).family == socket.AF_UNIX:
                found.append(to)
        return found

    def after_exec():
        told = subprocess.run([sys.executable, "-S", "-E", "-c", LIST], capture_output=True, text=True, close_fds=False).stdout
        lines = [line.split(" ", 2) for line in told.splitlines()]
        pipes = ("pipe:", "/dev/null", "/proc/")
        return [to for name, _, to in lines if int(name) > 2 and not to.startswith(pipes)]

    return {"here": strange, "after an exec": after_exec}


@attempt
def env_of_supervisor(bait):
    def own():
        return [name for name, value in os.environ.items() if bait["platform_mark"] in value]

    return {
        "inherited": own,
        "as started": lambda: bait["platform_mark"].encode() in readable("/proc/self/environ"),
        "anybody's": lambda: [path for path in glob.glob("/proc/[0-9]*/environ") if bait["platform_mark"].encode() in readable(path)],
    }


@attempt
def zygote_memory_residue(bait):
    wanted = [re.compile(pattern.encode()) for pattern in bait["patterns"]]

    def memory():
        """Every page that this process has."""
        found = []
        with open("/proc/self/maps") as table:
            regions = [line.split() for line in table]
        with open("/proc/self/mem", "rb", 0) as pages:
            for region in regions:
                begin, end = (int(at, 16) for at in region[0].split("-"))
                if not region[1].startswith("r") or region[-1] in ("[vvar]", "[vsyscall]", "[vvar_vclock]"):
                    continue
                try:
                    pages.seek(begin)
                    content = pages.read(end - begin)
                except (OSError, OverflowError):
                    continue
                found += [match.group().decode() for one in wanted for match in one.finditer(content)]
        return found

    return {"memory": memory}
