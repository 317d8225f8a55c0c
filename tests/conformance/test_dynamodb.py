"""Scenarios recorded from AWS's DynamoDB, done again here."""

import pytest

from harness import tables
from harness.recordings import Comparison, answered, scenario

FILE = "dynamodb/test_dynamodb.json"


@pytest.fixture
def db(clients):
    return clients.boto("dynamodb")


def recorded(name):
    return scenario(FILE, name)


def test_values_returned_by_puts(db, table):
    told, compare = recorded("test_return_values_in_put_item"), Comparison()
    first, second = {"id": {"S": "id1"}, "data": {"S": "foobar"}}, {"id": {"S": "id2"}, "data": {"S": "foobar"}}

    def put(item, **extra):
        return answered(db.put_item, TableName=table, Item=item, **extra)

    compare.check(told["PutFirstItem"], put(first, ReturnValues="ALL_OLD"))
    compare.check(told["PutFirstItemOLD"], put(first, ReturnValues="ALL_OLD"))
    compare.check(told["PutSecondItem"], put(second))
    compare.check(told["PutSecondItemReturnNone"], put(second, ReturnValues="NONE"))
    compare.check(told["PutFirstItemB"], put({**first, "data": {"S": "foobarB"}}, ReturnValues="ALL_OLD"))


def test_a_failed_condition_shows_the_item(db, table):
    item = {"id": {"S": "456"}, "price": {"N": "650"}, "product": {"S": "sporting goods"}}
    db.put_item(TableName=table, Item=item)
    ours = answered(
        db.delete_item,
        TableName=table,
        Key={"id": {"S": "456"}},
        ConditionExpression="price > :bound",
        ExpressionAttributeValues={":bound": {"N": "700"}},
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )
    Comparison().check(recorded("test_return_values_on_conditions_check_failure")["items"], ours)


def test_a_batch_that_does_not_fit_the_schema(db, clients):
    name = tables.create(clients, sort="at:N")
    puts = [{"PutRequest": {"Item": {"id": {"S": "a"}, "other": {"S": "b"}}}}]
    error = answered(db.batch_write_item, RequestItems={name: puts})["Error"]
    told = recorded("test_batch_write_not_matching_schema")["ValidationException"]
    assert told == f"An error occurred ({error['Code']}) when calling the BatchWriteItem operation: {error['Message']}"


def test_batches(db, table):
    told = recorded("test_batch_write_items")["BatchWriteResponse"]
    requests = [{"PutRequest": {"Item": {"id": {"S": f"k{n}"}}}} for n in range(3)]
    Comparison().check(told, answered(db.batch_write_item, RequestItems={table: requests}))
    told = recorded("test_batch_write_binary")["Response"]
    requests = [{"PutRequest": {"Item": {"id": {"S": "b"}, "data": {"B": b"\x90"}}}}]
    Comparison().check(told, answered(db.batch_write_item, RequestItems={table: requests}))


def test_a_batch_that_finds_nothing(db, table):
    told = recorded("test_dynamodb_get_batch_items")["Response"]
    ours = answered(db.batch_get_item, RequestItems={table: {"Keys": [{"id": {"S": "none"}}]}})
    ours["Responses"] = {"<test-table>" if name == table else name: items for name, items in ours["Responses"].items()}
    Comparison().check(told, ours)


def test_transactions_by_name_and_by_arn(db, table):
    told = recorded("test_transaction_write_items")
    arn = db.describe_table(TableName=table)["Table"]["TableArn"]
    for label, name in (("Response", table), ("Response_using_table_arn", arn)):
        puts = [{"Put": {"TableName": name, "Item": {"id": {"S": key}}}} for key in ("a", "b")]
        Comparison().check(told[label], answered(db.transact_write_items, TransactItems=puts))


def test_transactional_reads_by_name_and_by_arn(db, table):
    told = recorded("test_transact_get_items")
    arn = db.describe_table(TableName=table)["Table"]["TableArn"]
    for label, name, key in (("TransactGetItems", table, "John"), ("TransactGetItems-with-TableArn", arn, "Sarah")):
        db.put_item(TableName=name, Item={"id": {"S": key}})
        gets = [{"Get": {"TableName": name, "Key": {"id": {"S": key}}}}]
        Comparison().check(told[label], answered(db.transact_get_items, TransactItems=gets))


def test_writing_twice_with_one_token(db, table):
    told = recorded("test_dynamodb_idempotent_writing")
    puts = [{"Put": {"TableName": table, "Item": {"id": {"S": "id1"}, "name": {"S": "name1"}}}}]
    for label in ("Response1", "Response2"):
        ours = answered(db.transact_write_items, TransactItems=puts, ClientRequestToken="dedupe_token")
        Comparison().check(told[label], ours)


def test_a_new_tables_description(db):
    from harness.names import unique

    told = recorded("test_table_warm_throughput")
    ours = answered(
        db.create_table,
        TableName=unique("recorded"),
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        WarmThroughput={"ReadUnitsPerSecond": 1000, "WriteUnitsPerSecond": 1200},
    )
    Comparison().check(told["create-table"], ours)
