"""Extensions that die, hang, flood, and pretend to be somebody else, at each stage of an instance's life: whoever calls gets
AWS's words or the answer, and nothing is left."""

import json
import re
import signal
import socket

import pytest

from harness import functions
from harness.clients import Clients
from harness.names import unique
from harness.processes import resident_mib
from harness.wait import wait_until
from sandbox.lab import host
from sandbox.lab.calls import STAY, Call, Stay, lines
from sandbox.lab.deaths import Death, await_end, died, inside, kill

# Stays where STAGE says, and does what MODE says.
EXTENSION = f"""#!/usr/bin/env python3
import http.client, json, pathlib, socket, sys, threading, time
{STAY}
STAGE, MODE = os.environ.get("STAGE"), os.environ.get("MODE")
BASE = "/2020-01-01/extension"
ANSWERS = {{
    "silent": b"",
    "nonsense": b"x",
    "not yet": b"HTTP/1.1 100 Continue\\r\\n\\r\\n",
    "no end": b"HTTP/1.1 200 OK\\r\\nContent-Length: 1000000000000\\r\\n\\r\\n" + bytes(100_000),
}}

def at(stage):
    if stage == STAGE:
        stay("ext-" + stage)

def request(method, path, body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1:9001")
    connection.request(method, path, body, {{name.replace("_", "-"): value for name, value in headers.items()}})
    answer = connection.getresponse()
    return answer.status, answer.getheader("Lambda-Extension-Identifier"), answer.read().decode()

def register(name, events=("INVOKE", "SHUTDOWN")):
    return request("POST", BASE + "/register", json.dumps({{"events": events}}), Lambda_Extension_Name=name)

def ask(own):
    return request("GET", BASE + "/event/next", Lambda_Extension_Identifier=own)

def subscribe(own, uri):
    to = {{"protocol": "HTTP", "URI": uri}}
    wanted = {{"schemaVersion": "2022-07-01", "types": ["platform", "function", "extension"], "destination": to}}
    buffering = {{"maxItems": 1000, "maxBytes": 1 << 20, "timeoutMs": 25}}
    return request("PUT", "/2022-07-01/telemetry", json.dumps({{**wanted, "buffering": buffering}}), Lambda_Extension_Identifier=own)

def deaf(answer):
    "Takes connections, and what comes by them goes nowhere."
    server = socket.create_server(("127.0.0.1", 0))
    def one(connection):
        connection.recv(1000)
        try:
            while answer and connection.sendall(answer) is None:
                pass
        except OSError:
            pass
    def all():
        kept = []
        while True:
            kept.append(server.accept()[0])
            threading.Thread(target=one, args=(kept[-1],), daemon=True).start()
    threading.Thread(target=all, daemon=True).start()
    return f"http://sandbox.localdomain:{{server.getsockname()[1]}}"

def forge(own):
    "What is to be refused: by whom it pretends to be, where telemetry is to go."
    other = os.environ["OTHER"]
    said = [(path, forged, *request(method, path, body, Lambda_Extension_Identifier=forged, Lambda_Extension_Function_Error_Type="x.y"))
            for forged in (other, other.upper(), own[:-1], own + "0", "0" * 36, "../" + own, own.replace("-", ""))
            for method, path, body in (("GET", BASE + "/event/next", None), ("POST", BASE + "/init/error", "{{}}"),
                                       ("POST", BASE + "/exit/error", "{{}}"), ("PUT", "/2022-07-01/telemetry", "{{}}"))]
    said += [("register", name, *register(name)) for name in ("watch", "", "\\xe9", "another", "x" * 60_000)]
    said += [("subscribe", uri, *subscribe(own, uri)) for uri in (
        "http://169.254.169.254:80", "http://10.0.0.1:80", "https://sandbox:8080", "http://sandbox:9001", "http://sandbox:0",
        "http://sandbox:8080@10.0.0.1:80", "http://sandbox.localdomain.evil:80", "file:///etc/passwd", "http://[::1]:80", "")]
    return [[what, how[:100], status, text] for what, how, status, _, text in said]

def main():
    at("unregistered")
    if MODE == "never registers":
        time.sleep(600)
    _, own, _ = register("watch")
    print("identifier", own, flush=True)
    if MODE == "forges":
        print("forged", json.dumps(forge(own)), flush=True)
    if MODE == "outward":
        subscribe(own, os.environ["URI"])
    if MODE in ANSWERS:
        for number in range(9):
            part = register(f"part-{{number}}", [])[1]
            subscribe(part, deaf(ANSWERS[MODE]))
            threading.Thread(target=ask, args=(part,), daemon=True).start()
    at("registered")
    if MODE == "never asks":
        time.sleep(600)
    while True:
        event = json.loads(ask(own)[2])
        at(event["eventType"].lower())
        if MODE == "never done" and event["eventType"] == "INVOKE":
            time.sleep(600)
        if event["eventType"] == "SHUTDOWN":
            print("told of", event["shutdownReason"], flush=True)
            if MODE == "stays":
                time.sleep(600)
            return

main()
"""

FUNCTION = f"""{STAY}
import http.client, json, uuid
TOKEN = str(uuid.uuid4())
def handler(event, context):
    if event == "stay":
        stay("busy", context)
    if event == "flood":
        for _ in range(16 * 1024):
            print("x" * 1023)
    return [event, os.readlink("/proc/self/ns/pid"), TOKEN]
"""


def layer_of(clients):
    content = {"ZipFile": functions.zipped({"extensions/watch": EXTENSION})}
    return clients.boto("lambda").publish_layer_version(LayerName=unique("watch"), Content=content)


@pytest.fixture
def watched(arena, function):
    """Makes functions over a layer that has the extension."""
    made = layer_of(arena.clients)

    def make(mode="", stage="", variables=None, **settings):
        env = {"MODE": mode, "STAGE": stage, **(variables or {})}
        return function(FUNCTION, Layers=[made["LayerVersionArn"]], Environment={"Variables": env}, **{"Timeout": 20, **settings})

    yield make
    arena.clients.boto("lambda").delete_layer_version(LayerName=made["LayerArn"], VersionNumber=1)


def victims(who, namespace):
    init, others = host.sandbox_of(namespace)
    extensions = [pid for pid in others if "/opt/extensions/" in host.read(f"/proc/{pid}/cmdline")]
    assert init and extensions, (init, others)
    return {"init": [init], "extension": extensions, "runtime": [pid for pid in others if pid not in extensions]}[who]


def go(at):
    """Lets an extension go on; whoever else is there isn't asked."""
    kill(victims("extension", at.pid_namespace), signal.SIGUSR1)


def crashed(told, words="signal: killed"):
    status, error, payload = told
    assert (status, error, payload["errorType"]) == (200, "Unhandled", "Extension.Crash"), told
    assert re.fullmatch(rf"RequestId: [0-9a-f-]{{36}} Error: {words}", payload["errorMessage"]), told


def ended(told):
    """All at once: whose end is seen first?"""
    (died if told[2]["errorType"] == "Runtime.ExitError" else crashed)(told)


EXPECTED = {"extension": crashed, "init": ended, "runtime": died}


@pytest.mark.parametrize(
    ("who", "stage"),
    [
        ("extension", "unregistered"),
        ("init", "unregistered"),
        ("extension", "registered"),
        ("init", "registered"),
        ("runtime", "registered"),
    ],
)
def test_killed_while_it_starts(arena, watched, who, stage):
    one = watched(stage=stage)
    call = Call(one)
    at = Stay(arena.platform, one.name, f"ext-{stage}")
    if who == "runtime":
        wait_until(lambda: victims(who, at.pid_namespace), 10, "the runtime's process")
    kill(victims(who, at.pid_namespace))
    EXPECTED[who](call.result())
    # The next one starts anew.
    call = Call(one, "again")
    go(Stay(arena.platform, one.name, f"ext-{stage}", since=1))
    assert call.result()[:2] == (200, None)


@pytest.mark.parametrize("who", ("extension", "init", "runtime"))
def test_killed_in_a_call(arena, watched, who):
    one = watched()
    for since in range(2):
        call = Call(one, "stay")
        at = Stay(arena.platform, one.name, "busy", since)
        kill(victims(who, at.pid_namespace))
        EXPECTED[who](call.result())
    assert one.invoke("next")[:2] == (200, None)


@pytest.mark.parametrize("who", ("extension", "init", "runtime"))
def test_killed_when_the_answer_is_given(arena, watched, who):
    """The caller has its answer; the instance is another one next time."""
    one = watched(stage="invoke")
    status, error, (_, namespace, token) = one.invoke("first")
    assert (status, error) == (200, None)
    Stay(arena.platform, one.name, "ext-invoke")
    kill(victims(who, namespace))
    status, error, told = one.invoke("second")
    assert (status, error) == (200, None) and told[2] != token, told
    go(Stay(arena.platform, one.name, "ext-invoke", since=1))


@pytest.mark.parametrize("who", ("extension", "init", "runtime"))
def test_killed_between_two_calls(arena, watched, who):
    one = watched()
    _, namespace, token = one.invoke()[2]
    _, others = host.sandbox_of(namespace)
    wait_until(lambda: all(map(host.frozen, others)), 10, "the freeze")
    kill(victims(who, namespace))

    def another():
        told = one.invoke("next")
        if told[1]:
            assert told[2]["errorType"] in ("Extension.Crash", "Runtime.ExitError"), told
        return told[1] is None and told[2][2] != token

    wait_until(another, 10, "another instance")


@pytest.mark.parametrize("who", ("extension", "init"))
def test_killed_while_it_is_told_of_the_end(arena, watched, who):
    one = watched(stage="shutdown")
    namespace = one.invoke()[2][1]
    all_of_it = inside(namespace)
    arena.end(one)
    Stay(arena.platform, one.name, "ext-shutdown")
    kill(victims(who, namespace))
    await_end(all_of_it)


def test_one_that_does_not_end(arena, watched):
    """Two seconds are given, no more."""
    one = watched("stays")
    all_of_it = inside(one.invoke()[2][1])
    arena.end(one)
    wait_until(lambda: "told of spindown\n" in "".join(lines(arena.platform, one.name)), 10, "that it is told")
    await_end(all_of_it)


def test_starts_without_end(watched):
    """AWS: after ten seconds a start is tried once more, within the time that the function has."""
    calls = [Call(watched(mode, Timeout=1)) for mode in ("never registers", "never asks")]
    for call in calls:
        status, error, told = call.result()
        assert (status, error, told["errorType"]) == (200, "Unhandled", "Sandbox.Timedout"), told
        assert told["errorMessage"].endswith("Error: Task timed out after 1.00 seconds"), told


def test_a_call_without_end(arena, watched):
    """The caller has its answer; others are served by other instances; and this one ends when the call's time is up."""
    one = watched("never done", Timeout=3)
    instances = [one.invoke(number)[2] for number in range(2)]
    assert [told[0] for told in instances] == [0, 1] and len({told[2] for told in instances}) == 2, instances
    await_end(set.union(*(inside(told[1]) for told in instances)), 20)


@pytest.mark.parametrize("answer", ("silent", "nonsense", "not yet", "no end"))
def test_telemetry_that_nobody_takes(arena, watched, answer):
    """Subscribers that don't answer, or answer without end, while a function prints all it can."""
    one = watched(answer, MemorySize=512, Timeout=60)
    assert one.invoke("first")[:2] == (200, None)
    before = resident_mib(arena.platform.process.pid)
    assert one.invoke("flood")[:2] == (200, None)
    arena.neighbour.check()
    used = resident_mib(arena.platform.process.pid) - before
    assert used < 100, f"subscribers make the platform hold {used} MiB"


def told_by(arena, one, word):
    """What follows a word in the log."""
    found = [line for line in lines(arena.platform, one.name) if line.startswith(f"{word} ")]
    return found and found[0].removeprefix(f"{word} ").strip()


def test_forged_identifiers(arena, watched):
    """Another instance's extension can't be spoken for, and telemetry can't be had sent out of the sandbox."""
    one = watched(stage="invoke")
    call = Call(one)
    at = Stay(arena.platform, one.name, "ext-invoke")
    other = wait_until(lambda: told_by(arena, one, "identifier"), 10, "its identifier")
    forger = watched("forges", variables={"OTHER": other})
    # It has another program's name registered; which nobody waits for.
    assert forger.invoke()[:2] == (200, None)
    answers = json.loads(wait_until(lambda: told_by(arena, forger, "forged"), 10, "the answers"))
    taken = [answer for answer in answers if not 400 <= answer[2] < 500]
    assert not taken, taken
    go(at)
    assert call.result()[:2] == (200, None)


def test_telemetry_goes_nowhere_else(arena, watched):
    """A port of the host is none of the sandbox."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        one = watched("outward", variables={"URI": f"http://localhost:{listener.getsockname()[1]}"})
        assert one.invoke()[:2] == (200, None)
        arena.end(one)
        with pytest.raises(TimeoutError):
            listener.accept()


def test_the_platform_is_killed_or_stopped_beside_extensions(fresh):
    """They end with it, also those that wouldn't."""
    platform = fresh().start()
    clients = Clients(platform.url)
    settings = {"Layers": [layer_of(clients)["LayerVersionArn"]], "Environment": {"Variables": {"MODE": "stays"}}}
    one = functions.create(clients, FUNCTION, **settings)
    for end in (Death, lambda it: it.terminate() == 0 or pytest.fail("it ended badly")):
        all_of_it = inside(one.invoke()[2][1])
        end(platform)
        await_end(all_of_it)
        platform.start()
        one = functions.Function(Clients(platform.url), one.name)
