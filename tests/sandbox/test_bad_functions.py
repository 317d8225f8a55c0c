"""Functions that are broken rather than hostile: each gets the error AWS gives, and disturbs nothing."""


import pytest
from botocore.exceptions import ClientError

from harness import functions
from harness.clients import ROLE, Clients
from harness.names import unique
from harness.processes import resident_mib
from sandbox.lab import zips
from sandbox.lab.calls import STAY, Call, Stay, lines

MIB = 1 << 20
LIMIT = 6_291_556
NOT_A_ZIP = "Could not unzip uploaded file. Please check your file, then try to upload again."


def plain():
    """One that works, to be broken."""
    return zips.archive(zips.file("other.py", "x = 1\n" * 1000))


def broken_packages():
    good = plain()
    middle = good.index(b"other.py") + 40
    yield "no zip at all", b"this is no zip"
    yield "nothing", b"PK\5\6" + bytes(10)
    yield "half", good[: len(good) // 2]
    yield "no beginning", good[100:]
    yield "zeros", bytes(1000)
    yield "a byte changed", good[:middle] + bytes([good[middle] ^ 0xFF]) + good[middle + 1 :]
    yield "another method", good.replace(b"\x08\x00", b"\x63\x00")
    locked = bytearray(good)
    for at in (good.index(b"PK\3\4") + 6, good.index(b"PK\1\2") + 8):
        locked[at] |= 1
    yield "encrypted", bytes(locked)


@pytest.mark.parametrize("what", dict(broken_packages()))
def test_a_package_that_cannot_be_read(arena, undisturbed, what):
    package = dict(broken_packages())[what]
    client, name = arena.clients.boto("lambda"), unique("broken")
    request = {"Runtime": arena.runtime, "Handler": "main.handler", "Role": ROLE, "Code": {"ZipFile": package}}
    try:
        client.create_function(FunctionName=name, **request)
    except ClientError as err:
        error = err.response["Error"]
        assert error["Code"] == "InvalidParameterValueException" and NOT_A_ZIP in error["Message"], error
        return
    # What only shows when it is unpacked.
    try:
        with pytest.raises(ClientError) as refused:
            client.invoke(FunctionName=name)
        assert refused.value.response["Error"]["Code"] == "InvalidZipFileException"
    finally:
        client.delete_function(FunctionName=name)


@pytest.mark.parametrize(
    ("source", "kind"),
    (
        ("x = 1\n", "Runtime.HandlerNotFound"),
        ("def handler(:\n", "Runtime.UserCodeSyntaxError"),
        ("import nope\n", "Runtime.ImportModuleError"),
        ("raise SystemExit(3)\n", "Runtime.ExitError"),
        ("import os\nos._exit(0)\n", "Runtime.ExitError"),
        ("import os\nos.kill(os.getpid(), 9)\n", "Runtime.ExitError"),
        ("import os\nos.closerange(0, 100)\ndef handler(event, context): pass\n", None),
        ("import sys\nsys.setrecursionlimit(10**9)\ndef handler(event, context): return handler(event, context)\n", None),
    ),
)
def test_code_that_cannot_run(arena, function, source, kind):
    one = function(source, Timeout=5)
    for _ in range(2):
        status, error, told = one.invoke()
        assert (status, error) == (200, "Unhandled"), told
        assert kind is None or told["errorType"] == kind, told
    arena.neighbour.check()


def test_a_start_without_end(fresh):
    """AWS: after ten seconds the start is tried once more, within the time that the function has."""
    platform = fresh().start()
    source = f"{STAY}\nstay('init')\nfor _ in range(3):\n    os.fork()\nwhile True: pass\n"
    # Long enough for the second start to come as far as that, on a busy host, with a seventh of a core.
    one = functions.create(Clients(platform.url), source, Timeout=8, MemorySize=256)
    neighbour = functions.create(Clients(platform.url), "def handler(event, context): return event\n")
    call = Call(one)
    Stay(platform, one.name, "init")
    platform.advance(10)
    at = Stay(platform, one.name, "init", since=1)
    at.go()
    assert at.share_of_a_core() < 0.145 * 1.5, "a start that is tried again has more than its share"
    assert neighbour.invoke(1) == (200, None, 1)
    status, error, told = call.result()
    assert (status, error, told["errorType"]) == (200, "Unhandled", "Sandbox.Timedout"), told
    assert told["errorMessage"].endswith("Error: Task timed out after 8.00 seconds")
    assert "Phase: init\tStatus: timeout" in "".join(lines(platform, one.name))


def test_nonsense_to_the_platform(arena, function):
    """Into whatever of it a function finds open: pipes for events and answers, which only its client knows how to use."""
    source = """
import os, stat
def handler(event, context):
    for fd in map(int, os.listdir("/proc/self/fd")):
        try:
            if fd > 2 and event and stat.S_ISFIFO(os.fstat(fd).st_mode):
                os.write(fd, event.encode("latin-1") * 64)
        except OSError:
            pass
    return event
"""
    one = function(source, Timeout=2)
    for nonsense in ("\xff", "\0", "\1", "POST / HTTP/1.1\r\n\r\n"):
        assert one.invoke("") == (200, None, ""), "control: it answers"
        status, error, told = one.invoke(nonsense)
        assert (status, error) == (200, "Unhandled") and told["errorType"] in ("Runtime.ExitError", "Sandbox.Timedout"), told
        arena.neighbour.check()


def test_output_without_end(arena, function):
    """At its start, in its calls, between them, and by its children."""
    source = """
import os, sys, threading
def flood(fd):
    while True:
        os.write(fd, b"x" * 65536)
for fd in (1, 2):
    for _ in range(200):
        os.write(fd, b"y" * 65536)
def handler(event, context):
    for fd in (1, 2):
        threading.Thread(target=flood, args=(fd,), daemon=True).start()
        if os.fork() == 0:
            flood(fd)
    return event
"""
    one = function(source, Timeout=20, MemorySize=1769)
    before = resident_mib(arena.platform.process.pid)
    for number in range(5):
        assert one.invoke(number) == (200, None, number)
        arena.neighbour.check()
    assert resident_mib(arena.platform.process.pid) < before + 64


@pytest.mark.parametrize("size", (LIMIT - 2, LIMIT - 1))
def test_an_answer_at_its_limit_and_a_byte_more(function, size):
    one = function("def handler(event, context):\n    return 'x' * event\n", MemorySize=512, Timeout=20)
    status, error, told = one.invoke(size)
    if size + 2 <= LIMIT:
        assert (status, error, len(told)) == (200, None, size)
    else:
        assert (error, told["errorType"]) == ("Unhandled", "Function.ResponseSizeTooLarge")


# A runtime of one's own that does something else first, told by the event.
RUNTIME = """#!/usr/bin/env python3
import http.client, json, os, socket, sys, time
BASE = "/2018-06-01/runtime/"
def connect():
    return socket.create_connection(("127.0.0.1", 9001), 5)
def head(path, length):
    return f"POST {BASE}{path} HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: {length}\\r\\n\\r\\n".encode()
def post(path, body):
    api = http.client.HTTPConnection("127.0.0.1:9001", timeout=5)
    api.request("POST", BASE + path, body)
    answer = api.getresponse()
    answer.read()
    return answer.status
while True:
    api = http.client.HTTPConnection("127.0.0.1:9001")
    api.request("GET", BASE + "invocation/next")
    call = api.getresponse()
    event, own = json.loads(call.read()), call.headers["Lambda-Runtime-Aws-Request-Id"]
    path = f"invocation/{own}/response"
    if event == "close early":
        for said in (b"", b"POST", head(path, 100), head(path, 100) + b"half", b"\\0" * 100, b"GET / HTTP/9\\r\\n\\r\\n", head(path, -5), head(path, 10**12)):
            with connect() as sock:
                sock.sendall(said)
    if event == "close while asking":
        for _ in range(20):
            with connect() as sock:
                sock.sendall(f"GET {BASE}invocation/next HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n".encode())
    if event == "no json":
        post(path, b"{nope")
        continue
    if event == "nothing":
        post(path, b"")
        continue
    if event == "odd error":
        post(f"invocation/{own}/error", b"\\xff\\xfe no json either")
        continue
    if event == "chunks":
        with connect() as sock:
            sock.sendall(f"POST {BASE}{path} HTTP/1.1\\r\\nHost: x\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n".encode())
            for part in (b'"in ', b'pieces"'):
                sock.sendall(b"%x\\r\\n%s\\r\\n" % (len(part), part))
            sock.sendall(b"0\\r\\n\\r\\n")
            sock.recv(1000)
        continue
    if event == "leave":
        sys.exit(0)
    if event == "errors of the start":
        print([post("init/error", b"{}") for _ in range(3)], flush=True)
    post(path, json.dumps(event))
"""


def raw_answer(one, event):
    answer = one.client.invoke(FunctionName=one.name, Payload=event)
    return answer.get("FunctionError"), answer["Payload"].read()


def test_a_runtime_with_manners_of_its_own(arena, function):
    one = function(RUNTIME, "provided", Timeout=5)
    for event in ("close early", "close while asking", "errors of the start"):
        assert one.invoke(event) == (200, None, event)
    assert one.invoke("chunks") == (200, None, "in pieces")
    # AWS: passed on as it is; nobody but the caller looks into it.
    assert raw_answer(one, b'"no json"') == (None, b"{nope")
    assert raw_answer(one, b'"nothing"') == (None, b"")
    assert raw_answer(one, b'"odd error"') == ("Unhandled", b"\xff\xfe no json either")
    error, told = raw_answer(one, b'"leave"')
    assert error == "Unhandled" and b"Runtime.ExitError" in told
    assert one.invoke("after") == (200, None, "after")


@pytest.mark.parametrize(
    ("script", "kind"),
    (
        ("exit 0", "Runtime.ExitError"),
        ("exit 7", "Runtime.ExitError"),
        ("kill -9 $$", "Runtime.ExitError"),
        ("sleep 600 & exit 0", "Runtime.ExitError"),
        ("exec 1>&- 2>&-; exit 1", "Runtime.ExitError"),
    ),
)
def test_a_runtime_that_never_asks(arena, function, script, kind):
    one = function(f"#!/bin/sh\n{script}\n", "provided", Timeout=5)
    for _ in range(2):
        status, error, told = one.invoke()
        assert (status, error, told["errorType"]) == (200, "Unhandled", kind), told
    arena.neighbour.check()
