"""Step Functions: versions and aliases, through boto3 and the AWS CLI."""

import json

import pytest

from harness.clients import error_of
from harness.workflows import Execution, Machine, of


def gives(result):
    return of(A={"Type": "Pass", "Result": result, "End": True})


@pytest.fixture
def states(clients):
    return clients.boto("stepfunctions")


@pytest.fixture
def machine(states):
    """With versions 1 and 2, whose executions give their number."""
    machine = Machine(states, gives(1), publish=True, versionDescription="first")
    states.update_state_machine(stateMachineArn=machine.arn, definition=json.dumps(gives(2)), publish=True)
    return machine


def start(states, arn):
    return Execution(states, states.start_execution(stateMachineArn=arn)["executionArn"])


def test_a_version_stays_as_it_was_published(states, machine):
    first, second = (start(states, f"{machine.arn}:{number}") for number in (1, 2))
    states.update_state_machine(stateMachineArn=machine.arn, definition=json.dumps(gives(3)))
    assert [first.output(), second.output(), machine.start().output()] == [1, 2, 3]
    said = states.describe_state_machine(stateMachineArn=f"{machine.arn}:1")
    assert (said["description"], json.loads(said["definition"])) == ("first", gives(1))
    told = first.describe()
    assert (told["stateMachineArn"], told["stateMachineVersionArn"]) == (machine.arn, f"{machine.arn}:1")
    listed = states.list_executions(stateMachineArn=f"{machine.arn}:1")["executions"]
    assert [one["executionArn"] for one in listed] == [first.arn]


def test_an_alias_shares_executions_out(states, machine):
    routes = [{"stateMachineVersionArn": f"{machine.arn}:{n}", "weight": 50} for n in (1, 2)]
    alias = states.create_state_machine_alias(name="live", routingConfiguration=routes)["stateMachineAliasArn"]
    started = [start(states, alias) for _ in range(60)]
    seen = [one.output() for one in started]
    assert set(seen) == {1, 2}
    for one, version in zip(started, seen):
        told = one.describe()
        assert told["stateMachineAliasArn"] == alias
        assert told["stateMachineVersionArn"] == f"{machine.arn}:{version}"
    refused = error_of(states.delete_state_machine_version, stateMachineVersionArn=f"{machine.arn}:1")
    assert refused[0] == "ConflictException" and refused[1].endswith("[live]")
    states.update_state_machine_alias(
        stateMachineAliasArn=alias, routingConfiguration=[{"stateMachineVersionArn": f"{machine.arn}:2", "weight": 100}]
    )
    states.delete_state_machine_version(stateMachineVersionArn=f"{machine.arn}:1")
    assert {start(states, alias).output() for _ in range(5)} == {2}
    states.delete_state_machine(stateMachineArn=machine.arn)
    assert error_of(states.describe_state_machine_alias, stateMachineAliasArn=alias)[0] == "ResourceNotFound"


def test_versions_and_aliases_by_the_cli(clients, states, machine):
    published = clients.cli("stepfunctions", "publish-state-machine-version", "--state-machine-arn", machine.arn)
    assert published["stateMachineVersionArn"] == f"{machine.arn}:2"
    route = f"stateMachineVersionArn={machine.arn}:2,weight=100"
    made = clients.cli(
        "stepfunctions", "create-state-machine-alias", "--name", "live", "--routing-configuration", route
    )
    alias = made["stateMachineAliasArn"]
    said = clients.cli("stepfunctions", "describe-state-machine-alias", "--state-machine-alias-arn", alias)
    assert said["routingConfiguration"] == [{"stateMachineVersionArn": f"{machine.arn}:2", "weight": 100}]
    versions = clients.cli("stepfunctions", "list-state-machine-versions", "--state-machine-arn", machine.arn)
    arns = [one["stateMachineVersionArn"] for one in versions["stateMachineVersions"]]
    assert arns == [f"{machine.arn}:2", f"{machine.arn}:1"]
    listed = clients.cli("stepfunctions", "list-state-machine-aliases", "--state-machine-arn", f"{machine.arn}:1")
    assert listed["stateMachineAliases"] == []
    assert start(states, alias).output() == 2
