#!/usr/bin/env python3
"""An external extension as one writes it with nothing but the standard library. MODE says what it does amiss."""

import http.client
import http.server
import json
import os
import pathlib
import socket
import sys
import threading
import time

NAME = pathlib.Path(sys.argv[0]).name
MODE = os.environ.get(f"MODE_{NAME.upper()}", "")
BASE = "/2020-01-01/extension"
LISTENS = MODE in ("telemetry", "tcp")
heard = {"platform.runtimeDone": threading.Event(), "platform.report": threading.Event()}


def note(kind):
    if kind in heard:
        heard[kind].set()


def wait_for(kind):
    """What isn't waited for is handed over when the function runs next, if ever."""
    if LISTENS:
        heard[kind].wait(1)


def say(*what):
    print(NAME, *what, flush=True)


def request(method, path, body=None, **headers):
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.getheader("Lambda-Extension-Identifier"), answer.read().decode()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        for event in json.loads(self.rfile.read(int(self.headers["Content-Length"]))):
            record = event["record"]
            if event["type"] == "function":
                say("heard of the function:", record.strip() if isinstance(record, str) else json.dumps(record))
            elif event["type"] != "extension":
                say("heard", event["type"], record.get("status", "-"))
            note(event["type"])  # Only then: whoever waits for it ends the call, and nothing is heard after that.
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def lines(listener):
    connection = listener.accept()[0].makefile("r")
    for line in connection:
        event = json.loads(line)
        if event["type"] == "function":
            say("heard by TCP:", event["record"].strip())
        note(event["type"])


def subscribe(identifier):
    if MODE == "tcp":
        listener = socket.create_server(("127.0.0.1", 8082))
        threading.Thread(target=lines, args=(listener,), daemon=True).start()
        to, path, version = {"protocol": "TCP", "port": 8082}, "/2020-08-15/logs", "2021-03-18"
    else:
        server = http.server.ThreadingHTTPServer(("0.0.0.0", 8080), Receiver)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        to, path = {"protocol": "HTTP", "URI": "http://sandbox.localdomain:8080"}, "/2022-07-01/telemetry"
        version = "2022-12-13"
    body = json.dumps({
        "schemaVersion": version,
        "types": ["platform", "function", "extension"],
        "buffering": {"maxItems": 1000, "maxBytes": 262144, "timeoutMs": 25},
        "destination": to,
    })
    status, _, said = request("PUT", path, body, Lambda_Extension_Identifier=identifier)
    say("subscribed", status, said)


def main():
    if MODE == "exits":
        sys.exit(3)
    if MODE == "never":
        time.sleep(60)
    body = json.dumps({"events": ["INVOKE", "SHUTDOWN"]})
    status, identifier, told = request("POST", f"{BASE}/register", body, Lambda_Extension_Name=NAME)
    told = json.loads(told)
    say("registered", status, told["functionVersion"], told["handler"], "_HANDLER" in os.environ)
    if LISTENS:
        subscribe(identifier)
    if MODE == "init-error":
        request("POST", f"{BASE}/init/error", "{}", Lambda_Extension_Identifier=identifier,
                Lambda_Extension_Function_Error_Type="Extension.Unhappy")
        sys.exit(1)
    while True:
        _, _, event = request("GET", f"{BASE}/event/next", Lambda_Extension_Identifier=identifier)
        event = json.loads(event)
        if event["eventType"] == "SHUTDOWN":
            say("shutdown", event["shutdownReason"])
            wait_for("platform.report")
            if MODE == "stays":
                time.sleep(60)
            return
        say("invoke", event["requestId"], event["tracing"]["value"])
        wait_for("platform.runtimeDone")
        if MODE == "crashes":
            os._exit(7)
        if MODE == "slow":
            time.sleep(0.5)
            say("done at last")


main()
