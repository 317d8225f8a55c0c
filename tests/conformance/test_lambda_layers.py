"""Scenarios of layers recorded from AWS's Lambda, done again here."""

import json

import pytest

from harness import functions
from harness.clients import ACCOUNT, REGION, ROLE
from harness.names import unique
from harness.recordings import Comparison, answered, scenario

API = "lambda_/test_lambda_api.json"
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer"
ECHO = "def handler(event, context):\n    return event\n"


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

    def done(self, *but):
        assert self.met | set(but) == set(self.told)


def publish(client, name, **extra):
    request = {"LayerName": name, "Content": {"ZipFile": functions.zipped({"data": "x"})}, **extra}
    return answered(client.publish_layer_version, **request)


def test_what_layers_are_compatible_with(client):
    one = Scenario("test_layer_compatibilities[runtimes2]")
    runtimes, architectures = ["provided.al2023", "provided.al2", "provided"], ["arm64", "x86_64"]
    made = publish(client, unique("layer"), CompatibleRuntimes=runtimes, CompatibleArchitectures=architectures)
    one.check("publish_result", made)
    one.done()


def test_layers_that_cannot_be(client):
    one, name = Scenario("test_layer_exceptions"), unique("layer")
    one.check("publish_result", publish(client, name, CompatibleRuntimes=["python3.12"], CompatibleArchitectures=["x86_64"]))
    empty = publish(client, unique("layer"), CompatibleRuntimes=[], CompatibleArchitectures=[])
    one.check("publish_empty_result", empty)
    both = {"CompatibleRuntimes": ["invalidruntime"], "CompatibleArchitectures": ["invalidarch"]}
    one.check("publish_layer_version_exc_invalid_runtime_arch", publish(client, name, **both))
    runtimes = ["invalidruntime", "invalidruntime2", "nodejs20.x"]
    both = {"CompatibleRuntimes": runtimes, "CompatibleArchitectures": ["invalidarch", "x86_64"]}
    one.check("publish_layer_version_exc_partially_invalid_values", publish(client, name, **both))

    def get(label, **params):
        one.check(label, answered(client.get_layer_version, **params))

    get("get_layer_version_exc_layer_doesnotexist", LayerName="doesnotexist", VersionNumber=1)
    get("get_layer_version_exc_layer_version_doesnotexist_negative", LayerName=name, VersionNumber=-1)
    get("get_layer_version_exc_layer_version_doesnotexist_zero", LayerName=name, VersionNumber=0)
    get("get_layer_version_exc_layer_version_doesnotexist_2", LayerName=name, VersionNumber=2)
    arn = f"{ARN}:{name}"
    one.check("get_layer_version_by_arn_exc_invalidarn", answered(client.get_layer_version_by_arn, Arn=arn))
    one.check("get_layer_version_by_arn_exc_nonexistentversion", answered(client.get_layer_version_by_arn, Arn=f"{arn}:2"))
    one.check("list_nonexistent_layer", answered(client.list_layer_versions, LayerName="doesnotexist"))
    ours = answered(client.list_layers, CompatibleRuntime="runtimedoesnotexist")
    one.check("list_layers_exc_compatibleruntime_invalid", ours)
    ours = answered(client.list_layers, CompatibleArchitecture="archdoesnotexist")
    one.check("list_layers_exc_compatiblearchitecture_invalid", ours)

    def delete(label, number, name=name):
        one.check(label, answered(client.delete_layer_version, LayerName=name, VersionNumber=number))

    delete("delete_nonexistent_response", 1, "doesnotexist")
    delete("delete_nonexistent_version_response", 2)
    delete("delete_layer_version_exc_layerversion_invalid_version", -1)
    delete("delete_layer_response", 1)
    delete("delete_layer_again_response", 1)
    one.done()


def test_layers_of_functions_that_cannot_be(client, clients):
    one, name = Scenario("test_layer_function_exceptions"), unique("layer")
    about = {"CompatibleRuntimes": [], "CompatibleArchitectures": ["x86_64"]}
    for label in ("publish_result", "publish_result_2", "publish_result_3"):
        one.check(label, publish(client, name, **about))
    function = functions.create(clients, ECHO, Runtime="python3.12", Timeout=30, MemorySize=128, Environment={"Variables": {}}, files={"handler.py": ECHO}, Handler="handler.handler")
    found = answered(client.get_function, FunctionName=function.name)
    one.check("get_fn_result", found)
    assert "Layers" not in found["Configuration"]

    def configure(label, *layers):
        one.check(label, answered(client.update_function_configuration, FunctionName=function.name, Layers=list(layers)))

    versions = [f"{ARN}:{name}:{number}" for number in (1, 2, 3)]
    configure("two_layer_versions_single_function_exc", *versions[:2])
    configure("three_layer_versions_single_function_exc", *versions)
    configure("two_identical_layer_versions_single_function_exc", versions[0], versions[0])
    configure("add_nonexistent_layer_exc", f"{ARN}:doesnotexist:1")
    configure("add_nonexistent_layer_version_exc", f"{ARN}:{name}:9")
    configure("add_layer_arn_without_version_exc", f"{ARN}:{name}")
    elsewhere = clients.other("test", region="eu-central-1").boto("lambda")
    code = {"ZipFile": functions.zipped({"handler.py": ECHO})}
    request = {"FunctionName": "never-made", "Runtime": "python3.12", "Handler": "handler.handler", "Role": ROLE, "Code": code}
    ours = answered(elsewhere.create_function, Layers=[versions[0]], **request)
    told = json.loads(json.dumps(one.told["create_function_with_layer_in_different_region"]).replace("<region>", "eu-central-1"))
    one.met.add("create_function_with_layer_in_different_region")
    Comparison().check(told, ours)
    one.done()


def test_policies_that_cannot_be(client):
    one, name = Scenario("test_layer_policy_exceptions"), unique("layer")
    one.check("publish_result", publish(client, name, CompatibleRuntimes=["python3.12"], CompatibleArchitectures=["x86_64"]))
    grant = {"LayerName": name, "VersionNumber": 1, "StatementId": "s1", "Action": "lambda:GetLayerVersion", "Principal": "*"}

    def add(label, **changes):
        added = answered(client.add_layer_version_permission, **{**grant, **changes})
        one.check(label, {**added, "Statement": json.loads(added["Statement"])} if "Statement" in added else added)

    def remove(label, **changes):
        request = {"LayerName": name, "VersionNumber": 1, "StatementId": "s1", **changes}
        one.check(label, answered(client.remove_layer_version_permission, **request))

    def get(label, **changes):
        one.check(label, answered(client.get_layer_version_policy, **{"LayerName": name, "VersionNumber": 1, **changes}))

    get("layer_permission_nopolicy_get")
    add("add_layer_permission_result")
    add("layer_permission_action_invalid", Action="*", StatementId="s2")
    add("layer_permission_duplicate_statement")
    add("layer_permission_wrong_revision", StatementId="s2", RevisionId="wrong")
    add("layer_permission_layername_doesnotexist_add", LayerName=f"{name}-doesnotexist")
    get("layer_permission_layername_doesnotexist_get", LayerName=f"{name}-doesnotexist")
    remove("layer_permission_layername_doesnotexist_remove", LayerName=f"{name}-doesnotexist")
    add("layer_permission_layerversion_doesnotexist_add", VersionNumber=2)
    get("layer_permission_layerversion_doesnotexist_get", VersionNumber=2)
    remove("layer_permission_layerversion_doesnotexist_remove", VersionNumber=2)
    remove("layer_permission_statementid_doesnotexist_remove", StatementId="doesnotexist")
    remove("layer_permission_wrong_revision_remove", RevisionId="wrong")
    one.done()


def test_a_policys_life(client):
    one, name = Scenario("test_layer_policy_lifecycle"), unique("layer")
    one.check("publish_result", publish(client, name, CompatibleRuntimes=["python3.12"], CompatibleArchitectures=["x86_64"]))

    def add(label, sid):
        request = {"LayerName": name, "VersionNumber": 1, "StatementId": sid, "Action": "lambda:GetLayerVersion", "Principal": "*"}
        added = answered(client.add_layer_version_permission, **request)
        one.check(label, {**added, "Statement": json.loads(added["Statement"])})

    def get(label):
        found = answered(client.get_layer_version_policy, LayerName=name, VersionNumber=1)
        one.check(label, {**found, "Policy": json.loads(found["Policy"])})

    add("add_policy_s1", "s1")
    get("get_layer_version_policy")
    add("add_policy_s2", "s2")
    get("get_layer_version_policy_postadd2")
    removed = answered(client.remove_layer_version_permission, LayerName=name, VersionNumber=1, StatementId="s2")
    one.check("remove_s2", removed)
    get("get_layer_version_policy_postdeletes2")
    one.done()


VPC = {
    "test_invalid_vpc_config_subnet": (
        {"SubnetIds": ["subnet-1234567890"], "SecurityGroupIds": []},
        {"SubnetIds": ["bad-format"], "SecurityGroupIds": []},
    ),
    "test_invalid_vpc_config_security_group": (
        {"SubnetIds": [], "SecurityGroupIds": ["sg-1234567890"]},
        {"SubnetIds": [], "SecurityGroupIds": ["bad-format"]},
    ),
}


@pytest.mark.parametrize("name", VPC)
def test_networks_that_cannot_be(client, name):
    one = Scenario(name)
    code = {"ZipFile": functions.zipped({"handler.py": ECHO})}
    request = {"FunctionName": "never-made", "Runtime": "python3.12", "Handler": "handler.handler", "Role": ROLE, "Code": code}
    for label in sorted(one.told):
        network = VPC[name]["invalid-format" in label]
        one.check(label, answered(client.create_function, VpcConfig=network, **request))
    one.done()


def test_code_in_buckets_that_are_not_there(client, function):
    """There is no object storage yet, so no bucket exists."""
    one, there = Scenario("test_lambda_code_location_s3_errors"), function(ECHO)
    place = {"S3Bucket": "some-invalid-bucket", "S3Key": "key"}
    request = {"FunctionName": "never-made", "Runtime": "python3.12", "Handler": "handler.handler", "Role": ROLE}
    one.check("create-error-wrong-bucket", answered(client.create_function, Code=place, **request))
    one.check("update-error-wrong-bucket", answered(client.update_function_code, FunctionName=there.name, **place))
    one.done("create-error-wrong-key", "update-error-wrong-key")
