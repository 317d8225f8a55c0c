"""Functions on the internet: what a policy lets out goes there as it would from any machine."""

import hashlib

import pytest
from botocore.exceptions import ClientError

from harness import raw
from harness.wait import wait_until
from sandbox.lab import host
from sandbox.lab.world import world as make_world

PUBLIC = "11.0.0.10"
PUBLIC_6 = "2e00::10"

# Answers, for each address, what its page says, or the error's name.
PAGES = """
import errno, socket, urllib.error, urllib.request
def page(url):
    try:
        return urllib.request.urlopen(url, timeout=10).read().decode()
    except urllib.error.URLError as error:
        cause = error.reason
        return errno.errorcode.get(cause.errno, type(cause).__name__) if isinstance(cause, OSError) and not isinstance(cause, socket.gaierror) else type(cause).__name__
def handler(event, context):
    return [page(one) for one in event]
"""


def answer(function, event=None):
    status, error, told = function.invoke(event)
    assert (status, error) == (200, None), told
    return told


@pytest.fixture(scope="module")
def pages(world):
    return world.function(PAGES)


def test_pages_are_read_by_name_and_by_address(pages):
    urls = [f"http://{PUBLIC}/", f"http://[{PUBLIC_6}]/", "http://four.example/", "http://six.example/"]
    assert answer(pages, urls) == [PUBLIC, PUBLIC_6, PUBLIC, PUBLIC_6]
    assert answer(pages, ["http://far.example/"])[0] in (PUBLIC, PUBLIC_6)


def test_what_is_not_there_is_known_at_once_and_why(pages, world):
    source = """
import errno, socket, time
def handler(event, context):
    told = []
    for host, port in event:
        began = time.monotonic()
        try:
            socket.create_connection((host, port), timeout=2)
            told.append(["through", time.monotonic() - began])
        except OSError as error:
            told.append([errno.errorcode.get(error.errno, type(error).__name__), time.monotonic() - began])
    return told
"""
    places = [(PUBLIC, 81), (PUBLIC_6, 81), ("11.0.0.98", 80), ("11.0.0.99", 80)]
    told = answer(world.function(source, Timeout=30), places)
    names = [name for name, _ in told]
    assert names == ["ECONNREFUSED", "ECONNREFUSED", "EHOSTUNREACH", "TimeoutError"]
    # A kernel would ask again after one second, and after three.
    assert all(seconds < 0.9 for _, seconds in told[:3]), told
    assert answer(pages, ["http://nowhere.example/"]) == ["gaierror"]


def test_much_goes_out_and_comes_in(world):
    source = """
import hashlib, urllib.request
def handler(event, context):
    body = bytes(range(256)) * (event // 256)
    put = urllib.request.Request("http://four.example/", body, method="PUT")
    sent = urllib.request.urlopen(put).read().decode()
    told = hashlib.sha256()
    with urllib.request.urlopen(f"http://four.example/bytes/{event}") as answer:
        while piece := answer.read(1 << 20):
            told.update(piece)
    return [sent, told.hexdigest(), hashlib.sha256(body).hexdigest()]
"""
    size = 64 << 20
    expected = hashlib.sha256(bytes(range(256)) * (size // 256)).hexdigest()
    assert answer(world.function(source, Timeout=120, MemorySize=1769), size) == [expected] * 3


def test_many_connections_at_once(world):
    """As many as one instance may have."""
    source = """
import socket
from concurrent.futures import ThreadPoolExecutor
def talk(number):
    with socket.create_connection(("four.example", 83)) as stream:
        yield
        stream.sendall(f"number {number} ".encode() * 1000)
        stream.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := stream.recv(1 << 16):
            answer += piece
        yield answer == f"NUMBER {number} ".encode() * 1000
def handler(event, context):
    talks = [talk(number) for number in range(event)]
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(next, talks))
        return sum(pool.map(next, talks))
"""
    assert answer(world.function(source, Timeout=120, MemorySize=1769), 250) == 250


def test_an_end_is_an_end_and_a_break_a_break(world):
    source = """
import errno, socket
def until_end(stream):
    got = b""
    try:
        while piece := stream.recv(1 << 16):
            got += piece
        return [got.decode(), "end"]
    except OSError as error:
        return [got.decode(), errno.errorcode[error.errno]]
def handler(event, context):
    with socket.create_connection(("four.example", 83)) as stream:
        stream.sendall(b"half of it, ")
        stream.sendall(b"and the rest")
        stream.shutdown(socket.SHUT_WR)
        ended = until_end(stream)
    with socket.create_connection(("four.example", 82)) as stream:
        stream.sendall(b"?")
        return [ended, until_end(stream)]
"""
    ended, broken = answer(world.function(source))
    assert ended == ["HALF OF IT, AND THE REST", "end"]
    # What was said before may be lost with it, as it may be by any kernel.
    assert broken[1] == "ECONNRESET", broken


def test_names_are_resolved_by_the_hosts_resolver(world):
    source = """
import socket, struct
def question(name):
    return struct.pack(">HHHHHH", 7, 256, 1, 0, 0, 0) + b"".join(bytes([len(l)]) + l.encode() for l in name.split(".")) + b"\\0\\0\\1\\0\\1"
def by_hand(server):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(10)
        sock.connect((server, 53))
        sock.send(question("four.example"))
        return socket.inet_ntoa(sock.recv(512)[-4:])
def handler(event, context):
    server = open("/etc/resolv.conf").read().split()[1]
    found = {row[4][0] for row in socket.getaddrinfo("many.example", 80, socket.AF_INET, socket.SOCK_STREAM)}
    return [by_hand(server), by_hand("11.0.0.10"), len(found)]
"""
    asked = len([line for line in world.visits() if line.startswith("dns by a connection")])
    # Two hundred addresses don't fit a datagram.
    assert answer(world.function(source)) == [PUBLIC, PUBLIC, 201]
    assert len([line for line in world.visits() if line.startswith("dns by a connection")]) > asked


def test_datagrams_go_out_and_come_back(world):
    source = """
import socket
def handler(event, context):
    told = []
    for family, host, size in event:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.settimeout(10)
            sock.connect((host, 7))
            sock.send(b"x" * size)
            told.append(sock.recv(65536) == b"X" * size)
    return told
"""
    assert answer(world.function(source), [(2, PUBLIC, 10), (2, PUBLIC, 60_000), (10, PUBLIC_6, 10), (10, PUBLIC_6, 60_000)]) == [True] * 4


def test_whoever_is_slow_slows_the_other_down_and_costs_little(world):
    """Both ways; what waits lies with those who talk, and not in the platform."""
    source = """
import socket, time
def sent(stream):
    stream.settimeout(1)
    total = 0
    try:
        while True:
            total += stream.send(b"x" * 65536)
    except TimeoutError:
        return total
def handler(event, context):
    pouring = [socket.create_connection(("four.example", 84)) for _ in range(event)]
    swallowing = [socket.create_connection(("four.example", 85)) for _ in range(4)]
    stuck = [sent(stream) for stream in swallowing]
    first = [len(stream.recv(1 << 16)) for stream in pouring]
    return [max(stuck), min(first)]
"""
    before = resident(world.platform.process.pid)
    stuck, first = answer(world.function(source, Timeout=120, MemorySize=1769), 60)
    assert first > 0 and stuck < 64 << 20, "somebody took it all"
    grown = resident(world.platform.process.pid) - before
    # Each has a window of 64 KB in both directions, and there is a little besides.
    assert grown < 40 << 20, f"the platform has grown by {grown >> 20} MB"


def resident(pid):
    for line in open(f"/proc/{pid}/status"):
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) << 10
    raise AssertionError("no size")


def test_connections_outlive_the_time_between_calls(world):
    """An instance is frozen then; what comes meanwhile waits."""
    source = """
import os, socket
stream = None
def body():
    got = b""
    while len(got.partition(b"\\r\\n\\r\\n")[2]) < 1000000:
        got += stream.recv(1 << 20)
    return len(got.partition(b"\\r\\n\\r\\n")[2])
def handler(event, context):
    global stream
    told = body() if stream else 0
    stream = stream or socket.create_connection(("four.example", 80))
    stream.sendall(b"GET /bytes/1000000 HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n")
    return [stream.getsockname()[1], os.readlink("/proc/self/ns/pid"), told]
"""
    one = world.function(source, MemorySize=1769)
    port, place, _ = answer(one)
    _, inside = host.sandbox_of(place)
    for _ in range(5):
        wait_until(lambda: all(map(host.frozen, inside)), 15, "that the instance is frozen")
        assert answer(one) == [port, place, 1000000]


def test_what_is_named_is_reached_besides(pages):
    """A port of the machine's loopback, and a private range."""
    assert answer(pages, ["http://mine:8100/", "http://localhost:8100/", "http://172.16.5.5/"]) == ["127.0.0.1", "127.0.0.1", "172.16.5.5"]


def test_node_reaches_it_too(world):
    source = "export const handler = async (event) => Promise.all(event.map(async (url) => (await fetch(url)).text()));"
    assert answer(world.function(source, "node"), ["http://four.example/", "http://six.example/"]) == [PUBLIC, PUBLIC_6]


def test_what_functions_reach_is_told(world):
    said = "internet: functions reach the platform, public addresses, mine at 127.0.0.1:8100, and lan at 172.16.0.0/12"
    world.await_said(said)
    assert raw.request(world.platform.url, path="/_updraft/health").json()["network"] == said
    _, words = world.doctor()
    assert said in words


def test_a_machine_without_tunnels_refuses_functions_and_says_why(user):
    with make_world(user, options=["--without-tun"]) as made:
        content, words = made.doctor()
        assert not content and "/dev/net/tun" in words, words
        made.start()
        with pytest.raises(ClientError, match="this machine has no tunnel for them .*No such file"):
            answer(made.function(PAGES), [])
        made.await_said("functions are refused: they are to reach the internet")
