"""Executions as they were recorded from AWS, with mocks that give what its services gave: the histories are the same."""

import json

import pytest

from harness.clients import ROLE, Clients
from harness.platform import Platform
from harness.recordings import Comparison, scenario
from harness.workflows import Execution, of

SCENARIOS, CALLBACKS = (f"stepfunctions/v2/local_mocking/test_base_{kind}.json" for kind in ("scenarios", "callbacks"))
# What a case says isn't what the service said first; and roles are ours.
OF_OURS = {"taskSubmittedEventDetails", "roleArn"}


def task(resource, names=(), **fields):
    parameters = {f"{name}.$": f"$.{name}" for name in names}
    return {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters, "End": True, **fields}


def followed(state, by, **fields):
    return {**{name: value for name, value in state.items() if name != "End"}, "Next": by, **fields}


WAITING = task("sqs:sendMessage.waitForTaskToken", ["QueueUrl"])
WAITING["Parameters"]["MessageBody"] = {"Message.$": "$.Message", "TaskToken.$": "$$.Task.Token"}
# Their names: the file, and the definition.
RECORDED = {
    "test_dynamodb_put_get_item": (SCENARIOS, of(
        PutItem=followed(task("dynamodb:putItem", ["TableName", "Item"]), "GetItem", ResultPath="$.putItemOutput"),
        GetItem=task("dynamodb:getItem", ["TableName", "Key"], ResultPath="$.getItemOutput"),
    )),
    "test_lambda_service_invoke": (SCENARIOS, of(
        Start=followed(task("lambda:invoke", ["FunctionName", "Payload"]), "EndWithFinal"),
        EndWithFinal={"Type": "Pass", "ResultPath": "$.final", "End": True},
    )),
    "test_sns_publish_base": (SCENARIOS, of(Publish=task("sns:publish", ["TopicArn", "Message"]))),
    "test_sqs_send_message": (SCENARIOS, of(SendSQS=task("sqs:sendMessage", ["QueueUrl", "MessageBody"]))),
    "test_sfn_start_execution_sync[SFN_SYNC]": (CALLBACKS, of(
        StartExecution=task("states:startExecution.sync", ["StateMachineArn", "Input", "Name"]))),
    "test_sqs_wait_for_task_token": (CALLBACKS, of(SendMessageWithWait=WAITING)),
}


def events(name):
    return scenario(RECORDED[name][0], name)["get_execution_history"]["events"]


def mocks():
    """What the recorded tasks came to, by the states that called."""
    machines, responses = {}, {}
    for n, name in enumerate(RECORDED):
        states, entered = {}, None
        for event in events(name):
            entered = event.get("stateEnteredEventDetails", {"name": entered})["name"]
            if "taskSucceededEventDetails" in event:
                output = event["taskSucceededEventDetails"]["output"]
                came = json.loads(output) if isinstance(output, str) else output
                responses[f"{n}-{entered}"] = {"0": {"Return": came}}
                states[entered] = f"{n}-{entered}"
        machines[f"m{n}"] = {"TestCases": {"Recorded": states}}
    return {"StateMachines": machines, "MockedResponses": responses}


@pytest.fixture(scope="module")
def states(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recorded-mocks")
    file = folder / "MockConfigFile.json"
    file.write_text(json.dumps(mocks()))
    platform = Platform(folder, extra=("--ephemeral",), settings={"SFN_MOCK_CONFIG": str(file)}).start()
    yield Clients(platform.url).boto("stepfunctions")
    platform.stop()


def opened(details):
    """Objects in texts as such: recordings have them so."""
    shown = dict(details)
    for name in ("input", "output", "parameters"):
        if str(shown.get(name)).startswith("{"):
            shown[name] = json.loads(shown[name])
    return shown


def compared(event, details=lambda details: details):
    """An event without what is ours."""
    return {
        name: details({inner: one for inner, one in value.items() if inner not in OF_OURS}) if isinstance(value, dict) else value
        for name, value in event.items() if name not in OF_OURS
    }


@pytest.mark.parametrize("name", RECORDED)
def test_histories_are_those_of_the_real_services(states, name):
    machine, definition = f"m{list(RECORDED).index(name)}", RECORDED[name][1]
    made = states.create_state_machine(name=machine, definition=json.dumps(definition), roleArn=ROLE)
    told = events(name)
    given = json.dumps(told[0]["executionStartedEventDetails"]["input"])
    started = states.start_execution(stateMachineArn=f"{made['stateMachineArn']}#Recorded", input=given)
    execution = Execution(states, started["executionArn"])
    execution.ended()
    recorded, ours = [compared(event) for event in told], [compared(event, opened) for event in execution.events()]
    Comparison().check(recorded, ours)
