"""Scenarios of code signing and of tags recorded from AWS's Lambda, done again here."""

import pytest

from harness.clients import ACCOUNT, REGION
from harness.recordings import Comparison, answered, scenario

API = "lambda_/test_lambda_api.json"
ECHO = "def handler(event, context):\n    return event\n"
PROFILE = f"arn:aws:signer:{REGION}:{ACCOUNT}:/signing-profiles/test"
GONE = f"arn:aws:lambda:{REGION}:{ACCOUNT}:code-signing-config:csc-00000000000000000"
NO_FUNCTION = "csc-test-doesnotexist"


@pytest.fixture
def client(clients):
    return clients.boto("lambda", parameter_validation=False)


class Scenario:
    """One recorded scenario: calls are compared with the answers under their labels, all of which must be met."""

    def __init__(self, name):
        self.told, self.compare, self.met = scenario(API, name), Comparison(), set()

    def check(self, label, ours):
        self.met.add(label)
        self.compare.check(self.told[label], ours, label)
        return ours

    def done(self):
        assert self.met == set(self.told)


def create(client):
    return answered(
        client.create_code_signing_config,
        Description="Testing CodeSigning Config",
        AllowedPublishers={"SigningProfileVersionArns": [PROFILE]},
        CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Enforce"},
    )


def test_a_configurations_life(client, function):
    one, there = Scenario("test_function_code_signing_config"), function(ECHO)
    made = one.check("create_code_signing_config", create(client))["CodeSigningConfig"]
    config = {"CodeSigningConfigArn": made["CodeSigningConfigArn"]}
    policies = {"UntrustedArtifactOnDeployment": "Warn"}
    one.check("update_code_signing_config", answered(client.update_code_signing_config, CodeSigningPolicies=policies, **config))
    one.check("get_code_signing_config", answered(client.get_code_signing_config, **config))
    ours = answered(client.put_function_code_signing_config, FunctionName=there.name, **config)
    one.check("put_function_code_signing_config", ours)
    ours = answered(client.get_function_code_signing_config, FunctionName=there.name)
    one.check("get_function_code_signing_config", ours)
    listed = answered(client.list_code_signing_configs)["CodeSigningConfigs"]
    (mine,) = [found for found in listed if found["CodeSigningConfigArn"] == config["CodeSigningConfigArn"]]
    one.check("list_code_signing_configs", mine)
    ours = answered(client.list_functions_by_code_signing_config, **config)
    one.check("list_functions_by_code_signing_config", ours)
    ours = answered(client.delete_function_code_signing_config, FunctionName=there.name)
    one.check("delete_function_code_signing_config", ours)
    one.check("delete_code_signing_config", answered(client.delete_code_signing_config, **config))
    one.done()


def test_configurations_that_are_not_there(client, function):
    one, there = Scenario("test_code_signing_not_found_excs"), function(ECHO)
    made = one.check("create_code_signing_config", create(client))["CodeSigningConfig"]
    config, gone = {"CodeSigningConfigArn": made["CodeSigningConfigArn"]}, {"CodeSigningConfigArn": GONE}

    def call(label, operation, **params):
        ours = one.check(label, answered(getattr(client, operation), **params))
        return ours

    call("update_csc_invalid_csc_arn", "update_code_signing_config", Description="new", **gone)
    call("update_csc_noupdates", "update_code_signing_config", **gone)
    call("update_csc_noupdate_response", "update_code_signing_config", **config)
    call("get_csc_invalid", "get_code_signing_config", **gone)
    call("delete_csc_notfound", "delete_code_signing_config", **gone)
    call("put_function_csc_invalid_fnname", "put_function_code_signing_config", FunctionName=NO_FUNCTION, **config)
    call("put_function_csc_invalid_csc_arn", "put_function_code_signing_config", FunctionName=there.name, **gone)
    call("put_function_csc_invalid_both", "put_function_code_signing_config", FunctionName=NO_FUNCTION, **gone)
    call("get_function_csc_nonexistingfn", "get_function_code_signing_config", FunctionName=NO_FUNCTION)
    found = call("get_function_csc_fnwithoutcsc", "get_function_code_signing_config", FunctionName=there.name)
    assert set(found) == {"ResponseMetadata"}
    call("delete_function_csc_fnnotfound", "delete_function_code_signing_config", FunctionName=NO_FUNCTION)
    call("nothing_to_delete_response", "delete_function_code_signing_config", FunctionName=there.name)
    call("list_functions_by_csc_fnwithoutcsc", "list_functions_by_code_signing_config", **config)
    call("list_functions_by_csc_invalid_cscarn", "list_functions_by_code_signing_config", **gone)
    one.done()


def test_a_functions_configuration_that_is_not_there(client):
    one = Scenario("test_ops_on_nonexisting_fn[get_function_code_signing_config]")
    one.check("not_found_exception", answered(client.get_function_code_signing_config, FunctionName="never-there"))
    one.done()
