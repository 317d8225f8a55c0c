"""What listens on the internet, and on the machine: on every address there is, of both versions."""

import hashlib
import os
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

PAGES, NOBODY, BREAKS, ENDS, POURS, SWALLOWS, ECHO = 80, 81, 82, 83, 84, 85, 7
# Of the machine itself, on all of its addresses.
MACHINE_PORT = 8100
# The socket module doesn't know it.
IP_PKTINFO = 8
PIECE = bytes(range(256)) * 256


def until(true, seconds=20):
    """As the tests' own waiting; this runs apart from them."""
    ends = time.monotonic() + seconds
    while not true():
        if time.monotonic() > ends:
            raise TimeoutError
        time.sleep(0.01)


def bare(host):
    """Without the form in which addresses of version 4 come to sockets of both."""
    return host.removeprefix("::ffff:").partition("%")[0]


class Visits:
    """Who is visited, a line each."""

    def __init__(self, path):
        self.path = path

    def note(self, what, at):
        with self.path.open("a") as file:
            file.write(f"{what} {bare(at[0])} {at[1]}\n")


def families():
    return (socket.AF_INET, socket.AF_INET6) if os.path.exists("/proc/net/if_inet6") else (socket.AF_INET,)


def listen(port, family):
    made = socket.socket(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    made.bind(("", port))
    made.listen(1024)
    return made


def answer_datagrams(port, answer):
    """`answer` is given what was said and to which address; whoever said it hears from there."""
    for family in families():
        threading.Thread(target=_answer, args=(_datagrams(port, family), answer), daemon=True).start()


def _datagrams(port, family):
    made = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
    else:
        made.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    made.bind(("", port))
    return made


def _answer(sock, answer):
    while True:
        said, about, _, sender = sock.recvmsg(1 << 16, 256)
        _, _, where = about[0]
        at = where[:16] if sock.family == socket.AF_INET6 else where[8:12]
        if told := answer(said, socket.inet_ntop(sock.family, at)):
            try:
                sock.sendmsg([told], about, 0, sender)
            except OSError:
                # Nobody is answered from where everybody was asked.
                pass


def serve(port, talk):
    """`talk` is given each connection, in a thread of its own."""

    def one(stream):
        with stream:
            try:
                talk(stream)
            except OSError:
                # It was broken off.
                pass

    def accept(listener):
        while True:
            stream, _ = listener.accept()
            threading.Thread(target=one, args=(stream,), daemon=True).start()

    for family in families():
        threading.Thread(target=accept, args=(listen(port, family),), daemon=True).start()


def exactly(stream, length):
    got = b""
    while len(got) < length:
        piece = stream.recv(length - len(got))
        if not piece:
            raise ConnectionResetError
        got += piece
    return got


class Pages(BaseHTTPRequestHandler):
    """`GET /bytes/N` answers so many of them, and `PUT` the sum of what it was sent; others say who was reached."""

    protocol_version = "HTTP/1.1"

    def _answer(self, length, pieces):
        self.server.visits.note("page", self.request.getsockname())
        self.send_response(200)
        self.send_header("content-length", str(length))
        self.end_headers()
        for piece in pieces:
            self.wfile.write(piece)

    def do_GET(self):
        _, kind, *rest = urlsplit(self.path).path.split("/")
        if kind == "bytes":
            count = int(rest[0])
            whole, part = divmod(count, len(PIECE))
            return self._answer(count, [*[PIECE] * whole, PIECE[:part]])
        said = bare(self.request.getsockname()[0]).encode()
        return self._answer(len(said), [said])

    def do_PUT(self):
        left, told = int(self.headers["content-length"]), hashlib.sha256()
        while left:
            piece = self.rfile.read(min(left, 1 << 16))
            told.update(piece)
            left -= len(piece)
        said = told.hexdigest().encode()
        self._answer(len(said), [said])

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, visits, listener):
        self.address_family = listener.family
        super().__init__(listener.getsockname(), Pages, bind_and_activate=False)
        self.socket.close()
        self.socket, self.visits = listener, visits

    def handle_error(self, *_):
        """Whoever went away in the middle of a page."""


def serve_pages(visits, port):
    for family in families():
        threading.Thread(target=Server(visits, listen(port, family)).serve_forever, daemon=True).start()


def echo(visits):
    def answer(said, at):
        visits.note("datagram", (at, 0))
        return said.upper()

    return answer


def breaks(stream):
    """Says something, and is gone."""
    exactly(stream, 1)
    stream.sendall(b"half of an ans")
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def ends(stream):
    """Answers when everything was said."""
    said = bytearray()
    while piece := stream.recv(1 << 16):
        said += piece
    stream.sendall(bytes(said).upper())


def pours(stream):
    while True:
        stream.sendall(PIECE)


def swallows(stream):
    threading.Event().wait()


def serve_all(visits):
    serve_pages(visits, PAGES)
    answer_datagrams(ECHO, echo(visits))
    for port, talk in ((BREAKS, breaks), (ENDS, ends), (POURS, pours), (SWALLOWS, swallows)):
        serve(port, talk)


def lead(listener, to):
    """Connections go on to another address, of whatever network this is run in."""

    def copy(source, sink):
        try:
            while piece := source.recv(1 << 16):
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            source.close()
            sink.close()

    while True:
        near, _ = listener.accept()
        try:
            far = socket.create_connection(to)
        except OSError:
            near.close()
            continue
        for pair in ((near, far), (far, near)):
            threading.Thread(target=copy, args=pair, daemon=True).start()
