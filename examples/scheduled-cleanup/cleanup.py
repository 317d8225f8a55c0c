"""Called every night: removes the documents whose time has come, their files first.

It may be called twice, or end in the middle: a record is what a file is found by, so the file goes first and the record after
it. Whatever was done is not found again.
"""

import json
import os
from datetime import datetime

import boto3

# What S3 and DynamoDB take in one call.
FILES, RECORDS = 1000, 25
PAGE = int(os.environ.get("PAGE", "100"))

s3, dynamodb = boto3.client("s3"), boto3.client("dynamodb")
table, bucket = os.environ["TABLE_NAME"], os.environ["BUCKET"]


def handler(event, _context):
    # When the schedule meant it to run, not when it does: a second attempt then does the same.
    now = int(datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp())
    summary = {"scheduled": event["time"], "pages": 0, "found": 0, "files": 0, "records": 0, "failed": 0}
    for page in expired(now):
        summary["pages"] += 1
        summary["found"] += len(page)
        for part in chunks(page, FILES):
            kept = remove_files([row["file"]["S"] for row in part])
            gone = [row for row in part if row["file"]["S"] not in kept]
            summary["files"] += len(gone)
            summary["failed"] += len(kept)
            summary["records"] += remove_records(gone)
    print(json.dumps({"level": "ERROR" if summary["failed"] else "INFO", "message": "cleanup finished", **summary}))
    return summary


def expired(now):
    """Pages of records, the oldest first."""
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        IndexName="by-expiry",
        KeyConditionExpression="kind = :kind AND expires <= :now",
        ExpressionAttributeValues={":kind": {"S": "document"}, ":now": {"N": str(now)}},
        PaginationConfig={"PageSize": PAGE},
    )
    for page in pages:
        if page["Items"]:
            yield page["Items"]


def remove_files(keys):
    """Those that could not be removed. A file that isn't there counts as removed."""
    if not keys:
        return set()
    answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True})
    for error in answer.get("Errors", []):
        print(json.dumps({"level": "ERROR", "message": "a file could not be removed", **error}))
    return {error["Key"] for error in answer.get("Errors", [])}


def remove_records(rows):
    for part in chunks(rows, RECORDS):
        wanted = {table: [{"DeleteRequest": {"Key": {"id": row["id"]}}} for row in part]}
        while wanted:
            wanted = dynamodb.batch_write_item(RequestItems=wanted)["UnprocessedItems"]
    return len(rows)


def chunks(items, size):
    return [items[start : start + size] for start in range(0, len(items), size)]
