"""The Runtime API, spoken by somebody who doesn't keep to it. Everything is tried from inside a call, by its own code."""

import json

from harness.wait import wait_until
from sandbox.lab.calls import STAY, Call, Stay, lines

# (status, what it says) of a request to the Runtime API on a connection of its own.
SAY = """
import http.client, json, os, threading, time
def say(method, path, body=None, headers={}, seconds=5):
    connection = http.client.HTTPConnection("127.0.0.1", 9001, timeout=seconds)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return [answer.status, answer.read().decode(errors="replace")]
    finally:
        connection.close()
def post(request, what, body=b'"forged"'):
    return say("POST", f"/2018-06-01/runtime/invocation/{request}/{what}", body)
"""

FORGED = SAY + """
def handler(event, context):
    own = context.aws_request_id
    ids = [event, own[:-1], own + "0", own.upper(), "%20" + own, own + "%00", "..", "x" * 5000, "00000000-0000-0000-0000-000000000000", f"../invocation/{own}"]
    return [[what, one, *post(one, what)] for one in ids for what in ("response", "error")]
"""


def refused(answers, status, kind):
    wrong = [answer for answer in answers if answer[-2] != status or kind not in answer[-1]]
    assert not wrong, wrong


def test_forged_request_id(attack, function, arena):
    one, busy = function(FORGED), function(STAY + "\ndef handler(event, context):\n    stay('busy', context)\n    return 'its own'\n", Timeout=30)
    call = Call(busy)
    at = Stay(arena.platform, busy.name, "busy")
    status, error, answers = one.invoke(at.request_id)
    assert (status, error) == (200, None)
    # A way that is no path of an answer isn't there; every other id isn't open.
    refused([answer for answer in answers if not answer[1].startswith("..")], 400, "InvalidRequestID")
    assert all(answer[2] >= 400 for answer in answers), answers
    at.go()
    assert call.result() == (200, None, "its own")
    own = function(SAY + "\ndef handler(event, context):\n    return post(context.aws_request_id, 'response')\n")
    attack.control(own.invoke, (200, None, "forged"))


STALE = SAY + """
before, said = None, []
def handler(event, context):
    global before
    if before:
        said.append(post(before, "response"))
        said.append(post(before, "error"))
    before = context.aws_request_id
    return [event, said]
def late(event, context):
    threading.Thread(target=lambda: (time.sleep(event), post(context.aws_request_id, "response"))).start()
    return "in time"
"""


def test_stale_response(attack, function):
    """An answer for a call that is over goes nowhere, least of all to the one under way."""
    one = function(STALE)
    assert one.invoke(1) == (200, None, [1, []])
    status, error, (event, said) = one.invoke(2)
    assert (status, error, event) == (200, None, 2)
    refused(said, 400, "InvalidRequestID")
    late = function(STALE, Handler="main.late")
    for _ in range(3):
        assert late.invoke(0.05) == (200, None, "in time")
    own = function(SAY + "\ndef handler(event, context):\n    return post(context.aws_request_id, 'response')\n")
    attack.control(own.invoke, (200, None, "forged"))


DOUBLE = SAY + """
def handler(event, context):
    first = [post(context.aws_request_id, "response", json.dumps(event).encode()) for _ in range(3)]
    error = post(context.aws_request_id, "error", b'{"errorType": "x", "errorMessage": "x"}')
    print("answers", json.dumps([*first, error]), flush=True)
    return "the second"
"""


def test_double_response(attack, function, arena):
    """The first answer counts, the others are told so, and the next call is not one of them."""
    one = function(DOUBLE)
    for number in range(4):
        assert one.invoke(number) == (200, None, number)

    def said():
        # An instance is frozen where its first answer left it: what it says after that it may say in its next call.
        found = [line for line in lines(arena.platform, one.name) if line.startswith("answers ")]
        return len(found) >= 3 and found

    for line in wait_until(said, 10, "the answers in the log"):
        first, *others = json.loads(line.removeprefix("answers "))
        attack.control(lambda first=first: first[0], 202)
        kinds = {(status, json.loads(text)["errorType"]) for status, text in others}
        assert kinds <= {(403, "InvalidStateTransition"), (400, "InvalidRequestID")}, kinds


FLOOD = SAY + """
counts = {}
def flood(seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            status = say("GET", "/2018-06-01/runtime/invocation/next", seconds=1)[0]
        except OSError:
            status = 0
        counts[status] = counts.get(status, 0) + 1
def handler(event, context):
    if event == "busy":
        counts.clear()
        flood(1)
        return counts
    for _ in range(40):
        threading.Thread(target=flood, args=(600,), daemon=True).start()
    return "flooding"
"""


def test_next_flood(attack, function, arena):
    """Who asks while a call is under way is told off; who asks besides gets the call instead of the runtime, and both
    are the same function."""
    one = function(FLOOD, Timeout=3, MemorySize=1769)
    status, error, counts = one.invoke("busy")
    assert (status, error) == (200, None)
    assert set(counts) == {"403"} and counts["403"] > 20, counts
    assert one.invoke("flood") == (200, None, "flooding")
    ends = {one.invoke("busy")[1] for _ in range(3)}
    assert ends <= {"Unhandled", None}
    arena.neighbour.check()


EXTENSION = SAY + """
def handler(event, context):
    mine = {"Lambda-Extension-Name": "bootstrap"}
    forged = {"Lambda-Extension-Identifier": "00000000-0000-0000-0000-000000000000"}
    events = json.dumps({"events": ["INVOKE", "SHUTDOWN"]})
    base = "/2020-01-01/extension"
    return [
        say("POST", f"{base}/register", events, mine),
        say("POST", f"{base}/register", events, {"Lambda-Extension-Name": "x" * 10_000}),
        say("POST", f"{base}/register", "{", mine),
        say("GET", f"{base}/event/next", None, forged, 1),
        say("GET", f"{base}/event/next", None, {}, 1),
        say("POST", f"{base}/init/error", "{}", {**forged, "Lambda-Extension-Function-Error-Type": "x.y"}),
        say("POST", f"{base}/exit/error", "{}", {**forged, "Lambda-Extension-Function-Error-Type": "x.y"}),
        say("PUT", "/2022-07-01/telemetry", "{}", forged),
        say("PUT", "/2020-08-15/logs", "{}", forged),
    ]
"""


def test_extension_impersonation(attack, function):
    """Nobody becomes an extension in the middle of a call, or by an identifier of its own invention."""
    one = function(EXTENSION)
    for _ in range(2):
        status, error, answers = one.invoke()
        assert (status, error) == (200, None), answers
        assert all(400 <= answer[0] < 500 for answer in answers), answers
    attack.notes.no_control(attack.name, "there is nobody to be taken for")
