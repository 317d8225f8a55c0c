"""Everything that isn't the function's own: the host's loopback, other families, the world outside."""

import http.client
import os
import socket

from frame import Refused, attempt

SECONDS = 3


def tcp(host, port, family=socket.AF_INET):
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.settimeout(SECONDS)
        sock.connect((host, port))
        return True


def udp(host, port, family=socket.AF_INET):
    """True if something answers."""
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(SECONDS)
        sock.connect((host, port))
        sock.send(b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x07example\x03com\x00\x00\x01\x00\x01")
        return sock.recv(512)


@attempt
def host_loopback(bait):
    port = bait["tcp"]
    parts = {
        "127.0.0.1": lambda: tcp("127.0.0.1", port),
        "0.0.0.0": lambda: tcp("0.0.0.0", port),
        "mapped": lambda: tcp("::ffff:127.0.0.1", port, socket.AF_INET6),
        "udp": lambda: udp("127.0.0.1", bait["udp"]),
    }
    if bait["inside"]:
        parts["the host's address"] = lambda: tcp(bait["address"], port)
    return parts


@attempt
def ipv6_loopback(bait):
    return {"::1": lambda: tcp("::1", bait["tcp6"], socket.AF_INET6)}


@attempt
def abstract_unix_socket(bait):
    def connect(name):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(name)
            return True

    return {"abstract": lambda: connect("\0" + bait["abstract"]), "by its path": lambda: connect(bait["unix"])}


@attempt
def raw_socket(bait):
    return {
        "ICMP": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
        "IP": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW),
        "ICMP of version 6": lambda: socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6),
    }


@attempt
def packet_socket(bait):
    everything = socket.htons(3)
    return {
        "raw": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, everything),
        "cooked": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, everything),
    }


@attempt
def metadata_169_254(bait):
    parts = {
        "of instances": lambda: tcp("169.254.169.254", 80),
        "of containers": lambda: tcp("169.254.170.2", 80),
    }
    if bait["inside"]:
        parts["of version 6"] = lambda: tcp("fd00:ec2::254", 80, socket.AF_INET6)
    return parts


@attempt
def dns_leak(bait):
    parts = {"planted": lambda: udp("127.0.0.1", bait["udp"])}
    if bait["inside"]:
        for server in {"8.8.8.8", *bait["nameservers"]}:
            family = socket.AF_INET6 if ":" in server else socket.AF_INET
            parts[server] = lambda server=server, family=family: udp(server, 53, family)
        parts["by name"] = lambda: socket.getaddrinfo("example.com", 80)
        parts["by /etc"] = lambda: [server for server in bait["nameservers"] if server in open("/etc/resolv.conf").read() and not server.startswith("127.")]
    return parts


@attempt
def port_9001_hijack_by_child(bait):
    """A second listener on the Runtime API's port, in whatever way might be allowed, would hear the runtime."""

    def bind(host, family=socket.AF_INET, option=None):
        with socket.socket(family, socket.SOCK_STREAM) as sock:
            if option:
                sock.setsockopt(socket.SOL_SOCKET, option, 1)
            sock.bind((host, bait["runtime_port"]))
            sock.listen()
            return True

    return {
        "plain": lambda: bind("127.0.0.1"),
        "reused address": lambda: bind("127.0.0.1", option=socket.SO_REUSEADDR),
        "reused port": lambda: bind("127.0.0.1", option=socket.SO_REUSEPORT),
        "every address": lambda: bind("0.0.0.0", option=socket.SO_REUSEADDR),
        "both versions": lambda: bind("::", socket.AF_INET6, socket.SO_REUSEADDR),
        "mapped": lambda: bind("::ffff:127.0.0.1", socket.AF_INET6, socket.SO_REUSEADDR),
    }


def page(endpoint, path, method="GET", body=None, headers=None):
    """The status of an answer, as through if it is a success."""
    connection = http.client.HTTPConnection(*endpoint, timeout=SECONDS)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        said = answer.read(200)
    finally:
        connection.close()
    if answer.status >= 300:
        raise Refused(answer.status)
    return said


FORWARDED = {"x-forwarded-for": "127.0.0.1", "x-real-ip": "127.0.0.1", "forwarded": "for=127.0.0.1", "host": "127.0.0.1"}


@attempt
def supervisor_admin_port(bait):
    endpoint = bait["endpoint"]
    parts = {path: lambda path=path: page(endpoint, f"/_updraft/{path}") for path in ("clock", "nodes", "metrics", "logs?group=x", "snapshot")}
    parts["advance"] = lambda: page(endpoint, "/_updraft/clock", "POST", b'{"advance":"0s"}', {"content-type": "application/json"})
    parts["forwarded"] = lambda: page(endpoint, "/_updraft/clock", headers=FORWARDED)
    if bait["inside"]:
        parts["the port"] = lambda: tcp("127.0.0.1", bait["port"])
        parts["reset"] = lambda: page(endpoint, "/_updraft/reset", "POST", b"{}")
        for path in ("//_updraft/clock", "/./_updraft/clock", "/x/../_updraft/clock", "/%5Fupdraft/clock", "/_updraft%2Fclock", "/_updraft/./clock", "/_UPDRAFT/clock"):
            parts[path] = lambda path=path: page(endpoint, path)
        parts["absolute"] = lambda: page(endpoint, f"http://127.0.0.1:{bait['port']}/_updraft/clock")
    return parts


@attempt
def shared_memory_sysv(bait):
    from calls import libc

    def segment():
        found = libc.shmget(bait["sysv"], 0, 0)
        if found < 0:
            import ctypes

            raise OSError(ctypes.get_errno(), "shmget")
        return True

    return {"segment": segment, "by name": lambda: os.path.exists(f"/dev/shm/{bait['shm']}")}
