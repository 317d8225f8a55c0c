"""DynamoDB through its other clients: boto3's resource, the AWS CLI, the AWS SDK for JavaScript."""

import json
from decimal import Decimal

from boto3.dynamodb.conditions import Attr, Key

from harness.names import unique


def test_the_resource_interface(clients):
    dynamodb = clients.resource("dynamodb")
    table = dynamodb.create_table(
        TableName=unique("resource"),
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "at", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        BillingMode="PAY_PER_REQUEST",
    )
    table.wait_until_exists()
    with table.batch_writer() as batch:
        for n in range(30):
            batch.put_item(Item={"id": "a", "at": n, "price": Decimal("9.99"), "tags": {"x", "y"}, "deep": {"l": [1, None]}})
    assert table.item_count == 0 or table.item_count == 30
    item = table.get_item(Key={"id": "a", "at": 7})["Item"]
    assert item == {"id": "a", "at": 7, "price": Decimal("9.99"), "tags": {"x", "y"}, "deep": {"l": [1, None]}}
    condition = Key("id").eq("a") & Key("at").between(5, 8)
    found = table.query(KeyConditionExpression=condition, FilterExpression=Attr("price").gt(Decimal("9")))
    assert [int(item["at"]) for item in found["Items"]] == [5, 6, 7, 8]
    table.update_item(Key={"id": "a", "at": 7}, UpdateExpression="SET price = :p", ExpressionAttributeValues={":p": 1})
    assert table.get_item(Key={"id": "a", "at": 7})["Item"]["price"] == 1
    table.delete()
    table.wait_until_not_exists()


def test_the_command_line_does_the_whole_walk(clients):
    name = unique("cli")
    db = ("dynamodb",)
    made = clients.cli(
        *db, "create-table", "--table-name", name, "--billing-mode", "PAY_PER_REQUEST",
        "--attribute-definitions", "AttributeName=id,AttributeType=S", "--key-schema", "AttributeName=id,KeyType=HASH",
    )  # fmt: skip
    assert made["TableDescription"]["TableName"] == name
    clients.cli(*db, "wait", "table-exists", "--table-name", name)
    item = {"id": {"S": "lamp"}, "price": {"N": "19.90"}}
    assert clients.cli(*db, "put-item", "--table-name", name, "--item", json.dumps(item)) is None
    key = json.dumps({"id": {"S": "lamp"}})
    got = clients.cli(*db, "get-item", "--table-name", name, "--key", key)
    assert got["Item"] == {"id": {"S": "lamp"}, "price": {"N": "19.9"}}
    updated = clients.cli(
        *db, "update-item", "--table-name", name, "--key", key, "--update-expression", "SET price = price + :one",
        "--expression-attribute-values", '{":one": {"N": "1"}}', "--return-values", "UPDATED_NEW",
    )  # fmt: skip
    assert updated["Attributes"] == {"price": {"N": "20.9"}}
    assert clients.cli(*db, "scan", "--table-name", name)["Count"] == 1
    said = clients.cli_fails(
        *db, "put-item", "--table-name", name, "--item", key, "--condition-expression", "attribute_not_exists(id)"
    )
    assert "(ConditionalCheckFailedException) when calling the PutItem operation: The conditional request failed" in said
    clients.cli(*db, "delete-item", "--table-name", name, "--key", key)
    assert clients.cli(*db, "get-item", "--table-name", name, "--key", key) is None
    clients.cli(*db, "delete-table", "--table-name", name)
    clients.cli(*db, "wait", "table-not-exists", "--table-name", name)


def test_the_javascript_sdk_does_the_whole_walk(clients):
    steps = clients.node("dynamodb.mjs", unique("js"))
    assert steps["status"] == "ACTIVE"
    assert steps["got"] == {"id": "a", "n": 1.5, "list": [1, "two", None], "map": {"x": True}}
    assert steps["updated"] == {"n": 2.5}
    assert steps["queried"] == ["a"]
    assert sorted(steps["scanned"]) == ["a", "b", "c"]
    assert steps["refused"] == ["ConditionalCheckFailedException", 400, "The conditional request failed"]
    assert steps["missing"] is None
    assert steps["gone"] == "ResourceNotFoundException"
