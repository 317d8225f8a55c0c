"""Debuggers, as editors drive them: the Debug Adapter Protocol for debugpy, the DevTools protocol for Node."""

import contextlib
import json
import socket
import urllib.request

from websockets.sync.client import connect

from .wait import wait_until

# For one answer, on a busy machine.
PATIENCE = 60


class Adapter:
    """Speaks to debugpy, which attaches to the function's process."""

    def __init__(self, port, local, remote="/var/task"):
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.stream = self.connection.makefile("rb")
        self.number = 0
        self.events = []
        self.request("initialize", adapterID="tests", linesStartAt1=True, pathFormat="path")
        mappings = [{"localRoot": str(local), "remoteRoot": remote}]
        # Answered only after the configuration is done.
        self.attached = self.send("attach", justMyCode=True, pathMappings=mappings)
        self.event("initialized")

    def configured(self, file, *lines):
        """Sets breakpoints and lets the process go on; which of them hold."""
        points = [{"line": line} for line in lines]
        found = self.request("setBreakpoints", source={"path": str(file)}, breakpoints=points)
        self.request("configurationDone")
        self.answer(self.attached)
        return [point["verified"] for point in found["breakpoints"]]

    def stopped(self):
        """The thread that has come to a breakpoint, and where it is: file and line."""
        thread = self.event("stopped")["threadId"]
        frame = self.request("stackTrace", threadId=thread, levels=1)["stackFrames"][0]
        return thread, frame

    def variables(self, frame):
        scopes = self.request("scopes", frameId=frame["id"])["scopes"]
        local = next(scope for scope in scopes if scope["name"] == "Locals")
        found = self.request("variables", variablesReference=local["variablesReference"])["variables"]
        return {variable["name"]: variable["value"] for variable in found}

    def close(self):
        self.stream.close()
        self.connection.close()

    def is_cut_off(self):
        """Whether the other side has ended the connection, by now or in a while."""
        try:
            while self.read():
                pass
        except (ConnectionError, EOFError):
            return True
        except TimeoutError:
            return False

    def send(self, command, **arguments):
        self.number += 1
        body = json.dumps({"seq": self.number, "type": "request", "command": command, "arguments": arguments}).encode()
        self.connection.sendall(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        return self.number

    def read(self):
        length = 0
        while (line := self.stream.readline()) != b"\r\n":
            if not line:
                raise EOFError("the debugger's connection is closed")
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        return json.loads(self.stream.read(length))

    def answer(self, number):
        while True:
            message = self.read()
            if message["type"] == "event":
                self.events.append(message)
            elif message.get("request_seq") == number:
                assert message["success"], message
                return message.get("body", {})

    def request(self, command, **arguments):
        return self.answer(self.send(command, **arguments))

    def event(self, name):
        while True:
            for event in self.events:
                if event["event"] == name:
                    self.events.remove(event)
                    return event.get("body", {})
            message = self.read()
            if message["type"] == "event":
                self.events.append(message)


class Inspector:
    """Speaks to Node."""

    def __init__(self, port):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=PATIENCE) as answer:
            target = json.load(answer)[0]
        self.held = contextlib.ExitStack()
        self.socket = self.held.enter_context(connect(target["webSocketDebuggerUrl"], open_timeout=PATIENCE, max_size=None))
        self.number = 0
        self.events = []
        self.call("Runtime.enable")
        self.call("Debugger.enable")

    def configured(self, url, line):
        """Sets a breakpoint, counting lines from 1, and lets the process go on."""
        found = self.call("Debugger.setBreakpointByUrl", url=url, lineNumber=line - 1)
        self.call("Runtime.runIfWaitingForDebugger")
        return found

    def stopped(self):
        """The innermost frame."""
        return self.event("Debugger.paused")["callFrames"][0]

    def value(self, frame, expression):
        found = self.call("Debugger.evaluateOnCallFrame", callFrameId=frame["callFrameId"], expression=expression, returnByValue=True)
        return found["result"].get("value")

    def close(self):
        self.held.close()

    def call(self, method, **params):
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": params}))
        while (message := json.loads(self.socket.recv(PATIENCE))).get("id") != self.number:
            self.events.append(message)
        assert "error" not in message, message
        return message["result"]

    def event(self, name):
        while True:
            for event in self.events:
                if event["method"] == name:
                    self.events.remove(event)
                    return event["params"]
            self.events.append(json.loads(self.socket.recv(PATIENCE)))


def refuses(port):
    """Whether nobody listens there, by now or in a while."""

    def refused():
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except ConnectionRefusedError:
            return True
        except (TimeoutError, ConnectionResetError):
            # It waited in line as the port was closed.
            pass
        return False

    return wait_until(refused, 20, f"port {port} to be closed")
