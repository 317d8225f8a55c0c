"""Works on one item. Many run at the same time; one that fails is called again by Lambda, and its item ends in the
dead-letter queue if that doesn't help either. No other item learns of it."""

import json
import os
import random
import time

import boto3

sqs = boto3.client("sqs")


def handler(event, _context):
    for record in event["Records"]:
        told = json.loads(record["Sns"]["Message"])
        stumble()
        result = {"job": told["job"], "item": told["item"], "words": count(told)}
        sqs.send_message(QueueUrl=os.environ["RESULTS_URL"], MessageBody=json.dumps(result))
        stumble()


def count(item):
    """The work. An item without a text is poison: it fails, however often it is tried."""
    return len(item["text"].split())


def stumble():
    """For tests: with a chance of CHAOS it dies, and as often it hangs until Lambda ends it."""
    chance = float(os.environ.get("CHAOS", "0"))
    dice = random.random()
    if dice < chance / 2:
        os._exit(1)
    if dice > 1 - chance / 2:
        time.sleep(900)
