"""The bank. It knows a charge by the order's id, as payment providers do by an idempotency key: asked again for the same order
it takes nothing more, and answers what it answered.

Some cards are for tests: `declined`; `flaky-N`, with which the first N calls fail, half of them after the money was taken;
`slow`, whose charge is answered when somebody says so in the charge's row."""

import os
import time

import boto3

table = os.environ["PAYMENTS_TABLE"]
dynamodb = boto3.client("dynamodb")
# The row of what the shop has.
ACCOUNT = "account"


class PaymentUnavailable(Exception):
    """Trying again helps."""


class CardDeclined(Exception):
    """Trying again doesn't."""


def charge(order, _context):
    card, tries = order["card"], count_try(order["id"])
    if card == "declined":
        raise CardDeclined(f"{order['id']} can't be paid with this card")
    fails = card.startswith("flaky-") and tries <= int(card.removeprefix("flaky-"))
    if fails and tries % 2:
        raise PaymentUnavailable(f"try {tries}: the bank can't be reached")
    move(order["id"], "charged", order["total"], "attribute_not_exists(#state)")
    if fails:
        raise PaymentUnavailable(f"try {tries}: the bank's answer was lost")
    if card == "slow":
        wait_for_word(order["id"])
    return {"receipt": f"charge-{order['id']}", "tries": tries}


def refund(order, _context):
    """Gives the money back, if it was taken."""
    amount = int(row_of(order["id"]).get("amount", {"N": "0"})["N"])
    move(order["id"], "refunded", -amount, "#state = :charged")
    return {"refunded": amount}


def count_try(order):
    changed = dynamodb.update_item(
        TableName=table,
        Key={"id": {"S": order}},
        UpdateExpression="ADD tries :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
        ReturnValues="UPDATED_NEW",
    )
    return int(changed["Attributes"]["tries"]["N"])


def move(order, state, amount, condition):
    """Changes the charge's state and the account together, on a condition; if that isn't met, it is done already."""
    values = {":state": {"S": state}, ":amount": {"N": str(abs(amount))}}
    if ":charged" in condition:
        values[":charged"] = {"S": "charged"}
    try:
        dynamodb.transact_write_items(
            TransactItems=[
                {
                    "Update": {
                        "TableName": table,
                        "Key": {"id": {"S": order}},
                        "UpdateExpression": "SET #state = :state, amount = :amount",
                        "ConditionExpression": condition,
                        "ExpressionAttributeNames": {"#state": "state"},
                        "ExpressionAttributeValues": values,
                    }
                },
                {
                    "Update": {
                        "TableName": table,
                        "Key": {"id": {"S": ACCOUNT}},
                        "UpdateExpression": "ADD balance :amount",
                        "ExpressionAttributeValues": {":amount": {"N": str(amount)}},
                    }
                },
            ]
        )
    except dynamodb.exceptions.TransactionCanceledException as err:
        if err.response["CancellationReasons"][0]["Code"] != "ConditionalCheckFailed":
            raise


def wait_for_word(order):
    while "word" not in row_of(order):
        time.sleep(0.1)


def row_of(order):
    return dynamodb.get_item(TableName=table, Key={"id": {"S": order}}, ConsistentRead=True).get("Item", {})
