"""RedriveExecution: what failed goes on in the same execution."""

import pytest

from harness import functions, tables
from harness.clients import Clients, error_of
from harness.mappings import Queue
from harness.names import unique
from harness.platform import watched
from harness.wait import wait_until
from harness.workflows import Machine, of

# Fails for the keys that are in the table, and says how often it was called for the key.
PICKY = """
import boto3
def handler(event, context):
    table = boto3.resource("dynamodb").Table(event["table"])
    seen = table.update_item(Key={"id": event["key"]}, UpdateExpression="ADD n :one",
                             ExpressionAttributeValues={":one": 1}, ReturnValues="ALL_NEW")["Attributes"]
    if seen.get("bad"):
        raise ValueError(event["key"])
    return int(seen["n"])
"""


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    with watched(tmp_path_factory.mktemp("redrive")) as platform:
        yield platform


@pytest.fixture(scope="module")
def clients(platform):
    return Clients(platform.url)


@pytest.fixture(scope="module")
def states(clients):
    return clients.boto("stepfunctions")


class Picky:
    def __init__(self, clients):
        self.function, self.name = functions.create(clients, PICKY), tables.create(clients)
        self.table = clients.boto("dynamodb")

    def refuse(self, key):
        self.table.put_item(TableName=self.name, Item={"id": {"S": key}, "bad": {"BOOL": True}, "n": {"N": "0"}})

    def accept(self, key):
        self.table.update_item(TableName=self.name, Key={"id": {"S": key}}, UpdateExpression="REMOVE bad")


@pytest.fixture(scope="module")
def picky(clients):
    return Picky(clients)


def redrive(states, execution, **settings):
    return states.redrive_execution(executionArn=execution.arn, **settings)["redriveDate"]


def test_a_failed_execution_goes_on_where_it_failed(states, picky):
    call = {"Type": "Task", "Resource": picky.function.arn, "ResultPath": "$.calls"}
    definition = of(First={**call, "Next": "Second"}, Second={**call, "InputPath": "$.second", "End": True})
    machine = Machine(states, definition)
    good, bad = unique("k"), unique("k")
    picky.refuse(bad)
    payload = {"table": picky.name, "key": good, "second": {"table": picky.name, "key": bad}}
    execution = machine.start(payload)
    said = execution.ended()
    assert (said["status"], said["error"]) == ("FAILED", "ValueError")
    assert (said["redriveStatus"], said["redriveCount"]) == ("REDRIVABLE", 0)
    assert "redriveStatusReason" not in said and "redriveDate" not in said
    picky.accept(bad)
    date = redrive(states, execution)
    assert execution.output()["calls"] == 2, "the first one wasn't called again"
    said = execution.describe()
    assert (said["redriveCount"], said["redriveDate"], said["redriveStatus"]) == (1, date, "NOT_REDRIVABLE")
    assert said["redriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven"
    types = execution.types()
    after = types.index("ExecutionRedriven")
    assert types[after - 1:] == [
        "ExecutionFailed", "ExecutionRedriven", "LambdaFunctionScheduled", "LambdaFunctionStarted",
        "LambdaFunctionSucceeded", "TaskStateExited", "ExecutionSucceeded",
    ]
    events = execution.events()
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert events[after]["executionRedrivenEventDetails"] == {"redriveCount": 1}
    refused = error_of(redrive, states, execution)
    assert refused[:2] == ("ExecutionNotRedrivable", "Execution is SUCCEEDED and cannot be redriven")
    other = machine.start(payload)
    other.ended()

    def listed(**wanted):
        found = states.list_executions(stateMachineArn=machine.arn, **wanted)["executions"]
        return {one["executionArn"]: one["redriveCount"] for one in found}

    assert listed() == {execution.arn: 1, other.arn: 0}
    assert listed(redriveFilter="REDRIVEN") == {execution.arn: 1}
    assert listed(redriveFilter="NOT_REDRIVEN") == {other.arn: 0}


def test_of_branches_and_iterations_only_those_that_failed_run_again(states, picky):
    call = {"Type": "Task", "Resource": picky.function.arn, "End": True}
    selector = {"table": picky.name, "key.$": "$$.Map.Item.Value"}
    each = {"Type": "Map", "ItemsPath": "$.keys", "MaxConcurrency": 1, "ItemSelector": selector,
            "ItemProcessor": of(Call=call), "End": True}
    count = {"Type": "Pass", "Parameters": {"redrives.$": "$$.Execution.RedriveCount"}, "End": True}
    both = {"Type": "Parallel", "Branches": [of(Each=each), of(Count=count)], "End": True}
    keys = [unique("k") for _ in range(4)]
    picky.refuse(keys[1])
    execution = Machine(states, of(Both=both)).start({"keys": keys})
    assert execution.ended()["status"] == "FAILED"
    redrive(states, execution)
    assert execution.ended()["status"] == "FAILED", "it still fails"
    picky.accept(keys[1])
    redrive(states, execution)
    assert execution.output() == [[1, 3, 1, 1], {"redrives": 0}]
    assert execution.describe()["redriveCount"] == 2
    types = execution.types()
    assert (types.count("ParallelStateEntered"), types.count("MapStateEntered")) == (1, 1)
    assert (types.count("MapIterationFailed"), types.count("MapIterationSucceeded")) == (2, 4)


def test_what_was_stopped_or_took_too_long_can_go_on_for_two_weeks(platform, states):
    definition = of(W={"Type": "Wait", "SecondsPath": "$.seconds", "End": True})
    machine = Machine(states, {"TimeoutSeconds": 600, **definition})
    slow, quick, stopped = machine.start({"seconds": 3600}), machine.start({"seconds": 60}), machine.start({"seconds": 30})
    states.stop_execution(executionArn=stopped.arn)
    refused = error_of(redrive, states, quick)
    assert refused[:2] == ("ExecutionNotRedrivable", "Execution is RUNNING and cannot be redriven")
    assert slow.ended_by_moving(platform, 120)["status"] == "TIMED_OUT"
    assert quick.describe()["status"] == "SUCCEEDED"
    redrive(states, slow)
    assert slow.describe()["status"] == "RUNNING", "its time begins anew"
    assert slow.ended_by_moving(platform, 120)["status"] == "TIMED_OUT"
    token = unique("t")
    first = redrive(states, stopped, clientToken=token)
    assert redrive(states, stopped, clientToken=token) == first
    assert stopped.describe()["redriveCount"] == 1
    assert stopped.ended_by_moving(platform, 60)["status"] == "SUCCEEDED"
    platform.advance(14 * 86_400 + 60)
    late = error_of(redrive, states, slow)
    assert late[:2] == ("ExecutionNotRedrivable", "Execution redrivable period exceeded")
    assert slow.describe()["redriveStatusReason"] == "Execution redrivable period exceeded"
    nobody = error_of(states.redrive_execution, executionArn=f"{slow.arn}x")
    assert nobody[0] == "ExecutionDoesNotExist"


def test_a_redriven_task_has_another_token_and_retries_from_the_beginning(platform, states, clients):
    queue = Queue(clients)
    ask = {
        "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True,
        "Parameters": {"QueueUrl": queue.url, "MessageBody": {"token.$": "$$.Task.Token"}},
        "Retry": [{"ErrorEquals": ["Again"], "IntervalSeconds": 5, "MaxAttempts": 1}],
    }
    execution = Machine(states, of(Ask=ask)).start()

    def token():
        found = []
        wait_until(lambda: found.extend(queue.receive()) or found, 60, "the token")
        return found[0]["token"]

    def refuse(task):
        states.send_task_failure(taskToken=task, error="Again", cause="not now")

    first = token()
    refuse(first)
    platform.advance(10)
    refuse(token())
    assert execution.ended()["status"] == "FAILED", "there is one retry"
    redrive(states, execution)
    third = token()
    assert third != first
    assert error_of(states.send_task_success, taskToken=first, output="1")[0] == "TaskTimedOut"
    refuse(third)
    platform.advance(10)
    states.send_task_success(taskToken=token(), output='"yes"')
    assert execution.output() == "yes"


def test_redriven_by_the_aws_cli_after_the_platform_was_killed(platform, states, clients, picky):
    bad = unique("k")
    picky.refuse(bad)
    call = {"Type": "Task", "Resource": picky.function.arn, "End": True}
    execution = Machine(states, of(Call=call)).start({"table": picky.name, "key": bad})
    assert execution.ended()["status"] == "FAILED"
    platform.kill()
    platform.start()
    picky.accept(bad)
    said = clients.cli("stepfunctions", "redrive-execution", "--execution-arn", execution.arn)
    assert set(said) == {"redriveDate"}
    assert execution.output() == 2
