"""The Runtime API, and the platform's short way: two pipes (its api/pipes.rs tells what is said)."""

import _socket
import os
import struct
import sys

from .lambda_runtime_marshaller import LambdaMarshaller, to_json

API = "/2018-06-01/runtime/"
# Through the pipes.
SAID, TOLD = struct.Struct("<BBHI"), struct.Struct("<II")
NEXT, RESPONSE, ERROR = 0, 1, 2
ERROR_TYPE = "Lambda-Runtime-Function-Error-Type"
ERROR_BODY = "Lambda-Runtime-Function-Error-Body"
RESPONSE_MODE = "Lambda-Runtime-Function-Response-Mode"


class InvocationRequest:
    """One event, with what its headers (in lower case) say."""

    def __init__(self, headers, body):
        get = headers.get
        self.event_body = body
        self.content_type = get("content-type")
        self.invoke_id = get("lambda-runtime-aws-request-id")
        self.x_amzn_trace_id = get("lambda-runtime-trace-id")
        self.invoked_function_arn = get("lambda-runtime-invoked-function-arn")
        self.deadline_time_in_ms = int(get("lambda-runtime-deadline-ms", "0"))
        self.client_context = get("lambda-runtime-client-context")
        self.cognito_identity = get("lambda-runtime-cognito-identity")
        self.tenant_id = get("lambda-runtime-aws-tenant-id")
        self.invocation_id = get("lambda-runtime-invocation-id")
        # Not AWS's: somebody takes the answer piece by piece.
        self.wants_stream = get(RESPONSE_MODE.lower()) == "streaming"


class InvocationTold(InvocationRequest):
    """The same from the pipes' lines."""

    content_type, cognito_identity, tenant_id, invocation_id = "application/json", None, None, None

    def __init__(self, lines, body):
        self.event_body = body
        self.invoke_id, deadline, self.invoked_function_arn, self.x_amzn_trace_id, mode, context = lines
        self.deadline_time_in_ms = int(deadline)
        self.client_context = context or None
        self.wants_stream = mode == "streaming"


class LambdaRuntimeClient:
    """One connection, kept open. With each answer the question for more work goes along in the same write."""

    marshaller = LambdaMarshaller()
    # What the first of them reads from and writes to.
    pipes = None

    def __init__(self, lambda_runtime_address):
        self.lambda_runtime_address = lambda_runtime_address
        self.way, LambdaRuntimeClient.pipes = LambdaRuntimeClient.pipes, None
        self.connection = None
        self.rest = b""
        self.ask = SAID.pack(NEXT, 0, 0, 0) if self.way else self._head("GET", "invocation/next", "") + b"\r\n"
        # What is to be written; answers to what was posted that nobody has read yet; whether the next event was asked for.
        self.waiting = b""
        self.unread = 0
        self.asked = False

    @property
    def sock(self):
        if self.connection is None:
            host, _, port = self.lambda_runtime_address.partition(":")
            self.connection = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
            self.connection.connect((host, int(port)))
            self.connection.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        return self.connection

    def wait_next_invocation(self):
        if not self.asked:
            self._write(self.ask) if self.way else self.sock.sendall(self.ask)
        self.asked = False
        if self.way:
            return self._told()
        while self.unread:
            self.unread -= 1
            self._answer()
        status, headers, body = self._answer()
        if status != 200:
            raise SystemExit(f"the Runtime API answered {status}")
        return InvocationRequest(headers, body)

    def post_invocation_result(self, invoke_id, result_data, content_type="application/json", invocation_id=None):
        body = result_data if isinstance(result_data, bytes) else result_data.encode()
        if self.way:
            return self._say(RESPONSE, invoke_id, body)
        self._post(f"invocation/{invoke_id}/response", body, f"Content-Type: {content_type}\r\n")
        self._ask()

    def post_invocation_error(self, invoke_id, error_response_data, xray_fault=None, invocation_id=None):
        if self.way:
            return self._say(ERROR, invoke_id, error_response_data.encode())
        self._post(f"invocation/{invoke_id}/error", error_response_data.encode(), "Content-Type: application/json\r\n")
        self._ask()

    def post_init_error(self, error_response_data, error_type_override=None):
        kind = error_type_override or error_response_data["errorType"]
        body = to_json(error_response_data).encode()
        self._post("init/error", body, f"Content-Type: application/json\r\n{ERROR_TYPE}: {kind}\r\n")
        self._send(b"")
        self.unread = 0
        self._answer()

    def begin_stream(self, invoke_id, content_type):
        """Begins an answer that comes in pieces: `chunk` and then `end_stream` go on with it."""
        more = f"Content-Type: {content_type}\r\nTransfer-Encoding: chunked\r\nTrailer: {ERROR_TYPE}, {ERROR_BODY}\r\n"
        more += f"{RESPONSE_MODE}: streaming\r\n"
        self._send(self._head("POST", f"invocation/{invoke_id}/response", more) + b"\r\n")

    def chunk(self, data):
        if data:
            self.sock.sendall(b"%x\r\n%b\r\n" % (len(data), data))

    def end_stream(self, error=None):
        """`error`: the type and the JSON of what came up in between."""
        trailers = b""
        if error:
            import base64

            kind, body = error
            trailers = f"{ERROR_TYPE}: {kind}\r\n{ERROR_BODY}: {base64.b64encode(body).decode()}\r\n".encode()
        self.unread += 1
        self.waiting = b"0\r\n" + trailers + b"\r\n"
        if not self.way:
            return self._ask()
        self._send(b"")
        self.unread = 0
        self._answer()

    def _say(self, kind, invoke_id, body):
        sys.stdout.flush()
        sys.stderr.flush()
        self.asked = True
        invoke_id = invoke_id.encode()
        self._write(SAID.pack(kind, len(invoke_id), 0, len(body)) + invoke_id + body)

    def _write(self, data):
        written = os.write(self.way[1], data)
        while written < len(data):
            written += os.write(self.way[1], data[written : written + (1 << 16)])

    def _told(self):
        data = self._received(os.read(self.way[0], 65536), TOLD.size)
        meta, event = TOLD.unpack_from(data)
        begin = TOLD.size + meta
        data = self._received(data, begin + event)
        return InvocationTold(data[TOLD.size : begin].decode().split("\n"), data[begin:])

    def _received(self, data, size):
        """So much, of which this is the beginning. No more comes before it is asked for."""
        parts, have = [data], len(data)
        while have < size or not have:
            part = os.read(self.way[0], 1 << 16) if have else b""
            if not part:
                raise SystemExit(0)
            parts.append(part)
            have += len(part)
        return data if len(parts) == 1 else b"".join(parts)

    def _post(self, path, body, more):
        self.unread += 1
        self.waiting = self._head("POST", path, f"{more}Content-Length: {len(body)}\r\n") + b"\r\n" + body

    def _ask(self):
        self.asked = True
        self._send(self.ask)

    def _send(self, data):
        # What was printed is in the log before the answer is out.
        sys.stdout.flush()
        sys.stderr.flush()
        waiting, self.waiting = self.waiting, b""
        self.sock.sendall(waiting + data)

    def _head(self, method, path, more):
        return f"{method} {API}{path} HTTP/1.1\r\nHost: {self.lambda_runtime_address}\r\n{more}".encode()

    def _answer(self):
        """Status, headers and body."""
        data = self.rest
        end = data.find(b"\r\n\r\n")
        while end < 0:
            data += self._receive(65536)
            end = data.find(b"\r\n\r\n")
        lines = data[:end].split(b"\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            headers[name.strip().lower().decode()] = value.strip().decode("utf-8", "replace")
        body = data[end + 4 :]
        size = int(headers.get("content-length", "0"))
        if len(body) < size:
            body = self._rest_of(body, size)
        self.rest = body[size:]
        return int(lines[0].split(b" ", 2)[1]), headers, body[:size]

    def _rest_of(self, body, size):
        parts, have = [body], len(body)
        while have < size:
            part = self._receive(min(size - have, 1 << 20))
            parts.append(part)
            have += len(part)
        return b"".join(parts)

    def _receive(self, most):
        data = self.sock.recv(most)
        if not data:
            raise SystemExit(0)
        return data
