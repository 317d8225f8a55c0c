"""Parts of the kernel that no function needs, and ways to more rights."""

import ctypes
import glob
import os
import subprocess

import calls
from frame import Absent, attempt
from calls import CLONE_NEWNET, CLONE_NEWNS, CLONE_NEWPID, CLONE_NEWUSER, call, made, reached

MS_BIND, MNT_DETACH = 4096, 2
SIGCHLD = 17


def folder(bait, name):
    path = f"{bait['scratch']}/{name}"
    os.makedirs(path, exist_ok=True)
    return path.encode()


@attempt
def mount(bait):
    at = folder(bait, "mount")
    return {
        "tmpfs": lambda: made("mount", b"tmpfs", at, b"tmpfs", 0, 0),
        "proc": lambda: made("mount", b"proc", at, b"proc", 0, 0),
        "bind": lambda: made("mount", b"/usr", at, 0, MS_BIND, 0),
        "fsopen": lambda: made("fsopen", b"tmpfs", 0),
        "open_tree": lambda: made("open_tree", -100, b"/usr", 1),
        "mount_setattr": lambda: reached("mount_setattr", -1, b"", 0x1000, 0, 0),
    }


@attempt
def umount(bait):
    return {path: lambda path=path: made("umount2", path.encode(), MNT_DETACH) for path in bait["mounted"]}


@attempt
def pivot_root(bait):
    def pivot():
        at = folder(bait, "root")
        if not bait["inside"]:
            made("mount", b"tmpfs", at, b"tmpfs", 0, 0)
        os.chdir(at)
        return made("pivot_root", b".", b".")

    return {"pivot": pivot}


@attempt
def nested_userns(bait):
    def cloned(flags):
        pid = call("clone", flags | SIGCHLD, 0, 0, 0, 0)
        if pid == 0:
            os._exit(0)
        return pid > 0

    def cloned_anew(flags):
        pid = call("clone3", (ctypes.c_uint64 * 8)(flags, 0, 0, 0, SIGCHLD, 0, 0, 0), 64)
        if pid == 0:
            os._exit(0)
        return pid > 0

    return {
        "unshare": lambda: made("unshare", CLONE_NEWUSER),
        "clone": lambda: cloned(CLONE_NEWUSER),
        "clone3": lambda: cloned_anew(CLONE_NEWUSER),
        "mounts": lambda: made("unshare", CLONE_NEWUSER | CLONE_NEWNS),
        "network": lambda: made("unshare", CLONE_NEWUSER | CLONE_NEWNET),
        "processes": lambda: made("unshare", CLONE_NEWUSER | CLONE_NEWPID),
    }


@attempt
def setns_via_proc(bait):
    def enter(pid, kind):
        return made("setns", os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY), 0)

    return {
        "its own": lambda: enter("self", "net"),
        "the init's": lambda: enter(bait["init"], "net"),
        "a stranger's": lambda: enter(bait["victim"], "net"),
        "by descriptor": lambda: made("setns", call("pidfd_open", bait["init"], 0), CLONE_NEWNET),
    }


@attempt
def setuid_binary(bait):
    """Programs that belong to root lie where functions can see them: one with the setuid bit, one with capabilities."""

    def as_root():
        return subprocess.run([bait["setuid"], "-u"], capture_output=True, text=True).stdout.strip() == "0"

    def with_capabilities():
        told = subprocess.run([bait["capable"], "/proc/self/status"], capture_output=True, text=True)
        if told.returncode:
            raise PermissionError(1, told.stderr)
        return [line for line in told.stdout.splitlines() if line.startswith("CapEff") and int(line.split()[1], 16)]

    return {"setuid": as_root, "capabilities": with_capabilities}


class Sets(ctypes.Structure):
    """Two records of effective, permitted, inheritable."""

    _fields_ = [("low", ctypes.c_uint * 3), ("high", ctypes.c_uint * 3)]


def capset(low):
    header = (ctypes.c_uint * 2)(0x20080522, 0)
    return call("capset", header, ctypes.byref(Sets(low, (0, 0, 0)))) == 0


@attempt
def cap_regain(bait):
    everything = 0xFFFFFFFF

    def effective():
        if not bait["inside"]:
            capset((0, 1 << 7 | 1 << 21, 0))
        return capset((1 << 21, 1 << 7 | 1 << 21, 0))

    def ambient():
        if not bait["inside"]:
            capset((1 << 7, 1 << 7, 1 << 7))
        return prctl(47, 2, 7)  # PR_CAP_AMBIENT, RAISE, CAP_SETUID

    def prctl(*args):
        if calls.libc.prctl(*args, *[0] * (5 - len(args))) < 0:
            raise OSError(ctypes.get_errno(), "prctl")
        return True

    def bounding():
        return [cap for cap in range(40) if calls.libc.prctl(23, cap, 0, 0, 0) == 1]

    def root():
        os.setresuid(0, 0, 0)
        return os.geteuid() == 0

    parts = {"effective": effective, "ambient": ambient, "bounding set": bounding, "root": root, "secure bits": lambda: prctl(28, 1)}
    if bait["inside"]:
        parts["all"] = lambda: capset((everything, everything, everything))
        parts["new privileges"] = lambda: prctl(38, 0)
    return parts


@attempt
def bpf(bait):
    # A map: kind, key, value, entries; then a program with no instructions.
    return {
        "map": lambda: made("bpf", 0, (ctypes.c_uint * 16)(2, 4, 8, 1), 64),
        "program": lambda: reached("bpf", 5, (ctypes.c_uint * 32)(1), 128),
    }


@attempt
def perf_event_open(bait):
    clock = (ctypes.c_uint * 32)(1, 128, 0)  # PERF_TYPE_SOFTWARE, size, CPU_CLOCK
    return {"itself": lambda: made("perf_event_open", clock, 0, -1, -1, 0), "a processor": lambda: made("perf_event_open", clock, -1, 0, -1, 0)}


@attempt
def io_uring_bypass(bait):
    return {"set up": lambda: made("io_uring_setup", 1, (ctypes.c_uint * 30)())}


@attempt
def userfaultfd(bait):
    return {"plain": lambda: made("userfaultfd", 0), "of user memory": lambda: made("userfaultfd", 1)}


@attempt
def keyctl_read(bait):
    mine = -2  # The process's own keyring.

    def read():
        key = call("add_key", b"user", b"updraft-escape", b"secret", 6, mine)
        got = ctypes.create_string_buffer(6)
        return call("keyctl", 11, key, got, 6) == 6 and got.raw == b"secret"

    return {
        "add": lambda: made("add_key", b"user", b"updraft-escape", b"x", 1, mine),
        "read": read,
        "session": lambda: call("keyctl", 0, -3, 1) != 0,
        "list": lambda: open("/proc/keys").read(),
    }


@attempt
def kexec_and_module(bait):
    def writable(path):
        if not bait["inside"] and not os.path.exists(path):
            raise Absent("no such setting")
        os.close(os.open(path, os.O_WRONLY))
        return True

    return {
        "kexec": lambda: reached("kexec_load", 0, 99, 0, 0),
        "kexec by file": lambda: reached("kexec_file_load", -1, -1, 0, b"", 0),
        "load": lambda: reached("init_module", b"", 0, b""),
        "load a file": lambda: reached("finit_module", -1, b"", 0),
        "unload": lambda: reached("delete_module", b"updraft-no-such", 0x800),
        # What the kernel runs as root when something happens.
        "core dumps": lambda: writable("/proc/sys/kernel/core_pattern"),
        "module loader": lambda: writable("/proc/sys/kernel/modprobe"),
        "events": lambda: writable("/sys/kernel/uevent_helper"),
        "sysrq": lambda: writable("/proc/sysrq-trigger"),
    }


@attempt
def add_seccomp_bypass_by_x32_abi(bait):
    """A filter that looks at numbers only would let these pass for harmless ones."""

    def native(what):
        done = subprocess.run([bait["native"], what], capture_output=True, text=True)
        if done.returncode < 0:
            raise PermissionError(1, f"signal {-done.returncode}")
        if "38" in done.stdout.split():
            raise Absent("the kernel has no such calls")
        if done.stdout.split()[:1] == ["refused"]:
            raise OSError(int(done.stdout.split()[1]), "refused")
        return done.stdout

    return {"x32": lambda: native("x32"), "i386": lambda: native("i386")}


@attempt
def cgroup_release_agent(bait):
    def found():
        agents = glob.glob("/sys/fs/cgroup/**/release_agent", recursive=True)
        return [path for path in agents if os.access(path, os.W_OK)]

    def mounted():
        at = folder(bait, "group")
        made("mount", b"none", at, b"cgroup", 0, b"none,name=updraft-escape")
        try:
            with open(at + b"/release_agent", "w") as file:
                return file.write("/bin/false\n")
        finally:
            call("umount2", at, 0)

    return {"found": found, "mounted": mounted}


@attempt
def cgroup_escape_write(bait):
    def move():
        places = glob.glob("/sys/fs/cgroup/cgroup.procs") + glob.glob("/sys/fs/cgroup/*/cgroup.procs")
        if not places:
            raise FileNotFoundError(2, "no control groups in sight")
        with open(places[0], "w") as file:
            return file.write(str(os.getpid()))

    def limits():
        names = ("memory.limit_in_bytes", "memory.max", "pids.max", "cpu.max")
        with open("/proc/self/cgroup") as own:
            groups = [line.strip().split(":", 2) for line in own]
        paths = [f"/sys/fs/cgroup/{names_}{path}/{name}" for _, names_, path in groups for name in names]
        return [path for path in paths if os.access(path, os.W_OK)]

    def mount_it():
        at = folder(bait, "cgroup2")
        made("mount", b"none", at, b"cgroup2", 0, 0)
        return os.listdir(at) and call("umount2", at, 0) == 0

    return {"move": move, "limits": limits, "mount": mount_it}


@attempt
def dmesg(bait):
    def log():
        got = ctypes.create_string_buffer(4096)
        return call("syslog", 3, got, 4096) > 0

    def device(path):
        return os.read(os.open(path, os.O_RDONLY | os.O_NONBLOCK), 8192)

    def open_only(path):
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        return not os.path.samefile(path, "/dev/null")

    return {"call": log, "device": lambda: device("/dev/kmsg"), "file": lambda: open_only("/proc/kmsg")}


@attempt
def kallsyms(bait):
    def addresses():
        with open("/proc/kallsyms") as table:
            return any(int(line.split()[0], 16) for line in table)

    def core():
        if not bait["inside"] and not os.path.exists("/proc/kcore"):
            raise Absent("no /proc/kcore")
        return os.read(os.open("/proc/kcore", os.O_RDONLY), 4) == b"\x7fELF"

    return {"addresses": addresses, "memory": core}
