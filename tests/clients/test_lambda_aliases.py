"""Aliases through real clients: made, moved, weighted, called, listed, deleted; and what is refused."""

import json

import pytest

from harness import functions
from harness.clients import ACCOUNT, REGION, error_of
from harness.names import unique

ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function"


def source(number):
    return f"def handler(event, context):\n    return [{number}, context.function_version, context.invoked_function_arn]\n"


@pytest.fixture
def versioned(function):
    """A function whose versions 1 and 2 answer their number."""
    one = function(source(1))
    for number in (1, 2):
        one.client.update_function_code(FunctionName=one.name, ZipFile=functions.zipped({"main.py": source(number)}))
        one.client.get_waiter("function_updated_v2").wait(FunctionName=one.name, WaiterConfig={"Delay": 1})
        assert one.client.publish_version(FunctionName=one.name)["Version"] == str(number)
    return one


def executed(one, qualifier):
    answer = one.client.invoke(FunctionName=one.name, Qualifier=qualifier)
    return answer["ExecutedVersion"], json.loads(answer["Payload"].read())


def test_an_alias_is_called_and_moved(versioned):
    one, client = versioned, versioned.client
    made = client.create_alias(FunctionName=one.name, Name="live", FunctionVersion="1", Description="d")
    assert made["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert made["AliasArn"] == f"{ARN}:{one.name}:live"
    assert executed(one, "live") == ("1", [1, "1", f"{ARN}:{one.name}:live"])
    answer = client.invoke(FunctionName=made["AliasArn"])
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-executed-version"] == "1"

    client.update_alias(FunctionName=one.name, Name="live", FunctionVersion="2")
    assert executed(one, "live") == ("2", [2, "2", f"{ARN}:{one.name}:live"])
    found = client.get_alias(FunctionName=one.name, Name="live")
    assert (found["FunctionVersion"], found["Description"]) == ("2", "d") and "RoutingConfig" not in found


def test_calls_are_shared_out_by_weight(versioned):
    one, client = versioned, versioned.client
    share = lambda weight: {"AdditionalVersionWeights": {"2": weight}}  # noqa: E731
    client.create_alias(FunctionName=one.name, Name="live", FunctionVersion="1", RoutingConfig=share(0.0))
    assert {executed(one, "live")[0] for _ in range(20)} == {"1"}
    client.update_alias(FunctionName=one.name, Name="live", RoutingConfig=share(1.0))
    assert {executed(one, "live")[0] for _ in range(20)} == {"2"}
    client.update_alias(FunctionName=one.name, Name="live", RoutingConfig=share(0.5))
    # One of 2^60 chances fails this.
    assert {executed(one, "live")[0] for _ in range(60)} == {"1", "2"}


def test_what_an_alias_stands_for_stays(versioned):
    one, client = versioned, versioned.client
    client.create_alias(FunctionName=one.name, Name="live", FunctionVersion="1")
    code, message, status = error_of(client.delete_function, FunctionName=one.name, Qualifier="1")
    assert (code, status) == ("ResourceConflictException", 409)
    assert message == "Unable to delete version because the following aliases reference it: [live]"
    client.delete_function(FunctionName=one.name, Qualifier="2")
    client.delete_alias(FunctionName=one.name, Name="live")
    client.delete_function(FunctionName=one.name, Qualifier="1")
    assert error_of(client.get_alias, FunctionName=one.name, Name="live")[0] == "ResourceNotFoundException"
    assert error_of(client.invoke, FunctionName=one.name, Qualifier="live")[0] == "ResourceNotFoundException"


def test_names_have_a_form_and_a_length(versioned):
    one, client = versioned, versioned.client
    client.create_alias(FunctionName=one.name, Name="a" * 128, FunctionVersion="1")
    client.delete_alias(FunctionName=one.name, Name="a" * 128)
    unchecked = one.clients.boto("lambda", parameter_validation=False)
    for wrong in ("a" * 129, "12", "a.b", ""):
        code, message, _ = error_of(unchecked.create_alias, FunctionName=one.name, Name=wrong, FunctionVersion="1")
        assert code == "ValidationException" and "'name' failed to satisfy constraint" in message


def test_aliases_are_listed_page_by_page(versioned):
    one, client = versioned, versioned.client
    for n in range(5):
        client.create_alias(FunctionName=one.name, Name=f"a{n}", FunctionVersion=str(n % 2 + 1))
    pages = list(client.get_paginator("list_aliases").paginate(FunctionName=one.name, PaginationConfig={"PageSize": 2}))
    assert [[alias["Name"] for alias in page["Aliases"]] for page in pages] == [["a0", "a1"], ["a2", "a3"], ["a4"]]
    pages = client.get_paginator("list_aliases").paginate(FunctionName=one.name, FunctionVersion="1", PaginationConfig={"PageSize": 2})
    assert [[alias["Name"] for alias in page["Aliases"]] for page in pages] == [["a0", "a2"], ["a4"]]


def test_the_command_line_does_it_all(versioned, clients):
    one, name = versioned, unique("live")
    named = ("--function-name", one.name, "--name", name)
    made = clients.cli("lambda", "create-alias", *named, "--function-version", "1", "--routing-config", "AdditionalVersionWeights={2=0.25}")
    assert made["RoutingConfig"] == {"AdditionalVersionWeights": {"2": 0.25}}
    assert clients.cli("lambda", "get-alias", *named) == made
    moved = clients.cli("lambda", "update-alias", *named, "--function-version", "2", "--routing-config", "AdditionalVersionWeights={}", "--revision-id", made["RevisionId"])
    assert (moved["FunctionVersion"], moved.get("RoutingConfig")) == ("2", None)
    stale = clients.cli_fails("lambda", "update-alias", *named, "--revision-id", made["RevisionId"])
    assert "(PreconditionFailedException)" in stale
    listed = clients.cli("lambda", "list-aliases", "--function-name", one.name, "--function-version", "2")
    assert [alias["Name"] for alias in listed["Aliases"]] == [name]
    clients.cli("lambda", "delete-alias", *named)
    assert "Cannot find alias arn" in clients.cli_fails("lambda", "get-alias", *named)
