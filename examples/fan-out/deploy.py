#!/usr/bin/env python3
"""Deploys the fan-out example with boto3, to AWS or, with AWS_ENDPOINT_URL set, to updraft.

    ./deploy.py [--name NAME] [--notify http://host/path] [--parallel N] [--chaos 0.1] [--timeout S] [--visibility S]

Running it again brings the functions up to date. It prints what it has made, as JSON.
"""

import argparse
import io
import json
import os
import sys
import time
import zipfile
from pathlib import Path

import boto3

FUNCTIONS = Path(__file__).resolve().parent / "functions"
RUNTIME = os.environ.get("RUNTIME", "python3.13")


def main():
    asked = arguments()
    made = Deployment(asked).deploy()
    print(json.dumps(made, indent=2))


def arguments():
    parser = argparse.ArgumentParser(description="Deploys the fan-out example.")
    parser.add_argument("--name", default="fan-out", help="what the names of everything begin with")
    parser.add_argument("--notify", help="an HTTP endpoint that is told of each job that is complete")
    parser.add_argument("--parallel", type=int, help="processors at work at the same time, at most")
    parser.add_argument("--chaos", default="0", help="how likely a processor is to crash or to hang")
    parser.add_argument("--timeout", type=int, default=10, help="seconds that a processor may take")
    parser.add_argument("--visibility", type=int, default=120, help="seconds after which a failed batch comes again")
    return parser.parse_args()


class Deployment:
    def __init__(self, asked):
        self.asked = asked
        self.sns, self.sqs = boto3.client("sns"), boto3.client("sqs")
        self.functions, self.dynamodb = boto3.client("lambda"), boto3.client("dynamodb")
        account = boto3.client("sts").get_caller_identity()["Account"]
        # On AWS this role must exist, and allow the table, the topics, the queues and logging.
        self.role = os.environ.get("ROLE_ARN", f"arn:aws:iam::{account}:role/fan-out")
        self.package = pack()

    def deploy(self):
        asked = self.asked
        table = self.table(asked.name)
        items, finished = self.topic("items"), self.topic("finished")
        results_url, results = self.queue("results")
        _, letters = self.queue("dead-letters")

        orchestrator = self.function("orchestrator", "orchestrator.handler", 300, TABLE_NAME=table, TOPIC_ARN=items)
        processor = self.function(
            "processor", "processor.handler", asked.timeout, RESULTS_URL=results_url, CHAOS=asked.chaos, dead_letters=letters
        )
        aggregator = self.function("aggregator", "aggregator.results", 30, TABLE_NAME=table, FINISHED_ARN=finished)
        undertaker = self.function("undertaker", "aggregator.dead_letters", 30, TABLE_NAME=table, FINISHED_ARN=finished)

        if asked.parallel:
            self.functions.put_function_concurrency(FunctionName=processor, ReservedConcurrentExecutions=asked.parallel)
        self.permit(processor, items)
        self.sns.subscribe(TopicArn=items, Protocol="lambda", Endpoint=processor)
        if asked.notify:
            protocol = asked.notify.split(":")[0]
            self.sns.subscribe(TopicArn=finished, Protocol=protocol, Endpoint=asked.notify)
        # All of them write to the job's one row: more at the same time would only be in each other's way.
        self.map(results, aggregator, BatchSize=50, MaximumBatchingWindowInSeconds=1, ScalingConfig={"MaximumConcurrency": 2})
        self.map(letters, undertaker)
        return {"orchestrator": orchestrator, "table": table, "finished": finished, "results": results, "deadLetters": letters}

    def table(self, name):
        try:
            self.dynamodb.create_table(
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": part, "AttributeType": "S"} for part in ("id", "part")],
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "part", "KeyType": "RANGE"}],
            )
        except self.dynamodb.exceptions.ResourceInUseException:
            say(f"table {name} is there")
        self.dynamodb.get_waiter("table_exists").wait(TableName=name)
        return name

    def topic(self, name):
        return self.sns.create_topic(Name=f"{self.asked.name}-{name}")["TopicArn"]

    def queue(self, name):
        """Its URL and its ARN."""
        attributes = {"VisibilityTimeout": str(self.asked.visibility)}
        url = self.sqs.create_queue(QueueName=f"{self.asked.name}-{name}", Attributes=attributes)["QueueUrl"]
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, found["Attributes"]["QueueArn"]

    def function(self, name, handler, timeout, dead_letters=None, **variables):
        """Its ARN."""
        name = f"{self.asked.name}-{name}"
        settings = {
            "Handler": handler,
            "Timeout": timeout,
            "MemorySize": 256,
            "Environment": {"Variables": variables},
            **({"DeadLetterConfig": {"TargetArn": dead_letters}} if dead_letters else {}),
        }
        try:
            self.functions.create_function(
                FunctionName=name, Runtime=RUNTIME, Role=self.role, Code={"ZipFile": self.package}, **settings
            )
            self.functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
            say(f"created function {name}")
        except self.functions.exceptions.ResourceConflictException:
            self.functions.update_function_code(FunctionName=name, ZipFile=self.package)
            self.functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
            self.functions.update_function_configuration(FunctionName=name, **settings)
            self.functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
            say(f"updated function {name}")
        return self.functions.get_function_configuration(FunctionName=name)["FunctionArn"]

    def permit(self, function, topic):
        """The topic may call the function."""
        try:
            self.functions.add_permission(
                FunctionName=function,
                StatementId="items",
                Action="lambda:InvokeFunction",
                Principal="sns.amazonaws.com",
                SourceArn=topic,
            )
        except self.functions.exceptions.ResourceConflictException:
            say("the topic may call the processor already")

    def map(self, queue, function, **settings):
        """Calls the function with what comes to the queue."""
        settings = {"FunctionResponseTypes": ["ReportBatchItemFailures"], **settings}
        there = self.functions.list_event_source_mappings(EventSourceArn=queue, FunctionName=function)["EventSourceMappings"]
        if there:
            say(f"{queue} is mapped already")
            return
        made = self.functions.create_event_source_mapping(EventSourceArn=queue, FunctionName=function, **settings)
        while self.functions.get_event_source_mapping(UUID=made["UUID"])["State"] != "Enabled":
            time.sleep(0.2)


def pack():
    """A zip of all functions: each is told by its handler."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(FUNCTIONS.glob("*.py")):
            archive.write(file, file.name)
    return buffer.getvalue()


def say(text):
    print(f"· {text}", file=sys.stderr)


if __name__ == "__main__":
    main()
