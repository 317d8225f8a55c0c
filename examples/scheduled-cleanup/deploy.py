#!/usr/bin/env python3
"""Deploys the nightly cleanup with boto3, to AWS or, with AWS_ENDPOINT_URL set, to updraft.

    ./deploy.py [--name NAME] [--at "30 2 * * ? *"] [--zone Europe/Berlin] [--page N]

Running it again brings it up to date. It prints what it has made, as JSON.
"""

import argparse
import io
import json
import os
import sys
import zipfile
from pathlib import Path

import boto3
from botocore.config import Config

HERE = Path(__file__).resolve().parent
RUNTIME = os.environ.get("RUNTIME", "python3.13")


def main():
    print(json.dumps(Deployment(arguments()).deploy(), indent=2))


def arguments():
    parser = argparse.ArgumentParser(description="Deploys the nightly cleanup.")
    parser.add_argument("--name", default="scheduled-cleanup", help="what the names of everything begin with")
    parser.add_argument("--at", default="30 2 * * ? *", help="when, as in cron(…)")
    parser.add_argument("--zone", default="Europe/Berlin", help="the time zone of that")
    parser.add_argument("--page", type=int, default=100, help="records that are looked at together")
    return parser.parse_args()


class Deployment:
    def __init__(self, asked):
        self.asked = asked
        self.account = boto3.client("sts").get_caller_identity()["Account"]
        self.s3 = boto3.client("s3", config=Config(s3={"addressing_style": "path"}))
        self.functions, self.scheduler = boto3.client("lambda"), boto3.client("scheduler")
        self.dynamodb, self.sqs = boto3.client("dynamodb"), boto3.client("sqs")
        # On AWS this role must exist: for the function, and for the schedule that calls it.
        self.role = os.environ.get("ROLE_ARN", f"arn:aws:iam::{self.account}:role/scheduled-cleanup")

    def deploy(self):
        table, bucket = self.table(), self.bucket()
        function = self.function(TABLE_NAME=table, BUCKET=bucket, PAGE=str(self.asked.page))
        letters_url, letters = self.dead_letters()
        schedule = self.schedule(function, letters)
        return {"table": table, "bucket": bucket, "function": function, "schedule": schedule, "deadLetters": letters_url}

    def table(self):
        """A document's record; the index finds those that expire first."""
        name = self.asked.name
        kinds = {"id": "S", "kind": "S", "expires": "N"}
        try:
            self.dynamodb.create_table(
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": part, "AttributeType": kind} for part, kind in kinds.items()],
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
                GlobalSecondaryIndexes=[
                    {
                        "IndexName": "by-expiry",
                        "KeySchema": [
                            {"AttributeName": "kind", "KeyType": "HASH"},
                            {"AttributeName": "expires", "KeyType": "RANGE"},
                        ],
                        "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["file"]},
                    }
                ],
            )
        except self.dynamodb.exceptions.ResourceInUseException:
            say(f"table {name} is there")
        self.dynamodb.get_waiter("table_exists").wait(TableName=name)
        return name

    def bucket(self):
        name, region = f"{self.asked.name}-{self.account}", self.s3.meta.region_name
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        try:
            self.s3.create_bucket(Bucket=name, **where)
        except self.s3.exceptions.BucketAlreadyOwnedByYou:
            say(f"bucket {name} is there")
        return name

    def function(self, **variables):
        """Its ARN."""
        name = self.asked.name
        settings = {"Handler": "cleanup.handler", "Timeout": 300, "MemorySize": 256, "Environment": {"Variables": variables}}
        try:
            self.functions.create_function(
                FunctionName=name, Runtime=RUNTIME, Role=self.role, Code={"ZipFile": packed()}, **settings
            )
            self.functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        except self.functions.exceptions.ResourceConflictException:
            self.functions.update_function_code(FunctionName=name, ZipFile=packed())
            self.functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
            self.functions.update_function_configuration(FunctionName=name, **settings)
            self.functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
            say(f"updated function {name}")
        return self.functions.get_function_configuration(FunctionName=name)["FunctionArn"]

    def dead_letters(self):
        """Its URL and its ARN. A night on which the function can't be called at all is noted there."""
        url = self.sqs.create_queue(QueueName=f"{self.asked.name}-dead-letters")["QueueUrl"]
        return url, self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def schedule(self, function, letters):
        """Its ARN."""
        asked = self.asked
        settings = {
            "Name": asked.name,
            "ScheduleExpression": f"cron({asked.at})",
            "ScheduleExpressionTimezone": asked.zone,
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {
                "Arn": function,
                "RoleArn": self.role,
                "Input": json.dumps({"time": "<aws.scheduler.scheduled-time>"}),
                "RetryPolicy": {"MaximumRetryAttempts": 5, "MaximumEventAgeInSeconds": 3600},
                "DeadLetterConfig": {"Arn": letters},
            },
        }
        try:
            return self.scheduler.create_schedule(**settings)["ScheduleArn"]
        except self.scheduler.exceptions.ConflictException:
            return self.scheduler.update_schedule(**settings)["ScheduleArn"]


def packed():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(HERE / "cleanup.py", "cleanup.py")
    return buffer.getvalue()


def say(text):
    print(f"· {text}", file=sys.stderr)


if __name__ == "__main__":
    main()
