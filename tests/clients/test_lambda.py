"""Lambda: functions made, changed, called, listed and deleted; what they are told; what they answer."""

import hashlib
import base64
import json
import re
import uuid

import pytest

from harness import functions, tables
from harness.clients import ACCOUNT, REGION, ROLE, error_of
from harness.functions import zipped
from harness.names import unique
from harness.wait import wait_until

ECHO = {
    "python": "def handler(event, context):\n    return event\n",
    "node": "export const handler = async (event) => event;\n",
}
LANGUAGES = tuple(ECHO)
EVENTS = ({}, [], "text", 0, 1.5, True, None, {"ünï": ["x", {"y": None}]}, "x" * 1_000_000)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_event_goes_in_and_comes_out(function, language):
    echo = function(ECHO[language], language)
    for event in EVENTS:
        assert echo.invoke(event) == (200, None, event)


def test_a_function_is_described_as_it_was_made(clients):
    client, name = clients.boto("lambda"), unique("described")
    code = zipped({"main.py": ECHO["python"]})
    made = client.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="main.handler",
        Role=ROLE,
        Code={"ZipFile": code},
        Description="says it back",
        Timeout=7,
        MemorySize=192,
        Environment={"Variables": {"MODE": "1"}},
        Tags={"team": "blue"},
    )
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert made["FunctionArn"] == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
    client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    found = client.get_function(FunctionName=name)
    config = found["Configuration"]
    expected = {
        "Runtime": "python3.13",
        "Handler": "main.handler",
        "Role": ROLE,
        "Description": "says it back",
        "Timeout": 7,
        "MemorySize": 192,
        "Environment": {"Variables": {"MODE": "1"}},
        "Version": "$LATEST",
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "TracingConfig": {"Mode": "PassThrough"},
        "CodeSize": len(code),
        "CodeSha256": base64.b64encode(hashlib.sha256(code).digest()).decode(),
    }
    assert {name: config.get(name) for name in expected} == expected
    uuid.UUID(config["RevisionId"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", config["LastModified"])
    assert found["Tags"] == {"team": "blue"}
    assert found["Code"]["RepositoryType"] == "S3"


def test_defaults_are_awss(clients):
    client, name = clients.boto("lambda"), unique("defaults")
    code = {"ZipFile": zipped({"main.py": ECHO["python"]})}
    made = client.create_function(FunctionName=name, Runtime="python3.13", Handler="main.handler", Role=ROLE, Code=code)
    assert (made["Timeout"], made["MemorySize"], made["Description"], made["State"]) == (3, 128, "", "Pending")


def test_a_name_is_taken_once(clients, function):
    one = function(ECHO["python"])
    code, message, status = error_of(functions.create, clients, ECHO["python"], FunctionName=one.name)
    assert (code, status) == ("ResourceConflictException", 409)
    assert message == f"Function already exist: {one.name}"


@pytest.mark.parametrize("operation", ("get_function", "get_function_configuration", "delete_function", "invoke"))
def test_what_is_not_there_is_not_found(clients, operation):
    code, message, status = error_of(getattr(clients.boto("lambda"), operation), FunctionName="never-there")
    assert (code, status) == ("ResourceNotFoundException", 404)
    # AWS: Invoke means a qualified function.
    suffix = ":$LATEST" if operation == "invoke" else ""
    assert message == f"Function not found: arn:aws:lambda:{REGION}:{ACCOUNT}:function:never-there{suffix}"


def test_functions_are_listed_page_by_page(clients, function):
    made = {function(ECHO["python"]).name for _ in range(3)}
    pages = list(clients.boto("lambda").get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2}))
    names = [found["FunctionName"] for page in pages for found in page["Functions"]]
    assert made <= set(names) and len(names) == len(set(names))
    assert all(len(page["Functions"]) <= 2 for page in pages)


def test_new_code_and_settings_take_effect(function):
    one = function("def handler(event, context):\n    return 'old'\n")
    assert one.invoke() == (200, None, "old")
    new = "import os\ndef handler(event, context):\n    return os.environ.get('WHO', 'new')\n"
    one.client.update_function_code(FunctionName=one.name, ZipFile=zipped({"main.py": new}))
    one.client.get_waiter("function_updated_v2").wait(FunctionName=one.name, WaiterConfig={"Delay": 1})
    assert one.invoke() == (200, None, "new")
    one.client.update_function_configuration(FunctionName=one.name, Environment={"Variables": {"WHO": "me"}})
    one.client.get_waiter("function_updated_v2").wait(FunctionName=one.name, WaiterConfig={"Delay": 1})
    assert one.invoke() == (200, None, "me")


def test_versions_keep_what_they_were(function):
    one = function("def handler(event, context):\n    return 1\n")
    version = one.client.publish_version(FunctionName=one.name)["Version"]
    one.client.update_function_code(FunctionName=one.name, ZipFile=zipped({"main.py": "def handler(e, c):\n    return 2\n"}))
    one.client.get_waiter("function_updated_v2").wait(FunctionName=one.name, WaiterConfig={"Delay": 1})
    assert (version, one.invoke(Qualifier=version)[2], one.invoke()[2]) == ("1", 1, 2)
    listed = one.client.list_versions_by_function(FunctionName=one.name)["Versions"]
    assert [found["Version"] for found in listed] == ["$LATEST", "1"]


INTROSPECT = """
import os
def handler(event, context):
    return {
        "request": context.aws_request_id, "name": context.function_name, "version": context.function_version,
        "arn": context.invoked_function_arn, "memory": context.memory_limit_in_mb, "group": context.log_group_name,
        "stream": context.log_stream_name, "left": context.get_remaining_time_in_millis(), "env": dict(os.environ),
    }
"""


def test_a_function_is_told_what_aws_tells(function):
    one = function(INTROSPECT, Timeout=9, MemorySize=320, Environment={"Variables": {"MINE": "yes"}})
    answer = one.client.invoke(FunctionName=one.name)
    told = json.loads(answer["Payload"].read())
    assert told["request"] == answer["ResponseMetadata"]["RequestId"]
    assert (told["name"], told["version"], told["memory"]) == (one.name, "$LATEST", "320")
    assert told["arn"] == one.arn and told["group"] == f"/aws/lambda/{one.name}"
    assert 0 < told["left"] <= 9000
    env = told["env"]
    expected = {
        "MINE": "yes",
        "AWS_LAMBDA_FUNCTION_NAME": one.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "320",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{one.name}",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "LAMBDA_TASK_ROOT": "/var/task",
        "_HANDLER": "main.handler",
    }
    assert {name: env.get(name) for name in expected} == expected
    assert env["AWS_ACCESS_KEY_ID"] and env["AWS_SECRET_ACCESS_KEY"] and env["AWS_LAMBDA_RUNTIME_API"]
    assert not [name for name in env if name.startswith("UPDRAFT_")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_warm_instance_is_used_again(function, language):
    source = {
        "python": "count = 0\ndef handler(event, context):\n    global count\n    count += 1\n    return count\n",
        "node": "let count = 0;\nexport const handler = async () => ++count;\n",
    }
    one = function(source[language], language)
    assert [one.invoke()[2] for _ in range(3)] == [1, 2, 3]


def test_concurrent_calls_run_at_once(function):
    from concurrent.futures import ThreadPoolExecutor

    one = function("import time, uuid\nme = str(uuid.uuid4())\ndef handler(e, c):\n    time.sleep(1)\n    return me\n")
    with ThreadPoolExecutor(3) as pool:
        answers = [future.result() for future in [pool.submit(one.invoke) for _ in range(3)]]
    assert len({answer[2] for answer in answers}) == 3, "three instances, each with its own random state"


def test_the_log_says_what_happened(function):
    one = function("def handler(event, context):\n    print('hello log')\n    return 1\n")
    error, _, tail = one.invoke_with_log()
    assert error is None
    lines = tail.splitlines()
    assert any(re.fullmatch(r"START RequestId: [0-9a-f-]{36} Version: \$LATEST", line) for line in lines), tail
    assert "hello log" in lines
    assert any(re.fullmatch(r"END RequestId: [0-9a-f-]{36}", line) for line in lines)
    report = r"REPORT RequestId: [0-9a-f-]{36}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory Used: \d+ MB.*"
    assert any(re.fullmatch(report, line.strip()) for line in lines), tail


def test_logs_can_be_read_by_the_command_line(function, platform):
    from harness.platform import run_updraft

    one = function("def handler(event, context):\n    print('find me')\n")
    one.invoke()

    def found():
        done = run_updraft("logs", one.name, "--endpoint", platform.url)
        return "find me" in done.stdout

    wait_until(found, what="the line in `updraft logs`")


WRITES = """
import boto3, os
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
def handler(event, context):
    table.put_item(Item={"id": event["id"], "from": context.aws_request_id})
    return "written"
"""


def test_a_function_uses_the_sdk_without_being_told_where(function, clients):
    table = tables.create(clients)
    one = function(WRITES, Environment={"Variables": {"TABLE": table}}, Timeout=30)
    assert one.invoke({"id": "sync"}) == (200, None, "written")
    answer = one.client.invoke(FunctionName=one.name, InvocationType="Event", Payload=json.dumps({"id": "event"}))
    assert (answer["StatusCode"], answer["Payload"].read()) == (202, b"")

    def there():
        return clients.boto("dynamodb").get_item(TableName=table, Key={"id": {"S": "event"}}).get("Item")

    assert wait_until(there, 30, "the asynchronous call's item")["from"]["S"]


def test_an_event_that_fails_is_tried_again(function, clients):
    table = tables.create(clients)
    source = """
import boto3, os
table = boto3.client("dynamodb")
def handler(event, context):
    add = {":one": {"N": "1"}}
    table.update_item(TableName=os.environ["TABLE"], Key={"id": {"S": "tries"}}, UpdateExpression="ADD n :one",
                      ExpressionAttributeValues=add)
    raise RuntimeError("always")
"""
    one = function(source, Environment={"Variables": {"TABLE": table}}, Timeout=30)
    one.client.invoke(FunctionName=one.name, InvocationType="Event", Payload=b"{}")

    def tries():
        item = clients.boto("dynamodb").get_item(TableName=table, Key={"id": {"S": "tries"}}).get("Item")
        return item and int(item["n"]["N"]) >= 1

    wait_until(tries, 30, "the first try")


def test_a_dry_run_runs_nothing(function):
    one = function("raise RuntimeError('must not be loaded')\n")
    answer = one.client.invoke(FunctionName=one.name, InvocationType="DryRun")
    assert (answer["StatusCode"], answer["Payload"].read()) == (204, b"")


def test_reserved_concurrency_of_none_lets_nothing_run(function):
    one = function(ECHO["python"])
    assert "ReservedConcurrentExecutions" not in one.client.get_function_concurrency(FunctionName=one.name)
    one.client.put_function_concurrency(FunctionName=one.name, ReservedConcurrentExecutions=0)
    code, message, status = error_of(one.client.invoke, FunctionName=one.name)
    assert (code, message, status) == ("TooManyRequestsException", "Rate Exceeded.", 429)
    one.client.delete_function_concurrency(FunctionName=one.name)
    assert one.invoke(1) == (200, None, 1)


def test_permissions_are_kept_as_a_policy(function):
    one = function(ECHO["python"])
    allow = {"Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com", "SourceArn": "arn:aws:execute-api:us-east-1:000000000000:api"}
    one.client.add_permission(FunctionName=one.name, StatementId="api", **allow)
    policy = json.loads(one.client.get_policy(FunctionName=one.name)["Policy"])
    (statement,) = policy["Statement"]
    assert statement["Sid"] == "api" and statement["Principal"] == {"Service": "apigateway.amazonaws.com"}
    assert statement["Resource"] == one.arn and statement["Condition"] == {"ArnLike": {"AWS:SourceArn": "arn:aws:execute-api:us-east-1:000000000000:api"}}
    code, _, status = error_of(one.client.add_permission, FunctionName=one.name, StatementId="api", **allow)
    assert (code, status) == ("ResourceConflictException", 409)
    one.client.remove_permission(FunctionName=one.name, StatementId="api")
    assert error_of(one.client.get_policy, FunctionName=one.name)[0] == "ResourceNotFoundException"


def test_tags_are_kept(function):
    one = function(ECHO["python"])
    one.client.tag_resource(Resource=one.arn, Tags={"a": "1", "b": "2"})
    one.client.untag_resource(Resource=one.arn, TagKeys=["a"])
    assert one.client.list_tags(Resource=one.arn)["Tags"] == {"b": "2"}


def test_the_command_line_creates_calls_and_deletes(clients, tmp_path):
    name = unique("cli")
    (tmp_path / "f.zip").write_bytes(zipped({"main.py": ECHO["python"]}))
    made = clients.cli(
        "lambda", "create-function", "--function-name", name, "--runtime", "python3.13", "--handler", "main.handler",
        "--role", ROLE, "--zip-file", f"fileb://{tmp_path}/f.zip",
    )  # fmt: skip
    assert made["FunctionName"] == name
    clients.cli("lambda", "wait", "function-active-v2", "--function-name", name)
    out = tmp_path / "out.json"
    answer = clients.cli("lambda", "invoke", "--function-name", name, "--payload", '{"x": 1}', out)
    assert answer["StatusCode"] == 200 and json.loads(out.read_text()) == {"x": 1}
    clients.cli("lambda", "delete-function", "--function-name", name)
    assert "(ResourceNotFoundException)" in clients.cli_fails("lambda", "get-function", "--function-name", name)


def test_the_javascript_sdk_invokes(clients, function):
    source = """
export const handler = async (event) => {
  console.log("in the log");
  if (event.fail) throw new Error("as asked");
  return { greeting: `hello ${event.greet}` };
};
"""
    one = function(source, "node")
    steps = clients.node("lambda.mjs", one.name)
    assert steps["runtime"] == "nodejs22.x"
    assert steps["fine"] == [200, None, {"greeting": "hello you"}]
    assert "in the log" in steps["log"]
    assert steps["failed"] == ["Unhandled", "as asked"]
    assert steps["missing"] == ["ResourceNotFoundException", 404]
