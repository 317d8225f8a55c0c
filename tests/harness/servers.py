"""An HTTP server that writes down what it is asked, and answers what it was told to."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from .wait import wait_until


class Asked(NamedTuple):
    method: str
    path: str
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Server:
    """Answers `answers` in turn, each a status, a body and headers, and then with 200 and nothing."""

    def __init__(self, *answers):
        self.asked, self.answers = [], list(answers)
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, said, more = server.answers.pop(0) if server.answers else (200, b"", {})
                server.asked.append(Asked(self.command, self.path, headers, body))
                self.send_response(status)
                for name, value in {"content-length": str(len(said)), **more}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(said)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def next(self):
        """What it was asked next, which is then forgotten."""
        wait_until(lambda: self.asked, what="that a server is called")
        return self.asked.pop(0)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def connect(events, name, kind="BASIC", **auth):
    """A connection's ARN."""
    auth = auth or {"BasicAuthParameters": {"Username": "user", "Password": "pass"}}
    return events.create_connection(Name=name, AuthorizationType=kind, AuthParameters=auth)["ConnectionArn"]


def destination(events, name, url, connection, method="POST", **settings):
    """An API destination's ARN."""
    made = events.create_api_destination(
        Name=name, ConnectionArn=connection, InvocationEndpoint=url, HttpMethod=method, **settings
    )
    return made["ApiDestinationArn"]
