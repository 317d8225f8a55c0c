"""What executions log, and where they may: the scenarios recorded from AWS, done again here."""

import json

import pytest

from harness.clients import ROLE
from harness.names import unique
from harness.recordings import Comparison, answered, scenario, scenarios
from harness.wait import wait_until
from harness.workflows import Execution

API = "stepfunctions/v2/test_sfn_api_logs.json"
LOGS = "stepfunctions/v2/logs/test_logs.json"
EXPRESS = "stepfunctions/v2/express/test_express_async.json"
SYNC = "stepfunctions/v2/express/test_express_sync.json"
CAUSE = "This state machines raises a 'SomeFailure' failure."
DEFINITIONS = {
    "pass_result.json5": {"State_1": {"Type": "Pass", "Result": {"Arg1": "argument1"}, "End": True}},
    "raise_failure.json5": {"FailState": {"Type": "Fail", "Error": "SomeFailure", "Cause": CAUSE}},
    "wait_seconds_path.json5": {"WaitState": {"Type": "Wait", "SecondsPath": "$.input.waitSeconds", "End": True}},
}
# Texts in ours, JSON in the recordings.
TEXTS = ("input", "output")


@pytest.fixture
def states(clients):
    return clients.boto("stepfunctions", parameter_validation=False, inject_host_prefix=False)


@pytest.fixture
def logs(clients):
    return clients.boto("logs")


@pytest.fixture
def group(logs):
    name = unique("states")
    logs.create_log_group(logGroupName=name)
    yield name, logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]["arn"]
    logs.delete_log_group(logGroupName=name)


def configured(level, data, *arns):
    destinations = [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}} for arn in arns]
    return {"level": level, "includeExecutionData": data, "destinations": destinations}


def made(states, definition, **settings):
    """Name and ARN."""
    name, text = unique("machine"), json.dumps({"StartAt": next(iter(definition)), "States": definition})
    machine = states.create_state_machine(name=name, definition=text, roleArn=ROLE, **settings)
    return name, machine["stateMachineArn"]


def records(logs, group):
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    events = [event for page in pages for event in page["events"]]
    told = []
    for event in events:
        assert event["logStreamName"].startswith("states/"), event
        record = json.loads(event["message"])
        for text in TEXTS:
            if text in record["details"]:
                record["details"][text] = json.loads(record["details"][text])
        told.append(record)
    return told


def filled(recorded):
    """Their placeholders of machines, executions and roles stand for whatever ours are."""
    text = json.dumps(recorded).replace("<ArnPart_0idx>", "<machine:0>").replace("snf_role_arn", ROLE)
    for n in range(3):
        text = text.replace(f"<ExecArnPart_{n}idx>", f"<execution:{n}>")
    for kind in ("ExpressExecArn", "SyncExecArn"):
        text = text.replace(f"<{kind}_Part1_0idx>", "<name:0>").replace(f"<{kind}_Part2_0idx>", "<unique:0>")
    return json.loads(text.replace("sfn_role_arn", ROLE))


def logged():
    """(scenario, definition, level, data)"""
    for name, answers in scenarios(LOGS).items():
        if "[" in name and "logged_execution_events" in answers:
            definition, level, data = name[name.index("[") + 1 : -1].rsplit("_", 2)
            yield name, definition, level, data == "True"


def test_what_is_logged(states, logs):
    cases = list(logged())
    assert len(cases) == 6
    for name, definition, level, data in cases:
        group = unique("states")
        logs.create_log_group(logGroupName=group)
        arn = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["arn"]
        _, machine = made(states, DEFINITIONS[definition], loggingConfiguration=configured(level, data, arn))
        states.start_execution(stateMachineArn=machine)
        told = filled(scenario(LOGS, name)["logged_execution_events"])
        wait_until(lambda: len(records(logs, group)) >= len(told), 60, f"the log of {name}")
        Comparison().check(told, records(logs, group), name)
        logs.delete_log_group(logGroupName=group)


def test_one_group_for_several_executions(states, logs, group):
    name, arn = group
    pass_ = DEFINITIONS["pass_result.json5"]
    _, machine = made(states, pass_, loggingConfiguration=configured("ALL", False, arn))
    told = filled(scenario(LOGS, "test_log_group_with_multiple_runs")["logged_execution_events"])
    for n in range(3):
        started = states.start_execution(stateMachineArn=machine)["executionArn"]
        Execution(states, started).ended()
        wait_until(lambda: len(records(logs, name)) >= 4 * (n + 1), 60, "the execution's log")
    Comparison().check(told, records(logs, name))


def test_configurations(states, group):
    _, arn = group
    for level in ("ALL", "FATAL", "OFF"):
        given = configured(level, False, arn)
        _, machine = made(states, DEFINITIONS["pass_result.json5"], loggingConfiguration=given)
        said = states.describe_state_machine(stateMachineArn=machine)["loggingConfiguration"]
        told = scenario(API, f"test_logging_configuration[{level}-False]")["describe_resp"]["loggingConfiguration"]
        log_group = told["destinations"][0]["cloudWatchLogsLogGroup"]
        assert log_group.pop("logGroupArn").endswith(":*")
        assert said["destinations"][0]["cloudWatchLogsLogGroup"].pop("logGroupArn") == arn
        assert said == told
    for n, given in enumerate(({"level": "OFF"}, {"level": "OFF", "destinations": []})):
        _, machine = made(states, DEFINITIONS["pass_result.json5"], loggingConfiguration=given)
        told = scenario(API, f"test_incomplete_logging_configuration[logging_configuration{n}]")["describe_resp"]
        said = states.describe_state_machine(stateMachineArn=machine)
        assert said["loggingConfiguration"] == told["loggingConfiguration"]


def refused(told, call, **params):
    ours = answered(call, **params)["Error"]
    assert told["exception_typename"] == ours["Code"]
    assert told["exception_value"].split(" operation: ", 1)[1] == ours["Message"]


def test_configurations_that_arent_taken(states, logs, group):
    name, arn = group
    text = json.dumps({"StartAt": "State_1", "States": DEFINITIONS["pass_result.json5"]})
    given = {"name": unique("machine"), "definition": text, "roleArn": ROLE}
    wrong = {
        "test_invalid_logging_configuration[logging_configuration2]": {"level": "ALL"},
        "test_multiple_destinations": configured("ALL", False, arn, arn),
        "test_deleted_log_group": configured("ALL", False, arn.replace(name, unique("gone"))),
    }
    for scene, logging in wrong.items():
        told = scenario(API, scene)["exception"]
        refused(told, states.create_state_machine, **given, loggingConfiguration=logging)


def test_a_configuration_that_changes(states, group):
    _, arn = group
    told, comparison = scenario(API, "test_update_logging_configuration"), Comparison()
    _, machine = made(states, DEFINITIONS["pass_result.json5"], loggingConfiguration=configured("ALL", True, arn))
    of = {"stateMachineArn": machine}

    def described(label):
        theirs = {name: told[label].get(name) for name in ("revisionId", "status", "type")}
        ours = states.describe_state_machine(**of)
        comparison.check({name: value for name, value in theirs.items() if value}, ours, label)
        expected = told[label]["loggingConfiguration"]
        for member in ("level", "includeExecutionData"):
            assert ours["loggingConfiguration"][member] == expected[member]
        assert ("revisionId" in ours) == ("revisionId" in told[label])

    described("describe_resp")
    for label, level, data in (("log_level", "FATAL", True), ("no_change", "FATAL", True), ("flag", "FATAL", False)):
        states.update_state_machine(**of, loggingConfiguration=configured(level, data, arn))
        described(f"describe_resp_{label}")
    for label, arns in (("exception_invalid", ()), ("exception_multiple_endpoints", (arn, arn))):
        refused(told[label], states.update_state_machine, **of, loggingConfiguration=configured("ALL", True, *arns))


@pytest.mark.parametrize(
    "name, definition", [("BASE_PASS_RESULT", "pass_result.json5"), ("BASE_RAISE_FAILURE", "raise_failure.json5")]
)
def test_express_executions(states, logs, group, name, definition):
    log, arn = group
    settings = {"type": "EXPRESS", "loggingConfiguration": configured("ALL", True, arn)}
    _, machine = made(states, DEFINITIONS[definition], **settings)
    states.start_execution(stateMachineArn=machine)
    told = filled(scenario(EXPRESS, f"test_base[{name}]")["end_event"])
    wait_until(lambda: any(one["type"] == told["type"] for one in records(logs, log)), 60, "the execution's log")
    Comparison().check(told, records(logs, log)[-1])
    told = filled(scenario(SYNC, f"test_base[{name}]")["start_execution_sync_response"])
    said = states.start_sync_execution(stateMachineArn=machine)
    took = said["billingDetails"].pop("billedDurationInMilliseconds")
    assert took % 100 == 0 and told["billingDetails"].pop("billedDurationInMilliseconds") == 100
    for text in TEXTS:
        if text in said:
            said[text] = json.loads(said[text])
    Comparison().check(told, said)
    assert ("output" in said) == ("output" in told)


def test_the_context_of_express_executions(states):
    query = {"Type": "Pass", "Parameters": {"context.$": "$$", "name.$": "$$.Execution.Name"}, "End": True}
    _, machine = made(states, {"QueryValues1": query}, type="EXPRESS")
    said = states.start_sync_execution(stateMachineArn=machine, input='{"message": "TestMessage"}')
    ours = json.loads(said["output"])["context"]["Execution"]
    told = scenario(SYNC, "test_query_runtime_memory")["start_execution_sync_response"]["output"]
    theirs = told["query_values_1"]["context_object"]["Execution"]
    assert sorted(ours) == sorted(theirs)
    assert (ours["Id"], ours["Name"]) == (said["executionArn"], said["name"])
