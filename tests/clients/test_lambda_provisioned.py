"""Provisioned concurrency through real clients: asked for, looked at, listed, moved, given up; and what is refused."""

import json
import urllib.request

import pytest

from harness import functions
from harness.clients import ACCOUNT, REGION, Clients, error_of
from harness.wait import wait_until

ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function"
# Says when its code was loaded: before the call, or for it.
SOURCE = """
import os
def handler(event, context):
    return [os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"], os.getpid()]
"""
INVALID, CONFLICT = "InvalidParameterValueException", "ResourceConflictException"


@pytest.fixture
def versioned(function):
    """A function with the versions 1 and 2."""
    one = function(SOURCE)
    for number in (1, 2):
        package = functions.zipped({"main.py": f"{SOURCE}\n# {number}\n"})
        one.client.update_function_code(FunctionName=one.name, ZipFile=package)
        one.client.get_waiter("function_updated_v2").wait(FunctionName=one.name, WaiterConfig={"Delay": 1})
        assert one.client.publish_version(FunctionName=one.name)["Version"] == str(number)
    return one


class Ahead:
    """Short forms."""

    def __init__(self, one):
        self.client, self.name = one.client, one.name

    def put(self, qualifier, count):
        of = {"FunctionName": self.name, "Qualifier": qualifier}
        return self.client.put_provisioned_concurrency_config(ProvisionedConcurrentExecutions=count, **of)

    def get(self, qualifier):
        return self.client.get_provisioned_concurrency_config(FunctionName=self.name, Qualifier=qualifier)

    def delete(self, qualifier):
        self.client.delete_provisioned_concurrency_config(FunctionName=self.name, Qualifier=qualifier)

    def ready(self, qualifier, count):
        def seen():
            found = self.get(qualifier)
            assert found["Status"] != "FAILED", found
            return found["Status"] == "READY" and found["AllocatedProvisionedConcurrentExecutions"] == count

        wait_until(seen, 30, "the instances")

    def call(self, qualifier):
        answer = self.client.invoke(FunctionName=self.name, Qualifier=qualifier)
        return json.loads(answer["Payload"].read())[0]


@pytest.fixture
def ahead(versioned):
    return Ahead(versioned)


def test_calls_find_instances_that_are_there(ahead):
    put = ahead.put("1", 2)
    assert (put["ResponseMetadata"]["HTTPStatusCode"], put["Status"]) == (202, "IN_PROGRESS")
    assert put["RequestedProvisionedConcurrentExecutions"] == 2
    ahead.ready("1", 2)
    assert ahead.call("1") == "provisioned-concurrency"
    assert ahead.call("2") == "on-demand"
    ahead.delete("1")
    assert error_of(ahead.get, "1")[0] == "ProvisionedConcurrencyConfigNotFoundException"
    ahead.call("1")


def test_they_move_with_an_alias(ahead):
    ahead.client.create_alias(FunctionName=ahead.name, Name="live", FunctionVersion="1")
    ahead.put("live", 1)
    ahead.ready("live", 1)
    assert ahead.call("live") == "provisioned-concurrency"
    ahead.client.update_alias(FunctionName=ahead.name, Name="live", FunctionVersion="2")
    ahead.ready("live", 1)
    assert ahead.call("live") == "provisioned-concurrency"


def test_a_configuration_is_shown_listed_and_deleted(ahead):
    for qualifier in ("1", "2"):
        ahead.put(qualifier, 1)
    found = ahead.get("1")
    assert found["RequestedProvisionedConcurrentExecutions"] == 1
    assert found["LastModified"].endswith("+0000") and len(found["LastModified"]) == 24
    paginator = ahead.client.get_paginator("list_provisioned_concurrency_configs")
    for size in (1, 2, 50):
        pages = list(paginator.paginate(FunctionName=ahead.name, PaginationConfig={"PageSize": size}))
        arns = [item["FunctionArn"] for page in pages for item in page["ProvisionedConcurrencyConfigs"]]
        assert arns == [f"{ARN}:{ahead.name}:{version}" for version in (1, 2)]
        assert len(pages) == -(-2 // size)
    ahead.delete("1")
    ahead.delete("1")
    missing = "No Provisioned Concurrency Config found for this function"
    assert error_of(ahead.get, "1") == ("ProvisionedConcurrencyConfigNotFoundException", missing, 404)
    ahead.put("2", 3)
    assert ahead.get("2")["RequestedProvisionedConcurrentExecutions"] == 3


def test_what_cannot_have_any(ahead):
    client, name = ahead.client, ahead.name
    client.create_alias(FunctionName=name, Name="latest", FunctionVersion="$LATEST")
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    share = {"AdditionalVersionWeights": {"2": 0.5}}
    client.create_alias(FunctionName=name, Name="shared", FunctionVersion="1", RoutingConfig=share)
    unpublished = "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
    for qualifier in ("$LATEST", "latest"):
        assert error_of(ahead.put, qualifier, 1) == (INVALID, unpublished, 400)
    only = "The function resource provided must be an alias or a published version."
    assert error_of(ahead.get, "$LATEST") == (INVALID, only, 400)
    assert error_of(ahead.put, "shared", 1)[:2] == (INVALID, "Alias with weights can not be used with Provisioned Concurrency")
    assert error_of(ahead.put, "9", 1) == ("ResourceNotFoundException", f"Function not found: {ARN}:{name}:9", 404)
    missing = ("ResourceNotFoundException", f"Cannot find alias arn: {ARN}:{name}:gone", 404)
    for call in (lambda: ahead.put("gone", 1), lambda: ahead.get("gone"), lambda: ahead.delete("gone")):
        assert error_of(call) == missing
    ahead.put("1", 1)
    text = "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version"
    assert error_of(ahead.put, "live", 1) == (CONFLICT, text, 409)
    ahead.delete("1")
    ahead.put("live", 1)
    assert error_of(ahead.put, "1", 1) == (CONFLICT, "Version is pointed by a Provisioned Concurrency alias", 409)


def test_counts_have_limits(ahead):
    client, name = ahead.client, ahead.name
    code, message, status = error_of(client.put_function_concurrency, FunctionName=name, ReservedConcurrentExecutions=901)
    assert (code, status) == (INVALID, 400) and "minimum value of [100]" in message
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=2)
    ahead.put("1", 2)
    text = "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function"
    assert error_of(ahead.put, "1", 3) == (INVALID, text, 400)
    assert error_of(ahead.put, "2", 1) == (INVALID, text, 400)
    code, message, _ = error_of(client.invoke, FunctionName=name)
    assert (code, message) == ("TooManyRequestsException", "Rate Exceeded.")
    code, message, _ = error_of(client.put_function_concurrency, FunctionName=name, ReservedConcurrentExecutions=1)
    assert code == INVALID and message.endswith("should not be lower than function's total provisioned concurrency [2].")
    client.delete_function_concurrency(FunctionName=name)
    assert client.invoke(FunctionName=name)["StatusCode"] == 200


def test_a_count_is_at_least_one(clients, ahead):
    put = clients.boto("lambda", parameter_validation=False).put_provisioned_concurrency_config
    for count in (0, -1):
        params = {"FunctionName": ahead.name, "Qualifier": "1", "ProvisionedConcurrentExecutions": count}
        code, message, status = error_of(put, **params)
        assert status == 400 and "provisionedConcurrentExecutions" in message, (code, message)


def test_through_the_cli(clients, ahead):
    of = ("--function-name", ahead.name, "--qualifier", "1")
    put = clients.cli("lambda", "put-provisioned-concurrency-config", *of, "--provisioned-concurrent-executions", "1")
    assert put["Status"] == "IN_PROGRESS"
    assert clients.cli("lambda", "get-provisioned-concurrency-config", *of)["RequestedProvisionedConcurrentExecutions"] == 1
    listed = clients.cli("lambda", "list-provisioned-concurrency-configs", "--function-name", ahead.name)
    assert len(listed["ProvisionedConcurrencyConfigs"]) == 1
    clients.cli("lambda", "delete-provisioned-concurrency-config", *of)
    said = clients.cli_fails("lambda", "get-provisioned-concurrency-config", *of)
    assert "ProvisionedConcurrencyConfigNotFoundException" in said


def test_they_are_there_again_after_a_restart(fresh):
    platform = fresh().start()
    one = functions.create(Clients(platform.url), SOURCE)
    one.client.publish_version(FunctionName=one.name)
    ahead = Ahead(one)
    ahead.put("1", 1)
    ahead.ready("1", 1)
    platform.stop()
    platform.start()
    ahead.ready("1", 1)
    assert ahead.call("1") == "provisioned-concurrency"


def test_a_reset_ends_them(fresh):
    platform = fresh().start()
    ahead = Ahead(functions.create(Clients(platform.url), SOURCE, FunctionName="f"))
    ahead.client.publish_version(FunctionName="f")
    ahead.put("1", 1)
    ahead.ready("1", 1)
    urllib.request.urlopen(urllib.request.Request(f"{platform.url}/_updraft/reset", b"{}"), timeout=30).close()
    ahead = Ahead(functions.create(Clients(platform.url), SOURCE, FunctionName="f"))
    ahead.client.publish_version(FunctionName="f")
    assert error_of(ahead.get, "1")[0] == "ProvisionedConcurrencyConfigNotFoundException"
    assert ahead.call("1") == "on-demand"
