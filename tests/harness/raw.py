"""Requests that no decent client would make: bytes over a socket, and plain HTTP without any SDK."""

import http.client
import socket
from urllib.parse import urlsplit


def send(port, data, seconds=15.0, half_close=False):
    """Sends bytes as they are and returns everything that comes back until the server closes or falls silent."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as sock:
        try:
            sock.sendall(data)
            if half_close:
                sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # Refused while we were still sending; the answer is still to be read.
        try:
            while chunk := sock.recv(65536):
                received += chunk
                if _whole(received):
                    break
        except ConnectionResetError:
            pass
    return received


def status_of(answer):
    """The status of the first response in the bytes; 0 where the connection was closed without one."""
    if not answer:
        return 0
    head = answer.split(b"\r\n", 1)[0].split(b" ")
    assert head[0].startswith(b"HTTP/"), answer[:200]
    return int(head[1])


def _whole(received):
    head, found, body = received.partition(b"\r\n\r\n")
    if not found or head.startswith(b"HTTP/1.1 100"):
        return False
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return len(body) >= int(value)
    return False


class Answer:
    """A plain HTTP response."""

    def __init__(self, response, body):
        self.status, self.body = response.status, body
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.cookies = [value for name, value in response.getheaders() if name.lower() == "set-cookie"]

    @property
    def text(self):
        return self.body.decode()

    def json(self):
        import json

        return json.loads(self.body)


def request(url, method="GET", path="/", body=None, headers=None, host=None, seconds=60.0):
    """One HTTP request, with the Host header of one's choice and the path exactly as given."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=seconds)
    try:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", host or parts.netloc)
        body = body.encode() if isinstance(body, str) else body
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        try:
            connection.endheaders(body)
        except BrokenPipeError:
            pass  # Refused while we were still sending; the answer is still to be read.
        response = connection.getresponse()
        return Answer(response, response.read())
    finally:
        connection.close()
