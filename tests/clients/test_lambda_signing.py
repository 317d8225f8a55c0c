"""Code signing configurations, and resource policies written at once."""

import json

import pytest

from harness import functions
from harness.clients import ACCOUNT, REGION, ROLE, error_of
from harness.functions import zipped
from harness.names import unique

PROFILE = f"arn:aws:signer:{REGION}:{ACCOUNT}:/signing-profiles/test"
NONE = f"arn:aws:lambda:{REGION}:{ACCOUNT}:code-signing-config:csc-00000000000000000"
ECHO = "def handler(event, context):\n    return event\n"


@pytest.fixture
def client(clients):
    return clients.boto("lambda", parameter_validation=False)


def create(client, policy="Warn", **extra):
    request = {
        "AllowedPublishers": {"SigningProfileVersionArns": [PROFILE]},
        "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": policy},
        **extra,
    }
    return client.create_code_signing_config(**request)["CodeSigningConfig"]


def test_the_cli_walks_through_code_signing(clients, function):
    run, one = (lambda *words: clients.cli("lambda", *words)), function(ECHO)
    publishers = ("--allowed-publishers", f"SigningProfileVersionArns={PROFILE}")
    made = run("create-code-signing-config", *publishers, "--tags", "t=v")["CodeSigningConfig"]
    config = ("--code-signing-config-arn", made["CodeSigningConfigArn"])
    assert made["CodeSigningPolicies"] == {"UntrustedArtifactOnDeployment": "Warn"}
    changed = run("update-code-signing-config", *config, "--description", "d")["CodeSigningConfig"]
    assert run("get-code-signing-config", *config)["CodeSigningConfig"] == changed
    assert changed in run("list-code-signing-configs")["CodeSigningConfigs"]
    run("put-function-code-signing-config", *config, "--function-name", one.name)
    found = run("get-function-code-signing-config", "--function-name", one.name)
    assert found == {"CodeSigningConfigArn": made["CodeSigningConfigArn"], "FunctionName": one.name}
    assert run("list-functions-by-code-signing-config", *config)["FunctionArns"] == [one.arn]
    assert run("list-tags", "--resource", made["CodeSigningConfigArn"])["Tags"] == {"t": "v"}
    run("delete-function-code-signing-config", "--function-name", one.name)
    run("delete-code-signing-config", *config)


def test_a_configuration_in_use_cannot_be_deleted(client, clients):
    arn, one = create(client)["CodeSigningConfigArn"], functions.create(clients, ECHO)
    client.put_function_code_signing_config(CodeSigningConfigArn=arn, FunctionName=one.name)
    assert error_of(client.delete_code_signing_config, CodeSigningConfigArn=arn)[::2] == ("ResourceConflictException", 409)
    client.delete_function(FunctionName=one.name)
    assert client.delete_code_signing_config(CodeSigningConfigArn=arn)["ResponseMetadata"]["HTTPStatusCode"] == 204


def test_unsigned_code_meets_a_policy(client, function):
    arn, code = create(client, "Enforce")["CodeSigningConfigArn"], zipped({"main.py": ECHO})
    request = {"Runtime": "python3.13", "Handler": "main.handler", "Role": ROLE, "Code": {"ZipFile": code}}
    name = unique("signed")
    refused = error_of(client.create_function, FunctionName=name, CodeSigningConfigArn=arn, **request)
    assert refused[::2] == ("CodeVerificationFailedException", 400)
    one = function(ECHO)
    client.put_function_code_signing_config(CodeSigningConfigArn=arn, FunctionName=one.name)
    assert one.invoke("still runs") == (200, None, "still runs")
    assert error_of(client.update_function_code, FunctionName=one.name, ZipFile=code)[0] == "CodeVerificationFailedException"
    client.update_code_signing_config(CodeSigningConfigArn=arn, CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Warn"})
    client.update_function_code(FunctionName=one.name, ZipFile=code)
    assert one.invoke("new") == (200, None, "new")


def test_limits_have_two_sides(client):
    publishers = lambda count: {"SigningProfileVersionArns": [PROFILE] * count}
    assert create(client, AllowedPublishers=publishers(20))["AllowedPublishers"] == publishers(20)
    for count in (0, 21):
        assert error_of(create, client, AllowedPublishers=publishers(count))[::2] == ("ValidationException", 400)
    assert create(client, Description="d" * 256)["Description"] == "d" * 256
    assert error_of(create, client, Description="d" * 257)[0] == "ValidationException"
    assert error_of(create, client, "Maybe")[0] == "ValidationException"


def test_lists_have_pages(client):
    made = {create(client)["CodeSigningConfigArn"] for _ in range(3)}
    pages = client.get_paginator("list_code_signing_configs").paginate(PaginationConfig={"PageSize": 2})
    found = [config["CodeSigningConfigArn"] for page in pages for config in page["CodeSigningConfigs"]]
    assert made <= set(found) and len(found) == len(set(found))


def document(arn, **changes):
    statement = {"Sid": "one", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "lambda:InvokeFunction", "Resource": arn}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **changes}]})


def test_a_resource_policy_is_put_read_and_deleted(client, clients, function):
    one = function(ECHO)
    resource = {"ResourceArn": one.arn}
    assert error_of(client.get_resource_policy, **resource)[::2] == ("ResourceNotFoundException", 404)
    client.add_permission(FunctionName=one.name, StatementId="old", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com")
    put = client.put_resource_policy(Policy=document(one.arn), **resource)
    assert [statement["Sid"] for statement in json.loads(put["Policy"])["Statement"]] == ["one"]
    found = client.get_resource_policy(**resource)
    assert (found["Policy"], found["RevisionId"]) == (put["Policy"], put["RevisionId"])
    assert client.get_policy(FunctionName=one.name)["Policy"] == put["Policy"]
    stale = {**resource, "RevisionId": "00000000-0000-0000-0000-000000000000"}
    assert error_of(client.put_resource_policy, Policy=document(one.arn), **stale)[::2] == ("PreconditionFailedException", 412)
    assert error_of(client.delete_resource_policy, **stale)[::2] == ("PreconditionFailedException", 412)
    client.delete_resource_policy(RevisionId=put["RevisionId"], **resource)
    assert error_of(client.get_resource_policy, **resource)[0] == "ResourceNotFoundException"


@pytest.mark.parametrize("changes", ({"Effect": "Maybe"}, {"Action": "s3:GetObject"}, {"Resource": "*"}), ids=str)
def test_policies_that_cannot_be(client, function, changes):
    arn = function(ECHO).arn
    refused = error_of(client.put_resource_policy, ResourceArn=arn, Policy=document(arn, **changes))
    assert refused[::2] == ("InvalidParameterValueException", 400)


def test_policies_have_a_limit(client, function):
    arn = function(ECHO).arn
    frame = len(document(arn, Sid=""))
    assert client.put_resource_policy(ResourceArn=arn, Policy=document(arn, Sid="s" * (20_000 - frame)))["RevisionId"]
    assert error_of(client.put_resource_policy, ResourceArn=arn, Policy=document(arn, Sid="s" * (20_481 - frame)))[0] == "ValidationException"
