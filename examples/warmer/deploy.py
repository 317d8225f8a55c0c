#!/usr/bin/env python3
"""Deploys the warmer with boto3, to AWS or, with AWS_ENDPOINT_URL set, to updraft.

    ./deploy.py [--name NAME] [--every "5 minutes"] FUNCTION...

Running it again brings function, list and schedule up to date. It prints what it has made, as JSON.
"""

import argparse
import io
import json
import os
import zipfile
from pathlib import Path

import boto3

SOURCE = Path(__file__).resolve().parent / "functions" / "warmer.py"
RUNTIME = os.environ.get("RUNTIME", "python3.13")


def main():
    parser = argparse.ArgumentParser(description="Deploys the warmer example.")
    parser.add_argument("--name", default="warmer", help="of the function and of the schedule")
    parser.add_argument("--every", default="5 minutes", help="how often, as a schedule's rate says it")
    parser.add_argument("functions", nargs="+", help="names of what is to be kept warm")
    asked = parser.parse_args()
    account = boto3.client("sts").get_caller_identity()["Account"]
    # On AWS these roles must exist: the function's may call functions and log, the schedule's may call the function.
    role = os.environ.get("ROLE_ARN", f"arn:aws:iam::{account}:role/warmer")
    function = deploy_function(asked, role)
    print(json.dumps({"function": function, "schedule": deploy_schedule(asked, function, role)}, indent=2))


def deploy_function(asked, role):
    client = boto3.client("lambda")
    environment = {"Variables": {"CRITICAL_FUNCTIONS": json.dumps(asked.functions)}}
    settings = {"Runtime": RUNTIME, "Handler": "warmer.handler", "Role": role, "Timeout": 60, "Environment": environment}
    try:
        client.create_function(FunctionName=asked.name, Code={"ZipFile": pack()}, MemorySize=256, **settings)
    except client.exceptions.ResourceConflictException:
        client.update_function_code(FunctionName=asked.name, ZipFile=pack())
        client.get_waiter("function_updated_v2").wait(FunctionName=asked.name)
        client.update_function_configuration(FunctionName=asked.name, **settings)
        client.get_waiter("function_updated_v2").wait(FunctionName=asked.name)
    client.get_waiter("function_active_v2").wait(FunctionName=asked.name)
    return client.get_function_configuration(FunctionName=asked.name)["FunctionArn"]


def deploy_schedule(asked, function, role):
    client = boto3.client("scheduler")
    schedule = {
        "Name": asked.name,
        "ScheduleExpression": f"rate({asked.every})",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {
            "Arn": function,
            "RoleArn": role,
            "Input": json.dumps({"scheduledFor": "<aws.scheduler.scheduled-time>"}),
            # The next time comes soon enough.
            "RetryPolicy": {"MaximumRetryAttempts": 0},
        },
    }
    try:
        return client.create_schedule(**schedule)["ScheduleArn"]
    except client.exceptions.ConflictException:
        return client.update_schedule(**schedule)["ScheduleArn"]


def pack():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(SOURCE, SOURCE.name)
    return buffer.getvalue()


if __name__ == "__main__":
    main()
