"""Keeps functions warm that people wait for: calls each of them asynchronously, and says how many it reached."""

import json
import os
import time

import boto3

FUNCTIONS = json.loads(os.environ["CRITICAL_FUNCTIONS"])
# What a function sees that is called only to be warm: it should answer at once.
PAYLOAD = json.dumps({"warmer": True})

functions = boto3.client("lambda")


def handler(event, context):
    failures = {name: why for name in FUNCTIONS if (why := reach(name))}
    told = {
        "functions": len(FUNCTIONS),
        "reached": len(FUNCTIONS) - len(failures),
        "failed": len(failures),
        "failures": failures,
        "scheduledFor": event.get("scheduledFor"),
    }
    print(json.dumps({**metrics(told), **told}))
    return told


def reach(name):
    """Why a function can't be called; None where it was. One that fails keeps nobody from the next."""
    try:
        functions.invoke(FunctionName=name, InvocationType="Event", Payload=PAYLOAD)
    except Exception as why:
        return type(why).__name__
    return None


def metrics(told):
    """CloudWatch reads metrics from a line of the log that says which of its values are some: no call is needed."""
    rate = 100 * told["reached"] / max(told["functions"], 1)
    units = {"reached": "Count", "failed": "Count", "successRate": "Percent"}
    directive = {
        "Namespace": "Warmer",
        "Dimensions": [["Warmer"]],
        "Metrics": [{"Name": name, "Unit": unit} for name, unit in units.items()],
    }
    stamp = int(time.time() * 1000)
    return {
        "_aws": {"Timestamp": stamp, "CloudWatchMetrics": [directive]},
        "Warmer": os.environ["AWS_LAMBDA_FUNCTION_NAME"],
        "successRate": rate,
    }
