"""Executions as they were recorded from AWS, with mocks that give what its services gave: the histories are the same."""

import json

import pytest

from harness.clients import ROLE, Clients
from harness.platform import Platform
from harness.recordings import Comparison, scenario
from harness.workflows import Execution, of

SCENARIOS, CALLBACKS = (f"stepfunctions/v2/local_mocking/test_base_{kind}.json" for kind in ("scenarios", "callbacks"))
# What a case says isn't what the service said first; and roles are ours.
OF_OURS = {"taskSubmittedEventDetails", "roleArn", "mapRunArn"}


def task(resource, names=(), **fields):
    parameters = {f"{name}.$": f"$.{name}" for name in names}
    return {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters, "End": True, **fields}


def followed(state, by, **fields):
    return {**{name: value for name, value in state.items() if name != "End"}, "Next": by, **fields}


WAITING = task("sqs:sendMessage.waitForTaskToken", ["QueueUrl"])
WAITING["Parameters"]["MessageBody"] = {"Message.$": "$.Message", "TaskToken.$": "$$.Task.Token"}
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:lambda_function_name"
# By turns: a state that asks again until it is told that it is done.
ASKING = {
    "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "CheckCompleted",
    "Arguments": {
        "FunctionName": FUNCTION,
        "Payload": {"status": "{% $exists($states.input.Payload) ? 'completed' : 'running' %}"},
    },
    "Assign": {"status": "{% $states.result.Payload.status %}"},
}
COUNTED = {"Values.$": "$.Values", "Iterations.$": "States.MathAdd($.Iterations, -1)"}
EACH = {
    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
    **of(ProcessValue=task("lambda:invoke", Parameters={"FunctionName": FUNCTION, "Payload.$": "$"})),
}
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
    "test_map_state_lambda": (SCENARIOS, of(
        StartState={
            "Type": "Pass", "Result": {"Values": [{"body": "string body"}], "Iterations": 2}, "Next": "BeforeIteration",
        },
        BeforeIteration={"Type": "Pass", "Parameters": COUNTED, "Next": "IterationBody"},
        IterationBody={
            "Type": "Map", "ItemsPath": "$.Values", "ResultPath": None, "ItemProcessor": EACH, "Next": "CheckIteration",
        },
        CheckIteration={
            "Type": "Choice", "Default": "Terminate",
            "Choices": [{"Variable": "$.Iterations", "NumericGreaterThan": 0, "Next": "BeforeIteration"}],
        },
        Terminate={"Type": "Succeed"},
    )),
    "test_numbered_mock_responses_multiple_success_invocations": (SCENARIOS, {**of(
        LambdaState=ASKING,
        CheckCompleted={
            "Type": "Choice", "Default": "LambdaState",
            "Choices": [{"Condition": "{% $status = 'completed' %}", "Next": "Finish"}],
        },
        Finish={"Type": "Succeed"},
    ), "QueryLanguage": "JSONata"}),
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
    # What children of a map are told isn't in the history of the execution.
    machines, responses = {}, {"n-ProcessValue": {"0-1": {"Return": {}}}}
    for n, name in enumerate(RECORDED):
        states, entered = {"ProcessValue": "n-ProcessValue"}, None
        for event in events(name):
            entered = event.get("stateEnteredEventDetails", {"name": entered})["name"]
            if "taskSucceededEventDetails" in event:
                output = event["taskSucceededEventDetails"]["output"]
                came = json.loads(output) if isinstance(output, str) else output
                answers = responses.setdefault(f"{n}-{entered}", {})
                answers[str(len(answers))] = {"Return": came}
                states[entered] = f"{n}-{entered}"
        machines[f"m{n}"] = {"TestCases": {"Recorded": states}}
    output = synchronous()["output"]
    responses["sync"] = {"0": {"Return": {name: value for name, value in output.items() if name != "final"}}}
    machines["sync"] = {"TestCases": {"Recorded": {"Start": "sync"}}}
    return {"StateMachines": machines, "MockedResponses": responses}


def synchronous():
    return scenario(SCENARIOS, "test_lambda_service_invoke_sync_execution")["start_execution_sync_response"]


@pytest.fixture(scope="module")
def states(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recorded-mocks")
    file = folder / "MockConfigFile.json"
    file.write_text(json.dumps(mocks()))
    platform = Platform(folder, extra=("--ephemeral",), settings={"SFN_MOCK_CONFIG": str(file)}).start()
    yield Clients(platform.url).boto("stepfunctions", inject_host_prefix=False)
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


def test_a_synchronous_execution_answers_what_the_real_service_did(states):
    recorded, definition = synchronous(), json.dumps(RECORDED["test_lambda_service_invoke"][1])
    made = states.create_state_machine(name="sync", definition=definition, roleArn=ROLE, type="EXPRESS")
    given = json.dumps(recorded["input"])
    said = states.start_sync_execution(stateMachineArn=f"{made['stateMachineArn']}#Recorded", input=given)
    names = ["input", "inputDetails", "output", "outputDetails", "status"]
    Comparison().check({name: recorded[name] for name in names}, opened({name: said[name] for name in names}))
    assert recorded["billingDetails"].keys() == said["billingDetails"].keys()
