"""Scenarios recorded from AWS's DynamoDB Streams, done again here: those of its own service, and DynamoDB's that read streams."""

from harness.names import unique
from harness.recordings import Comparison, answered, scenario, scenarios

STREAMS, TABLES = "dynamodbstreams/test_dynamodb_streams.json", "dynamodb/test_dynamodb.json"


def made(db, key, view=None):
    """The answer of a creation."""
    settings = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": view}} if view else {}
    return answered(
        db.create_table,
        TableName=unique("table"),
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        **settings,
    )


def described(streams, arn):
    answer = answered(streams.describe_stream, StreamArn=arn)
    for shard in answer["StreamDescription"]["Shards"]:
        shard["SequenceNumberRange"]["StartingSequenceNumber"] = "starting-sequence-number"
    return answer


def read(streams, arn, shard):
    asked = {"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
    iterator = answered(streams.get_shard_iterator, **asked)
    return iterator, {"Records": streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]}


def compared(told, compare, streams, creation):
    """What a stream is and has, against what was recorded."""
    arn = creation["TableDescription"]["LatestStreamArn"]
    description = described(streams, arn)
    compare.check(told["describe-stream"], description)
    iterator, records = read(streams, arn, description["StreamDescription"]["Shards"][0]["ShardId"])
    if "get-shard-iterator" in told:
        compare.check(told["get-shard-iterator"], iterator)
    compare.check(told["get-records"], records)


def test_a_stream_that_is_not_there(clients):
    told = scenario(STREAMS, "test_non_existent_stream")["non-existent-stream"]
    table = unique("table")
    arn = f"arn:aws:dynamodb:us-east-1:000000000000:table/{table}/stream/2024-11-18T14:36:44.149"
    ours = answered(clients.boto("dynamodbstreams").describe_stream, StreamArn=arn)
    Comparison().check(told, ours)


def test_keys_only(clients):
    told, compare = scenario(TABLES, "test_dynamodb_stream_stream_view_type"), Comparison()
    db, streams = clients.boto("dynamodb"), clients.boto("dynamodbstreams")
    creation = made(db, "Username", "KEYS_ONLY")
    compare.check(told["create-table"], creation)
    name = creation["TableDescription"]["TableName"]
    for user in ("Fred", "Alice"):
        key = {"Username": {"S": user}}
        db.put_item(TableName=name, Item=key)
        db.update_item(
            TableName=name,
            Key=key,
            UpdateExpression="set S=:r",
            ExpressionAttributeValues={":r": {"S": "Fred_Modified"}},
        )
        db.delete_item(TableName=name, Key=key)
    compared(told, compare, streams, creation)


def test_transactions(clients):
    told, compare = scenario(TABLES, "test_transact_write_items_streaming"), Comparison()
    db, streams = clients.boto("dynamodb"), clients.boto("dynamodbstreams")
    creation = made(db, "id", "NEW_AND_OLD_IMAGES")
    compare.check(told["create-table"], creation)
    name = creation["TableDescription"]["TableName"]
    fred, new, other = {"id": {"S": "Fred"}}, {"id": {"S": "NewKey"}}, {"id": {"S": "NonExistentKey"}}

    def update(key, **values):
        sets = ", ".join(f"{attribute} = :{attribute}" for attribute in values)
        given = {f":{attribute}": {"S": value} for attribute, value in values.items()}
        expression = {"UpdateExpression": f"SET {sets}", "ExpressionAttributeValues": given}
        return {"Update": {"TableName": name, "Key": key, **expression}}

    def transact(*actions):
        return answered(db.transact_write_items, TransactItems=list(actions))

    compare.check(told["put-item-1"], answered(db.put_item, TableName=name, Item=fred))
    # What is put as it is already changes nothing, and isn't recorded.
    first = transact({"Put": {"TableName": name, "Item": new}}, {"Put": {"TableName": name, "Item": fred}})
    compare.check(told["transact-write-response-overwrite"], first)
    compare.check(told["transact-write-response-update"], transact(update(new, attr1="value1", attr2="value2")))
    compare.check(told["transact-write-update-insert"], transact(update(other, attr1="value1")))
    compare.check(told["transact-write-response-delete"], transact({"Delete": {"TableName": name, "Key": new}}))
    db.update_item(
        TableName=name,
        Key=fred,
        UpdateExpression="SET #n = :n",
        ExpressionAttributeNames={"#n": "name"},
        ExpressionAttributeValues={":n": {"S": "Fred"}},
    )
    compared(told, compare, streams, creation)


def test_a_transaction_over_two_tables(clients):
    told, compare = scenario(TABLES, "test_transact_write_items_streaming_for_different_tables"), Comparison()
    db, streams = clients.boto("dynamodb"), clients.boto("dynamodbstreams")
    streaming, silent = made(db, "id", "NEW_AND_OLD_IMAGES"), made(db, "id")
    compare.check(told["create-table-stream"], streaming)
    compare.check(told["create-table-no-stream"], silent)
    names = [creation["TableDescription"]["TableName"] for creation in (silent, streaming)]
    puts = [{"Put": {"TableName": name, "Item": {"id": {"S": "Fred"}}}} for name in names]
    compare.check(told["transact-write-two-tables"], answered(db.transact_write_items, TransactItems=puts))
    compared(told, compare, streams, streaming)


def test_every_recorded_scenario_of_the_service_is_done_again():
    assert set(scenarios(STREAMS)) == {"test_non_existent_stream"}
