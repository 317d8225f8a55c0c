"""What the host has to offer to an attacker: a process, listeners, files, memory, programs of root."""

import ctypes
import os
import shutil
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

INSIDE = Path(__file__).resolve().parents[1] / "inside"
# What the words mean that are searched for in processes of others.
MARK, PLATFORM_MARK = "bait-of-a-process", "bait-of-the-platform"
SYSV_KEY = 0x5EC4E7


def is_root():
    return os.geteuid() == 0


class Victim:
    """A process of the host that does nothing but live."""

    def __init__(self, program=None):
        command = [program or sys.executable, "-S", "-E", "-c", "import signal\nwhile True: signal.pause()", MARK]
        self.process = subprocess.Popen(command, env={"BAIT": MARK}, stdout=subprocess.DEVNULL)
        self.pid = self.process.pid

    def lives(self):
        return self.process.poll() is None

    def end(self):
        self.process.kill()
        self.process.wait()


class Listeners:
    """Whoever comes is counted. TCP of both versions, UDP that answers, and Unix sockets."""

    def __init__(self, folder):
        self.visits = []
        self.tcp = self._listen(socket.AF_INET, ("127.0.0.1", 0))
        self.tcp6 = self._listen(socket.AF_INET6, ("::1", 0)) if has_ipv6() else None
        self.unix = self._listen(socket.AF_UNIX, str(Path(folder) / "bait.sock"))
        self.abstract_name = f"updraft-bait-{os.getpid()}-{Path(folder).name}"
        self.abstract = self._listen(socket.AF_UNIX, "\0" + self.abstract_name)
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        threading.Thread(target=self._echo, daemon=True).start()

    def _listen(self, family, address):
        listener = socket.socket(family)
        listener.bind(address)
        listener.listen()
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener):
        while True:
            try:
                accepted, _ = listener.accept()
            except OSError:
                return
            self.visits.append(str(listener.getsockname()))
            accepted.close()

    def _echo(self):
        while True:
            try:
                said, sender = self.udp.recvfrom(512)
            except OSError:
                return
            self.visits.append("udp")
            self.udp.sendto(said, sender)

    def end(self):
        for one in filter(None, (self.tcp, self.tcp6, self.unix, self.abstract, self.udp)):
            one.close()


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
            return True
    except OSError:
        return False


class SharedMemory:
    """A System V segment and a POSIX one."""

    def __init__(self):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.key = SYSV_KEY + os.getpid() % 10_000
        self.id = self.libc.shmget(self.key, 4096, 0o1666)  # IPC_CREAT, for everybody.
        assert self.id >= 0, os.strerror(ctypes.get_errno())
        self.name = f"updraft-bait-{os.getpid()}"
        Path("/dev/shm", self.name).write_text(MARK)

    def end(self):
        self.libc.shmctl(self.id, 0, None)
        Path("/dev/shm", self.name).unlink()


class Programs:
    """A folder that functions see as their SDK, with programs in it that are root's, one setuid, one with capabilities."""

    def __init__(self, folder):
        self.folder = Path(folder) / "sdk"
        # The one of Node is looked for in a folder of its own.
        (self.folder / "node_modules").mkdir(parents=True)
        subprocess.run(["gcc", "-O1", "-o", self.folder / "native", INSIDE / "native.c"], check=True)
        self.setuid = self._copy("id", 0o4755)
        self.capable = self._copy("cat", 0o755)
        if is_root():
            # Version 2, effective at once; CAP_SETUID and CAP_SYS_ADMIN permitted.
            told = struct.pack("<IIIII", 0x02000001, 1 << 7 | 1 << 21, 0, 0, 0)
            os.setxattr(self.capable, "security.capability", told)

    def _copy(self, name, mode):
        to = self.folder / name
        shutil.copy(shutil.which(name), to)
        os.chmod(to, mode)
        return to


class Bait:
    """All of it, and what attempts are told about it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.victim = Victim()
        self.listeners = Listeners(folder)
        self.memory = SharedMemory()
        self.programs = Programs(folder)
        self.home = tempfile.NamedTemporaryFile(dir=Path.home(), prefix=".updraft-bait-")
        self.home.write(MARK.encode())
        self.home.flush()
        self.disk = disk()

    def told(self, platform):
        """What is the same inside and outside."""
        listeners = self.listeners
        return {
            "abstract": listeners.abstract_name,
            "address": own_address(),
            "disk": [os.major(self.disk), os.minor(self.disk)],
            "disk_paths": disk_paths(self.disk),
            "home_file": self.home.name,
            "mark": MARK,
            "nameservers": nameservers(),
            "platform_mark": PLATFORM_MARK,
            "port": platform.port,
            "secret": str(platform.data / "secret"),
            "shm": self.memory.name,
            "sysv": self.memory.key,
            "tcp": listeners.tcp.getsockname()[1],
            "tcp6": listeners.tcp6.getsockname()[1] if listeners.tcp6 else 1,
            "udp": listeners.udp.getsockname()[1],
            "unix": listeners.unix.getsockname(),
            "victim": self.victim.pid,
        }

    def fingerprint(self):
        """What an attack may not change, in a form that can be compared."""
        programs = [self.programs.setuid, self.programs.capable, self.programs.folder / "native", Path(self.home.name)]
        return {
            "victim": (self.victim.pid, self.victim.lives()),
            "files": [(str(path), path.stat().st_mode, path.stat().st_mtime_ns, path.stat().st_size) for path in programs],
            "host name": socket.gethostname(),
            "settings": [Path(f"/proc/sys/kernel/{name}").read_text() for name in ("core_pattern", "randomize_va_space", "domainname")],
        }

    def end(self):
        self.victim.end()
        self.listeners.end()
        self.memory.end()
        self.home.close()


def disk():
    """The device that the root is on, or one that looks like it."""
    device = os.stat("/").st_dev
    return device if os.major(device) else os.makedev(8, 0)


def disk_paths(device):
    """Its name in /dev, if it has one."""
    for entry in Path("/dev").iterdir():
        found = entry.lstat()
        if stat.S_ISBLK(found.st_mode) and found.st_rdev == device:
            return [str(entry)]
    return []


def nameservers():
    try:
        lines = Path("/etc/resolv.conf").read_text().splitlines()
    except OSError:
        return []
    return [line.split()[1] for line in lines if line.startswith("nameserver") and len(line.split()) > 1]


def own_address():
    """An address of this host that others could know; loopback where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return probe.getsockname()[0]
        except OSError:
            return "127.0.0.1"
