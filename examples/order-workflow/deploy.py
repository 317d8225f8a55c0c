#!/usr/bin/env python3
"""Deploys the order workflow with boto3, to AWS or, with AWS_ENDPOINT_URL set, to updraft.

    ./deploy.py [--name NAME] [--large CENTS]

Running it again brings functions and workflows up to date. It prints what it has made, as JSON.
"""

import argparse
import io
import json
import os
import re
import sys
import zipfile
from pathlib import Path

import boto3

HERE = Path(__file__).resolve().parent
RUNTIME = os.environ.get("RUNTIME", "python3.13")
# What is for sale: price in cents, and how many there are.
CATALOG = {"lamp": (4_900, 100), "desk": (32_000, 20), "piano": (950_000, 3)}


def main():
    parser = argparse.ArgumentParser(description="Deploys the order workflow.")
    parser.add_argument("--name", default="order-workflow", help="what the names of everything begin with")
    parser.add_argument("--large", type=int, default=100_000, help="from how many cents on somebody is asked")
    print(json.dumps(Deployment(parser.parse_args()).deploy(), indent=2))


class Deployment:
    def __init__(self, asked):
        self.asked, self.name = asked, asked.name
        self.sns, self.s3, self.api = boto3.client("sns"), boto3.client("s3"), boto3.client("apigatewayv2")
        self.functions, self.dynamodb = boto3.client("lambda"), boto3.client("dynamodb")
        self.workflows = boto3.client("stepfunctions")
        self.account = boto3.client("sts").get_caller_identity()["Account"]
        # On AWS this role must exist, and allow what functions and workflows do.
        self.role = os.environ.get("ROLE_ARN", f"arn:aws:iam::{self.account}:role/order-workflow")
        self.package = pack()

    def deploy(self):
        stock, reservations = self.table("stock", "sku"), self.table("reservations")
        payments, orders = self.table("payments"), self.table("orders")
        self.fill(stock)
        bucket = self.bucket()
        approvals, notices = self.topic("approvals"), self.topic("notices")
        page = self.function("page", "approval.page")
        url = self.approval_url(page)
        store = {"STOCK_TABLE": stock, "RESERVATIONS_TABLE": reservations}
        made = {
            "Validate": self.function("validate", "orders.validate", STOCK_TABLE=stock, LARGE=str(self.asked.large)),
            "Ask": self.function("ask", "approval.ask", APPROVALS_TOPIC=approvals, APPROVAL_URL=url),
            "Reserve": self.function("reserve", "inventory.reserve", **store),
            "Sell": self.function("sell", "inventory.sell", **store),
            "Release": self.function("release", "inventory.release", **store),
            "Charge": self.function("charge", "payment.charge", PAYMENTS_TABLE=payments),
            "Refund": self.function("refund", "payment.refund", PAYMENTS_TABLE=payments),
            "Invoice": self.function("invoice", "invoice.write", BUCKET=bucket),
        }
        names = {**made, "Notices": notices, "Orders": orders}
        machines = {language: self.workflow(language, names) for language in ("jsonpath", "jsonata")}
        tables = {"stock": stock, "reservations": reservations, "payments": payments, "orders": orders}
        return {"workflows": machines, "tables": tables, "bucket": bucket, "approvals": approvals, "notices": notices}

    def table(self, name, key="id"):
        name = f"{self.name}-{name}"
        try:
            self.dynamodb.create_table(
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
                KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            )
        except self.dynamodb.exceptions.ResourceInUseException:
            say(f"table {name} is there")
        self.dynamodb.get_waiter("table_exists").wait(TableName=name)
        return name

    def fill(self, stock):
        """What is for sale; what is there already keeps its quantity."""
        for sku, (price, quantity) in CATALOG.items():
            self.dynamodb.update_item(
                TableName=stock,
                Key={"sku": {"S": sku}},
                UpdateExpression="SET price = :price, quantity = if_not_exists(quantity, :quantity)",
                ExpressionAttributeValues={":price": {"N": str(price)}, ":quantity": {"N": str(quantity)}},
            )

    def bucket(self):
        """Names of buckets are the whole world's, so the account is in it."""
        name, region = f"{self.name}-{self.account}", self.s3.meta.region_name
        elsewhere = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        try:
            self.s3.create_bucket(Bucket=name, **elsewhere)
        except self.s3.exceptions.BucketAlreadyOwnedByYou:
            say(f"bucket {name} is there")
        return name

    def topic(self, name):
        return self.sns.create_topic(Name=f"{self.name}-{name}")["TopicArn"]

    def function(self, name, handler, **variables):
        """Its ARN."""
        name = f"{self.name}-{name}"
        settings = {"Handler": handler, "Timeout": 60, "MemorySize": 256, "Environment": {"Variables": variables}}
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

    def approval_url(self, page):
        """Of an HTTP API all of whose requests go to the function."""
        name = f"{self.name}-approval"
        found = [api for api in self.api.get_apis()["Items"] if api["Name"] == name]
        api = found[0] if found else self.api.create_api(Name=name, ProtocolType="HTTP", Target=page)
        try:
            self.functions.add_permission(
                FunctionName=page,
                StatementId="approval",
                Action="lambda:InvokeFunction",
                Principal="apigateway.amazonaws.com",
                SourceArn=f"arn:aws:execute-api:{self.api.meta.region_name}:{self.account}:{api['ApiId']}/*",
            )
        except self.functions.exceptions.ResourceConflictException:
            say("the API may call the page already")
        return api["ApiEndpoint"]

    def workflow(self, language, names):
        """Its ARN."""
        name = f"{self.name}-{language}"
        text = (HERE / "workflows" / f"{language}.json").read_text()
        definition = re.sub(r"\$\{(\w+)\}", lambda found: names[found[1]], text)
        try:
            return self.workflows.create_state_machine(name=name, definition=definition, roleArn=self.role)["stateMachineArn"]
        except self.workflows.exceptions.StateMachineAlreadyExists:
            arn = f"arn:aws:states:{self.workflows.meta.region_name}:{self.account}:stateMachine:{name}"
            self.workflows.update_state_machine(stateMachineArn=arn, definition=definition)
            say(f"updated workflow {name}")
            return arn


def pack():
    """A zip of all functions: each is told by its handler."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted((HERE / "functions").glob("*.py")):
            archive.write(file, file.name)
    return buffer.getvalue()


def say(text):
    print(f"· {text}", file=sys.stderr)


if __name__ == "__main__":
    main()
