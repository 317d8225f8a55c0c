"""Instances that were started ahead, and die: others take their place, and whoever calls meanwhile is served."""

import json

import pytest

from harness.wait import wait_until
from sandbox.lab import host
from sandbox.lab.calls import STAY, Call, Stay
from sandbox.lab.deaths import await_end, died, inside, kill

COUNT = 2
FUNCTION = f"""{STAY}
import uuid
AHEAD = os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"] == "provisioned-concurrency"
if AHEAD and os.environ.get("WAIT"):
    stay("init")
TOKEN = str(uuid.uuid4())
def handler(event, context):
    if event == "stay":
        stay("busy", context)
    return [AHEAD, os.readlink("/proc/self/ns/pid"), TOKEN]
"""


class Version:
    """The first version of a function, to be called."""

    def __init__(self, clients, name):
        self.clients, self.name, self.client = clients, name, clients.boto("lambda")
        self.of = {"FunctionName": name, "Qualifier": "1"}

    def invoke(self, event=None):
        answer = self.client.invoke(Payload=json.dumps(event), **self.of)
        return answer["StatusCode"], answer.get("FunctionError"), json.loads(answer["Payload"].read())


class Ahead(Version):
    """Of which instances are started ahead."""

    def __init__(self, arena, function, **settings):
        one = function(FUNCTION, Timeout=30, **settings)
        super().__init__(one.clients, one.name)
        self.platform, self.seen = arena.platform, 0
        assert self.client.publish_version(FunctionName=self.name)["Version"] == "1"
        self.put()

    def put(self):
        self.client.put_provisioned_concurrency_config(ProvisionedConcurrentExecutions=COUNT, **self.of)

    def delete(self):
        self.client.delete_provisioned_concurrency_config(**self.of)

    def told(self):
        return self.client.get_provisioned_concurrency_config(**self.of)

    def await_all(self):
        def ready():
            told = self.told()
            counts = [told[f"{kind}ProvisionedConcurrentExecutions"] for kind in ("Allocated", "Available")]
            return (told["Status"], counts) == ("READY", [COUNT] * 2)

        wait_until(ready, 20, "all instances")

    def all_of_them(self):
        """{token: process namespace} of each, told by itself."""
        calls = [Call(Version(self.clients, self.name), "stay") for _ in range(COUNT)]
        places = [Stay(self.platform, self.name, "busy", self.seen + number) for number in range(COUNT)]
        self.seen += COUNT
        for at in places:
            at.go()
        told = [call.result()[2] for call in calls]
        assert all(ahead for ahead, _, _ in told), told
        return {token: namespace for _, namespace, token in told}


def victims(who, namespace):
    init, others = host.sandbox_of(namespace)
    return [init] if who == "init" else others


@pytest.mark.parametrize("who", ("process", "init"))
def test_killed_before_anybody_calls(arena, function, who):
    ahead = Ahead(arena, function)
    ahead.await_all()
    before = ahead.all_of_them()
    ahead.await_all()
    ends = [inside(namespace) for namespace in before.values()]
    for namespace in before.values():
        kill(victims(who, namespace))
    # A frozen process may die only when it is thawed, for a call that comes for it.
    for _ in range(2 * COUNT):
        told = ahead.invoke()
        if told[1]:
            died(told)
    for end in ends:
        await_end(end)
    ahead.await_all()
    after = ahead.all_of_them()
    assert not before.keys() & after.keys(), (before, after)


@pytest.mark.parametrize("who", ("process", "init"))
def test_killed_in_a_call(arena, function, who):
    ahead = Ahead(arena, function)
    ahead.await_all()
    call = Call(Version(ahead.clients, ahead.name), "stay")
    at = Stay(arena.platform, ahead.name, "busy", ahead.seen)
    ahead.seen += 1
    kill(victims(who, at.pid_namespace))
    died(call.result())
    ahead.await_all()
    assert ahead.all_of_them()


def test_killed_while_they_start(arena, function):
    """AWS: it has failed then; calls are served as without. Asked for anew, it is tried anew."""
    ahead = Ahead(arena, function, Environment={"Variables": {"WAIT": "1"}})
    for since in range(COUNT):
        kill(Stay(arena.platform, ahead.name, "init", since).inside())
    wait_until(lambda: ahead.told()["Status"] == "FAILED", 20, "the failure")
    assert ahead.told()["StatusReason"] == "FUNCTION_ERROR_INIT_FAILURE"
    status, error, told = ahead.invoke()
    assert (status, error, told[0]) == (200, None, False), told
    ahead.delete()
    ahead.put()
    for since in range(COUNT):
        Stay(arena.platform, ahead.name, "init", COUNT + since).go()
    ahead.await_all()
    assert ahead.all_of_them()
