"""SDK integrations of Step Functions: every operation that is here is reached by the names that state machines have for it."""

import json
import re
from pathlib import Path

import botocore.session
import pytest

from harness.clients import ROLE, Clients
from harness.platform import watched

COMPAT = Path(__file__).parents[2] / "COMPAT.md"
# botocore's names, and what errors begin with.
SERVICES = {
    "apigatewayv2": "ApiGatewayV2", "cloudwatch": "CloudWatch", "dynamodb": "DynamoDb", "dynamodbstreams": "DynamoDbStreams", "events": "EventBridge",
    "lambda": "Lambda", "logs": "CloudWatchLogs", "pipes": "Pipes", "s3": "S3", "scheduler": "Scheduler", "sns": "Sns",
    "sqs": "Sqs", "stepfunctions": "Sfn", "sts": "Sts",
}
# Answers that come in events aren't for those who wait for one.
STREAMED = {"InvokeWithResponseStream", "SelectObjectContent"}
# Of several kinds, this one is here.
OF_OURS = {"CreateApi": {"ProtocolType": "HTTP"}}
NOT_HERE = ("UnknownOperationException", "NotImplementedException")


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    with watched(tmp_path_factory.mktemp("sdk")) as platform:
        yield platform


@pytest.fixture(scope="module")
def states(platform):
    return Clients(platform.url).boto("stepfunctions", inject_host_prefix=False)


def model(service):
    return botocore.session.get_session().get_service_model(service)


def sdk_name(service):
    return model(service).metadata["serviceId"].replace(" ", "").lower()


def implemented(service):
    return built().get({"stepfunctions": "states"}.get(service, service), [])


def built():
    """{service: operations}, by what is said of compatibility."""
    sections = re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", COMPAT.read_text(), re.M | re.S)
    found = {name: re.findall(r"^\| (\w+) \| yes", rows, re.M) for name, rows in sections}
    return {name: operations for name, operations in found.items() if operations}


def plausible(shape, depth=0):
    """A value that may be right, with required members only, whose names begin with a capital."""
    kind = shape.type_name
    if kind == "structure":
        members = [(name, shape.members[name]) for name in shape.required_members]
        return {name[0].upper() + name[1:]: plausible(member, depth + 1) for name, member in members}
    if kind == "list":
        return [plausible(shape.member, depth + 1)]
    if kind == "map":
        return {"k": plausible(shape.value, depth + 1)}
    if kind in ("integer", "long", "float", "double"):
        return max(1, shape.metadata.get("min", 1))
    if kind == "boolean":
        return False
    if kind == "timestamp":
        return "2030-03-01T12:00:00Z"
    least = shape.metadata.get("min", 1)
    return shape.enum[0] if kind == "string" and shape.enum else "none-such".ljust(int(least), "x")


def tried(states, service, operation, parameters):
    name = operation[0].lower() + operation[1:]
    resource = f"arn:aws:states:::aws-sdk:{sdk_name(service)}:{name}"
    state = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}
    return states.test_state(definition=json.dumps(state), roleArn=ROLE, input="{}")


def wrong_with(answer, prefix):
    """What is wrong with an answer, if anything."""
    if answer["status"] == "SUCCEEDED":
        members = json.loads(answer["output"])
        lower = [name for name in members or {} if not name[0].isupper()]
        return f"members {lower}" if lower else None
    error = answer.get("error", "")
    if not re.fullmatch(rf"{prefix}\.[A-Z]\w+Exception", error) or error.endswith(NOT_HERE):
        return f"{error}: {answer.get('cause')}"
    if not re.search(rf"\(Service: {prefix}, Status Code: [34]\d\d, Request ID: ", answer["cause"]):
        return answer["cause"]
    return None


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_is_reached(states, service):
    operations = implemented(service)
    assert operations, f"nothing of {service}"
    found = {}
    for operation in operations:
        shape = model(service).operation_model(operation).input_shape
        parameters = {**(plausible(shape) if shape else {}), **OF_OURS.get(operation, {})}
        answer = tried(states, service, operation, parameters)
        found[operation] = wrong_with(answer, SERVICES[service])
    assert all(found[name] for name in STREAMED & found.keys())
    wrong = {name: why for name, why in found.items() if why and name not in STREAMED}
    assert not wrong, f"{len(wrong)} of {len(operations)}: {json.dumps(wrong, indent=1)}"


def test_none_of_the_services_is_left_out():
    assert len(built()) == len(SERVICES) and all(implemented(service) for service in SERVICES)


def test_what_is_not_modelled_has_the_name_of_the_whole_service(states):
    answer = tried(states, "dynamodb", "BatchGetItem", {"RequestItems": {}})
    assert (answer["status"], answer["error"]) == ("FAILED", "DynamoDb.DynamoDbException"), answer
    answer = tried(states, "sqs", "GetQueueUrl", {"QueueName": "none"})
    assert answer["error"] == "Sqs.QueueDoesNotExistException", answer
