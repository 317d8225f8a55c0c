"""Reserved and provisioned concurrency: the scenarios recorded from AWS, done again here."""

import pytest

from harness import functions
from harness.clients import ACCOUNT, REGION
from harness.names import unique
from harness.recordings import Comparison, answered, scenario
from harness.wait import wait_until

API, INVOKE = "lambda_/test_lambda_api.json", "lambda_/test_lambda.json"
ECHO = "def handler(event, context):\n    return event\n"
BROKEN = "raise ValueError('never starts')\n"


@pytest.fixture
def client(clients):
    return clients.boto("lambda", parameter_validation=False)


def made(function, source=ECHO, **settings):
    defaults = {"MemorySize": 128, "Timeout": 30, "Runtime": "python3.12", "Environment": {"Variables": {}}}
    return function(source, Handler="handler.handler", files={"handler.py": source}, **{**defaults, **settings})


def replay(file, name, comparison=None):
    told, comparison = scenario(file, name), comparison or Comparison()

    def step(label, call, **params):
        ours = answered(call, **params)
        comparison.check(told[label], ours, label)
        return ours

    return step


def settled(client, **of):
    """The configuration, once its instances are started or can't be."""
    get = client.get_provisioned_concurrency_config
    wait_until(lambda: get(**of)["Status"] != "IN_PROGRESS", 30, "the instances' start")
    return get


def test_reservations_from_their_making_to_their_end(client, function):
    step, name = replay(INVOKE, "test_lambda_concurrency_crud"), {"FunctionName": made(function).name}
    get = client.get_function_concurrency
    assert "ReservedConcurrentExecutions" not in step("get_function_concurrency_default", get, **name)
    step("put_function_concurrency", client.put_function_concurrency, ReservedConcurrentExecutions=0, **name)
    step("get_function_concurrency_updated", get, **name)
    client.delete_function_concurrency(**name)
    assert "ReservedConcurrentExecutions" not in step("get_function_concurrency_deleted", get, **name)


def test_provisioned_concurrency_from_its_making_to_its_end(client, function):
    step, name = replay(API, "test_lambda_provisioned_lifecycle"), {"FunctionName": made(function).name}
    put, get = client.put_provisioned_concurrency_config, client.get_provisioned_concurrency_config
    one = {"ProvisionedConcurrentExecutions": 1}
    step("publish_version_result", client.publish_version, **name)
    alias = unique("live")
    step("create_alias_result", client.create_alias, Name=alias, FunctionVersion="1", **name)
    step("put_provisioned_on_version", put, Qualifier="1", **one, **name)
    step("put_provisioned_on_alias_versionconflict", put, Qualifier=alias, **one, **name)
    delete = client.delete_provisioned_concurrency_config
    step("delete_provisioned_version", delete, Qualifier="1", **name)
    step("get_provisioned_version_postdelete", get, Qualifier="1", **name)
    step("put_provisioned_on_alias", put, Qualifier=alias, **one, **name)
    step("put_provisioned_on_version_conflict", put, Qualifier="1", **one, **name)
    step("delete_alias_result", client.delete_alias, Name=alias, **name)
    step("get_provisioned_alias_postaliasdelete", get, Qualifier=alias, **name)
    step("list_response_postdeletes", client.list_provisioned_concurrency_configs, **name)


def test_provisioned_concurrency_has_limits(clients, client, function):
    step, name = replay(API, "test_provisioned_concurrency_limits"), {"FunctionName": made(function).name}
    client.publish_version(**name)
    free = client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    put = client.put_provisioned_concurrency_config
    over = {"Qualifier": "1", "ProvisionedConcurrentExecutions": free + 1}
    ours = step("put_provisioned_concurrency_account_limit_exceeded", put, **over, **name)
    assert f"[{free}]" in ours["Error"]["Message"]
    below = {"Qualifier": "1", "ProvisionedConcurrentExecutions": free - 99}
    ours = step("put_provisioned_concurrency_below_unreserved_min_value", put, **below, **name)
    assert "[100]" in ours["Error"]["Message"]


def test_instances_are_started_ahead(client, function):
    step, name = replay(INVOKE, "test_provisioned_concurrency_on_alias"), {"FunctionName": made(function).name}
    client.publish_version(**name)
    client.create_alias(Name="live", FunctionVersion="1", **name)
    of = {"Qualifier": "live", **name}
    put = client.put_provisioned_concurrency_config
    step("put_provisioned_5", put, ProvisionedConcurrentExecutions=5, **of)
    step("get_provisioned_postwait", settled(client, **of), **of)
    # The numbers are the recording's.
    client.delete_provisioned_concurrency_config(**of)
    client.put_provisioned_concurrency_config(ProvisionedConcurrentExecutions=1, **of)
    replay(INVOKE, "test_lambda_provisioned_concurrency_scheduling")("get_provisioned_postwait", settled(client, **of), **of)


def test_code_that_never_starts(client, function):
    step = replay(INVOKE, "test_provisioned_concurrency_init_failure")
    of = {"FunctionName": made(function, BROKEN).name, "Qualifier": "1"}
    client.publish_version(FunctionName=of["FunctionName"])
    put = client.put_provisioned_concurrency_config
    step("put_provisioned", put, ProvisionedConcurrentExecutions=1, **of)
    step("get_provisioned_postwait", settled(client, **of), **of)


def test_what_is_reserved_and_what_is_started_ahead(client, function):
    step = replay(INVOKE, "test_reserved_provisioned_overlap")
    name = {"FunctionName": made(function, Timeout=10).name}
    step("update_func_config", client.update_function_configuration, Timeout=15, **name)
    client.get_waiter("function_updated_v2").wait(WaiterConfig={"Delay": 1}, **name)
    for _ in range(2):
        client.publish_version(**name)
        client.update_function_code(ZipFile=functions.zipped({"handler.py": ECHO + "\n"}), **name)
        client.get_waiter("function_updated_v2").wait(WaiterConfig={"Delay": 1}, **name)
    put, reserve = client.put_provisioned_concurrency_config, client.put_function_concurrency
    one, two = {"Qualifier": "1", **name}, {"Qualifier": "2", **name}
    step("put_provisioned_5", put, ProvisionedConcurrentExecutions=2, **one)
    step("get_provisioned_postwait", settled(client, **one), **one)
    step("reserved_lower_than_provisioned_exc", reserve, ReservedConcurrentExecutions=1, **name)
    reserve(ReservedConcurrentExecutions=2, **name)
    step("get_concurrency", client.get_function_concurrency, **name)
    exceeding = "reserved_equals_provisioned_{}_provisioned_exc".format
    step(exceeding("another"), put, ProvisionedConcurrentExecutions=1, **two)
    step(exceeding("increase"), put, ProvisionedConcurrentExecutions=3, **one)
    step("reserved_equals_provisioned_latest_invoke_exc", client.invoke, **name)
    assert client.invoke(**one)["StatusCode"] == 200


def test_instances_move_with_their_alias(client, function):
    name = made(function, Timeout=2).name
    step = replay(INVOKE, "test_lambda_provisioned_concurrency_moves_with_alias")
    get, of = client.get_function, {"FunctionName": name}
    # The recorded function ran on Python 3.8.
    described = {"Description": "my-first-version", **of}
    told = scenario(INVOKE, "test_lambda_provisioned_concurrency_moves_with_alias")
    first = client.publish_version(**described)
    assert (first["Version"], first["Description"]) == ("1", told["publish_version_1"]["Description"])
    alias = unique("live")
    client.create_alias(Name=alias, FunctionVersion="1", **of)
    ahead = {"Qualifier": alias, **of}
    found = client.get_provisioned_concurrency_config
    step("provisioned_concurrency_notfound", found, **ahead)
    before = get(Qualifier="1", **of)["Configuration"]
    client.put_provisioned_concurrency_config(ProvisionedConcurrentExecutions=1, **ahead)
    after = get(**ahead)["Configuration"]
    # As recorded: the revision is the only thing that changes, but for the ARN that was asked for.
    assert {key for key in after if after[key] != before[key]} == {"FunctionArn", "RevisionId"}
    assert after["FunctionArn"] == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}:{alias}"
    settled(client, **ahead)

    client.update_function_configuration(Timeout=10, **of)
    client.get_waiter("function_updated_v2").wait(WaiterConfig={"Delay": 1}, **of)
    client.publish_version(**of)
    client.update_alias(Name=alias, FunctionVersion="2", **of)
    settled(client, **ahead)
    # AWS's answer is from the time in between, in which the old instances still count.
    now = {**answered(found, **ahead), "Status": "IN_PROGRESS"}
    Comparison().check(told["get_provisioned_config_after_alias_move"], now)
