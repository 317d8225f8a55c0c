"""Pipes: real queues, functions, topics and buses, real clients, and virtual time where there is waiting."""

import json

import pytest

from harness import topics
from harness.clients import ROLE, error_of
from harness.mappings import VISIBILITY, World
from harness.names import unique
from harness.pipes import Pipe
from harness.platform import Platform, watched
from harness.streams import Streamed
from harness.wait import wait_until
from harness.workflows import Machine, of

AGAIN = VISIBILITY + 1
# A target gets a list, and says what it got; whatever its events say to report comes again.
TARGET = """
import json
def handler(events, context):
    print("NOTE " + json.dumps([0, context.aws_request_id, events]))
    failed = [event["messageId"] for event in events if "report" in str(event.get("body")) and
              event["attributes"]["ApproximateReceiveCount"] == "1"]
    return {"batchItemFailures": [{"itemIdentifier": one} for one in failed]}
"""
# Keeps odd numbers, doubled; says nothing where none is left.
ENRICHMENT = """
def handler(events, context):
    return [{"twice": event * 2} for event in events if event % 2]
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with watched(tmp_path_factory.mktemp("pipes")) as platform:
        yield World(platform)


@pytest.fixture(scope="module")
def pipes(world):
    return world.clients.boto("pipes")


def received(queue, count):
    """So many bodies, once they are there; they stay in flight."""
    found = []

    def enough():
        found.extend(queue.receive())
        return len(found) >= count

    wait_until(enough, 60, f"{count} messages in {queue.name}")
    return found


def test_a_pipe_is_made_changed_stopped_started_and_deleted(world, pipes):
    source, target = world.queue(), world.queue()
    pipe = Pipe(pipes, source.arn, target.arn, Description="d", Tags={"k": "v"})
    found = pipe.get()
    assert found["SourceParameters"] == {"SqsQueueParameters": {"BatchSize": 10, "MaximumBatchingWindowInSeconds": 0}}
    assert (found["Description"], found["Tags"], found["DesiredState"]) == ("d", {"k": "v"}, "RUNNING")
    assert pipes.stop_pipe(Name=pipe.name)["CurrentState"] == "STOPPING"
    pipe.settled("STOPPED")
    source.send({"n": 1})
    changed = pipe.change("STOPPED", TargetParameters={"InputTemplate": "<$.body.n>"})
    assert changed["TargetParameters"] == {"InputTemplate": "<$.body.n>"} and changed["Description"] == "d"
    assert source.counts() == (1, 0), "nobody polls"
    assert pipes.start_pipe(Name=pipe.name)["CurrentState"] == "STARTING"
    pipe.settled("RUNNING")
    assert received(target, 1) == [1]
    source.is_empty()
    listed = pipes.list_pipes(NamePrefix=pipe.name)["Pipes"]
    assert [(one["Name"], one["CurrentState"], one["Target"]) for one in listed] == [(pipe.name, "RUNNING", target.arn)]
    gone = pipes.delete_pipe(Name=pipe.name)
    assert (gone["CurrentState"], gone["DesiredState"]) == ("DELETING", "DELETED")
    wait_until(lambda: pipes.list_pipes(NamePrefix=pipe.name)["Pipes"] == [], 60, "that it is gone")
    assert error_of(pipes.describe_pipe, Name=pipe.name)[0] == "NotFoundException"


def test_tags(world, pipes):
    pipe = Pipe(pipes, world.queue().arn, world.queue().arn, Tags={"a": "1"})
    pipes.tag_resource(resourceArn=pipe.arn, tags={"b": "2"})
    pipes.untag_resource(resourceArn=pipe.arn, tagKeys=["a"])
    assert pipes.list_tags_for_resource(resourceArn=pipe.arn)["tags"] == {"b": "2"}


def test_what_cannot_be_is_refused_or_told(world, pipes):
    source, target = world.queue(), world.queue()
    name, asked = unique("pipe"), {"Source": source.arn, "Target": target.arn, "RoleArn": ROLE}
    filters = {"FilterCriteria": {"Filters": [{"Pattern": "{"}]}}
    assert error_of(pipes.create_pipe, Name=name, **asked, SourceParameters=filters)[0] == "ValidationException"
    large = {"SqsQueueParameters": {"BatchSize": 11, "MaximumBatchingWindowInSeconds": 1}}
    assert error_of(pipes.create_pipe, Name=name, **asked, SourceParameters=large)[0] == "ValidationException"
    pipe = Pipe(pipes, source.arn, target.arn)
    assert error_of(pipes.create_pipe, Name=pipe.name, **asked)[0] == "ConflictException"
    missing = Pipe(pipes, source.arn + "-missing", target.arn, "CREATE_FAILED")
    assert "The specified queue does not exist" in missing.get()["StateReason"]
    stream = "arn:aws:kinesis:us-east-1:000000000000:stream/s"
    start = {"KinesisStreamParameters": {"StartingPosition": "LATEST"}}
    kept = Pipe(pipes, stream, target.arn, "CREATE_FAILED", SourceParameters=start)
    assert "updraft does not run pipes from" in kept.get()["StateReason"]


def test_a_function_gets_lists_and_says_what_comes_again(world, pipes):
    source, function = world.queue(), world.function(TARGET)
    pipe = Pipe(pipes, source.arn, function.arn, DesiredState="STOPPED", state="STOPPED")
    ids = source.send_all(["plain", {"report": 1}, {"n": 3}])
    pipes.start_pipe(Name=pipe.name)
    (first,) = world.calls(function, 1)
    assert sorted(event["messageId"] for event in first) == sorted(ids)
    wait_until(lambda: source.counts() == (0, 1), 60, "two are deleted")
    world.advance(AGAIN)
    second = world.calls(function, 2)[1]
    assert [event["messageId"] for event in second] == [ids[1]]
    source.is_empty()


def test_a_batch_that_fails_ends_where_the_queues_dead_letters_go(world, pipes):
    dead = world.queue()
    redrive = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 2})
    source, function = world.queue(RedrivePolicy=redrive), world.function("def handler(e, c): raise ValueError()")
    Pipe(pipes, source.arn, function.arn)
    source.send({"n": 1})
    wait_until(lambda: source.counts() == (0, 1), 60, "that it is in flight")

    def given_up():
        world.advance(AGAIN)
        return dead.counts() == (1, 0)

    wait_until(given_up, 120, "that it is given up")
    assert received(dead, 1) == [{"n": 1}] and source.counts() == (0, 0)


def test_events_are_filtered_enriched_and_put_into_a_form(world, pipes):
    source, target, enrichment = world.queue(), world.queue(), world.function(ENRICHMENT)
    filters = {"FilterCriteria": {"Filters": [{"Pattern": json.dumps({"body": {"n": [{"numeric": ["<", 5]}]}})}]}}
    Pipe(
        pipes,
        source.arn,
        target.arn,
        SourceParameters=filters,
        Enrichment=enrichment.arn,
        EnrichmentParameters={"InputTemplate": "<$.body.n>"},
        TargetParameters={"InputTemplate": '{"got": <$.twice>, "by": "<aws.pipes.enrichment-arn>"}'},
    )
    source.send_all({"n": n} for n in range(10))
    source.is_empty()
    found = received(target, 2)
    assert sorted(one["got"] for one in found) == [2, 6] and {one["by"] for one in found} == {enrichment.arn}
    assert sum(target.counts()) == 2, "the others were filtered out, or kept back by the enrichment"


def test_state_machines_enrich_and_are_targets(world, pipes):
    states = world.clients.boto("stepfunctions")
    doubles = Machine(states, of(A={"Type": "Map", "ItemProcessor": {"StartAt": "B", "States": {
        "B": {"Type": "Pass", "Parameters": {"twice.$": "States.MathAdd($.n, $.n)"}, "End": True}}}, "End": True}), type="EXPRESS")
    keeps = Machine(states, of(A={"Type": "Pass", "End": True}))
    source = world.queue()
    forgets = {"StepFunctionStateMachineParameters": {"InvocationType": "FIRE_AND_FORGET"}}
    Pipe(
        pipes,
        source.arn,
        keeps.arn,
        Enrichment=doubles.arn,
        EnrichmentParameters={"InputTemplate": '{"n": <$.body.n>}'},
        TargetParameters=forgets,
    )
    source.send({"n": 21})
    ended = lambda: states.list_executions(stateMachineArn=keeps.arn, statusFilter="SUCCEEDED")["executions"]
    (execution,) = wait_until(ended, 60, "the target's execution")
    output = states.describe_execution(executionArn=execution["executionArn"])["output"]
    assert json.loads(output) == [{"twice": 42}]
    source.is_empty()


def test_an_execution_that_is_waited_for_says_what_comes_again(world, pipes):
    states = world.clients.boto("stepfunctions")
    reports = {"batchItemFailures": [{"itemIdentifier.$": "$[0].messageId"}]}
    machine = Machine(states, of(A={"Type": "Pass", "Parameters": reports, "End": True}), type="EXPRESS")
    dead = world.queue()
    source = world.queue(RedrivePolicy=json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 1}))
    Pipe(pipes, source.arn, machine.arn)
    source.send({"n": 1})

    def given_up():
        world.advance(AGAIN)
        return dead.counts() == (1, 0)

    wait_until(given_up, 120, "that it is given up")


def test_topics_buses_and_ordered_queues_are_targets(world, pipes):
    sns, sqs, events = (world.clients.boto(name) for name in ("sns", "sqs", "events"))
    of_topic, of_bus, ordered = world.queue(), world.queue(), world.queue(FifoQueue="true")
    topic = topics.make_topic(sns)
    topics.subscribe(sns, topic, of_topic.arn, RawMessageDelivery="true")
    bus = unique("bus")
    bus_arn = events.create_event_bus(Name=bus)["EventBusArn"]
    pattern = json.dumps({"source": ["shop"], "detail-type": ["order"], "detail": {"n": [5]}})
    events.put_rule(Name="r", EventBusName=bus, EventPattern=pattern)
    events.put_targets(Rule="r", EventBusName=bus, Targets=[{"Id": "q", "Arn": of_bus.arn}])
    body = {"InputTemplate": "<$.body>"}
    group = {"MessageGroupId": "$.body.group", "MessageDeduplicationId": "$.messageId"}
    said = {"Source": "shop", "DetailType": "order", "Resources": [ROLE]}
    targets = [
        (topic, body),
        (bus_arn, {**body, "EventBridgeEventBusParameters": said}),
        (ordered.arn, {**body, "SqsQueueParameters": group}),
    ]
    for target, parameters in targets:
        source = world.queue()
        Pipe(pipes, source.arn, target, TargetParameters=parameters)
        source.send({"n": 5, "group": "g"})
        source.is_empty()
    assert received(of_topic, 1) == [{"n": 5, "group": "g"}] and received(ordered, 1) == [{"n": 5, "group": "g"}]
    (event,) = received(of_bus, 1)
    assert (event["source"], event["detail-type"], event["resources"]) == ("shop", "order", [ROLE])
    assert event["detail"] == {"n": 5, "group": "g"}


def test_pipes_go_on_after_a_kill(tmp_path):
    platform = Platform(tmp_path).start()
    try:
        world = World(platform)
        source, target = world.queue(), world.queue()
        pipe = Pipe(world.clients.boto("pipes"), source.arn, target.arn)
        platform.kill()
        platform.start()
        assert pipe.get()["CurrentState"] == "RUNNING"
        source.send("x")
        (record,) = received(target, 1)
        assert (record["body"], record["eventSourceARN"]) == ("x", source.arn)
    finally:
        platform.stop()


def test_javascript(world):
    name, source, target = unique("pipe"), world.queue(), world.queue()
    steps = world.clients.node("pipes.mjs", name, source.arn, target.arn, ROLE)
    assert (steps["made"], steps["listed"]) == ("CREATING", [name])
    assert steps["shown"] == [{"BatchSize": 5, "MaximumBatchingWindowInSeconds": 0}, {"k": "v"}, True]
    assert steps["gone"] == ["NotFoundException", 404]


def test_what_happens_to_a_table_comes_to_a_queue(world, pipes):
    table, target, dead = Streamed(world.clients), world.queue(), world.queue()
    start = {"StartingPosition": "TRIM_HORIZON"}
    inserts = {"Filters": [{"Pattern": json.dumps({"eventName": ["INSERT"]})}]}
    template = {"InputTemplate": '{"key": <$.dynamodb.Keys.id.S>, "v": <$.dynamodb.NewImage.v.N>}'}
    table.put("a", v=1)
    pipe = Pipe(
        pipes,
        table.arn,
        target.arn,
        SourceParameters={"DynamoDBStreamParameters": start, "FilterCriteria": inserts},
        TargetParameters=template,
    )
    table.put("a", v=2)
    for n in range(12):
        table.put(f"b{n}", v=n)
    found = {one["key"]: one["v"] for one in received(target, 13)}
    assert found == {"a": "1", **{f"b{n}": str(n) for n in range(12)}}

    function = world.function("def handler(events, context): raise ValueError('as asked')")
    end = {**start, "MaximumRetryAttempts": 1, "DeadLetterConfig": {"Arn": dead.arn}}
    other = Pipe(pipes, table.arn, function.arn, SourceParameters={"DynamoDBStreamParameters": end})
    world.advance(60)
    (told,) = received(dead, 1)
    assert told["context"] == {"partnerResourceArn": other.arn, "condition": "RetryAttemptsExhausted"}
    assert told["DDBStreamBatchInfo"]["batchSize"] == 14 and told["DDBStreamBatchInfo"]["streamArn"] == table.arn
    assert pipe.get()["CurrentState"] == "RUNNING"
