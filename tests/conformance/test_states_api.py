"""State machines, executions, activities and map runs through the API: the scenarios recorded from AWS, done again here."""

import json

import pytest

from harness.clients import ROLE, error_of
from harness.machines import PASS, Replay
from harness.recordings import answered, scenarios
from harness.workflows import Execution

MACHINES = "stepfunctions/v2/test_sfn_api.json"
ACTIVITIES = "stepfunctions/v2/test_sfn_api_activities.json"
EXPRESS = "stepfunctions/v2/test_sfn_api_express.json"
MAP_RUNS = "stepfunctions/v2/test_sfn_api_map_run.json"
VALIDATION = "stepfunctions/v2/test_sfn_api_validation.json"
VARIABLES = "stepfunctions/v2/test_sfn_api_variable_references.json"
WAIT = {"StartAt": "State_1", "States": {"State_1": {"Type": "Wait", "Seconds": 1_000, "End": True}}}
INVALID = "test_create_activity_invalid_name["


@pytest.fixture
def states(clients):
    return clients.boto("stepfunctions", parameter_validation=False)


def machine(states, file, name, label="creation_resp", **more):
    """A scenario, and the ARN of its machine."""
    replay = Replay(states, file, name)
    return replay, replay.create(label, **more)


def execution(replay, arn, label="exec_resp", ended=True):
    started = replay.step(label, replay.states.start_execution, stateMachineArn=arn, input="{}")["executionArn"]
    if ended:
        replay.ended(started)
    return {"executionArn": started}


@pytest.mark.parametrize("form", ["dump", "dumps"])
def test_described(states, form):
    replay = Replay(states, MACHINES, f"test_cloudformation_definition_create_describe[{form}]")
    arn = replay.create()
    replay.told = json.loads(json.dumps(replay.told).replace("state_machine_name", replay.name))
    replay.step("describe_state_machine_response", states.describe_state_machine, stateMachineArn=arn)


def test_without_states(states):
    replay = Replay(states, MACHINES, "test_create_delete_invalid_sm")
    definition = json.dumps({"Comment": PASS["Comment"], "StartAt": PASS["StartAt"]})
    params = {"name": replay.name, "definition": definition, "roleArn": ROLE}
    replay.step("invalid_definition_1", states.create_state_machine, **params)


def test_another_role(states):
    replay, arn = machine(states, MACHINES, "test_create_update_state_machine_base_role_arn", "creation_resp_t0")
    replay.told = json.loads(json.dumps(replay.told).replace(f"{ROLE}_t", "snf_role_arn_t"))
    replay.step("describe_resp_t0", states.describe_state_machine, stateMachineArn=arn)
    for n in (1, 2):
        role = f"{ROLE}{n}"
        replay.told = json.loads(json.dumps(replay.told).replace(f"snf_role_arn_t{n}", role))
        replay.step(f"update_state_machine_res_t{n}", states.update_state_machine, stateMachineArn=arn, roleArn=role)
        replay.step(f"describe_resp_t{n}", states.describe_state_machine, stateMachineArn=arn)


def test_nothing_to_update(states):
    replay, arn = machine(states, MACHINES, "test_create_update_state_machine_base_update_none", "creation_resp_t0")
    replay.step("describe_resp_t0", states.describe_state_machine, stateMachineArn=arn)
    replay.step("missing_required_parameter", states.update_state_machine, stateMachineArn=arn)


def test_an_execution_described(states):
    replay, arn = machine(states, MACHINES, "test_describe_execution")
    replay.step("describe_execution", states.describe_execution, **execution(replay, arn))


def test_a_name_with_punctuation(states):
    replay = Replay(states, MACHINES, "test_describe_sm_arn_containing_punctuation")
    replay.name = f"state.machine_name-{replay.name}"
    arn = replay.create("creation_resp")
    replay.step("describe_resp", states.describe_state_machine, stateMachineArn=arn)


def test_the_machine_of_an_execution(states):
    replay, arn = machine(states, MACHINES, "test_describe_state_machine_for_execution")
    replay.step("describe_resp", states.describe_state_machine_for_execution, **execution(replay, arn, ended=False))


def test_histories_of_nothing(states):
    replay = Replay(states, MACHINES, "test_get_execution_history_invalid_arn")
    replay.refused("exception", states.get_execution_history, executionArn="invalid_state_machine_arn")
    replay, arn = Replay(states, MACHINES, "test_get_execution_history_no_such_execution"), None
    arn = f"{execution_of(replay.create())}:none"
    replay.told = json.loads(json.dumps(replay.told).replace("invalid_execution_arn", arn))
    replay.refused("exception", states.get_execution_history, executionArn=arn)


def execution_of(arn):
    return arn.replace(":stateMachine:", ":execution:")


def test_a_history_from_its_end(states):
    replay = Replay(states, MACHINES, "test_get_execution_history_reversed")
    of = {"executionArn": states.start_execution(stateMachineArn=replay.create(), input="{}")["executionArn"]}
    replay.ended(of["executionArn"])
    for reverse in (False, True):
        label = f"get_execution_history_reverseOrder[{reverse}]"
        replay.step(label, states.get_execution_history, reverseOrder=reverse, **of)


def test_executions_of_a_version_page_by_page(states):
    replay = Replay(states, MACHINES, "test_list_executions_versions_pagination")
    of = {"stateMachineArn": f"{replay.create(publish=True)}:1"}
    made = [states.start_execution(**of)["executionArn"] for _ in range(13)]
    for arn in made:
        replay.ended(arn)
    for n, arn in reversed(list(enumerate(made))):
        told = json.dumps(replay.told).replace(f"<ExecArnPart_{n}idx>", arn.rpartition(":")[2])
        replay.told = json.loads(told)
    replay.step("list-executions-invalid-param-too-large", states.list_executions, maxResults=1_001, **of)
    long = answered(states.list_executions, nextToken="x" * 3_097, **of)["Error"]
    expected = replay.told["list-executions-invalid-param-long-nextToken"]["Error"]
    assert long["Code"] == expected["Code"]
    assert long["Message"] == expected["Message"].replace("<invalid_token_3097_chars>", "x" * 3_097)
    page = replay.step("list-executions-page-1", states.list_executions, maxResults=10, **of)
    replay.step("list-execution-page-2", states.list_executions, nextToken=page["nextToken"], maxResults=10, **of)
    replay.step("deletion_resp", states.delete_state_machine, stateMachineArn=of["stateMachineArn"].rpartition(":")[0])


def test_an_execution_started(states):
    replay, arn = machine(states, MACHINES, "test_start_execution")
    of = execution(replay, arn)
    replay.step("exec_list_resp", states.list_executions, stateMachineArn=arn)
    replay.step("exec_hist_resp", states.get_execution_history, **of)


def test_a_standard_machine_isnt_waited_for(clients):
    states = clients.boto("stepfunctions", inject_host_prefix=False)
    replay, arn = machine(states, MACHINES, "test_start_sync_execution", "creation_response")
    replay.step("start_sync_execution_error", states.start_sync_execution, stateMachineArn=arn, input="{}")


def test_an_execution_stopped(states):
    replay, arn = machine(states, MACHINES, "test_stop_execution", definition=json.dumps(WAIT))
    of = execution(replay, arn, ended=False)
    Execution(states, of["executionArn"]).reaches("WaitStateEntered")
    replay.step("stop_res", states.stop_execution, **of)
    replay.step("exec_hist_resp", states.get_execution_history, **of)


def test_names_that_activities_cant_have(states):
    told = [name for name in scenarios(ACTIVITIES) if name.startswith(INVALID)]
    assert len(told) == 14
    for name in told:
        replay = Replay(states, ACTIVITIES, name)
        replay.step("invalid_name", states.create_activity, name=replay.told["invalid_name"]["message"][15:-1])


@pytest.mark.parametrize("name", ["Activity1", "activity-name.1", "activity.name.v2", "activity_123.name"])
def test_an_activity(states, name):
    replay = Replay(states, ACTIVITIES, f"test_create_describe_delete_activity[{name}]")
    arn = f"arn:aws:states:us-east-1:000000000000:activity:{name}"
    told = json.dumps(replay.told).replace("activity_arn", arn).replace("activity_name", name)
    replay.told = json.loads(told.replace("creation-date", "datetime"))
    first = replay.step("create_activity_response", states.create_activity, name=name)
    again = replay.step("create_activity_response_duplicate", states.create_activity, name=name)
    assert first["creationDate"] == again["creationDate"]
    replay.step("describe_activity_response", states.describe_activity, activityArn=arn)
    replay.step("delete_activity_response", states.delete_activity, activityArn=arn)
    replay.step("delete_activity_response_2", states.delete_activity, activityArn=arn)


def test_a_task_of_no_activity(states):
    replay = Replay(states, ACTIVITIES, "test_get_activity_task_invalid_arn")
    replay.refused("exception", states.get_activity_task, activityArn="no_an_activity_arn")


def test_what_express_machines_cant_do(states):
    replay = Replay(states, EXPRESS, "test_illegal_activity_task")
    activity = states.create_activity(name=replay.name)["activityArn"]
    make = {"name": replay.name, "roleArn": ROLE, "type": "EXPRESS"}
    task = {"StartAt": "ActivityTask", "States": {"ActivityTask": {"Type": "Task", "Resource": activity, "End": True}}}
    replay.step("creation_error", states.create_state_machine, definition=json.dumps(task), **make)
    replay = Replay(states, EXPRESS, "test_illegal_callbacks[SYNC]")
    resource = "arn:aws:states:::states:startExecution.sync"
    parameters = {"StateMachineArn.$": "$.StateMachineArn", "Input.$": "$.Input", "Name.$": "$.Name"}
    task = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}
    task = {"StartAt": "StartExecution", "States": {"StartExecution": task}}
    replay.step("creation_error", states.create_state_machine, definition=json.dumps(task), **make)


def test_an_express_execution_isnt_kept(states):
    name = "test_start_async_describe_history_execution"
    replay, arn = machine(states, EXPRESS, name, "creation_response", type="EXPRESS")
    of = {"executionArn": states.start_execution(stateMachineArn=arn)["executionArn"]}
    replay.step("list_executions_error", states.list_executions, stateMachineArn=arn)
    replay.step("describe_execution_error", states.describe_execution, **of)
    replay.step("stop_execution_error", states.stop_execution, **of)
    replay.step("get_execution_history_error", states.get_execution_history, **of)


def distributed(**more):
    inner = {"StartAt": "IteratorInner", "States": {"IteratorInner": {"Type": "Pass", "End": True}}}
    inner["ProcessorConfig"] = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    state = {"Type": "Map", "ItemProcessor": inner, "End": True, **more}
    return json.dumps({"StartAt": "MapState", "States": {"MapState": state}})


def test_labels_that_maps_cant_have(states):
    """What the recordings show of the messages is another program's: the code is AWS's."""
    stem = "test_map_state_label_invalid_char_fail["
    told = [name for name in scenarios(MAP_RUNS) if name.startswith(stem)]
    assert len(told) == 33
    for name in told:
        character = name[len(stem) : -1].encode().decode("unicode_escape") if "\\" in name else name[len(stem) : -1]
        params = {"name": "labelled", "roleArn": ROLE, "definition": distributed(Label=f"label_{character}")}
        code = scenarios(MAP_RUNS)[name]["map_state_label_invalid_char_fail"]["Error"]["Code"]
        assert error_of(states.create_state_machine, **params)[0] == code, name


def test_a_map_run(states):
    replay = Replay(states, MAP_RUNS, "test_list_map_runs_and_describe_map_run")
    told = json.dumps(replay.told).replace("start-date", "datetime").replace("stop-date", "datetime")
    for n, token in enumerate(["<ExecArnPart_0idx>", "<MapRunArnPart0_0idx>", "<MapRunArnPart1_0idx>"]):
        told = told.replace(token, f"<part:{n}>")
    replay.told = json.loads(told)
    arn = replay.create(definition=distributed(MaxConcurrency=1, ItemsPath="$"))
    run = states.start_execution(stateMachineArn=arn, input='["Hello", "World"]')["executionArn"]
    replay.ended(run)
    listed = replay.step("list_map_runs", states.list_map_runs, executionArn=run)
    replay.step("describe_map_run", states.describe_map_run, mapRunArn=listed["mapRuns"][0]["mapRunArn"])


DOWNGRADED = json.dumps({**PASS, "QueryLanguage": "JSONata",
                         "States": {"Pass": {"Type": "Pass", "QueryLanguage": "JSONPath", "End": True}}, "StartAt": "Pass"})
DEFINITIONS = {
    "not_a_definition[EMPTY_DICT]": "{}",
    "not_a_definition[EMPTY_STRING]": "",
    "type_express[INVALID_BASE_NO_STARTAT]": json.dumps({"States": PASS["States"]}),
    "type_express[INVALID_DOWNGRADE_QUERY_LANGUAGE]": DOWNGRADED,
    "type_standard[INVALID_DOWNGRADE_QUERY_LANGUAGE]": DOWNGRADED,
    "type_standard[VALID_BASE_PASS]": json.dumps(PASS),
    "type_standard[VALID_QUERY_LANGUAGE_PASS]": json.dumps({**PASS, "QueryLanguage": "JSONPath"}),
}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_definitions_looked_at(states, name):
    replay = Replay(states, VALIDATION, f"test_validate_state_machine_definition_{name}")
    kind = {"type": name.partition("[")[0].removeprefix("type_").upper()} if name.startswith("type_") else {}
    call = states.validate_state_machine_definition
    replay.step("validation_response", call, definition=DEFINITIONS[name], **kind)


def test_variables_that_are_referred_to(states):
    for name, told in scenarios(VARIABLES).items():
        if "BASE_REFERENCE_IN_WAIT" in name:
            continue  # Its times were replaced within the definition: what is recorded isn't what was made.
        definition = json.dumps(told["describe_response"]["definition"])
        replay = Replay(states, VARIABLES, name)
        arn = replay.create(definition=definition)
        replay.step("describe_response", states.describe_state_machine, stateMachineArn=arn)
        if "describe_for_execution_response" in told:
            run = states.start_execution(stateMachineArn=arn)["executionArn"]
            call = states.describe_state_machine_for_execution
            replay.step("describe_for_execution_response", call, executionArn=run)
