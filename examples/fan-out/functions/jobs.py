"""The state of jobs, in one DynamoDB table: a row for each job that counts, and a row for each item that is accounted for.

A row of an item and the counters change in one transaction, on the condition that the row isn't there. So an item counts
once, however often it is told of and by however many at the same time.
"""

import os
import random
import time

import boto3

TABLE = os.environ.get("TABLE_NAME")
JOB = "job"
# Items of one transaction; DynamoDB takes 100 actions, and one is the job's.
TOGETHER = 50
ATTEMPTS = 20

dynamodb = boto3.client("dynamodb")


def begin(job, total):
    """Makes the job, unless it is there."""
    row = {**key(job), "total": number(total), "done": number(0), "failed": number(0), "words": number(0), "open": number(1)}
    try:
        dynamodb.put_item(TableName=TABLE, Item=row, ConditionExpression="attribute_not_exists(id)")
    except dynamodb.exceptions.ConditionalCheckFailedException:
        print(f"job {job} goes on")


def account(job, outcomes):
    """Counts these items: {item: {"state": "done" or "failed", "words": number, "why": text}}."""
    items = list(outcomes.items())
    for start in range(0, len(items), TOGETHER):
        account_some(job, dict(items[start : start + TOGETHER]))


def account_some(job, outcomes):
    for attempt in range(ATTEMPTS):
        if not outcomes:
            return
        try:
            dynamodb.transact_write_items(TransactItems=[*rows(job, outcomes), counters(job, outcomes)])
            return
        except dynamodb.exceptions.TransactionCanceledException as err:
            reasons = [reason["Code"] for reason in err.response["CancellationReasons"]]
            # Accounted for already, by a message that came twice: it is left out, and the others are tried again.
            again = [item for item, reason in zip(outcomes, reasons) if reason == "ConditionalCheckFailed"]
            outcomes = {item: outcome for item, outcome in outcomes.items() if item not in again}
            if not again:
                time.sleep(random.uniform(0, 0.02 * 2 ** min(attempt, 5)))
    raise TimeoutError(f"job {job} is changed by too many at the same time")


def finished(job):
    """What came of the job if every item is accounted for and nobody has been told yet; else None."""
    row = dynamodb.get_item(TableName=TABLE, Key=key(job), ConsistentRead=True)["Item"]
    found = {name: int(row[name]["N"]) for name in ("total", "done", "failed", "words", "open")}
    if found.pop("open") and found["done"] + found["failed"] == found["total"]:
        return {"job": job, **found}
    return None


def close(job):
    """Somebody has been told."""
    dynamodb.update_item(
        TableName=TABLE,
        Key=key(job),
        UpdateExpression="SET #open = :no",
        ExpressionAttributeNames={"#open": "open"},
        ExpressionAttributeValues={":no": number(0)},
    )


def rows(job, outcomes):
    for item, outcome in outcomes.items():
        row = {**key(job, item), "state": {"S": outcome["state"]}, "words": number(outcome.get("words", 0))}
        if "why" in outcome:
            row["why"] = {"S": outcome["why"][:1000]}
        yield {"Put": {"TableName": TABLE, "Item": row, "ConditionExpression": "attribute_not_exists(id)"}}


def counters(job, outcomes):
    count = lambda state: sum(outcome["state"] == state for outcome in outcomes.values())
    words = sum(outcome.get("words", 0) for outcome in outcomes.values())
    return {
        "Update": {
            "TableName": TABLE,
            "Key": key(job),
            "UpdateExpression": "ADD done :done, failed :failed, words :words",
            "ConditionExpression": "attribute_exists(id)",
            "ExpressionAttributeValues": {":done": number(count("done")), ":failed": number(count("failed")), ":words": number(words)},
        }
    }


def key(job, part=JOB):
    return {"id": {"S": job}, "part": {"S": str(part)}}


def number(value):
    return {"N": str(value)}
