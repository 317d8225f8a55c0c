#!/usr/bin/env python3
"""Deploys the image pipeline with boto3, to AWS or, with AWS_ENDPOINT_URL set, to updraft.

    ./deploy.py [--name NAME] [--build FOLDER]

The functions' dependencies are fetched with pip and npm into the build folder, once. Running it again brings the functions
up to date. It prints what it has made, as JSON.
"""

import argparse
import io
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

HERE = Path(__file__).resolve().parent
# Pillow is compiled for one version of Python: that of whoever deploys, unless PYTHON says otherwise, such as 3.13.
PYTHON = os.environ.get("PYTHON", f"{sys.version_info.major}.{sys.version_info.minor}")
NODE = os.environ.get("NODE", "22")
MEMORY, TIMEOUT = 1024, 60


def main():
    asked = arguments()
    print(json.dumps(Deployment(asked).deploy(), indent=2))


def arguments():
    parser = argparse.ArgumentParser(description="Deploys the image pipeline.")
    parser.add_argument("--name", default="image-pipeline", help="what the names of everything begin with")
    parser.add_argument("--build", type=Path, default=HERE / "build", help="where dependencies are put")
    return parser.parse_args()


class Deployment:
    def __init__(self, asked):
        self.asked = asked
        self.account = boto3.client("sts").get_caller_identity()["Account"]
        # Names of buckets are shared by everybody, and so hold the account. A path finds them under any endpoint.
        self.s3 = boto3.client("s3", config=Config(s3={"addressing_style": "path"}))
        self.region = self.s3.meta.region_name
        self.functions, self.events = boto3.client("lambda"), boto3.client("events")
        self.sqs, self.dynamodb = boto3.client("sqs"), boto3.client("dynamodb")
        # On AWS this role must exist, and allow the buckets, the bus, the queues, the table and logging.
        self.role = os.environ.get("ROLE_ARN", f"arn:aws:iam::{self.account}:role/image-pipeline")

    def deploy(self):
        uploads, results, code = (self.bucket(name) for name in ("uploads", "results", "code"))
        bus, table = self.bus(), self.table()
        failed_url, failed = self.queue("failed")
        processed_url, processed = self.queue("processed")

        layer = self.layer(pillow(self.asked.build))
        variables = {"RESULTS": results, "BUS": self.asked.name}
        python = self.function("python", f"python{PYTHON}", "app.handler", self.inline(packed_python()), [layer], **variables)
        # Sharp and the SDK are too much for a call of the API to hold; they come from a bucket.
        package = self.stored(code, "node.zip", packed_node(self.asked.build))
        node = self.function("node", f"nodejs{NODE}.x", "index.handler", package, [], **variables)
        catalog = self.inline(packed(sorted((HERE / "catalog").glob("*.py"))))
        cataloguer = self.function("catalog", f"python{PYTHON}", "app.handler", catalog, [], TABLE_NAME=table)

        for function in (python, node):
            self.failures_to(function, failed)
            self.permit(function, "uploads", "s3.amazonaws.com", f"arn:aws:s3:::{uploads}")
        self.notify(uploads, {"python/": python, "node/": node})
        rule = self.rule(bus, processed, cataloguer)
        self.permit(cataloguer, "processed", "events.amazonaws.com", rule)
        self.may_send(processed_url, processed, rule)
        return {"uploads": uploads, "results": results, "table": table, "processed": processed_url, "failed": failed_url}

    def bucket(self, name):
        name = f"{self.asked.name}-{name}-{self.account}"
        where = {} if self.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
        try:
            self.s3.create_bucket(Bucket=name, **where)
            say(f"created bucket {name}")
        except self.s3.exceptions.BucketAlreadyOwnedByYou:
            say(f"bucket {name} is there")
        return name

    def bus(self):
        try:
            return self.events.create_event_bus(Name=self.asked.name)["EventBusArn"]
        except self.events.exceptions.ResourceAlreadyExistsException:
            return self.events.describe_event_bus(Name=self.asked.name)["Arn"]

    def table(self):
        name = self.asked.name
        try:
            self.dynamodb.create_table(
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
            )
        except self.dynamodb.exceptions.ResourceInUseException:
            say(f"table {name} is there")
        self.dynamodb.get_waiter("table_exists").wait(TableName=name)
        return name

    def queue(self, name):
        """Its URL and its ARN."""
        url = self.sqs.create_queue(QueueName=f"{self.asked.name}-{name}")["QueueUrl"]
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, found["Attributes"]["QueueArn"]

    def layer(self, package):
        made = self.functions.publish_layer_version(LayerName=f"{self.asked.name}-pillow", Content={"ZipFile": package})
        return made["LayerVersionArn"]

    def inline(self, package):
        return {"ZipFile": package}

    def stored(self, bucket, key, package):
        self.s3.put_object(Bucket=bucket, Key=key, Body=package)
        return {"S3Bucket": bucket, "S3Key": key}

    def function(self, name, runtime, handler, code, layers, **variables):
        """Its ARN."""
        name = f"{self.asked.name}-{name}"
        settings = {
            "Runtime": runtime,
            "Handler": handler,
            "Timeout": TIMEOUT,
            "MemorySize": MEMORY,
            "Layers": layers,
            "Environment": {"Variables": variables},
        }
        try:
            self.functions.create_function(FunctionName=name, Role=self.role, Code=code, **settings)
            self.functions.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
            say(f"created function {name}")
        except self.functions.exceptions.ResourceConflictException:
            self.functions.update_function_code(FunctionName=name, **code)
            self.functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
            self.functions.update_function_configuration(FunctionName=name, **settings)
            self.functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
            say(f"updated function {name}")
        return self.functions.get_function_configuration(FunctionName=name)["FunctionArn"]

    def failures_to(self, function, queue):
        """What fails three times goes there, with the error."""
        destination = {"OnFailure": {"Destination": queue}}
        self.functions.put_function_event_invoke_config(FunctionName=function, DestinationConfig=destination)

    def permit(self, function, statement, who, source):
        try:
            self.functions.add_permission(
                FunctionName=function,
                StatementId=statement,
                Action="lambda:InvokeFunction",
                Principal=who,
                SourceArn=source,
            )
        except self.functions.exceptions.ResourceConflictException:
            say(f"{source} may call the function already")

    def notify(self, bucket, functions):
        """Images under a prefix are one function's."""
        configurations = [
            {
                "LambdaFunctionArn": function,
                "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": prefix}]}},
            }
            for prefix, function in functions.items()
        ]
        wanted = {"LambdaFunctionConfigurations": configurations}
        retry(lambda: self.s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=wanted))

    def rule(self, bus, queue, function):
        """Its ARN. One event, two targets that know nothing of each other."""
        pattern = {"source": ["image-pipeline"], "detail-type": ["image.processed"]}
        name, bus = f"{self.asked.name}-processed", bus.rsplit("/", 1)[-1]
        arn = self.events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps(pattern))["RuleArn"]
        targets = [{"Id": "queue", "Arn": queue}, {"Id": "catalog", "Arn": function}]
        answer = self.events.put_targets(Rule=name, EventBusName=bus, Targets=targets)
        if answer["FailedEntryCount"]:
            raise SystemExit(f"the rule's targets were refused: {answer['FailedEntries']}")
        return arn

    def may_send(self, url, queue, rule):
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": queue,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


def retry(work, times=10):
    """AWS takes a moment until what was permitted is known everywhere."""
    for left in reversed(range(times)):
        try:
            return work()
        except ClientError as error:
            if not left or "Unable to validate" not in str(error):
                raise
            time.sleep(2)


def pillow(build):
    """A zip of a layer."""
    folder = build / f"pillow-{PYTHON}"
    fetched(
        folder,
        [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", folder / "python"]
        + ["--platform", "manylinux_2_28_x86_64", "--only-binary", ":all:", "--python-version", PYTHON]
        + ["--requirement", HERE / "python" / "requirements.txt"],
    )
    return packed_tree(folder)


def packed_python():
    return packed([HERE / "python" / "app.py", HERE / "watermark.png"])


def packed_node(build):
    folder = build / "node"
    if not folder.exists():
        folder.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / "node" / name, folder)
    fetched(
        folder / "node_modules",
        ["npm", "ci", "--prefix", folder, "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"]
        + ["--os=linux", "--cpu=x64", "--libc=glibc"],
    )
    shutil.copy(HERE / "node" / "index.mjs", folder)
    shutil.copy(HERE / "watermark.png", folder)
    return packed_tree(folder)


def fetched(folder, command):
    if folder.exists():
        return
    say(f"fetching {folder.name}")
    done = subprocess.run(list(map(str, command)), stdout=sys.stderr, check=False)
    if done.returncode:
        shutil.rmtree(folder, ignore_errors=True)
        raise SystemExit(f"dependencies could not be fetched: {command[0]} ended with {done.returncode}")


def packed(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, file.name)
    return buffer.getvalue()


def packed_tree(folder):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                archive.write(file, file.relative_to(folder))
    return buffer.getvalue()


def say(text):
    print(f"· {text}", file=sys.stderr)


if __name__ == "__main__":
    main()
