"""What is in stock. An order reserves first; when it is paid the reservation becomes a sale, and when it fails it is undone.

Each step may be called again. So the order has a row that says how far it is, and that row and the stock change in one
transaction, on the condition that the step wasn't taken: whoever comes again changes nothing."""

import os

import boto3

table = os.environ["STOCK_TABLE"]
reservations = os.environ["RESERVATIONS_TABLE"]
dynamodb = boto3.client("dynamodb")


class OutOfStock(Exception):
    """Trying again doesn't help."""


def reserve(order, _context):
    """`Check Inventory`: takes what is ordered from the shelf, all of it or nothing."""
    wanted = {}
    for item in order["items"]:
        wanted[item["sku"]] = wanted.get(item["sku"], 0) + item["count"]
    row = {"id": {"S": order["id"]}, "state": {"S": "reserved"}, "items": {"M": {sku: {"N": str(n)} for sku, n in wanted.items()}}}
    steps = [{"Put": {"TableName": reservations, "Item": row, "ConditionExpression": "attribute_not_exists(id)"}}]
    steps += [take(sku, count) for sku, count in wanted.items()]
    why = refused(steps)
    if not why or why[0]:
        return {"reserved": wanted}
    missing = [sku for sku, refusal in zip(wanted, why[1:], strict=True) if refusal]
    raise OutOfStock(f"not enough of {', '.join(missing)}")


def sell(order, _context):
    """`Update Inventory`: what was reserved has left the house."""
    refused([settle(order, "sold")])
    return {"sold": True}


def release(order, _context):
    """Puts back what was reserved, if anything was."""
    row = dynamodb.get_item(TableName=reservations, Key={"id": {"S": order["id"]}}, ConsistentRead=True).get("Item")
    if not row:
        return {"released": {}}
    kept = {sku: int(n["N"]) for sku, n in row["items"]["M"].items()}
    refused([settle(order, "released"), *(take(sku, -count) for sku, count in kept.items())])
    return {"released": kept}


def take(sku, count):
    return {
        "Update": {
            "TableName": table,
            "Key": {"sku": {"S": sku}},
            "UpdateExpression": "ADD quantity :change",
            "ConditionExpression": "quantity >= :count",
            "ExpressionAttributeValues": {":change": {"N": str(-count)}, ":count": {"N": str(max(count, 0))}},
        }
    }


def settle(order, state):
    """From reserved to that, once."""
    return {
        "Update": {
            "TableName": reservations,
            "Key": {"id": {"S": order["id"]}},
            "UpdateExpression": "SET #state = :state",
            "ConditionExpression": "#state = :reserved",
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": {":state": {"S": state}, ":reserved": {"S": "reserved"}},
        }
    }


def refused(steps):
    """Takes the steps, all or none. Empty: they are taken; otherwise which of them didn't meet its condition."""
    try:
        dynamodb.transact_write_items(TransactItems=steps)
        return []
    except dynamodb.exceptions.TransactionCanceledException as err:
        reasons = [reason["Code"] for reason in err.response["CancellationReasons"]]
        if not set(reasons) <= {"None", "ConditionalCheckFailed"}:
            raise
        return [reason == "ConditionalCheckFailed" for reason in reasons]
