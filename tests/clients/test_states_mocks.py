"""Mocks in Step Functions Local's file format: test cases answer in place of services."""

import json

import pytest

from harness.clients import ROLE, Clients, error_of
from harness.platform import watched
from harness.workflows import Execution, of

NAME = "mocked"
MOCKS = {
    "StateMachines": {NAME: {"TestCases": {
        "Happy": {"Pay": "Paid", "Send": "Sent"},
        "Retried": {"Pay": "PaidInTheEnd", "Send": "Sent"},
        "Refused": {"Pay": "Refused"},
        "Short": {"Pay": "OnlyOnce"},
    }}},
    "MockedResponses": {
        "Paid": {"0": {"Return": {"StatusCode": 200, "Payload": {"paid": True}}}},
        "PaidInTheEnd": {
            "0-1": {"Throw": {"Error": "Lambda.TooManyRequestsException", "Cause": "slow down"}},
            "2": {"Return": {"StatusCode": 200, "Payload": {"paid": "late"}}},
        },
        "Refused": {"0": {"Throw": {"Error": "CardDeclined", "Cause": "no money"}}},
        "OnlyOnce": {"0": {"Throw": {"Error": "Lambda.TooManyRequestsException", "Cause": "slow down"}}},
        "Sent": {"0": {"Return": {"approved": True}}},
    },
}
DEFINITION = of(
    Pay={"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "ResultSelector": {"paid.$": "$.Payload.paid"},
         "Parameters": {"FunctionName": "no-such-function", "Payload.$": "$"},
         "Retry": [{"ErrorEquals": ["Lambda.TooManyRequestsException"], "IntervalSeconds": 1, "MaxAttempts": 3}],
         "Catch": [{"ErrorEquals": ["CardDeclined"], "Next": "Declined"}], "ResultPath": "$.pay", "Next": "Send"},
    Send={"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "ResultPath": "$.send", "End": True,
          "Parameters": {"QueueUrl": "http://no-queue", "MessageBody": {"token.$": "$$.Task.Token"}}},
    Declined={"Type": "Pass", "End": True},
)


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mocks")
    file = folder / "MockConfigFile.json"
    file.write_text(json.dumps(MOCKS))
    with watched(folder, extra=("--sfn-mock-config", str(file))) as platform:
        yield platform


@pytest.fixture(scope="module")
def states(platform):
    return Clients(platform.url).boto("stepfunctions", inject_host_prefix=False)


@pytest.fixture(scope="module")
def machine(states):
    made = states.create_state_machine(name=NAME, definition=json.dumps(DEFINITION), roleArn=ROLE)
    return made["stateMachineArn"]


def run(states, machine, case):
    started = states.start_execution(stateMachineArn=f"{machine}#{case}", input='{"order": 1}')
    return Execution(states, started["executionArn"])


def test_a_case_answers_in_place_of_services(platform, states, machine):
    happy = run(states, machine, "Happy")
    assert happy.output() == {"order": 1, "pay": {"paid": True}, "send": {"approved": True}}
    assert happy.types()[1:8] == [
        "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSucceeded", "TaskStateExited", "TaskStateEntered", "TaskScheduled",
    ]
    assert states.describe_execution(executionArn=happy.arn)["stateMachineArn"] == machine
    retried = run(states, machine, "Retried")
    said = retried.ended_by_moving(platform, 5)
    assert json.loads(said["output"])["pay"] == {"paid": "late"}
    assert retried.types().count("TaskFailed") == 2
    assert run(states, machine, "Refused").output() == {"Error": "CardDeclined", "Cause": "no money"}


def test_what_a_case_does_not_say_fails_or_is_called(platform, states, machine):
    short = run(states, machine, "Short").ended_by_moving(platform, 5)
    assert (short["error"], short["cause"]) == ("States.Runtime", "The test case Short has no response for call 1 of Pay.")
    real = states.start_execution(stateMachineArn=machine, input="{}")
    said = Execution(states, real["executionArn"]).ended()
    assert said["error"] == "Lambda.ResourceNotFoundException"
    code, message, _ = error_of(run, states, machine, "Unknown")
    assert (code, message) == ("ValidationException", f"There is no test case Unknown of the state machine {NAME}.")


def test_express_executions_have_cases_too(states):
    definition = {**DEFINITION, "States": {**DEFINITION["States"]}}
    definition["States"]["Pay"] = {**DEFINITION["States"]["Pay"], "Next": "Declined"}
    del definition["States"]["Send"]
    states.delete_state_machine(stateMachineArn=f"arn:aws:states:us-east-1:000000000000:stateMachine:{NAME}")
    made = states.create_state_machine(name=NAME, definition=json.dumps(definition), roleArn=ROLE, type="EXPRESS")
    said = states.start_sync_execution(stateMachineArn=f"{made['stateMachineArn']}#Happy", input="{}")
    assert json.loads(said["output"]) == {"pay": {"paid": True}}
