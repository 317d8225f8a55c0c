"""AWS's SDK for Python in functions: what is looked up ahead of time changes nothing but the time."""

from harness import functions

SOURCE = """
import boto3
boto3.client("s3")
first = boto3.session.Session().client("dynamodb")
second = boto3.session.Session().client("dynamodb")

def operations(client):
    return sorted(client.meta.service_model.operation_names)

def handler(event, context):
    one, two = (client.meta.service_model._service_description for client in (first, second))
    one["metadata"]["serviceFullName"] = "changed"
    boto3.resource("dynamodb").meta.client.list_tables()
    rare = boto3.client("kinesis")
    return {
        "same operations": operations(first) == operations(second) and "PutItem" in operations(first),
        "of its own": two["metadata"]["serviceFullName"] != "changed" and one is not two,
        "tables": first.list_tables()["TableNames"] == second.list_tables()["TableNames"],
        "services": len(boto3.session.Session().get_available_services()) > 300,
        "rare": "PutRecord" in operations(rare),
    }
"""

OWN_MODEL = """
import boto3
def handler(event, context):
    session = boto3.session.Session()
    client = session.client("ownservice", endpoint_url="http://127.0.0.1:1")
    return ["ownservice" in session.get_available_services(), sorted(client.meta.service_model.operation_names)]
"""

MODEL = """{"version": "2.0", "metadata": {"apiVersion": "2020-01-01", "endpointPrefix": "own", "protocol": "json",
"jsonVersion": "1.1", "serviceFullName": "Own", "serviceId": "Own", "signatureVersion": "v4", "targetPrefix": "Own"},
"operations": {"DoIt": {"name": "DoIt", "http": {"method": "POST", "requestUri": "/"}}}, "shapes": {}}"""
RULES = '{"version": "1.0", "parameters": {}, "rules": []}'


def test_sessions_share_nothing_that_they_do_not_share_elsewhere(clients):
    one = functions.create(clients, SOURCE, Timeout=30)
    assert one.invoke() == (200, None, {name: True for name in ("same operations", "of its own", "tables", "services", "rare")})


def test_models_of_ones_own_are_found(clients):
    files = {"models/ownservice/2020-01-01/service-2.json": MODEL, "models/ownservice/2020-01-01/endpoint-rule-set-1.json": RULES}
    one = functions.create(clients, OWN_MODEL, files=files, Environment={"Variables": {"AWS_DATA_PATH": "/var/task/models"}}, Timeout=30)
    assert one.invoke() == (200, None, [True, ["DoIt"]])
