"""Forks this process into sandboxes, when the supervisor asks for it over descriptor 3.

A sandbox is entered step by step in the order of `enter`, which leaves nothing of what this process may do or has open.
What the fork does then is its `occupy`'s: told what for over its seat, it reads a byte from its gate, and only then may
anything of a customer's be run or imported.
"""

import _socket
import atexit
import ctypes
import gc
import json
import os
import resource
import select
import signal
import struct
import sys

# What the zygote has under these numbers is never handed to it, so that forks may take them.
CONTROL, SEAT, GATE = 3, 3, 4
FILTERS = "/var/zygote/filters"
# The kernel's numbers.
CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_CAPBSET_DROP = 4, 22, 24
PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 38, 47, 4
SECCOMP_MODE_FILTER = 2
CAPABILITY_VERSION_3 = 0x20080522
CAPSET = {"x86_64": 126, "aarch64": 91}[os.uname().machine]
CLOSE_RANGE = 436
EINVAL = 22

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4


class Program(ctypes.Structure):
    """A filter as the kernel takes it."""

    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p)]


def check(result, what):
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def setns(fd, kinds):
    check(libc.setns(ctypes.c_int(fd), ctypes.c_int(kinds)), "enter a namespace")


def prctl(option, first, second=0):
    return libc.prctl(option, first, second, 0, 0)


def read_filters():
    with open(FILTERS, "rb") as file:
        data = file.read()
    programs = []
    while data:
        (count,) = struct.unpack_from("=I", data)
        programs.append(ctypes.create_string_buffer(data[4 : 4 + 8 * count], 8 * count))
        data = data[4 + 8 * count :]
    return programs


def give_up_capabilities():
    for capability in range(64):
        if prctl(PR_CAPBSET_DROP, capability) < 0:
            # The kernel knows fewer than 64; it refuses the first that it doesn't know.
            if ctypes.get_errno() == EINVAL and capability > 0:
                break
            check(-1, "empty the bounding set")


def give_up(request, user):
    """Becomes somebody who may nothing, for good."""
    if request["leave_groups"]:
        os.setgroups([])
    if user is not None:
        setns(user, CLONE_NEWUSER)
    give_up_capabilities()
    os.setresgid(*[request["gid"]] * 3)
    os.setresuid(*[request["uid"]] * 3)
    check(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL), "clear ambient capabilities")
    header = struct.pack("=II", CAPABILITY_VERSION_3, 0)
    check(libc.syscall(ctypes.c_long(CAPSET), header, bytes(24)), "drop capabilities")
    check(prctl(PR_SET_NO_NEW_PRIVS, 1), "forbid new privileges")
    # As after an exec: the process may look at itself.
    check(prctl(PR_SET_DUMPABLE, 1), "be like any other process")


def install(programs):
    for instructions in programs:
        program = Program(len(instructions) // 8, ctypes.addressof(instructions))
        check(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program)), "install the filter")


def enter(request, fds, programs):
    """From here into the sandbox. Answers seat and gate, which are all that stays open."""
    init, gate, seat, out, err, _end, *rest = fds
    user = rest.pop(0) if request["user_namespace"] else None
    for procs in rest:
        os.write(procs, b"0")
    os.setsid()
    os.umask(0o022)
    for number, value in request["limits"]:
        resource.setrlimit(number, (value, value))
    setns(init, CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)
    give_up(request, user)
    null = os.open("/dev/null", os.O_RDONLY)
    for fd, number in ((null, 0), (out, 1), (err, 2)):
        os.dup2(fd, number)
    # Whatever the zygote has under these numbers is the zygote's own.
    seat, gate = os.dup2(seat, SEAT, False), os.dup2(gate, GATE, False)
    check(libc.syscall(ctypes.c_long(CLOSE_RANGE), GATE + 1, 0xFFFFFFFF, 0), "close what is the zygote's")
    os.chdir("/")
    install(programs)
    return seat, gate


def receive(control):
    """A request and its descriptors; `None` when the supervisor has gone."""
    size = struct.calcsize("i")
    head, ancillary, _, _ = control.recvmsg(4, _socket.CMSG_SPACE(64 * size))
    fds = []
    for level, kind, data in ancillary:
        if (level, kind) == (_socket.SOL_SOCKET, _socket.SCM_RIGHTS):
            fds.extend(fd for (fd,) in struct.iter_unpack("i", data[: len(data) // size * size]))
    head = head and head + exactly(control, 4 - len(head))
    if not head:
        return None
    return json.loads(exactly(control, struct.unpack("<I", head)[0])), fds


def exactly(control, size):
    data = b""
    while len(data) < size:
        part = control.recv(size - len(data))
        if not part:
            raise SystemExit(0)
        data += part
    return data


class Forks:
    """The loop of a zygote."""

    def __init__(self, occupy):
        self.occupy = occupy
        self.control = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, CONTROL)
        self.programs = read_filters()
        self.home = os.open("/proc/self/ns/pid", os.O_RDONLY)
        self.comes_home = can_enter(self.home)
        # Each fork that lives costs a descriptor.
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.ends = {}
        # Becomes readable when a fork has ended.
        self.bell, ring = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(ring, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def run(self):
        """Until the supervisor has gone. In a fork it doesn't return."""
        gc.collect()
        gc.freeze()
        self.control.send(b"R")
        poll = select.poll()
        poll.register(CONTROL, select.POLLIN)
        poll.register(self.bell, select.POLLIN)
        while True:
            for fd, _ in poll.poll():
                if fd == self.bell:
                    self.collect()
                elif not self.obey():
                    return

    def obey(self):
        asked = receive(self.control)
        if asked is None:
            return False
        request, fds = asked
        try:
            self.fork(request, fds)
        except Exception as error:
            os.write(fds[2], str(error).encode())
        for fd in fds:
            if fd not in self.ends.values():
                os.close(fd)
        return True

    def fork(self, request, fds):
        pid = self.fork_here(request, fds) if self.comes_home else self.fork_by_another(request, fds)
        self.ends[pid] = fds[5]

    def fork_here(self, request, fds):
        # The next child is made in the sandbox's namespace of processes; this process stays in its own.
        setns(fds[0], CLONE_NEWPID)
        pid = -1
        try:
            pid = os.fork()
        finally:
            if pid != 0:
                come_home(self.home)
        if pid == 0:
            self.become(request, fds)
        return pid

    def fork_by_another(self, request, fds):
        """Where the host's namespace belongs to root, and we don't: nobody comes home. So another process goes, and ends
        as the fork did."""
        pid = os.fork()
        if pid == 0:
            try:
                setns(fds[0], CLONE_NEWPID)
                fork = os.fork()
                if fork == 0:
                    self.become(request, fds)
                stand_in(fork)
            except BaseException as error:
                os.write(fds[2], str(error).encode() or b"?")
            finally:
                os._exit(1)
        return pid

    def become(self, request, fds):
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self.control.detach()
        try:
            seat, gate = enter(request, fds, self.programs)
            os.write(seat, b"R")
        except BaseException as error:
            os.write(fds[2], str(error).encode() or b"?")
            os._exit(1)
        live(self.occupy, seat, gate)

    def collect(self):
        try:
            while os.read(self.bell, 512):
                pass
        except BlockingIOError:
            pass
        while self.ends:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            end = self.ends.pop(pid)
            if os.WIFSIGNALED(status):
                told = struct.pack("<Bi", 1, os.WTERMSIG(status))
            else:
                told = struct.pack("<Bi", 0, os.WEXITSTATUS(status))
            try:
                os.write(end, told)
            except OSError:
                # Nobody listens any more.
                pass
            os.close(end)


def can_enter(home):
    try:
        setns(home, CLONE_NEWPID)
    except OSError:
        return False
    return True


def stand_in(fork):
    """Waits for a fork, holding nothing of what it has open, and ends in the same way."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    check(libc.syscall(ctypes.c_long(CLOSE_RANGE), CONTROL, 0xFFFFFFFF, 0), "close what is the fork's")
    _, status = os.waitpid(fork, 0)
    if os.WIFSIGNALED(status):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if os.WTERMSIG(status) != signal.SIGKILL:
            signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.WEXITSTATUS(status))


def come_home(home):
    try:
        setns(home, CLONE_NEWPID)
    except OSError:
        # One that stayed away would put the next fork into a stranger's sandbox.
        os._exit(70)


# What a shell calls a program's end by SIGINT.
INTERRUPTED = 130


def live(occupy, seat, gate):
    """As a program does, to its end."""
    code = 1
    try:
        occupy(seat, gate)
        code = 0
    except SystemExit as end:
        code = exit_code(end)
    except BaseException as problem:
        sys.excepthook(*sys.exc_info())
        code = INTERRUPTED if isinstance(problem, KeyboardInterrupt) else code
    finally:
        leave(code)


def exit_code(end):
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    sys.stderr.write(f"{end.code}\n")
    return 1


def leave(code):
    """Threads are waited for, what was registered runs, and what was printed is written."""
    try:
        threading = sys.modules.get("threading")
        if threading:
            threading._shutdown()
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        if code == INTERRUPTED:
            # As the interpreter ends.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        os._exit(code & 0xFF)
