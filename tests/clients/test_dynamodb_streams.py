"""Streams of tables, by boto3's own client for them."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.clients import REGION, Clients, error_of
from harness.streams import Streamed, keys, specification


def test_what_happens_to_items_is_told(clients):
    table = Streamed(clients)
    table.put("a", v="1")
    table.put("a", v="2")
    table.put("a", v="2")
    table.delete("a")
    (shard,) = table.shards()
    found = table.read(shard)
    assert [record["eventName"] for record in found] == ["INSERT", "MODIFY", "REMOVE"]
    first = found[0]
    assert first.pop("eventID") and first["dynamodb"].pop("ApproximateCreationDateTime")
    assert len(first["dynamodb"].pop("SequenceNumber")) >= 21
    assert first == {
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": REGION,
        "dynamodb": {
            "Keys": {"id": {"S": "a"}},
            "NewImage": {"id": {"S": "a"}, "v": {"S": "1"}},
            "SizeBytes": 3 + 5,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }
    assert found[1]["dynamodb"]["OldImage"]["v"] == {"S": "1"} and "NewImage" not in found[2]["dynamodb"]


def test_values_of_every_type_are_as_they_were_put(clients):
    table = Streamed(clients)
    item = {
        "id": {"S": "a"}, "n": {"N": "1.5"}, "b": {"B": b"\x00\xff"}, "t": {"BOOL": True}, "null": {"NULL": True},
        "ss": {"SS": ["x", "y"]}, "ns": {"NS": ["1", "2"]}, "bs": {"BS": [b"q"]},
        "l": {"L": [{"S": "x"}, {"M": {"y": {"N": "2"}}}]}, "m": {"M": {}},
    }  # fmt: skip
    table.db.put_item(TableName=table.name, Item=item)
    (record,) = table.records()
    assert record["dynamodb"]["NewImage"] == item


def test_a_stream_can_be_enabled_disabled_and_enabled_anew(clients):
    table = Streamed(clients)
    table.put("a")
    table.db.update_table(TableName=table.name, StreamSpecification={"StreamEnabled": False})
    table.put("b")
    assert keys(table.records()) == ["a"], "it stays readable"
    made = table.db.update_table(TableName=table.name, StreamSpecification=specification("KEYS_ONLY"))
    old, table.arn = table.arn, made["TableDescription"]["LatestStreamArn"]
    assert table.arn != old
    table.put("c")
    assert keys(table.records()) == ["c"]
    listed = table.streams.list_streams(TableName=table.name)["Streams"]
    assert [stream["StreamArn"] for stream in listed] == [old, table.arn]
    status = lambda arn: table.streams.describe_stream(StreamArn=arn)["StreamDescription"]["StreamStatus"]
    assert (status(old), status(table.arn)) == ("DISABLED", "ENABLED")


def test_many_writers_are_in_order_for_each_item(clients):
    table = Streamed(clients, on_demand=True)
    items, rounds = [f"i{n}" for n in range(8)], 12

    def write(item):
        for n in range(rounds):
            table.put(item, v=n)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, items))
    by_item = {item: [] for item in items}
    for shard in table.shards():
        found = table.read(shard)
        numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in found]
        assert numbers == sorted(set(numbers))
        for record in found:
            by_item[record["dynamodb"]["Keys"]["id"]["S"]].append(int(record["dynamodb"]["NewImage"]["v"]["N"]))
    assert by_item == {item: list(range(rounds)) for item in items}


@pytest.mark.parametrize("how", ["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"])
def test_reading_begins_at_a_number(clients, how):
    table = Streamed(clients, "KEYS_ONLY")
    for id in ("a", "b", "c"):
        table.put(id)
    (shard,) = table.shards()
    number = table.read(shard)[1]["dynamodb"]["SequenceNumber"]
    found = table.streams.get_records(ShardIterator=table.iterator(shard, how, SequenceNumber=number))["Records"]
    assert keys(found) == (["b", "c"] if how == "AT_SEQUENCE_NUMBER" else ["c"])


def test_who_waits_at_the_end_gets_what_comes(clients):
    table = Streamed(clients, "KEYS_ONLY")
    table.put("a")
    (shard,) = table.shards()
    answer = table.streams.get_records(ShardIterator=table.iterator(shard, "LATEST"))
    assert answer["Records"] == []
    table.put("b")
    assert keys(table.streams.get_records(ShardIterator=answer["NextShardIterator"])["Records"]) == ["b"]


def test_what_is_not_there_is_refused(clients):
    table = Streamed(clients)
    none = table.arn.replace(table.name, "none")
    said = f"Requested resource not found: Stream: {none} not found"
    assert error_of(table.streams.describe_stream, StreamArn=none)[:2] == ("ResourceNotFoundException", said)
    assert error_of(table.streams.get_records, ShardIterator="x")[0] == "ValidationException"
    off = {"TableName": table.name, "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}}
    assert error_of(table.db.update_table, **off)[0] == "ValidationException"


def test_records_survive_a_kill(fresh):
    platform = fresh().start()
    table = Streamed(Clients(platform.url))
    for n in range(20):
        table.put(f"i{n}")
    before = table.records()
    platform.kill()
    platform.start(seconds=60)
    after = table.records()
    assert after == before and len(after) == 20
    table.put("later")
    numbers = [int(record["dynamodb"]["SequenceNumber"]) for record in table.records()]
    assert len(numbers) == 21 and numbers == sorted(numbers)
    platform.advance(24 * 3600 + 700)
    assert table.records() == []
