"""Express state machines through boto3 and the AWS CLI: started and left alone, and waited for."""

import json
import socket
import subprocess

import pytest

from harness import functions
from harness.clients import Clients, error_of
from harness.mappings import Queue
from harness.platform import Platform
from harness.wait import wait_until
from harness.workflows import Machine, of

ADDS = "def handler(event, context):\n    return {'sum': event['a'] + event['b']}\n"

WAITS = """
import boto3
def handler(event, context):
    return boto3.client("stepfunctions").start_sync_execution(stateMachineArn=event["arn"])["output"]
"""


@pytest.fixture
def states(clients):
    """As a client is set that has no name for the host that answers synchronously."""
    return clients.boto("stepfunctions", inject_host_prefix=False)


def express(states, **definition):
    return Machine(states, of(**definition), type="EXPRESS")


def sync(states, machine, payload=None):
    return states.start_sync_execution(stateMachineArn=machine.arn, input=json.dumps(payload or {}))


def test_who_waits_gets_the_answer(clients, states):
    adds = functions.create(clients, ADDS)
    machine = express(
        states,
        A={"Type": "Pass", "Parameters": {"a.$": "$.n", "b": 2}, "Next": "B"},
        B={"Type": "Task", "Resource": adds.arn, "ResultPath": "$.done", "Next": "C"},
        C={"Type": "Choice", "Choices": [{"Variable": "$.done.sum", "NumericGreaterThan": 9, "Next": "D"}], "Default": "E"},
        D={"Type": "Pass", "Result": "many", "End": True},
        E={"Type": "Fail", "Error": "Few", "Cause": "not enough"},
    )
    said = sync(states, machine, {"n": 8})
    assert (said["status"], json.loads(said["output"])) == ("SUCCEEDED", "many")
    assert said["executionArn"].split(":")[5:7] == ["express", machine.name]
    assert said["billingDetails"]["billedMemoryUsedInMB"] == 64
    assert said["billingDetails"]["billedDurationInMilliseconds"] % 100 == 0
    said = sync(states, machine, {"n": 1})
    assert (said["status"], said["error"], said["cause"]) == ("FAILED", "Few", "not enough")
    assert "output" not in said


def test_functions_wait_for_answers_with_an_unmodified_client(clients, states):
    machine = express(states, A={"Type": "Pass", "Result": {"said": 1}, "End": True})
    _, error, told = functions.create(clients, WAITS).invoke({"arn": machine.arn})
    assert (error, told) == (None, '{"said":1}')


def test_the_host_that_answers_synchronously(clients, states, monkeypatch):
    """An unmodified client puts `sync-` before the endpoint's name: where that resolves, it works."""
    machine = express(states, A={"Type": "Pass", "Result": 1, "End": True})
    resolve, asked = socket.getaddrinfo, []

    def resolving(host, *args, **kwargs):
        asked.append(host)
        return resolve("127.0.0.1" if str(host).startswith("sync-") else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolving)
    unmodified = clients.session.client("stepfunctions", endpoint_url=clients.url)
    said = unmodified.start_sync_execution(stateMachineArn=machine.arn)
    assert json.loads(said["output"]) == 1
    assert any(str(host).startswith("sync-") for host in asked)


def test_the_cli_waits_too(clients, states):
    machine = express(states, A={"Type": "Pass", "Parameters": {"said.$": "$.name"}, "End": True})
    command = ["aws", "stepfunctions", "start-sync-execution", "--state-machine-arn", machine.arn, "--input", '{"name": "Ada"}']
    environment = {**clients.environment(), "AWS_DISABLE_HOST_PREFIX_INJECTION": "true"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
    assert json.loads(json.loads(done.stdout)["output"]) == {"said": "Ada"}


def test_what_isnt_told_of_express_executions(states):
    machine = express(states, A={"Type": "Pass", "End": True})
    started = states.start_execution(stateMachineArn=machine.arn, name="same")["executionArn"]
    assert started != states.start_execution(stateMachineArn=machine.arn, name="same")["executionArn"]
    told = ("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'", 400)
    for call in (states.describe_execution, states.get_execution_history, states.stop_execution):
        assert error_of(call, executionArn=started) == told
    told = ("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine", 400)
    assert error_of(states.list_executions, stateMachineArn=machine.arn) == told
    standard = Machine(states, of(A={"Type": "Pass", "End": True}))
    assert error_of(states.start_sync_execution, stateMachineArn=standard.arn) == told


def test_what_an_express_workflow_may_not_have(states):
    task = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True}
    refused = error_of(express, states, A={**task, "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"}})
    assert refused[0] == "InvalidDefinition"
    assert "Express state machine does not support '.waitForTaskToken' service integration" in refused[1]


def test_who_goes_away_is_served_through_restarts(tmp_path):
    """Nothing waits for it, and it isn't lost: killed in a wait, it goes on where it was."""
    platform = Platform(tmp_path).start()
    try:
        clients = Clients(platform.url)
        states, queue = clients.boto("stepfunctions"), Queue(clients)
        send = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Next": "W"}
        first = {**send, "Parameters": {"QueueUrl": queue.url, "MessageBody": "before"}, "ResultPath": None}
        last = {**send, "Parameters": {"QueueUrl": queue.url, "MessageBody": "after"}, "End": True}
        del last["Next"]
        machine = express(states, A=first, W={"Type": "Wait", "Seconds": 60, "Next": "B"}, B=last)
        machine.start()
        got = []
        wait_until(lambda: got.extend(bodies(queue)) or got == ["before"], 30, "the first message")
        platform.advance(1)  # what has been done is known to the execution, too
        platform.kill()
        platform.start()
        platform.advance(61)
        wait_until(lambda: got.extend(bodies(queue)) or got == ["before", "after"], 30, "the second message")
    finally:
        platform.stop()


def bodies(queue):
    got = queue.client.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10).get("Messages", [])
    for message in got:
        queue.client.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
    return [message["Body"] for message in got]
