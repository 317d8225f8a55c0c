"""Versions and aliases of state machines: the scenarios recorded from AWS, done again here."""

import json

import pytest

from harness.clients import ROLE
from harness.machines import PASS, Replay
from harness.recordings import answered

VERSIONS = "stepfunctions/v2/test_sfn_api_versioning.json"
ALIASES = "stepfunctions/v2/test_sfn_api_aliasing.json"
ROUTED = "create state machine alias description"


@pytest.fixture
def states(clients):
    return clients.boto("stepfunctions", parameter_validation=False)


@pytest.mark.parametrize("described", [False, True])
def test_published_where_it_is_made(states, described):
    name = "with_version_description" if described else "no_version_description"
    replay = Replay(states, VERSIONS, f"test_create_publish_describe_{name}")
    more = {"versionDescription": "HelloWorld!"} if described else {}
    arn = replay.create("creation_resp_1", publish=True, **more)
    replay.step("describe_resp", states.describe_state_machine, stateMachineArn=arn)
    version = replay.step("describe_resp_version", states.describe_state_machine, stateMachineArn=f"{arn}:1")
    assert ("description" in version) == described and "revisionId" not in version


def test_described_without_being_published(states):
    replay = Replay(states, VERSIONS, "test_create_with_version_description_no_publish")
    params = {"name": replay.name, "definition": json.dumps(PASS), "roleArn": ROLE, "versionDescription": "HelloWorld!"}
    replay.step("validation_exception", states.create_state_machine, **params)


def test_a_revision_and_its_execution(states):
    replay = Replay(states, VERSIONS, "test_describe_state_machine_for_execution_of_version_with_revision")
    arn = replay.create("creation_resp_1")
    definition = json.dumps({**PASS, "Comment": "BASE_PASS_RESULT-R2"})
    replay.step("update_resp", states.update_state_machine, stateMachineArn=arn, definition=definition, publish=True)
    started = replay.step("execution_resp", states.start_execution, stateMachineArn=f"{arn}:1")
    of = {"executionArn": started["executionArn"]}
    replay.step("describe_resp", states.describe_state_machine_for_execution, **of)


@pytest.mark.parametrize("published", [False, True])
def test_nothing_new_is_published(states, published):
    name = "publish_on_creation" if published else "no_publish_on_creation"
    replay = Replay(states, VERSIONS, f"test_empty_revision_with_publish_and_{name}")
    arn = replay.create("creation_resp_1", **({"publish": True} if published else {}))
    for label in ("update_resp_1", "update_resp_2"):
        said = replay.step(
            label, states.update_state_machine, stateMachineArn=arn, definition=json.dumps(PASS), publish=True
        )
        assert "revisionId" not in said


def test_published_twice(states):
    replay = Replay(states, VERSIONS, "test_idempotent_publish")
    arn = replay.create("creation_resp_1")
    for label in ("publish_v1_1", "publish_v1_2"):
        replay.step(label, states.publish_state_machine_version, stateMachineArn=arn)
    replay.step("list_versions_resp", states.list_state_machine_versions, stateMachineArn=arn)


def test_pages_of_versions(states):
    replay = Replay(states, VERSIONS, "test_list_state_machine_versions_pagination")
    arn = replay.create("creation_resp_1")
    for number in range(13):
        replay.publish(arn, f"revision {number}")
    page = replay.step(
        "list-state-machine-versions-page-1", states.list_state_machine_versions, stateMachineArn=arn, maxResults=10
    )
    after = {"stateMachineArn": arn, "nextToken": page["nextToken"]}
    assert "nextToken" not in replay.step(
        "list-state-machine-versions-page-2", states.list_state_machine_versions, maxResults=10, **after
    )
    large = "list-state-machine-versions-invalid-param-too-large"
    replay.step(large, states.list_state_machine_versions, stateMachineArn=arn, maxResults=1001)


def test_what_cant_be_published(states):
    replay = Replay(states, VERSIONS, "test_publish_state_machine_version_invalid_arn")
    replay.refused("exception", states.publish_state_machine_version, stateMachineArn="invalid_arn")
    replay = Replay(states, VERSIONS, "test_publish_state_machine_version_no_such_machine")
    gone = replay.create()
    states.delete_state_machine(stateMachineArn=gone)
    ours = answered(states.publish_state_machine_version, stateMachineArn=gone)["Error"]
    told = replay.told["exception"]["exception_value"].replace("ssm_nonexistent_arn", gone)
    assert told.endswith(f"operation: {ours['Message']}") and ours["Code"] == "StateMachineDoesNotExist"


def test_executions_of_a_version(states):
    replay = Replay(states, VERSIONS, "test_start_version_execution")
    arn = replay.create("creation_resp_1", publish=True)
    first = replay.step("execution_resp", states.start_execution, stateMachineArn=arn)["executionArn"]
    replay.ended(first)
    replay.step("exec_list_resp", states.list_executions, stateMachineArn=arn)
    second = replay.step("execution_version_resp", states.start_execution, stateMachineArn=f"{arn}:1")["executionArn"]
    replay.ended(second)
    replay.step("exec_version_list_resp", states.list_executions, stateMachineArn=f"{arn}:1")


def routed(*weights):
    return [{"stateMachineVersionArn": arn, "weight": weight} for arn, weight in weights]


def alias(replay, label, versions, name="state_machine_alias_name", **more):
    params = {"description": ROUTED, "name": name, "routingConfiguration": versions, **more}
    return replay.step(label, replay.states.create_state_machine_alias, **params)["stateMachineAliasArn"]


def test_an_alias_from_its_making_to_its_change(states):
    replay = Replay(states, ALIASES, "test_base_lifecycle_create_update_describe")
    arn = replay.create(publish=True)
    second = replay.publish(arn, "second")
    made = alias(replay, "create_state_machine_alias_response", routed((f"{arn}:1", 100)))
    of = {"stateMachineAliasArn": made}
    change = "update_state_machine_alias_description_response"
    replay.step(change, states.update_state_machine_alias, description="new description", **of)
    said = "describe_state_machine_alias_update_description_response"
    replay.step(said, states.describe_state_machine_alias, **of)
    routes = routed((f"{arn}:1", 50), (second, 50))
    change = "update_state_machine_alias_routing_configuration_response"
    replay.step(change, states.update_state_machine_alias, routingConfiguration=routes, **of)
    said = "describe_state_machine_alias_update_routing_configuration_response"
    replay.step(said, states.describe_state_machine_alias, **of)


def test_aliases_are_made_listed_and_deleted(states):
    replay = Replay(states, ALIASES, "test_base_lifecycle_create_delete_list")
    arn = replay.create(publish=True)
    of, made = {"stateMachineArn": arn}, []
    replay.step("list_state_machine_aliases_response_empty", states.list_state_machine_aliases, **of)
    for n in range(3):
        label, name = f"create_state_machine_alias_response_num_{n}", f"state_machine_alias_base_name-{n}"
        made.append(alias(replay, label, routed((f"{arn}:1", 100)), name))
        label = f"list_state_machine_aliases_response_after_creation_{n}"
        replay.step(label, states.list_state_machine_aliases, **of)
    for n, one in enumerate(made):
        label = f"delete_state_machine_alias_response_{n}"
        replay.step(label, states.delete_state_machine_alias, stateMachineAliasArn=one)
        label = f"list_state_machine_aliases_response_after_deletion_{n}"
        replay.step(label, states.list_state_machine_aliases, **of)


def test_executions_of_an_alias(states):
    replay = Replay(states, ALIASES, "test_base_lifecycle_create_invoke_describe_list")
    arn = replay.create(publish=True)
    made = alias(replay, "create_state_machine_alias_response", routed((f"{arn}:1", 100)))
    for label, by in (("through_alias", made), ("through_version_arn", f"{arn}:1")):
        started = replay.step(f"start_execution_response_{label}", states.start_execution, stateMachineArn=by)
        replay.ended(started["executionArn"])
        of = {"executionArn": started["executionArn"]}
        replay.step(f"describe_execution_response_{label}", states.describe_execution, **of)
    replay.step("list_executions_response", states.list_executions, stateMachineArn=arn)


def test_a_version_that_an_alias_refers_to(states):
    replay = Replay(states, ALIASES, "test_delete_version_with_alias")
    arn = replay.create(publish=True)
    second = replay.publish(arn, "second")
    made = alias(replay, "create_state_machine_alias_response", routed((f"{arn}:1", 100)))
    first = {"stateMachineVersionArn": f"{arn}:1"}
    replay.refused("exception_delete_version_with_alias_reference", states.delete_state_machine_version, **first)
    states.update_state_machine_alias(stateMachineAliasArn=made, routingConfiguration=routed((second, 100)))
    replay.step("delete_version_response", states.delete_state_machine_version, **first)
    said = "describe_state_machine_alias_response"
    replay.step(said, states.describe_state_machine_alias, stateMachineAliasArn=made)


def test_routes_that_arent_taken(states):
    replay = Replay(states, ALIASES, "test_error_create_alias_invalid_router_configs")
    arn = replay.create(publish=True)
    second, third = replay.publish(arn, "second"), replay.publish(arn, "third")
    first = f"{arn}:1"
    refused = {
        "too_many_routing": routed((first, 50), (second, 30), (third, 20)),
        "duplicate_routing": routed((first, 50), (first, 50)),
        "invalid_arn": routed((arn, 50), (second, 50)),
        "weight_too_large": routed((first, 101)),
        "sum_weights_less_than_100": routed((first, 70), (second, 29)),
        "sum_weights_more_than_100": routed((first, 70), (second, 31)),
    }
    for label, routes in refused.items():
        replay.refused(label, states.create_state_machine_alias, name="alias", routingConfiguration=routes)


def test_an_alias_that_is_there_already(states):
    replay = Replay(states, ALIASES, "test_error_create_alias_not_idempotent")
    arn = replay.create(publish=True)
    second, routes = replay.publish(arn, "second"), routed((f"{arn}:1", 100))
    for _ in range(2):
        alias(replay, "create_state_machine_alias_response", routes)
    same = {"name": "state_machine_alias_name", "description": ROUTED, "routingConfiguration": routes}
    other = {**same, "description": "another"}
    replay.refused("not_idempotent_description", states.create_state_machine_alias, **other)
    other = {**same, "routingConfiguration": routed((f"{arn}:1", 50), (second, 50))}
    replay.refused("not_idempotent_routing_configuration", states.create_state_machine_alias, **other)


def test_pages_of_aliases(states):
    replay = Replay(states, ALIASES, "test_list_state_machine_aliases_pagination_max_results[1]")
    arn = replay.create(publish=True)
    for n in (1, 2, 3):
        alias(replay, f"create_state_machine_alias_response-{n}", routed((f"{arn}:1", 100)), f"AliasName-{n}")
    of = {"stateMachineArn": arn}
    page = replay.step(
        "list_state_machine_aliases_max_results_1_response", states.list_state_machine_aliases, maxResults=1, **of
    )
    token = {"nextToken": page["nextToken"]}
    replay.step("list_state_machine_aliases_next_token_response", states.list_state_machine_aliases, **token, **of)
    large = "list_state_machine_aliases_max_results_1001_response"
    replay.step(large, states.list_state_machine_aliases, maxResults=1001, **of)


def test_an_alias_that_isnt_there(states):
    replay = Replay(states, ALIASES, "test_update_no_such_alias_arn")
    arn = replay.create(publish=True)
    made = alias(replay, "create_state_machine_alias_response", routed((f"{arn}:1", 100)))
    states.delete_state_machine_alias(stateMachineAliasArn=made)
    replay.refused(
        "update_no_such_alias_arn", states.update_state_machine_alias, stateMachineAliasArn=made, description="x"
    )
