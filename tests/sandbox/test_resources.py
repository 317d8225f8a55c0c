"""More than one's share: of memory, disk, descriptors, time, and of the platform's own."""

import contextlib
import os
import shutil

from harness.processes import resident_mib
from harness.wait import wait_until
from sandbox.lab import control, host
from sandbox.lab.calls import STAY, Call, Stay

MIB = 1 << 20
KILLED = "signal: killed"
# What the attacker may have in MiB, and more than that, which any machine has that runs tests.
MEMORY, TOO_MUCH = 512, 640


def killed_for_memory(arena, **bomb):
    """The attacker ends, and only it; meanwhile it never had more than it may."""
    error, told = arena.bomb(**bomb)
    # Single processes may also be refused it before.
    killed = told["errorType"] == "Runtime.ExitError" and told["errorMessage"].endswith(KILLED)
    assert error == "Unhandled" and (killed or told["errorType"] == "MemoryError"), told
    arena.neighbour.check()


def test_memory_bomb(attack, arena):
    before = resident_mib(arena.platform.process.pid)
    killed_for_memory(arena, name="memory", mib=TOO_MUCH)
    error, told = arena.bomb("memory-of-many", mib=TOO_MUCH, processes=4)
    assert error == "Unhandled" or told < MEMORY, told
    arena.neighbour.check()
    assert resident_mib(arena.platform.process.pid) < before + 64
    attack.control(lambda: control.of_bomb(bomb="memory", mib=TOO_MUCH)[0], TOO_MUCH)


def test_memory_bomb_via_tmpfs(attack, function, arena):
    """/tmp is memory, and counted; /dev/shm is small besides."""
    one = arena.sibling(function, MemorySize=256, EphemeralStorage={"Size": 1024})
    error, told = one.invoke({"bomb": "file", "path": "/tmp/bomb", "mib": TOO_MUCH})[1:]
    assert error == "Unhandled" and told["errorMessage"].endswith(KILLED), told
    assert one.invoke({"bomb": "file", "path": "/dev/shm/bomb", "mib": TOO_MUCH})[2] == [64, "No space left on device"]

    bomb = {"bomb": "file", "path": f"{attack.scratch}/bomb", "mib": TOO_MUCH}
    attack.control(lambda: control.of_bomb(control.on_tmpfs(attack.scratch, "size=1g"), **bomb)[0], [TOO_MUCH, None])


def test_memfd_bomb(attack, arena):
    killed_for_memory(arena, name="memfd", mib=TOO_MUCH)
    attack.control(lambda: control.of_bomb(bomb="memfd", mib=TOO_MUCH)[0], [TOO_MUCH, None])


def test_disk_bomb(attack, function, arena):
    """Everything that can be written to is as large as was asked for, and nothing of it is the host's disk."""
    folders = ["/", "/dev", "/dev/shm", "/etc", "/opt", "/proc", "/tmp", "/usr", "/var", "/var/lang/sdk", "/var/runtime", "/var/task", "/var/tmp"]
    one = arena.sibling(function, MemorySize=1024, EphemeralStorage={"Size": 512})
    free = shutil.disk_usage(arena.platform.data).free
    status, error, took = one.invoke({"bomb": "reserve", "folders": folders, "mib": TOO_MUCH})
    assert (status, error) == (200, None), took
    assert {folder: mib for folder, mib in took.items() if isinstance(mib, int)} == {"/tmp": 512, "/dev/shm": 64}
    # Others write to this disk, too; but hardly so much.
    assert shutil.disk_usage(arena.platform.data).free > free - TOO_MUCH * MIB // 2
    attack.control(lambda: control.of_bomb(bomb="reserve", folders=[str(attack.scratch)], mib=TOO_MUCH)[0], {str(attack.scratch): TOO_MUCH})


def test_inode_bomb(attack, function, arena):
    one = arena.sibling(function, MemorySize=1769)
    before = os.statvfs(arena.platform.data).f_ffree
    count, why = one.invoke({"bomb": "inodes", "folder": "/tmp/bomb", "count": 200_000, "native": arena.inside()["native"]})[2]
    assert count < 512 * MIB // 4096 and why == "No space left on device", (count, why)
    assert os.statvfs(arena.platform.data).f_ffree > before - 50_000, "they are not the host's"

    bomb = {"bomb": "inodes", "folder": f"{attack.scratch}/bomb", "count": 200_000, "native": arena.outside(attack.scratch)["native"]}
    attack.control(lambda: control.of_bomb(control.on_tmpfs(attack.scratch, "nr_inodes=0"), **bomb)[0], [200_000, None])


def test_fd_bomb(attack, function, arena):
    """A function's own descriptors have a limit; and it can't use up the platform's, which has to hold one for each
    connection that a function opens to it."""
    error, (count, why, limit) = arena.bomb("descriptors", count=4000)
    assert error is None and count < 1024 and (why, limit) == ("Too many open files", "ValueError"), (count, why, limit)
    attack.control(lambda: control.with_descriptors(4100) and control.of_bomb(bomb="descriptors", count=4000)[0][:2], [4000, None])
    pid = arena.platform.process.pid
    before = len(os.listdir(f"/proc/{pid}/fd"))
    for port in (4566, 9001):
        source = STAY + CONNECTIONS.replace("PORT", str(port))
        one = function(source, Timeout=30, MemorySize=1769)
        call = Call(one)
        at = Stay(arena.platform, one.name, "connected")
        held = len(os.listdir(f"/proc/{pid}/fd")) - before
        arena.neighbour.check()
        at.go()
        assert call.result()[1] is None
        assert held < 400, f"a function holds {held} of the platform's descriptors by port {port}"
        arena.end(one)


CONNECTIONS = """
import socket, time
def hold():
    kept = []
    try:
        while True:
            sock = socket.socket()
            sock.settimeout(0.2)
            sock.connect(("127.0.0.1", PORT))
            kept.append(sock)
    except OSError:
        return kept
def handler(event, context):
    pids = []
    for _ in range(4):
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            kept = hold()
            os.write(writer, b"x")
            time.sleep(600)
        os.read(reader, 1)
        pids.append(pid)
    stay("connected")
    for pid in pids:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
"""


def test_cpu_spin_share(attack, function, arena):
    """Processor time follows memory, whatever the number of processes: 256 MB are a seventh of a core."""
    one = arena.sibling(function, MemorySize=256)
    one.invoke({"bomb": "spin", "processes": 1, "seconds": 0})
    status, error, share = one.invoke({"bomb": "spin", "processes": 4, "seconds": 2})
    assert (status, error) == (200, None)
    assert share < 0.145 * 1.5, share
    arena.neighbour.check()
    attack.control(lambda: control.of_bomb(control.preferred(), bomb="spin", processes=4, seconds=2)[0], lambda share: share > 0.145 * 1.5)


# How long an amount of processor time takes: the same work is not always the same amount.
WORK = """
import os, time
def handler(event, context):
    began, until = time.monotonic(), time.process_time() + event
    while time.process_time() < until:
        pass
    return [time.monotonic() - began, os.readlink("/proc/self/ns/pid")]
"""


def wait_for(processor_seconds, one):
    """On a host that does nothing else meanwhile."""
    namespace = one.invoke(0)[2][1]
    with host.preferred(host.sandbox_of(namespace)[1][0]):
        return one.invoke(processor_seconds)[2][0]


def test_more_memory_is_more_processor(function):
    """A function is as fast as its memory is large, up to a whole core: a second's work takes a second, or two, or four."""
    ones = [function(WORK, MemorySize=memory, Timeout=60) for memory in (1769, 885, 442)]
    took = [[wait_for(1, one) for one in ones] for _ in range(2)]
    whole, half, quarter = map(min, zip(*took, strict=True))
    assert 0.9 < whole < 1.3 and 1.7 < half / whole < 2.3 and 1.7 < quarter / half < 2.3, took


def test_log_flood(attack, arena):
    before = resident_mib(arena.platform.process.pid)
    folder, kept = on_disk(arena.platform.data), kept_of_log(arena)
    assert arena.bomb("log", mib=64) == (None, 64)
    arena.neighbour.check()
    assert kept < kept_of_log(arena) < kept + 8 * MIB
    # What is kept is written to a journal, and again to a table. Tables that were merged may stay until more is written: all that
    # was there before may be there twice.
    wait_until(lambda: on_disk(arena.platform.data) < 2 * folder + 16 * MIB, 60, "little more on the disk")
    assert resident_mib(arena.platform.process.pid) < before + 64
    attack.control(lambda: control.of_bomb(bomb="log", mib=64)[1], 64 * MIB)


def kept_of_log(arena):
    """Bytes of all that the attacker has ever said, as far as it is kept."""
    pages = arena.clients.boto("logs").get_paginator("filter_log_events")
    pages = pages.paginate(logGroupName=f"/aws/lambda/{arena.attacker.name}")
    return sum(len(event["message"]) for page in pages for event in page["events"])


def on_disk(folder):
    """Bytes of all files, but for those that go meanwhile."""
    total = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size if path.is_file() else 0
    return total


LIMIT = 6_291_556


def test_huge_response(attack, function, arena):
    arena.bomb("response", bytes=1)
    before = resident_mib(arena.platform.process.pid)
    for size in (LIMIT - 1, 64 * MIB):
        error, told = arena.bomb("response", bytes=size)
        assert error == "Unhandled" and told["errorType"] == "Function.ResponseSizeTooLarge", told
    one = function(POSTS, Timeout=30, MemorySize=1769)
    call = Call(one)
    at = Stay(arena.platform, one.name, "posted")
    used = resident_mib(arena.platform.process.pid) - before
    arena.neighbour.check()
    at.go()
    call.result()
    assert used < 150, f"a function makes the platform hold {used} MiB"
    # The largest answer that is allowed, and on the host whatever one likes.
    assert arena.bomb("response", bytes=LIMIT - 2)[0] is None
    attack.control(lambda: len(control.of_bomb(bomb="response", bytes=LIMIT - 1)[0]), LIMIT - 1)


# As many answers as there may be connections, each whole but for its last byte, to all the places that take one.
POSTS = f"""{STAY}
import socket
PATHS = ("invocation/ID/response", "invocation/ID/error", "init/error")
def post(path):
    sock = socket.create_connection(("127.0.0.1", 9001))
    sock.settimeout(0.1)
    sock.sendall(b"POST /2018-06-01/runtime/" + path.encode() + b" HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 6000001\\r\\n\\r\\n")
    try:
        for _ in range(60):
            sock.sendall(bytes(100_000))
    except OSError:
        pass
    return sock
def handler(event, context):
    kept = []
    for number in range(40):
        try:
            kept.append(post(PATHS[number % 3].replace("ID", context.aws_request_id)))
        except OSError:
            break
    stay("posted")
"""


def test_oom_adjust(attack):
    attack({"EROFS", "EACCES", "EPERM", "ENOENT"}, root=False)


COUNTERS = f"""{STAY}
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
def until_refused(make):
    count = 0
    while make() >= 0 and count < 200_000:
        count += 1
    return count
def handler(event, context):
    signal.pthread_sigmask(signal.SIG_BLOCK, {{40}})
    counts = [until_refused(lambda: libc.inotify_init()), until_refused(lambda: libc.sigqueue(os.getpid(), 40, ctypes.c_void_p(1)))]
    if event:
        stay("taken")
    return counts
"""


def test_what_the_kernel_counts_by_user(arena, function):
    """Beside the list: inotify, queued signals and timers have limits for each user. A function that takes all of its own
    takes none of the host's, or of a neighbour's."""
    one, two = function(COUNTERS, Timeout=30), function(COUNTERS, Timeout=30)
    call = Call(one, "stay")
    at = Stay(arena.platform, one.name, "taken")
    try:
        inotify, timer = control.counters()
        assert inotify and timer, "the host has none left"
        counts = two.invoke()[2]
        assert counts[0] > 16 and counts[1] > 16, f"a neighbour has only {counts} left"
    finally:
        at.go()
    assert call.result()[1] is None


BUFFERS = f"""{STAY}
import socket
def fill(mib):
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    kept, sent = [], 0
    while sent < mib << 20 and len(kept) < 400:
        here = socket.socket()
        here.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
        here.settimeout(1)
        here.connect(listener.getsockname())
        kept.append((here, listener.accept()[0]))
        here.setblocking(False)
        try:
            while True:
                sent += here.send(bytes(1 << 20))
        except BlockingIOError:
            pass
    return sent >> 20
def handler(event, context):
    return fill(event)
"""


def test_what_the_network_holds(arena, function):
    """Beside the list: what was sent and isn't received counts as memory of the function, and not only of the host."""
    one = function(BUFFERS, Timeout=5, MemorySize=128)
    _, error, told = one.invoke(400)
    assert error == "Unhandled" or told < 300, f"{told} MiB wait in the network of a function of 128 MiB"
    arena.neighbour.check()


UPLOADS = f"""{STAY}
import socket
def upload(size):
    sock = socket.create_connection(("127.0.0.1", 4566), 2)
    sock.settimeout(0.1)
    sock.sendall(b"POST /2015-03-31/functions HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: %d\\r\\n\\r\\n" % (size + 1))
    try:
        for _ in range(size // 100_000):
            sock.sendall(bytes(100_000))
    except OSError:
        pass
    return sock
def handler(event, context):
    kept = [upload(size) for size in [40_000_000] * 20 + [1_000_000] * 100]
    stay("uploading")
"""


def test_what_the_platform_holds_of_uploads(arena, function):
    """Beside the list: requests whose bodies never end."""
    one = function(UPLOADS, Timeout=60, MemorySize=1769)
    before = resident_mib(arena.platform.process.pid)
    call = Call(one)
    at = Stay(arena.platform, one.name, "uploading")
    used = resident_mib(arena.platform.process.pid) - before
    arena.neighbour.check()
    at.go()
    assert call.result()[1] is None
    assert used < 200, f"a function makes the platform hold {used} MiB"
