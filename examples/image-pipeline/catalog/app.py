"""Called by a rule for each image that was processed: keeps a row about it. The same event may come twice."""

import json
import os

import boto3

dynamodb = boto3.client("dynamodb")


def handler(event, _context):
    image = event["detail"]
    row = {
        "key": {"S": image["key"]},
        "by": {"S": image["by"]},
        "width": {"N": str(image["width"])},
        "height": {"N": str(image["height"])},
        "thumbnails": {"S": json.dumps(image["thumbnails"])},
        "event": {"S": event["id"]},
    }
    dynamodb.put_item(TableName=os.environ["TABLE_NAME"], Item=row)
