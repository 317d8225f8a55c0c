"""Every operation that isn't built yet is known by name and says so, in its own protocol, through unmodified boto3."""

import json
import tomllib

import botocore.exceptions
import pytest

from harness import signing
from harness.platform import ROOT

# Folder of models/overrides → boto3's name, where they differ.
BOTO_NAMES = {"states": "stepfunctions"}
# AWS: told from `ListBuckets` by its host alone.
ALIKE = {"ListDirectoryBuckets"}
SERVICES = sorted(path.stem for path in (ROOT / "models/overrides").glob("*.toml"))


def implemented(service):
    return set(tomllib.loads((ROOT / f"models/overrides/{service}.toml").read_text())["implemented"])


class Params:
    """The least that satisfies a shape, and whether a pattern makes that a guess."""

    def __init__(self):
        self.guessed = False

    def of(self, shape, depth=0):
        kind = shape.type_name
        if kind == "structure":
            # Within others never empty either, for the same reason.
            members = shape.required_members or (list(shape.members)[:1] if depth else [])
            return {name: self.of(shape.members[name], depth + 1) for name in members if depth < 12}
        if kind == "list":
            # Never empty: the query protocol and XML can't say "there, and empty".
            return [self.of(shape.member, depth + 1)] * max(shape.metadata.get("min", 1), 1)
        if kind == "map":
            return {self.of(shape.key, depth + 1): self.of(shape.value, depth + 1)}
        return self.scalar(shape, kind)

    def scalar(self, shape, kind):
        if kind == "string":
            return self.string(shape)
        if kind in ("integer", "long", "float", "double"):
            return int(shape.metadata.get("min", 1))
        return {"boolean": True, "blob": b"x", "timestamp": 0}[kind]

    def string(self, shape):
        if shape.enum:
            return shape.enum[0]
        self.guessed |= "pattern" in shape.metadata
        return "x" * max(shape.metadata.get("min", 1), 3)


def client_of(clients, service):
    return clients.boto(BOTO_NAMES.get(service, service), inject_host_prefix=False, parameter_validation=False)


def answer_of(client, operation, params):
    method = client.meta.method_to_api_mapping
    name = next(python for python, aws in method.items() if aws == operation)
    try:
        getattr(client, name)(**params)
    except botocore.exceptions.ClientError as err:
        return err.response["Error"]["Code"], err.response["ResponseMetadata"]["HTTPStatusCode"]
    return "success", 200


@pytest.mark.parametrize("service", SERVICES)
def test_operations_not_built_yet_say_so(clients, service):
    client = client_of(clients, service)
    model = client.meta.service_model
    wrong = []
    for operation in sorted(set(model.operation_names) - implemented(service) - ALIKE):
        if model.operation_model(operation).deprecated:
            continue  # AWS: S3's old names share their requests with the new ones.
        params = Params()
        shape = model.operation_model(operation).input_shape
        given = params.of(shape) if shape else {}
        try:
            code, status = answer_of(client, operation, given)
        except (botocore.exceptions.ParamValidationError, botocore.exceptions.EndpointResolutionError, ValueError):
            continue  # The client itself refuses to send what was guessed.
        # AWS: the answer to HEAD has no body, so its code is the status.
        fine = status == 501 and code in ("NotImplemented", "501", "NotImplementedException")
        fine |= params.guessed and 400 <= status < 500
        if not fine:
            wrong.append(f"{operation}: {code} {status}")
    assert not wrong, "\n".join(wrong)


def test_operations_that_do_not_exist_are_unknown(platform):
    answer = signing.json_call(platform, "BrewCoffee", b"{}")
    assert answer.status == 400
    assert answer.json()["__type"].endswith("UnknownOperationException")
    answer = signing.form_call(platform, b"Action=BrewCoffee&Version=2011-06-15")
    assert answer.status == 400 and "<Code>InvalidAction</Code>" in answer.text
    answer = signing.send(platform, "lambda", "GET", "/2015-03-31/coffee")
    assert answer.status in (403, 404)


def test_services_that_do_not_exist_are_refused_in_the_clients_protocol(clients):
    for service, operation in (("ec2", "describe_instances"), ("rds", "describe_db_instances"), ("ecs", "list_clusters")):
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            getattr(clients.boto(service), operation)()
        assert refused.value.response["Error"]["Code"] == "UnknownService", service
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_every_answer_carries_a_request_id(platform):
    answer = signing.json_call(platform, "ListTables", json.dumps({}).encode())
    assert answer.headers["x-amzn-requestid"]
    answer = signing.form_call(platform, b"Action=GetCallerIdentity&Version=2011-06-15")
    assert answer.headers["x-amzn-requestid"] and "<RequestId>" in answer.text
