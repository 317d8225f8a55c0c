"""Aliases: the scenarios recorded from AWS, done again here."""

import json

import pytest

from harness import functions
from harness.clients import ROLE
from harness.names import unique
from harness.recordings import Comparison, answered, scenario

API = "lambda_/test_lambda_api.json"
ECHO = "def handler(event, context):\n    return event\n"


@pytest.fixture
def client(clients):
    return clients.boto("lambda", parameter_validation=False)


@pytest.fixture
def replay(client):
    """Compares answers of one scenario, step by step: replay(name)(label, call, **params)."""

    def begin(name):
        told, comparison = scenario(API, name), Comparison()

        def step(label, call, **params):
            ours = answered(call, **params)
            comparison.check(told[label], ours, label)
            return ours

        return step

    return begin


@pytest.fixture
def made(client, replay):
    """A function as the scenarios of aliases make it: with variables, which `versions` changes. What it is made with."""

    def make(step, **extra):
        name = unique("aliased")
        code = {"ZipFile": functions.zipped({"index.py": ECHO})}
        request = {"FunctionName": name, "Runtime": "python3.12", "Handler": "index.handler", "Role": ROLE, "Code": code}
        request |= {"Environment": {"Variables": {"testenv": "staging"}}, **extra}
        step("create_response", client.create_function, **request)
        client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        return name

    return make


def second_version(client, step, name):
    client.update_function_configuration(FunctionName=name, Environment={"Variables": {"testenv": "prod"}})
    client.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    assert step("publish_v2", client.publish_version, FunctionName=name)["Version"] == "2"


def test_an_alias_from_its_making_to_its_end(client, replay, made):
    step = replay("test_alias_lifecycle")
    name = made(step)
    assert step("publish_v1", client.publish_version, FunctionName=name)["Version"] == "1"
    second_version(client, step, name)

    custom = {"FunctionName": name, "FunctionVersion": "1", "Description": "custom-alias"}
    routing = {"AdditionalVersionWeights": {"2": 0.2}}
    step("create_alias_1_1", client.create_alias, Name="aliasname1_1", RoutingConfig=routing, **custom)
    step("get_alias_1_1", client.get_alias, FunctionName=name, Name="aliasname1_1")
    arn = step("get_function_alias_1_1", client.get_function, FunctionName=name, Qualifier="aliasname1_1")
    arn = arn["Configuration"]["FunctionArn"]
    step("get_function_byarn_alias_1_1", client.get_function, FunctionName=arn)
    missing = arn.replace("aliasname1_1", "aliasdoesnotexist")
    step("get_function_alias_notfound_exc", client.get_function, FunctionName=name, Qualifier="aliasdoesnotexist")
    step("get_function_alias_byarn_notfound_exc", client.get_function, FunctionName=missing)
    step("create_alias_1_2", client.create_alias, Name="aliasname1_2", **custom)
    step("get_alias_1_2", client.get_alias, FunctionName=name, Name="aliasname1_2")
    step("create_alias_1_3", client.create_alias, FunctionName=name, Name="aliasname1_3", FunctionVersion="1")
    step("get_alias_1_3", client.get_alias, FunctionName=name, Name="aliasname1_3")
    step("create_alias_2", client.create_alias, Name="aliasname2", **{**custom, "FunctionVersion": "2"})
    step("get_alias_2", client.get_alias, FunctionName=name, Name="aliasname2")
    paged = client.get_paginator("list_aliases").paginate(FunctionName=name, PaginationConfig={"PageSize": 3})
    step("list_aliases_for_fnname", lambda: paged.build_full_result())

    step("update_alias_1_1", client.update_alias, FunctionName=name, Name="aliasname1_1", RoutingConfig={"AdditionalVersionWeights": {}})
    step("get_alias_1_1_after_update", client.get_alias, FunctionName=name, Name="aliasname1_1")
    step("list_aliases_for_fnname_after_update", client.list_aliases, FunctionName=name)
    step("update_alias_1_2", client.update_alias, FunctionName=name, Name="aliasname1_2")
    step("get_alias_1_2_after_update", client.get_alias, FunctionName=name, Name="aliasname1_2")
    step("list_aliases_for_fnname_after_update_2", client.list_aliases, FunctionName=name)
    step("list_aliases_for_version", client.list_aliases, FunctionName=name, FunctionVersion="1")
    step("delete_alias_response", client.delete_alias, FunctionName=name, Name="aliasname1_1")
    step("list_aliases_for_fnname_afterdelete", client.list_aliases, FunctionName=name)


def test_an_alias_that_is_not_there_is_deleted(client, replay, made):
    step = replay("test_non_existent_alias_deletion")
    step("delete_alias_response", client.delete_alias, FunctionName=made(step), Name="non-existent")


def test_aliases_that_cannot_be(client, replay, made):
    step = replay("test_notfound_and_invalid_routingconfigs")
    name = made(step, Publish=True)
    told = step("publish_v1", client.publish_version, FunctionName=name)
    assert told["Version"] == "1"
    second_version(client, step, name)

    def create(label, version="1", weights=None, alias="custom", function=name):
        routing = {} if weights is None else {"RoutingConfig": {"AdditionalVersionWeights": weights}}
        step(label, client.create_alias, FunctionName=function, Name=alias, FunctionVersion=version, **routing)

    create("routing_config_exc_toomany", weights={"1": 0.1, "2": 0.2})
    create("routing_config_exc_toohigh", weights={"2": 2})
    create("routing_config_exc_subzero", weights={"2": -1})
    create("routing_config_exc_sameversion", weights={"1": 0.5})
    create("target_version_doesnotexist", version="10")
    create("routing_config_exc_version_doesnotexist", weights={"10": 0.5})
    create("target_version_exc_version_latest", version="$LATEST", weights={"1": 0.5})
    create("routing_config_exc_version_latest", weights={"$LATEST": 0.5})
    create("create-alias-latest", version="$LATEST", alias="custom-latest")
    create("routing_config_exc_fn_doesnotexist", weights={"2": 0.5}, function=f"{name}-unknown")
    create("create_alias_empty_routingconfig", weights={}, alias="custom-empty-routingconfig")
    create("create_alias_response", weights={"2": 0.5})
    create("routing_config_exc_already_exist", weights={"2": 0.5})
    step("alias_does_not_exist_esc", client.get_alias, FunctionName=name, Name="non-existent")
    step("alias_does_not_exist_esc", client.update_alias, FunctionName=name, Name="non-existent")


def test_policies_of_versions_and_aliases(client, function, replay):
    name, told = "test_lambda_permission_fn_versioning", Comparison()
    answers = scenario(API, name)
    one = function(ECHO).name

    def step(label, call, **params):
        ours = answered(call, **params)
        for place in ("Policy", "Statement"):
            if isinstance(ours.get(place), str):
                ours[place] = json.loads(ours[place])
        told.check({k: v for k, v in answers[label].items() if k != "Configuration"}, ours, label)
        return ours

    grant = {"Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com", "SourceArn": "arn:aws:s3:::any"}
    step("add_permission", client.add_permission, FunctionName=one, StatementId="s3", **grant)
    step("get_policy", client.get_policy, FunctionName=one)
    client.publish_version(FunctionName=one)
    step("get_policy_after_publishing_latest", client.get_policy, FunctionName=one)
    step("get_policy_after_publishing_new_version", client.get_policy, FunctionName=one, Qualifier="1")
    client.add_permission(FunctionName=one, Qualifier="1", StatementId="s3", **grant)
    step("get_policy_version", client.get_policy, FunctionName=one, Qualifier="1")
    step("get_policy_after_adding_to_new_version", client.get_policy, FunctionName=one)
    made = step("create_alias_response", client.create_alias, FunctionName=one, Name="permission-alias", FunctionVersion="1")
    step("get_alias", client.get_alias, FunctionName=one, Name="permission-alias")
    by_alias = {"FunctionName": one, "Qualifier": "permission-alias", "StatementId": "s3", **grant}
    wrong = {**by_alias, "RevisionId": made["RevisionId"]}
    step("add_permission_alias_revision_exception", client.add_permission, **wrong)
    client.add_permission(**by_alias)
    step("get_policy_alias", client.get_policy, FunctionName=one, Qualifier="permission-alias")
    client.add_permission(FunctionName=one, StatementId="s3_2", **grant)
    step("get_policy_after_adding_2", client.get_policy, FunctionName=one)
