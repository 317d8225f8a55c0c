"""Functions that are called from tables' streams: real functions, real clients, and virtual time where there is waiting."""

import pytest

from harness.clients import REGION, error_of
from harness.mappings import World
from harness.platform import watched
from harness.streams import NOTES, Streamed, calls_of, keys, map_to
from harness.wait import wait_until

# Adds what it gets to another table, exactly as often as it gets it.
COPIES = """
import boto3, os
table = boto3.resource("dynamodb").Table(os.environ["TO"])
def handler(event, context):
    for record in event["Records"]:
        key = record["dynamodb"]["Keys"]["id"]["S"]
        n = int(record["dynamodb"]["NewImage"]["v"]["N"])
        table.update_item(
            Key={"id": key},
            UpdateExpression="SET told = list_append(if_not_exists(told, :none), :one)",
            ExpressionAttributeValues={":none": [], ":one": [n]},
        )
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory, stores):
    with watched(tmp_path_factory.mktemp("streams"), extra=stores()) as platform:
        yield World(platform)


@pytest.fixture(scope="module")
def notes(world):
    return world.function(NOTES)


def test_the_event_is_as_aws_forms_it(world, notes):
    table = Streamed(world.clients)
    map_to(world, table.arn, notes)
    table.put("a", v="1")
    ((record,),) = calls_of(world, notes, table, 1)
    assert record.pop("eventID") and record["dynamodb"].pop("ApproximateCreationDateTime") > 10**9
    assert len(record["dynamodb"].pop("SequenceNumber")) >= 21
    assert record == {
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {
            "Keys": {"id": {"S": "a"}},
            "NewImage": {"id": {"S": "a"}, "v": {"S": "1"}},
            "SizeBytes": 8,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
        "eventSourceARN": table.arn,
    }


def test_it_is_read_from_where_the_mapping_says(world, notes):
    table = Streamed(world.clients)
    table.put("before")
    map_to(world, table.arn, notes, StartingPosition="LATEST")
    table.put("after")
    assert [keys(records) for records in calls_of(world, notes, table, 1)] == [["after"]]
    other = world.function(NOTES)
    map_to(world, table.arn, other)
    assert keys(sum(calls_of(world, other, table, 1), [])) == ["before", "after"]


def test_batches_windows_and_order(world, notes):
    table = Streamed(world.clients)
    for n in range(5):
        table.put(f"i{n}")
    map_to(world, table.arn, notes, BatchSize=3, MaximumBatchingWindowInSeconds=20)
    world.advance(21)
    assert [keys(records) for records in calls_of(world, notes, table, 2)] == [["i0", "i1", "i2"], ["i3", "i4"]]


def test_a_failure_blocks_until_it_is_over(world, notes):
    table = Streamed(world.clients)
    map_to(world, table.arn, notes, BatchSize=1)
    table.put("bad", fail=2)
    table.put("good")
    wait_until(lambda: len(calls_of(world, notes, table, 1)) >= 1, 60)
    world.advance(60)
    world.advance(60)
    assert [keys(records) for records in calls_of(world, notes, table, 4)] == [["bad"], ["bad"], ["bad"], ["good"]]


def test_what_is_given_up_goes_to_a_queue_and_the_rest_goes_on(world):
    table, queue, function = Streamed(world.clients), world.queue(), world.function(NOTES)
    for n in range(4):
        table.put(f"i{n}", fail=1000 if n == 2 else 0)
    to = {"OnFailure": {"Destination": queue.arn}}
    uuid = map_to(world, table.arn, function, MaximumRetryAttempts=0, BisectBatchOnFunctionError=True, DestinationConfig=to)
    told = wait_until(queue.receive, 60, "what was given up")
    assert told[0]["requestContext"]["condition"] == "RetryAttemptsExhausted"
    (shard,) = table.shards()
    number = table.read(shard)[2]["dynamodb"]["SequenceNumber"]
    info = told[0]["DDBStreamBatchInfo"]
    assert (info["startSequenceNumber"], info["endSequenceNumber"], info["shardId"]) == (number, number, shard)
    table.put("later")
    wait_until(lambda: keys(world.calls(function)[-1]) == ["later"], 60, "that it goes on")

    def says_so():
        # It isn't said more often than once a second.
        table.delete("later")
        return world.get(uuid)["LastProcessingResult"] == "OK"

    table.put("later", v=2)
    wait_until(lambda: table.put("later", v=3) or says_so(), 30, "that it says so")


def test_what_is_too_old_is_not_handed_over(world, notes):
    table = Streamed(world.clients)
    table.put("old")
    world.advance(61)
    table.put("young")
    map_to(world, table.arn, notes, MaximumRecordAgeInSeconds=60)
    assert [keys(records) for records in calls_of(world, notes, table, 1)] == [["young"]]


def test_a_disabled_mapping_goes_on_where_it_was(world, notes):
    table = Streamed(world.clients)
    uuid = map_to(world, table.arn, notes)
    table.put("a")
    calls_of(world, notes, table, 1)
    world.change(uuid, "Disabled", Enabled=False)
    table.put("b")
    world.advance(5)
    assert len(calls_of(world, notes, table, 1)) == 1
    world.change(uuid, Enabled=True)
    assert [keys(records) for records in calls_of(world, notes, table, 2)] == [["a"], ["b"]]


def test_several_batches_of_one_shard_at_the_same_time(world):
    table, function = Streamed(world.clients), world.function(NOTES)
    map_to(world, table.arn, function, BatchSize=1, ParallelizationFactor=4)
    for n in range(24):
        table.put(f"i{n % 6}", n=n)
    found = wait_until(lambda: len(f := world.calls(function)) >= 24 and f, 90, "24 calls")
    by_item = {}
    for (record,) in found:
        image = record["dynamodb"]["NewImage"]
        by_item.setdefault(image["id"]["S"], []).append(int(image["n"]["N"]))
    assert by_item == {f"i{n}": [n, n + 6, n + 12, n + 18] for n in range(6)}


def test_a_stream_that_is_not_there(world, notes):
    arn = "arn:aws:dynamodb:us-east-1:000000000000:table/none/stream/2024-11-18T14:36:44.149"
    asked = {"EventSourceArn": arn, "FunctionName": notes.name, "StartingPosition": "LATEST"}
    said = error_of(world.client.create_event_source_mapping, **asked)
    assert said[:2] == ("InvalidParameterValueException", f"Stream not found: {arn}")


def test_nothing_is_lost_or_out_of_order_over_kills(fresh, chance):
    platform = fresh().start()
    world = World(platform)
    table, copy = Streamed(world.clients, on_demand=True), Streamed(world.clients)
    function = world.function(COPIES, Environment={"Variables": {"TO": copy.name}}, Timeout=30)
    map_to(world, table.arn, function, BatchSize=5)
    items, put = [f"i{n}" for n in range(6)], 0
    for _ in range(3):
        for _ in range(30):
            table.put(items[put % len(items)], v=put)
            put += 1
        platform.dies_after(chance.uniform(0.1, 2.0))
        platform.start(seconds=60)

    def told(item):
        found = copy.db.get_item(TableName=copy.name, Key={"id": {"S": item}}, ConsistentRead=True).get("Item", {})
        return [int(one["N"]) for one in found.get("told", {}).get("L", [])]

    last = {item: put - len(items) + n for n, item in enumerate(items)}
    wait_until(lambda: all(last[item] in told(item) for item in items), 120, "everything to be told")
    for n, item in enumerate(items):
        seen = told(item)
        assert sorted(set(seen)) == list(range(n, put, len(items))), "all of it, at least once"
        firsts = list(dict.fromkeys(seen))
        assert firsts == sorted(firsts), "and in order, but for what came again"
