"""Everything that functions must not reach where they reach the internet."""

import errno
import fcntl
import socket
import struct
import threading

from frame import attempt
from network import SECONDS, tcp

SIOCSIFADDR, SIOCDELRT, TUNSETIFF = 0x8916, 0x890C, 0x400454CA


def family(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def parts_of(places):
    """By connections, and by datagrams."""
    parts = {}
    for host, port in places:
        parts[f"{host} {port}"] = lambda host=host, port=port: tcp(host, port, family(host))
        parts[f"{host} {port} udp"] = lambda host=host, port=port: said(host, port)
    return parts


def said(host, port):
    with socket.socket(family(host), socket.SOCK_DGRAM) as sock:
        sock.settimeout(SECONDS)
        sock.connect((host, port))
        sock.send(b"hello")
        return sock.recv(512)


@attempt
def internet_places(bait):
    """Of the machine, its networks, its neighbours and its cloud."""
    return parts_of(bait["places"])


@attempt
def internet_names(bait):
    """Names whose addresses are such places: what counts is what is connected to."""

    def by(name, kind):
        found = socket.getaddrinfo(name, 80, kind, socket.SOCK_STREAM)
        return tcp(found[0][4][0], 80, kind)

    four = ("private.example", "router.example", "secrets.example")
    parts = {name: lambda name=name: by(name, socket.AF_INET) for name in four}
    for name in ("private.example", "secrets.example", "mapped.example"):
        parts[f"{name} of version 6"] = lambda name=name: by(name, socket.AF_INET6)

    def turned():
        found = [socket.gethostbyname("turning.example") for _ in range(2)]
        if found[0] == found[1]:
            raise AssertionError(found)
        return tcp(found[1], 80)

    if bait["inside"]:
        parts["me.example"] = lambda: tcp(socket.gethostbyname("me.example"), 8100)
        parts["loop.example"] = lambda: tcp(socket.gethostbyname("loop.example"), 8101)
        parts["turning.example"] = turned
    return parts


@attempt
def internet_everybody(bait):
    """What is meant for everybody near."""

    def shout(host, port):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(1)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sock.sendto(b"anybody?", (host, port))
            sock.sendto(b"anybody?", (host, port))
            if bait["inside"]:
                return sock.recv(512)
            return True

    return {host: lambda host=host: shout(host, 7) for host in ("255.255.255.255", "10.99.0.255", "11.1.0.255", "224.0.0.1")}


@attempt
def internet_interface(bait):
    """Another address, another way, another tunnel."""

    def configure(request, told):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            fcntl.ioctl(sock, request, told)
        return True

    def address():
        name = b"eth0" if bait["inside"] else b"up0"
        return configure(SIOCSIFADDR, struct.pack("16sH2x4s8x", name, socket.AF_INET, socket.inet_aton("11.1.0.9")))

    def tunnel():
        with open("/dev/net/tun", "r+b", buffering=0) as device:
            fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", b"own", 0x1001))
        return True

    return {"address": address, "tunnel": tunnel}


@attempt
def internet_neighbours(bait):
    """Ports of this network and of others like it: all have the same addresses."""
    parts = {"resolver's other ports": lambda: tcp("169.254.78.1", 80)}
    for host in ("169.254.76.1", "169.254.76.2", "fd75:7064:7261:6674::1", "fd75:7064:7261:6674::2"):
        parts[host] = lambda host=host: tcp(host, bait["port"], family(host))
    return parts


def flood(event):
    """As many connections and datagrams as may be; how many connections were made."""
    socks, made = [], 0
    for _ in range(event["connections"]):
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex((event["host"], 85))
        socks.append(sock)
    ends = threading.Event()
    ends.wait(event["seconds"])
    for sock in socks:
        # What is closed so is over at once.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        try:
            sock.getpeername()
            made += 1
        except OSError as error:
            assert error.errno == errno.ENOTCONN, error
    for sock in socks:
        sock.close()
    with_refused(event["datagrams"])
    return made


def with_refused(count):
    """Many pairs, allowed and refused."""
    for number in range(count):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            host = ("11.0.0.10", "192.168.7.7")[number % 2]
            try:
                sock.sendto(b"x" * 1000, (host, 7))
            except OSError:
                # Told of the one before.
                pass


def listen(event):
    """Stays where others might come."""
    with socket.create_server(("0.0.0.0", event["port"])) as listener:
        listener.settimeout(event["seconds"])
        try:
            listener.accept()
            return "visited"
        except TimeoutError:
            return "alone"
