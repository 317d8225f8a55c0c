"""Step Functions: real functions, queues and tables, and virtual time where there is waiting."""

import json

import pytest

from harness import functions, tables
from harness.clients import ROLE, Clients, error_of
from harness.mappings import Queue
from harness.names import unique
from harness.platform import watched
from harness.wait import wait_until
from harness.workflows import Execution, Machine, of

# Fails as often as it is told to, by a counter in a table of its own; it says which try it is.
FLAKY = """
import boto3
def handler(event, context):
    table = boto3.resource("dynamodb").Table(event["table"])
    seen = table.update_item(Key={"id": event["key"]}, UpdateExpression="ADD n :one",
                             ExpressionAttributeValues={":one": 1}, ReturnValues="ALL_NEW")["Attributes"]["n"]
    if seen <= event["failures"]:
        raise ConnectionError(f"try {seen}")
    return {"tries": int(seen)}
"""


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    with watched(tmp_path_factory.mktemp("states")) as platform:
        yield platform


@pytest.fixture(scope="module")
def clients(platform):
    return Clients(platform.url)


@pytest.fixture(scope="module")
def states(clients):
    return clients.boto("stepfunctions")


@pytest.fixture(scope="module")
def flaky(clients):
    return functions.create(clients, FLAKY), tables.create(clients)


def choice(variable, **rule):
    return {"Type": "Choice", "Choices": [{"Variable": variable, **rule}], "Default": "No"}


def test_a_machine_is_made_described_changed_listed_and_deleted(states):
    definition = of(A={"Type": "Pass", "Result": {"x": 1}, "End": True})
    machine = Machine(states, definition, tags=[{"key": "team", "value": "a"}])
    said = states.describe_state_machine(stateMachineArn=machine.arn)
    assert (said["status"], said["type"], json.loads(said["definition"])) == ("ACTIVE", "STANDARD", definition)
    assert said["loggingConfiguration"] == {"level": "OFF", "includeExecutionData": False}
    assert "revisionId" not in said
    again = states.create_state_machine(name=machine.name, definition=json.dumps(definition), roleArn=ROLE)
    assert again["stateMachineArn"] == machine.arn
    other = of(A={"Type": "Pass", "Result": {"x": 2}, "End": True})
    refused = error_of(states.create_state_machine, name=machine.name, definition=json.dumps(other), roleArn=ROLE)
    assert refused[0] == "StateMachineAlreadyExists"
    first = machine.start().output()
    changed = states.update_state_machine(stateMachineArn=machine.arn, definition=json.dumps(other))
    assert changed["revisionId"] == states.describe_state_machine(stateMachineArn=machine.arn)["revisionId"]
    assert (first, machine.start().output()) == ({"x": 1}, {"x": 2})
    pages = states.get_paginator("list_state_machines").paginate(PaginationConfig={"PageSize": 1})
    assert machine.name in [one["name"] for page in pages for one in page["stateMachines"]]
    states.tag_resource(resourceArn=machine.arn, tags=[{"key": "stage", "value": "test"}])
    states.untag_resource(resourceArn=machine.arn, tagKeys=["team"])
    assert states.list_tags_for_resource(resourceArn=machine.arn)["tags"] == [{"key": "stage", "value": "test"}]
    states.delete_state_machine(stateMachineArn=machine.arn)
    gone = error_of(states.describe_state_machine, stateMachineArn=machine.arn)
    assert gone[:2] == ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{machine.arn}'")


def test_what_is_wrong_with_a_definition_is_said(states):
    lost = of(A={"Type": "Pass", "Next": "B"})
    said = states.validate_state_machine_definition(definition=json.dumps(lost))
    assert said["result"] == "FAIL"
    assert said["diagnostics"] == [{
        "severity": "ERROR", "code": "MISSING_TRANSITION_TARGET", "message": "Missing 'Next' target: B",
        "location": "/States/A/Next",
    }]
    code, message, _ = error_of(states.create_state_machine, name=unique("m"), definition=json.dumps(lost), roleArn=ROLE)
    assert code == "InvalidDefinition"
    assert message == "Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next'"


def details_of(event):
    return next(value for name, value in event.items() if name.endswith("EventDetails"))


def test_executions_are_told_by_their_names_and_listed_by_their_start(states):
    machine = Machine(states, of(W={"Type": "Wait", "Seconds": 3600, "End": True}))
    one = machine.start({"n": 1}, name="one")
    assert machine.start({"n": 1}, name="one").arn == one.arn
    assert error_of(machine.start, {"n": 2}, name="one")[0] == "ExecutionAlreadyExists"
    two = machine.start({"n": 2}, name="two")
    states.stop_execution(executionArn=one.arn, error="Enough", cause="it is late")
    said = one.describe()
    assert (said["status"], said["error"], said["cause"]) == ("ABORTED", "Enough", "it is late")
    assert one.types() == ["ExecutionStarted", "WaitStateEntered", "ExecutionAborted"]
    pages = states.get_paginator("list_executions").paginate(stateMachineArn=machine.arn, PaginationConfig={"PageSize": 1})
    assert [one["name"] for page in pages for one in page["executions"]] == ["two", "one"]
    running = states.list_executions(stateMachineArn=machine.arn, statusFilter="RUNNING")["executions"]
    assert [one["executionArn"] for one in running] == [two.arn]
    backwards = states.get_execution_history(executionArn=one.arn, reverseOrder=True)["events"]
    assert [event["id"] for event in backwards] == [3, 2, 1]
    assert [details_of(event).get("input") for event in backwards] == [None, '{"n": 1}', '{"n": 1}']
    bare = states.get_execution_history(executionArn=one.arn, includeExecutionData=False)["events"]
    assert [sorted(details_of(event)) for event in bare] == [["roleArn"], ["name"], ["cause", "error"]]
    states.stop_execution(executionArn=two.arn)


def test_both_languages_choose_assign_and_put_out(states):
    paths = of(
        Set={"Type": "Pass", "Assign": {"limit": 10}, "Next": "Choose"},
        Choose=choice("$.n", NumericGreaterThanPath="$limit", Next="Yes"),
        Yes={"Type": "Pass", "Parameters": {"said.$": "States.Format('{} is much', $.n)"}, "End": True},
        No={"Type": "Fail", "Error": "TooFew", "CausePath": "States.Format('{} is not enough', $.n)"},
    )
    machine = Machine(states, paths)
    assert machine.start({"n": 11}).output() == {"said": "11 is much"}
    few = machine.start({"n": 3}).ended()
    assert (few["status"], few["error"], few["cause"]) == ("FAILED", "TooFew", "3 is not enough")
    jsonata = {"QueryLanguage": "JSONata", **of(
        Set={"Type": "Pass", "Assign": {"sum": "{% $sum($states.input.prices) %}"}, "Next": "Choose"},
        Choose={"Type": "Choice", "Default": "No", "Choices": [{"Condition": "{% $sum > 10 %}", "Next": "Yes"}]},
        Yes={"Type": "Succeed", "Output": {"sum": "{% $sum %}"}},
        No={"Type": "Fail", "Error": "{% 'Sum' & $string($sum) %}"},
    )}
    machine = Machine(states, jsonata)
    assert machine.start({"prices": [4, 8]}).output() == {"sum": 12}
    assert machine.start({"prices": [4]}).ended()["error"] == "Sum4"


def test_a_task_is_tried_again_at_growing_distances_and_caught_in_the_end(platform, states, flaky):
    function, table = flaky
    task = {
        "Type": "Task", "Resource": function.arn, "End": True,
        "Retry": [{"ErrorEquals": ["ConnectionError"], "IntervalSeconds": 60, "BackoffRate": 2, "MaxAttempts": 2}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Caught"}],
    }
    machine = Machine(states, of(Call=task, Caught={"Type": "Pass", "End": True}))
    good = machine.start({"table": table, "key": unique("k"), "failures": 2})
    bad = machine.start({"table": table, "key": unique("k"), "failures": 5})
    assert json.loads(good.ended_by_moving(platform, 30)["output"]) == {"tries": 3}
    caught = json.loads(bad.ended_by_moving(platform, 30)["output"])
    assert caught["error"]["Error"] == "ConnectionError"
    assert json.loads(caught["error"]["Cause"])["errorMessage"] == "try 3"
    scheduled = [event["timestamp"] for event in good.events() if event["type"] == "LambdaFunctionScheduled"]
    between = [(after - before).total_seconds() for before, after in zip(scheduled, scheduled[1:])]
    assert between[0] >= 60 and between[1] >= 120, between


def test_branches_and_iterations_give_lists_in_order(states, flaky):
    function, table = flaky
    call = {
        "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True,
        "Parameters": {"FunctionName": function.name, "Payload": {"table": table, "key.$": "$.key", "failures": 0}},
        "ResultSelector": {"tries.$": "$.Payload.tries"},
    }
    each = {"Type": "Map", "ItemsPath": "$.keys", "MaxConcurrency": 3, "End": True, "ItemProcessor": of(Call=call),
            "ItemSelector": {"key.$": "$$.Map.Item.Value"}}
    other = {"Type": "Pass", "Result": "beside", "End": True}
    both = {"Type": "Parallel", "End": True, "Branches": [of(Each=each), of(Other=other)]}
    keys = [unique("k") for _ in range(5)]
    execution = Machine(states, of(Both=both)).start({"keys": keys})
    assert execution.output() == [[{"tries": 1}] * 5, "beside"]
    assert execution.types().count("MapIterationSucceeded") == 5


def test_who_has_the_token_ends_the_task(platform, states, clients):
    queue = Queue(clients)
    task = {
        "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": True,
        "HeartbeatSeconds": 600,
        "Parameters": {"QueueUrl": queue.url, "MessageBody": {"token.$": "$$.Task.Token", "order.$": "$.order"}},
    }
    machine = Machine(states, of(Ask=task))

    def asked(order):
        execution = machine.start({"order": order})
        found = []
        wait_until(lambda: found.extend(queue.receive()) or found, 60, "the token")
        return execution, found[0]["token"]

    yes, token = asked(1)
    states.send_task_heartbeat(taskToken=token)
    states.send_task_success(taskToken=token, output='{"approved": true}')
    assert yes.output() == {"approved": True}
    assert error_of(states.send_task_success, taskToken=token, output="1")[0] == "TaskTimedOut"
    no, token = asked(2)
    states.send_task_failure(taskToken=token, error="Denied", cause="too dear")
    assert (no.ended()["error"], no.ended()["cause"]) == ("Denied", "too dear")
    nobody, _ = asked(3)
    assert nobody.ended_by_moving(platform, 300)["error"] == "States.Timeout"
    assert error_of(states.send_task_success, taskToken="forged", output="1")[0] == "InvalidToken"


def test_an_execution_waits_for_another_and_calls_what_it_needs_without_a_function(platform, states, clients):
    table = tables.create(clients)
    put = {
        "Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem", "ResultPath": None, "Next": "Get",
        "Parameters": {"TableName": table, "Item": {"id": {"S.$": "$.id"}, "n": {"N": "1"}}},
    }
    get = {
        "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:getItem", "End": True,
        "Parameters": {"TableName": table, "Key": {"id": {"S.$": "$.id"}}}, "OutputPath": "$.Item",
    }
    inner = Machine(states, of(Wait={"Type": "Wait", "Seconds": 86_400, "Next": "Put"}, Put=put, Get=get))
    start = {
        "Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2", "End": True,
        "Parameters": {"StateMachineArn": inner.arn, "Input": {"id.$": "$.id"}}, "OutputPath": "$.Output",
    }
    outer = Machine(states, of(Start=start)).start({"id": "x"})
    outer.reaches("TaskSubmitted")
    platform.advance(86_400)
    assert outer.output() == {"id": {"S": "x"}, "n": {"N": "1"}}
    missing = of(Get={**get, "Parameters": {"TableName": unique("none"), "Key": {"id": {"S": "x"}}}})
    failed = Machine(states, missing).start().ended()
    assert failed["error"] == "DynamoDb.ResourceNotFoundException"
    assert failed["cause"].startswith("Requested resource not found (Service: DynamoDb, Status Code: 400, Request ID: ")


def test_executions_go_on_after_the_platform_was_killed(fresh, chance):
    platform = fresh().start()
    clients = Clients(platform.url)
    client = clients.boto("stepfunctions")
    function, table = functions.create(clients, FLAKY), tables.create(clients)
    call = {
        "Type": "Task", "Resource": function.arn, "ResultPath": "$.result",
        "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 5}],
    }
    wait = {"Type": "Wait", "Seconds": 1}
    machine = Machine(client, of(
        A={**call, "Next": "B"}, B={**wait, "Next": "C"}, C={**call, "Next": "D"}, D={**wait, "Next": "E"},
        E={**call, "End": True},
    ))
    arns = [machine.start({"table": table, "key": f"k{n}", "failures": 1}).arn for n in range(8)]
    for _kill in range(3):
        platform.dies_after(chance.uniform(0.2, 2.0))
        platform.start(seconds=60)
    client = Clients(platform.url).boto("stepfunctions")
    for arn in arns:
        execution = Execution(client, arn)
        assert execution.output(within=120)["result"]["tries"] >= 3
        events = execution.events()
        assert [event["id"] for event in events] == list(range(1, len(events) + 1)), "no event is missing"
        entered = [event["stateEnteredEventDetails"]["name"] for event in events if event["type"].endswith("Entered")]
        assert entered == ["A", "B", "C", "D", "E"]
    assert platform.terminate() == 0


def test_a_rule_starts_an_execution_with_its_event(states, clients):
    events, source = clients.boto("events"), unique("source")
    machine = Machine(states, of(Keep={"Type": "Pass", "OutputPath": "$.detail", "End": True}))
    rule = unique("rule")
    events.put_rule(Name=rule, EventPattern=json.dumps({"source": [source]}))
    put = events.put_targets(Rule=rule, Targets=[{"Id": "t", "Arn": machine.arn, "RoleArn": ROLE}])
    assert put["FailedEntryCount"] == 0
    events.put_events(Entries=[{"Source": source, "DetailType": "kind", "Detail": '{"n": 7}'}])

    def started():
        return states.list_executions(stateMachineArn=machine.arn)["executions"]

    wait_until(started, 60, "the execution")
    [one] = started()
    assert Execution(states, one["executionArn"]).output() == {"n": 7}
