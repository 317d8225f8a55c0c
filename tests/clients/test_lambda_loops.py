"""Chains of calls: the trace that functions get and pass on, and loops that end by it."""

import json

import pytest
from botocore.exceptions import ClientError

from harness import functions
from harness.clients import Clients
from harness.platform import run_updraft
from harness.wait import wait_until

TIMES = 16
# Calls itself, as AWS's SDK does it for whoever gives it no thought.
LOOP = """
import json, os, boto3
client = boto3.client("lambda")
def handler(event, context):
    print("TURN", event["turn"], os.environ["_X_AMZN_TRACE_ID"])
    if event["turn"] == event.get("last"):
        return
    payload = json.dumps({**event, "turn": event["turn"] + 1})
    client.invoke(FunctionName=context.function_name, InvocationType="Event", Payload=payload)
"""
NOTES = "import json\ndef handler(event, context):\n    print('NOTE ' + json.dumps(event))\n"
TRACE = "import os\ndef handler(event, context):\n    return os.environ['_X_AMZN_TRACE_ID']\n"
NODE_TRACE = "export const handler = async () => process.env._X_AMZN_TRACE_ID;\n"
REFUSED = (
    "RecursiveInvocationException",
    "Lambda has detected your function being invoked in a recursive loop with other Amazon Web Services resources and "
    "stopped your function's invocation.",
)


class World:
    def __init__(self, platform):
        self.platform = platform
        self.clients = Clients(platform.url)
        self.client = self.clients.boto("lambda")

    def function(self, source, language="python", **settings):
        return functions.create(self.clients, source, language, Timeout=30, **settings)

    def told(self, one, word):
        """What stands behind a word in the function's log."""
        done = run_updraft("logs", one.name, "--endpoint", self.platform.url)
        return [line.split(f"{word} ", 1)[1] for line in done.stdout.splitlines() if f"{word} " in line]

    def begin(self, one, **event):
        payload = json.dumps({"turn": 1, **event})
        self.client.invoke(FunctionName=one.name, InvocationType="Event", Payload=payload)


@pytest.fixture
def world(fresh):
    return World(fresh().start())


def traced(client, trace):
    """The client, whose requests carry this trace."""

    def add(request, **_):
        request.headers["X-Amzn-Trace-Id"] = trace

    client.meta.events.register("before-send.lambda.Invoke", add)
    return client


def test_a_function_that_calls_itself_is_stopped(world):
    one, bad = world.function(LOOP), world.function(NOTES)
    destination = {"OnFailure": {"Destination": bad.arn}}
    world.client.put_function_event_invoke_config(FunctionName=one.name, DestinationConfig=destination)
    world.begin(one)
    (record,) = wait_until(lambda: world.told(bad, "NOTE"), 90, "the record of the call that was stopped")
    record = json.loads(record)
    assert record["requestContext"]["condition"] == "RecursiveInvocation"
    assert record["requestPayload"] == {"turn": TIMES + 1} and "responsePayload" not in record
    turns = [line.split(" ") for line in world.told(one, "TURN")]
    assert sorted(int(turn) for turn, _ in turns) == list(range(1, TIMES + 1))
    assert len({trace.split(";")[0] for _, trace in turns}) == 1, "it is one trace"


def test_a_loop_that_is_allowed_goes_on(world):
    one = world.function(LOOP)
    world.client.put_function_recursion_config(FunctionName=one.name, RecursiveLoop="Allow")
    world.begin(one, last=TIMES + 4)
    wait_until(lambda: len(world.told(one, "TURN")) == TIMES + 4, 90, "all turns")


@pytest.mark.parametrize(("source", "language"), [(TRACE, "python"), (NODE_TRACE, "node")], ids=["python", "node"])
def test_a_call_that_came_by_too_often_is_refused(world, source, language):
    one, trace = world.function(source, language), "Root=1-2-3;Sampled=0"

    def again():
        client = traced(world.clients.boto("lambda"), trace)
        answer = client.invoke(FunctionName=one.name)
        return json.loads(answer["Payload"].read())

    for _ in range(TIMES):
        trace = again()
        assert trace.startswith("Root=1-2-3;Sampled=0;Lineage=1:")
    with pytest.raises(ClientError) as refused:
        again()
    answer = refused.value.response
    assert (answer["Error"]["Code"], answer["Error"]["Message"]) == REFUSED
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    # A chain of its own isn't concerned.
    trace = "Root=1-2-4"
    assert again().endswith(":0")
