"""Deaths: of a function's process, of its sandbox's init, of those that instances are forked from, and of the platform
itself, at each stage of a call. Whoever called gets the right answer or AWS's words; what was accepted is carried out;
nothing is left."""

import os
import signal
import threading

import pytest
from botocore.exceptions import BotoCoreError

from harness import functions
from harness.clients import Clients
from harness.wait import wait_until
from sandbox.lab import host
from sandbox.lab.arena import NODE, PROVIDED
from sandbox.lab.bait import is_root
from sandbox.lab.calls import STAY, Call, Stay, lines
from sandbox.lab.deaths import Death, await_end, died, inside, kill, living, marked

# Stays at its start if it is told to, and in a call if it is asked to.
FUNCTION = f"""{STAY}
if os.environ.get("WAIT"):
    stay("init")
import uuid
TOKEN = str(uuid.uuid4())
def handler(event, context):
    if event == "stay":
        stay("busy", context)
    print("done", context.aws_request_id, flush=True)
    return [event, os.readlink("/proc/self/ns/pid"), TOKEN]
"""

# Answers half, and stays.
HALF = """#!/usr/bin/env python3
import http.client, os, signal, socket
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
while True:
    api = http.client.HTTPConnection("127.0.0.1:9001")
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    call = api.getresponse()
    event, own = call.read(), call.headers["Lambda-Runtime-Aws-Request-Id"]
    path = "/2018-06-01/runtime/invocation/" + own + "/response"
    sock = socket.create_connection(("127.0.0.1", 9001))
    sock.sendall(b"POST " + path.encode() + b" HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 6\\r\\n\\r\\n")
    if event == b'"stay"':
        sock.sendall(b'"ha')
        print("at answering", own, os.readlink("/proc/self/ns/pid"), flush=True)
        signal.sigwait({signal.SIGUSR1})
        sock.sendall(b'lf"')
    else:
        sock.sendall(b'"full"')
    sock.recv(1000)
    sock.close()
"""


def victims(who, namespace):
    """The init of a sandbox, or everything else in it."""
    init, others = host.sandbox_of(namespace)
    assert init and others, (init, others)
    return [init] if who == "init" else others


WHO = pytest.mark.parametrize("who", ("process", "init"))


@WHO
def test_killed_before_it_was_anybodys(arena, function, who):
    """What was prepared is dead when it is needed: the call gets another one."""
    neighbour = arena.neighbour.first["pid"]
    namespaces = {host.link(f"/proc/{pid}/ns/pid") for pid in host.descendants(arena.platform.process.pid)}
    prepared = namespaces - {neighbour, host.link("/proc/self/ns/pid"), ""}
    assert prepared, "nothing is prepared"
    for namespace in prepared:
        init, others = host.sandbox_of(namespace)
        kill([init] if who == "init" else others)
    for one in (function(FUNCTION), function(NODE, "node"), function(PROVIDED, "provided")):
        for _ in range(6):
            assert one.invoke()[:2] == (200, None)
            arena.end(one)


@WHO
def test_killed_while_it_starts(arena, function, who):
    one = function(FUNCTION, Environment={"Variables": {"WAIT": "1"}}, Timeout=30)
    call = Call(one)
    at = Stay(arena.platform, one.name, "init")
    kill(victims(who, at.pid_namespace))
    died(call.result())
    # The next one starts anew.
    call = Call(one, "again")
    Stay(arena.platform, one.name, "init", since=1).go()
    assert call.result()[:2] == (200, None)


@WHO
@pytest.mark.parametrize("when", ("idle", "frozen"))
def test_killed_between_two_calls(arena, function, who, when):
    """A call that comes for the dying instance is told that its runtime has ended, as by AWS; then there is another."""
    one = function(FUNCTION)
    for _ in range(3):
        _, namespace, token = one.invoke()[2]
        _, others = host.sandbox_of(namespace)
        if when == "frozen":
            wait_until(lambda: all(map(host.frozen, others)), 10, "the freeze")
        kill(victims(who, namespace))

        def another():
            told = one.invoke("next")
            if told[1]:
                died(told)
            return told[1] is None and told[2][2] != token

        wait_until(another, 10, "another instance")


@WHO
def test_killed_between_two_calls_that_never_come(arena, function, who):
    one = function(FUNCTION)
    namespace = one.invoke()[2][1]
    all_of_it, (_, others) = inside(namespace), host.sandbox_of(namespace)
    wait_until(lambda: all(map(host.frozen, others)), 10, "the freeze")
    kill(victims(who, namespace))
    arena.end(one)
    await_end(all_of_it)


@WHO
def test_killed_in_a_call(arena, function, who):
    one = function(FUNCTION, Timeout=30)
    for since in range(2):
        call = Call(one, "stay")
        at = Stay(arena.platform, one.name, "busy", since)
        kill(victims(who, at.pid_namespace))
        died(call.result())
    assert one.invoke("next")[:2] == (200, None)


@pytest.mark.parametrize(("sig", "words"), ((11, "segmentation fault"), (6, "aborted"), (15, "terminated"), (31, "bad system call")))
def test_the_signal_is_named(arena, function, sig, words):
    one = function(FUNCTION, Timeout=30)
    call = Call(one, "stay")
    at = Stay(arena.platform, one.name, "busy")
    kill(at.inside(), sig)
    died(call.result(), rf"signal: {words}(?: \(core dumped\))?")


@WHO
def test_killed_while_it_answers(arena, function, who):
    one = function(HALF, "provided", Timeout=30)
    call = Call(one, "stay")
    at = Stay(arena.platform, one.name, "answering")
    kill(victims(who, at.pid_namespace))
    died(call.result())
    assert one.invoke("next") == (200, None, "full")
    call = Call(one, "stay")
    Stay(arena.platform, one.name, "answering", since=1).go()
    assert call.result() == (200, None, "half")


def on_disk(fresh):
    platform = fresh().start()
    return platform, Clients(platform.url)


def parents_of_instances(platform):
    """The processes below the platform that share its namespace of processes: those that make the others."""
    own = host.link("/proc/self/ns/pid")
    return [pid for pid in host.descendants(platform.process.pid) if host.link(f"/proc/{pid}/ns/pid") == own]


def test_killed_while_an_event_is_carried_out(fresh):
    """It is tried again, with the same id, after AWS's pause."""
    platform, clients = on_disk(fresh)
    one = functions.create(clients, FUNCTION, Timeout=30)
    accepted = one.client.invoke(FunctionName=one.name, InvocationType="Event", Payload=b'"stay"')
    assert accepted["StatusCode"] == 202
    at = Stay(platform, one.name, "busy")
    kill(at.inside())
    wait_until(lambda: any("Runtime exited" in line for line in lines(platform, one.name)), 20, "its end")
    # An advance waits for what falls due, which waits for us.
    threading.Thread(target=platform.advance, args=(60,), daemon=True).start()
    again = Stay(platform, one.name, "busy", since=1)
    assert again.request_id == at.request_id
    again.go()
    wait_until(lambda: f"done {at.request_id}" in "".join(lines(platform, one.name)), 20, "its success")


def test_whoever_instances_are_forked_from_may_die(fresh):
    """Those that live go on, and there are new ones for what comes."""
    platform, clients = on_disk(fresh)
    one = functions.create(clients, FUNCTION, Timeout=30)
    token = one.invoke(0)[2][2]
    wait_until(lambda: len(parents_of_instances(platform)) > 1, 20, "somebody to be forked from")
    for sig in (signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV):
        kill(parents_of_instances(platform), sig)
        assert one.invoke(1)[2][2] == token, "the one that lived didn't go on"
        for _ in range(3):
            other = functions.create(clients, FUNCTION)
            status, error, told = other.invoke(2)
            assert (status, error, told[0]) == (200, None, 2), told
            other.client.delete_function(FunctionName=other.name)


@pytest.mark.parametrize("stage", ("init", "busy"))
def test_whoever_they_are_forked_from_dies_in_a_call(fresh, stage):
    """The call goes on as if nothing had happened."""
    platform, clients = on_disk(fresh)
    settings = {"Environment": {"Variables": {"WAIT": "1"}}} if stage == "init" else {}
    one = functions.create(clients, FUNCTION, Timeout=30, **settings)
    call = Call(one, "stay" if stage == "busy" else "go on")
    at = Stay(platform, one.name, stage)
    wait_until(lambda: len(parents_of_instances(platform)) > 1, 20, "somebody to be forked from")
    kill(parents_of_instances(platform))
    at.go()
    assert call.result()[:2] == (200, None)


def sent_on(platform, one):
    """Lets whoever stays at its start go on."""
    namespaces = [line.split()[3] for line in lines(platform, one.name) if line.startswith("at init ")]
    inside = [pid for namespace in namespaces for pid in host.sandbox_of(namespace)[1]]
    kill(inside, signal.SIGUSR1)
    return inside


def cut(call):
    """The caller is told by its connection."""
    call.join(30)
    assert isinstance(call.failure, (BotoCoreError, OSError)), (call.told, call.failure)


@pytest.mark.parametrize("stage", ("init", "frozen", "busy", "answering"))
def test_the_platform_is_killed(fresh, stage):
    """Everything below it ends by itself, and the next one serves, and takes away what it left."""
    platform, clients = on_disk(fresh)
    language, source = ("provided", HALF) if stage == "answering" else ("python", FUNCTION)
    settings = {"Environment": {"Variables": {"WAIT": "1"}}} if stage == "init" else {}
    one = functions.create(clients, source, language, Timeout=30, **settings)
    call = None
    if stage == "frozen":
        _, others = host.sandbox_of(one.invoke(0)[2][1])
        wait_until(lambda: all(map(host.frozen, others)), 10, "the freeze")
    else:
        call = Call(one, "stay")
        Stay(platform, one.name, stage)
    dead = Death(platform)
    if call:
        cut(call)
    platform.start()
    next_call = Call(functions.Function(Clients(platform.url), one.name), "next")
    if stage == "init":
        # What was said before may be lost with the platform: the last word is the next one's.
        wait_until(lambda: sent_on(platform, one), 30, "its start")
    assert next_call.result()[:2] == (200, None)
    assert host.groups_made_by(dead.pid) == []


def test_an_event_outlives_the_platform_that_carries_it_out(fresh):
    platform, clients = on_disk(fresh)
    one = functions.create(clients, FUNCTION, Timeout=30)
    assert one.client.invoke(FunctionName=one.name, InvocationType="Event", Payload=b'"stay"')["StatusCode"] == 202
    at = Stay(platform, one.name, "busy")
    Death(platform)
    platform.start()

    def again():
        found = [line.split() for line in lines(platform, one.name) if line.startswith("at busy")]
        living = [words for words in found if host.sandbox_of(words[3])[1]]
        return living

    (_, _, request_id, namespace) = wait_until(again, 60, "its second attempt")[0]
    assert request_id == at.request_id
    kill(host.sandbox_of(namespace)[1], signal.SIGUSR1)
    wait_until(lambda: f"done {request_id}" in "".join(lines(platform, one.name)), 20, "its success")


@pytest.mark.skipif(not is_root(), reason="takes root")
def test_the_first_process_of_a_container(fresh):
    """Whoever loses its parent there is the platform's child. It serves, and ends when it is told to, with all of that."""
    platform = fresh(prefix=("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")).start()
    one = functions.create(Clients(platform.url), FUNCTION)
    assert one.invoke(0)[:2] == (200, None)
    # Forks whose parent ends before them: the one that they are forked from.
    wait_until(lambda: sum("python" in name for name in host.descendants(platform.process.pid).values()) > 2, 30, "forks")
    below = marked(host.descendants(platform.process.pid))
    first = next(pid for pid in host.descendants(platform.process.pid) if host.stat_of(pid)[2] == platform.process.pid)
    os.kill(first, signal.SIGTERM)
    assert platform.process.wait(10) == 0
    await_end(below)


def test_a_stop_leaves_nothing(fresh):
    platform, clients = on_disk(fresh)
    one = functions.create(clients, FUNCTION)
    one.invoke(0)
    pid = platform.process.pid
    below = marked(host.descendants(pid))
    groups = host.groups_made_by(pid)
    assert platform.terminate() == 0

    def left():
        return living(below) or [group for group in groups if os.path.exists(group)]

    wait_until(lambda: not left(), 10, "the end of everything below")
