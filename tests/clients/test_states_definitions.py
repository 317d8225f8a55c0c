"""What definitions may not have, variables and their scopes, and arguments that no call can be made with."""

import json

import pytest

from harness.clients import ROLE, error_of
from harness.names import unique
from harness.workflows import Machine, of

PASS = {"Type": "Pass", "End": True}


@pytest.fixture
def states(clients):
    return clients.boto("stepfunctions")


def found(states, definition, **more):
    text = definition if isinstance(definition, str) else json.dumps(definition)
    said = states.validate_state_machine_definition(definition=text, **more)
    return said["result"], [(one["severity"], one["code"], one.get("location")) for one in said["diagnostics"]]


def inner(name, state=PASS):
    return {"StartAt": name, "States": {name: state}}


def parallel(*branches, **more):
    return {"Type": "Parallel", "Branches": list(branches), **({} if "Next" in more else {"End": True}), **more}


def test_every_mistake_has_its_code(states):
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **inner("P")}
    labelled = {"Type": "Map", "Label": "L", "ItemProcessor": processor}
    other = {**labelled, "ItemProcessor": {**processor, **inner("Q")}, "End": True}
    twice = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}, "A": {"Type": "Succeed"}}}'
    for definition, code, location in [
        ("{", "INVALID_JSON_DESCRIPTION", None),
        ("[]", "SCHEMA_VALIDATION_FAILED", None),
        (of(A={"Type": "Pass", "Next": "A"}), "MISSING_END_STATE", "/"),
        (twice, "DUPLICATE_STATE_NAME", "/States/A"),
        (of(A=parallel(inner("B"), inner("B"))), "DUPLICATE_STATE_NAME", "/States/A/Branches[1]/States/B"),
        (inner("x" * 81), "INVALID_STATE_NAME", "/States/" + "x" * 81),
        (of(A={**labelled, "Next": "B"}, B=other), "DUPLICATE_LABEL_NAME", "/States/B/Label"),
    ]:
        assert found(states, definition) == ("FAIL", [("ERROR", code, location)]), code
        text = definition if isinstance(definition, str) else json.dumps(definition)
        refused = error_of(states.create_state_machine, name=unique("m"), definition=text, roleArn=ROLE)
        assert refused[0] == "InvalidDefinition" and f"'{code}: " in refused[1], refused


def test_warnings_are_told_where_they_are_wanted(states):
    definition = of(A={"Type": "Pass", "Result": "$.x", "Next": "B"}, B={"Type": "Pass", "Parameters": {"a": "$.x"}, "End": True})
    assert found(states, definition) == found(states, definition, severity="ERROR") == ("OK", [])
    warnings = [("WARNING", "PASS_RESULT_IS_STATIC", "/States/A/Result"), ("WARNING", "NO_DOLLAR", "/States/B/Parameters/a")]
    assert found(states, definition, severity="WARNING") == ("OK", warnings)
    said = states.validate_state_machine_definition(definition=json.dumps(definition), severity="WARNING", maxResults=1)
    assert (len(said["diagnostics"]), said["truncated"]) == (1, True)
    Machine(states, definition)


def test_a_scope_reads_what_is_around_it_and_sets_its_own(states):
    reads = {"Type": "Pass", "Parameters": {"outer.$": "$x"}, "Assign": {"y.$": "$x"}, "Next": "Own"}
    own = {"Type": "Pass", "Parameters": {"own.$": "$y"}, "OutputPath": "$.own", "End": True}
    branch = {"StartAt": "Reads", "States": {"Reads": reads, "Own": own}}
    each = {"QueryLanguage": "JSONata", "Type": "Map", "Items": "{% [1, $x] %}", "Next": "Last", "ItemProcessor": inner(
        "Each", {"QueryLanguage": "JSONata", "Type": "Pass", "Assign": {"z": "{% $x %}"}, "Output": "{% $x + 1 %}", "End": True}),
        "Assign": {"x": "{% $sum($states.result) %}"}}
    last = {"QueryLanguage": "JSONata", "Type": "Pass", "Output": {"x": "{% $x %}", "each": "{% $states.input %}"}, "End": True}
    machine = Machine(states, of(
        Set={"Type": "Pass", "Assign": {"x": 20}, "Next": "Both"},
        Both=parallel(branch, inner("Beside"), Next="Each1", Assign={"both.$": "$[0]"}),
        Each1=each, Last=last,
    ))
    assert machine.start({}).output() == {"x": 42, "each": [21, 21]}
    described = states.describe_state_machine(stateMachineArn=machine.arn)["variableReferences"]
    assert described == {"Reads": ["x"], "Own": ["y"], "Each1": ["x"], "Each": ["x"], "Last": ["x"]}


def test_what_an_outer_scope_sets_no_inner_one_does(states):
    taken = {"Type": "Pass", "Assign": {"x": 2}, "End": True}
    for state, at in [
        (parallel(inner("B", taken)), "Branches[0]/States/B"),
        ({"Type": "Map", "ItemProcessor": inner("B", taken), "End": True}, "ItemProcessor/States/B"),
    ]:
        wrong = of(A={"Type": "Pass", "Assign": {"x": 1}, "Next": "P"}, P=state)
        location = f"/States/P/{at}/Assign/x"
        assert found(states, wrong) == ("FAIL", [("ERROR", "SCHEMA_VALIDATION_FAILED", location)])


def test_what_is_caught_sets_variables_of_the_scope_around_it(states):
    fails = inner("F", {"Type": "Fail", "Error": "E", "Cause": "because"})
    catch = [{"ErrorEquals": ["E"], "Assign": {"why.$": "$.Cause"}, "Next": "Told"}]
    told = {"Type": "Pass", "Parameters": {"why.$": "$why"}, "End": True}
    machine = Machine(states, of(P=parallel(fails, Catch=catch), Told=told))
    assert machine.start({}).output() == {"why": "because"}


def test_variables_have_bounds(states):
    longest = json.dumps("x" * 262_142)
    machine = Machine(states, of(A={"Type": "Pass", "Assign": {"v.$": "States.Format('{}{}', $, $)"}, "End": True}))
    machine.start(json.loads(longest)[:131_071]).output()
    failed = machine.start(json.loads(longest)[:131_072]).ended()
    assert (failed["status"], failed["error"]) == ("FAILED", "States.DataLimitExceeded")


def test_what_an_integration_does_not_take_is_said_before_it_is_called(states):
    call = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f", "TaskToken": "t"},
            "End": True}
    execution = Machine(states, of(A=call)).start({})
    failed = execution.ended()
    assert failed["error"] == "States.Runtime"
    assert failed["cause"] == (
        "An error occurred while executing the state 'A' (entered at the event id #2). The Parameters "
        "'{\"FunctionName\":\"f\",\"TaskToken\":\"t\"}' could not be used to start the Task: "
        "[The field \"TaskToken\" is not supported by Step Functions]"
    )
    assert execution.types() == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]


@pytest.mark.parametrize("arguments, wrong", [
    ({"Foo": 1}, 'The field "Foo" is not supported by Step Functions'),
    ({"limit": 1}, 'The field "limit" is not supported by Step Functions'),
    ({"ExclusiveStartTableName": 1}, "The value for the field 'ExclusiveStartTableName' must be a STRING"),
])
def test_what_an_operation_does_not_take_is_said_before_it_is_called(states, arguments, wrong):
    call = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:listTables", "Parameters": arguments, "End": True}
    execution = Machine(states, of(A=call)).start({})
    failed = execution.ended()
    assert failed["error"] == "States.Runtime" and failed["cause"].endswith(f"could not be used to start the Task: [{wrong}]")
    assert execution.types() == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]
