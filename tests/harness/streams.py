"""Streams of tables, and functions that are called from them."""

from .names import unique
from .wait import wait_until

IMAGES = "NEW_AND_OLD_IMAGES"
# Says what it was called with; each item says what is to become of it: `fail` or be `report`ed the first so many times that
# this instance sees it.
NOTES = """
import json, time
seen = {}
def handler(event, context):
    failed, broken = [], False
    for start in range(0, len(event["Records"]), 50):
        print("NOTE " + json.dumps([time.time(), context.aws_request_id, event["Records"][start:start + 50]]))
    for record in event["Records"]:
        number = record["dynamodb"]["SequenceNumber"]
        seen[number] = seen.get(number, 0) + 1
        image = record["dynamodb"].get("NewImage", {})
        count = lambda name: int(image.get(name, {}).get("N", 0))
        broken = broken or seen[number] <= count("fail")
        if seen[number] <= count("report"):
            failed.append({"itemIdentifier": number})
    if broken:
        raise ValueError("as asked")
    return {"batchItemFailures": failed}
"""


def specification(view=IMAGES):
    return {"StreamEnabled": True, "StreamViewType": view}


class Streamed:
    """A table with a stream, of one shard unless it is on demand."""

    def __init__(self, clients, view=IMAGES, on_demand=False, key="id"):
        self.db, self.streams = clients.boto("dynamodb"), clients.boto("dynamodbstreams")
        self.name = unique("table")
        billing = {"BillingMode": "PAY_PER_REQUEST"}
        if not on_demand:
            billing = {"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}}
        made = self.db.create_table(
            TableName=self.name,
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            StreamSpecification=specification(view),
            **billing,
        )
        self.arn = made["TableDescription"]["LatestStreamArn"]

    def put(self, id, **attributes):
        values = {name: {"N": str(v)} if isinstance(v, int) else {"S": v} for name, v in attributes.items()}
        self.db.put_item(TableName=self.name, Item={"id": {"S": id}, **values})

    def delete(self, id):
        self.db.delete_item(TableName=self.name, Key={"id": {"S": id}})

    def shards(self):
        described = self.streams.describe_stream(StreamArn=self.arn)["StreamDescription"]
        return [shard["ShardId"] for shard in described["Shards"]]

    def iterator(self, shard, how="TRIM_HORIZON", **more):
        asked = {"StreamArn": self.arn, "ShardId": shard, "ShardIteratorType": how, **more}
        return self.streams.get_shard_iterator(**asked)["ShardIterator"]

    def read(self, shard):
        """All records of a shard."""
        found, iterator = [], self.iterator(shard)
        while iterator:
            answer = self.streams.get_records(ShardIterator=iterator, Limit=100)
            if not answer["Records"]:
                break
            found += answer["Records"]
            iterator = answer.get("NextShardIterator")
        return found

    def records(self):
        return [record for shard in self.shards() for record in self.read(shard)]


def keys(records):
    return [record["dynamodb"]["Keys"]["id"]["S"] for record in records]


def map_to(world, stream, function, state="Enabled", **settings):
    """The mapping's UUID, once it is in effect."""
    settings = {"StartingPosition": "TRIM_HORIZON", **settings}
    made = world.client.create_event_source_mapping(EventSourceArn=stream, FunctionName=function.name, **settings)
    return world.settled(made["UUID"], state)


def calls_of(world, function, streamed, count):
    """The records of each call from one stream, once there are so many."""
    calls = lambda: [records for records in world.calls(function) if records[0]["eventSourceARN"] == streamed.arn]
    return wait_until(lambda: len(found := calls()) >= count and found, 60, f"{count} calls")
