"""DynamoDB through boto3's client: tables and items, their conditions and their errors."""

import uuid

import pytest

from harness import tables
from harness.clients import ACCOUNT, error_of
from harness.names import unique
from harness.signing import json_call
from harness.wait import wait_until


@pytest.fixture
def db(clients):
    return clients.boto("dynamodb")


@pytest.fixture
def sorted_table(clients):
    """id (S) and at (N), with ten items each of `a` and `b`."""
    name = tables.create(clients, sort="at:N")
    for who in ("a", "b"):
        for at in range(10):
            item = {"id": {"S": who}, "at": {"N": str(at)}, "even": {"BOOL": at % 2 == 0}, "text": {"S": f"t{at}"}}
            clients.boto("dynamodb").put_item(TableName=name, Item=item)
    return name


def key(text):
    return {"id": {"S": text}}


def test_a_table_is_described_as_it_was_made(db):
    name = unique("described")
    created = db.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "at", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 6},
        Tags=[{"Key": "team", "Value": "blue"}],
    )["TableDescription"]
    assert created["TableStatus"] in ("CREATING", "ACTIVE")
    assert created["TableArn"] == f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{name}"
    uuid.UUID(created["TableId"])
    db.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    table = db.describe_table(TableName=name)["Table"]
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}]
    assert (table["ItemCount"], table["TableSizeBytes"], table["DeletionProtectionEnabled"]) == (0, 0, False)
    throughput = table["ProvisionedThroughput"]
    assert (throughput["ReadCapacityUnits"], throughput["WriteCapacityUnits"]) == (5, 6)
    assert db.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"] == [{"Key": "team", "Value": "blue"}]


def test_tables_are_listed_page_by_page(db, clients):
    stem = unique("paged")
    made = sorted(tables.create(clients, name=f"{stem}-{n}") for n in range(5))
    pages = db.get_paginator("list_tables").paginate(PaginationConfig={"PageSize": 2})
    found = [name for page in pages for name in page["TableNames"]]
    assert found == sorted(found)
    assert [name for name in found if name.startswith(stem)] == made
    assert all(len(page["TableNames"]) <= 2 for page in pages)


def test_a_table_exists_once_and_is_gone_when_deleted(db, clients):
    name = tables.create(clients)
    code, message, status = error_of(tables.create, clients, name=name)
    assert (code, status) == ("ResourceInUseException", 400)
    assert message == f"Table already exists: {name}"
    db.delete_table(TableName=name)
    db.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    code, message, _ = error_of(db.describe_table, TableName=name)
    assert (code, message) == ("ResourceNotFoundException", f"Requested resource not found: Table: {name} not found")
    code, message, _ = error_of(db.get_item, TableName=name, Key=key("a"))
    assert (code, message) == ("ResourceNotFoundException", "Requested resource not found")


def test_deletion_protection_protects(db, clients):
    name = tables.create(clients, DeletionProtectionEnabled=True)
    code, _, _ = error_of(db.delete_table, TableName=name)
    assert code == "ValidationException"
    db.update_table(TableName=name, DeletionProtectionEnabled=False)
    wait_until(lambda: db.describe_table(TableName=name)["Table"]["TableStatus"] == "ACTIVE")
    db.delete_table(TableName=name)


EVERY_TYPE = {
    "id": {"S": "every"},
    "s": {"S": "text with ünïcödé and \u0000"},
    "empty": {"S": ""},
    "n": {"N": "-12.5"},
    "b": {"B": b"\x00\xff"},
    "yes": {"BOOL": True},
    "nothing": {"NULL": True},
    "ss": {"SS": ["a", "b"]},
    "ns": {"NS": ["1", "2.5"]},
    "bs": {"BS": [b"1", b"2"]},
    "l": {"L": [{"S": "x"}, {"N": "1"}, {"L": []}, {"M": {}}]},
    "m": {"M": {"deep": {"M": {"deeper": {"S": "x"}}}}},
}


def test_every_type_comes_back_as_it_was(db, table):
    db.put_item(TableName=table, Item=EVERY_TYPE)
    found = db.get_item(TableName=table, Key=key("every"), ConsistentRead=True)["Item"]
    for name in ("ss", "ns", "bs"):
        ((kind, values),) = found[name].items()
        found[name] = {kind: sorted(values, key=lambda v: float(v) if kind == "NS" else v)}
    assert found == EVERY_TYPE


@pytest.mark.parametrize(
    ("given", "kept"),
    (
        ("1.0", "1"),
        ("007", "7"),
        ("-0", "0"),
        ("1e3", "1000"),
        ("1.50E-2", "0.015"),
        ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
        ("1e125", "1" + "0" * 125),
        ("9.9999999999999999999999999999999999999E+125", "9" * 38 + "0" * 88),
    ),
)
def test_numbers_are_kept_exactly_and_in_one_form(db, table, given, kept):
    db.put_item(TableName=table, Item={**key("n"), "n": {"N": given}})
    assert db.get_item(TableName=table, Key=key("n"))["Item"]["n"]["N"] == kept


@pytest.mark.parametrize(
    ("given", "message"),
    (
        ("1" * 39, "Attempting to store more than 38 significant digits in a Number"),
        ("1e126", "Number overflow. Attempting to store a number with magnitude larger than supported range"),
        ("1e-131", "Number underflow. Attempting to store a number with magnitude smaller than supported range"),
        ("one", "The parameter cannot be converted to a numeric value: one"),
        ("", "The parameter cannot be converted to a numeric value"),
    ),
)
def test_numbers_that_are_none_are_refused_in_awss_words(db, table, given, message):
    code, said, status = error_of(db.put_item, TableName=table, Item={**key("n"), "n": {"N": given}})
    assert (code, status) == ("ValidationException", 400)
    # AWS: some operations put "1 validation error detected: " before it.
    assert said.removeprefix("1 validation error detected: ").rstrip(": ") == message


def test_put_answers_the_old_item_when_asked(db, table):
    assert "Attributes" not in db.put_item(TableName=table, Item={**key("a"), "v": {"N": "1"}}, ReturnValues="ALL_OLD")
    old = db.put_item(TableName=table, Item={**key("a"), "v": {"N": "2"}}, ReturnValues="ALL_OLD")
    assert old["Attributes"] == {**key("a"), "v": {"N": "1"}}


def test_a_condition_decides_and_can_show_why(db, table):
    db.put_item(TableName=table, Item={**key("a"), "v": {"N": "1"}}, ConditionExpression="attribute_not_exists(id)")
    from botocore.exceptions import ClientError

    with pytest.raises(ClientError) as caught:
        db.put_item(
            TableName=table,
            Item=key("a"),
            ConditionExpression="attribute_not_exists(id)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    error = caught.value.response
    assert error["Error"]["Code"] == "ConditionalCheckFailedException"
    assert error["Error"]["Message"] == "The conditional request failed"
    assert error["Item"] == {**key("a"), "v": {"N": "1"}}


@pytest.mark.parametrize("wanted", ("NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"))
def test_update_answers_what_was_asked_for(db, table, wanted):
    db.put_item(TableName=table, Item={**key("u"), "v": {"N": "1"}, "w": {"S": "x"}})
    answer = db.update_item(
        TableName=table,
        Key=key("u"),
        UpdateExpression="SET v = v + :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
        ReturnValues=wanted,
    )
    new, old = {"N": "2"}, {"N": "1"}
    expected = {
        "NONE": None,
        "ALL_OLD": {**key("u"), "v": old, "w": {"S": "x"}},
        "ALL_NEW": {**key("u"), "v": new, "w": {"S": "x"}},
        "UPDATED_OLD": {"v": old},
        "UPDATED_NEW": {"v": new},
    }
    assert answer.get("Attributes") == expected[wanted]


def test_an_update_makes_the_item_where_there_is_none(db, table):
    db.update_item(
        TableName=table,
        Key=key("made"),
        UpdateExpression="SET #n = if_not_exists(#n, :zero) + :one ADD tags :tags",
        ExpressionAttributeNames={"#n": "count"},
        ExpressionAttributeValues={":zero": {"N": "0"}, ":one": {"N": "1"}, ":tags": {"SS": ["x"]}},
    )
    assert db.get_item(TableName=table, Key=key("made"))["Item"] == {**key("made"), "count": {"N": "1"}, "tags": {"SS": ["x"]}}


def test_delete_answers_the_old_item_and_twice_is_fine(db, table):
    db.put_item(TableName=table, Item={**key("d"), "v": {"N": "1"}})
    gone = db.delete_item(TableName=table, Key=key("d"), ReturnValues="ALL_OLD")
    assert gone["Attributes"] == {**key("d"), "v": {"N": "1"}}
    assert "Attributes" not in db.delete_item(TableName=table, Key=key("d"), ReturnValues="ALL_OLD")
    assert "Item" not in db.get_item(TableName=table, Key=key("d"))


def ats(answer):
    return [int(item["at"]["N"]) for item in answer["Items"]]


@pytest.mark.parametrize(
    ("condition", "values", "expected"),
    (
        ("id = :a", {}, list(range(10))),
        ("id = :a AND #at = :x", {":x": {"N": "3"}}, [3]),
        ("id = :a AND #at < :x", {":x": {"N": "3"}}, [0, 1, 2]),
        ("id = :a AND #at >= :x", {":x": {"N": "8"}}, [8, 9]),
        ("id = :a AND #at BETWEEN :x AND :y", {":x": {"N": "2"}, ":y": {"N": "4"}}, [2, 3, 4]),
    ),
)
def test_query_by_key(db, sorted_table, condition, values, expected):
    names = {"ExpressionAttributeNames": {"#at": "at"}} if "#at" in condition else {}
    request = {"TableName": sorted_table, "KeyConditionExpression": condition, **names}
    request["ExpressionAttributeValues"] = {":a": {"S": "a"}, **values}
    assert ats(db.query(**request)) == expected
    assert ats(db.query(ScanIndexForward=False, **request)) == expected[::-1]


def test_query_pages_filters_counts_and_projects(db, sorted_table):
    request = {
        "TableName": sorted_table,
        "KeyConditionExpression": "id = :a",
        "FilterExpression": "even = :yes",
        "ExpressionAttributeValues": {":a": {"S": "a"}, ":yes": {"BOOL": True}},
    }
    page = db.query(Limit=3, **request)
    assert (page["Count"], page["ScannedCount"], ats(page)) == (2, 3, [0, 2])
    assert page["LastEvaluatedKey"] == {"id": {"S": "a"}, "at": {"N": "2"}}
    pages = db.get_paginator("query").paginate(**request, PaginationConfig={"PageSize": 3})
    assert [at for page in pages for at in ats(page)] == [0, 2, 4, 6, 8]
    counted = db.query(Select="COUNT", **request)
    assert counted["Count"] == 5 and "Items" not in counted
    request |= {"ProjectionExpression": "#t", "ExpressionAttributeNames": {"#t": "text"}}
    assert db.query(**request)["Items"][0] == {"text": {"S": "t0"}}


def test_scan_finds_everything_page_by_page_and_in_segments(db, sorted_table):
    pages = db.get_paginator("scan").paginate(TableName=sorted_table, PaginationConfig={"PageSize": 7})
    found = [(item["id"]["S"], item["at"]["N"]) for page in pages for item in page["Items"]]
    assert len(found) == len(set(found)) == 20
    parts = [db.scan(TableName=sorted_table, Segment=n, TotalSegments=3)["Count"] for n in range(3)]
    assert sum(parts) == 20


def test_batches_write_and_read(db, table):
    items = [{**key(f"k{n}"), "n": {"N": str(n)}} for n in range(25)]
    puts = [{"PutRequest": {"Item": item}} for item in items]
    assert db.batch_write_item(RequestItems={table: puts})["UnprocessedItems"] == {}
    keys = [key(f"k{n}") for n in range(25)] + [key("none")]
    answer = db.batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
    assert sorted(item["id"]["S"] for item in answer["Responses"][table]) == sorted(f"k{n}" for n in range(25))
    assert answer["UnprocessedKeys"] == {}
    code, message, _ = error_of(db.batch_write_item, RequestItems={table: puts + puts[:1]})
    assert code == "ValidationException", message
    twice = [{"DeleteRequest": {"Key": key("k1")}}, {"DeleteRequest": {"Key": key("k1")}}]
    code, message, _ = error_of(db.batch_write_item, RequestItems={table: twice})
    assert (code, message) == ("ValidationException", "Provided list of item keys contains duplicates")


def test_transactions_happen_wholly_or_not_at_all(db, table):
    put = {"Put": {"TableName": table, "Item": key("t1")}}
    fails = {"ConditionCheck": {"TableName": table, "Key": key("t2"), "ConditionExpression": "attribute_exists(id)"}}
    from botocore.exceptions import ClientError

    with pytest.raises(ClientError) as caught:
        db.transact_write_items(TransactItems=[put, fails])
    error = caught.value.response
    assert error["Error"]["Code"] == "TransactionCanceledException"
    assert [reason["Code"] for reason in error["CancellationReasons"]] == ["None", "ConditionalCheckFailed"]
    assert "Item" not in db.get_item(TableName=table, Key=key("t1"))
    db.transact_write_items(TransactItems=[put])
    got = db.transact_get_items(TransactItems=[{"Get": {"TableName": table, "Key": key(k)}} for k in ("t1", "none")])
    assert got["Responses"] == [{"Item": key("t1")}, {}]


def test_a_transaction_with_the_same_token_happens_once(db, table):
    add = {
        "TableName": table,
        "Key": key("once"),
        "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    for _ in range(2):
        db.transact_write_items(TransactItems=[{"Update": add}], ClientRequestToken="token-of-this-test")
    assert db.get_item(TableName=table, Key=key("once"))["Item"]["n"] == {"N": "1"}
    other = {"Delete": {"TableName": table, "Key": key("once")}}
    code, _, _ = error_of(db.transact_write_items, TransactItems=[other], ClientRequestToken="token-of-this-test")
    assert code == "IdempotentParameterMismatchException"


def test_concurrent_counters_lose_nothing(clients, table):
    from concurrent.futures import ThreadPoolExecutor

    db = clients.boto("dynamodb", max_pool_connections=16)

    def add(_):
        db.update_item(
            TableName=table,
            Key=key("counter"),
            UpdateExpression="ADD n :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(add, range(320)))
    assert db.get_item(TableName=table, Key=key("counter"))["Item"]["n"] == {"N": "320"}


def test_items_and_keys_have_their_limits(db, table):
    limit = 400 * 1024
    fits = limit - len("id" + "x" + "v")
    db.put_item(TableName=table, Item={**key("x"), "v": {"S": "v" * fits}})
    code, message, _ = error_of(db.put_item, TableName=table, Item={**key("x"), "v": {"S": "v" * (fits + 1)}})
    assert (code, message) == ("ValidationException", "Item size has exceeded the maximum allowed size")
    db.put_item(TableName=table, Item=key("k" * 2048))
    code, _, _ = error_of(db.put_item, TableName=table, Item=key("k" * 2049))
    assert code == "ValidationException"
    code, message, _ = error_of(db.put_item, TableName=table, Item=key(""))
    assert code == "ValidationException" and "empty string value" in message


def nested(levels):
    value = {"S": "x"}
    for _ in range(levels):
        value = {"L": [value]}
    return value


def test_nesting_has_its_limit(db, table):
    db.put_item(TableName=table, Item={**key("n"), "v": nested(31)})
    code, message, _ = error_of(db.put_item, TableName=table, Item={**key("n"), "v": nested(33)})
    assert code == "ValidationException" and "ested" in message


def test_keys_must_be_those_of_the_schema(db, table):
    code, message, _ = error_of(db.put_item, TableName=table, Item={"other": {"S": "x"}})
    assert (code, message) == (
        "ValidationException",
        "One or more parameter values were invalid: Missing the key id in the item",
    )
    code, message, _ = error_of(db.put_item, TableName=table, Item={"id": {"N": "1"}})
    assert (code, message) == (
        "ValidationException",
        "One or more parameter values were invalid: Type mismatch for key id expected: S actual: N",
    )
    for wrong in ({}, {"other": {"S": "x"}}, {**key("a"), "more": {"S": "x"}}):
        code, message, _ = error_of(db.get_item, TableName=table, Key=wrong)
        assert (code, message) == ("ValidationException", "The provided key element does not match the schema"), wrong


def test_constraints_of_the_model_are_told_together(db):
    code, message, status = error_of(db.describe_table, TableName="a!")
    assert (code, status) == ("ValidationException", 400)
    assert "validation error" in message and "'tableName' failed to satisfy constraint" in message


def test_answers_carry_a_checksum_of_their_bytes(platform, table):
    import json
    import zlib

    answer = json_call(platform, "DescribeTable", json.dumps({"TableName": table}).encode())
    assert answer.status == 200
    assert int(answer.headers["x-amz-crc32"]) == zlib.crc32(answer.body)
    assert answer.headers["content-type"] == "application/x-amz-json-1.0"


def test_time_to_live_and_tags_are_kept(db, table):
    db.update_time_to_live(TableName=table, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})
    found = db.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
    assert found["TimeToLiveStatus"] in ("ENABLING", "ENABLED") and found["AttributeName"] == "expires"
    arn = db.describe_table(TableName=table)["Table"]["TableArn"]
    db.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    db.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert db.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_continuous_backups_are_switched(db, table):
    def described():
        found = db.describe_continuous_backups(TableName=table)["ContinuousBackupsDescription"]
        assert found["ContinuousBackupsStatus"] == "ENABLED"
        return found["PointInTimeRecoveryDescription"]

    def switch(**spec):
        db.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=spec)

    assert described()["PointInTimeRecoveryStatus"] == "DISABLED"
    switch(PointInTimeRecoveryEnabled=True, RecoveryPeriodInDays=7)
    found = described()
    assert (found["PointInTimeRecoveryStatus"], found["RecoveryPeriodInDays"]) == ("ENABLED", 7)
    assert found["EarliestRestorableDateTime"] <= found["LatestRestorableDateTime"]
    switch(PointInTimeRecoveryEnabled=False)
    assert described()["PointInTimeRecoveryStatus"] == "DISABLED"
    with pytest.raises(db.exceptions.TableNotFoundException):
        db.describe_continuous_backups(TableName=unique("nope"))


def test_consumed_capacity_is_told_when_asked_for(db, table):
    answer = db.put_item(TableName=table, Item={**key("c"), "v": {"S": "v" * 1500}}, ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == {"TableName": table, "CapacityUnits": 2.0}
    answer = db.get_item(TableName=table, Key=key("c"), ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == {"TableName": table, "CapacityUnits": 0.5}
