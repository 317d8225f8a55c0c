"""Powertools for AWS Lambda in functions, unmodified: each tool that has what it needs here does what its guide says.

There are logger, metrics, tracer, event handler, batch, idempotency and parameters, the last two by DynamoDB. Parameters
of Systems Manager, secrets and AppConfig aren't: those services aren't built.
"""

import json

import pytest

from harness import function_urls, powertools

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module", params=("python", "node"))
def shop(request, clients):
    return powertools.Shop(clients, request.param)


def objects(log):
    """The JSON objects that a call wrote."""
    return [json.loads(line) for line in log.splitlines() if line.startswith("{")]


def test_the_logger_writes_objects_that_know_the_call(shop):
    one = shop.function("logs")
    for cold in (True, False):
        error, _, log = one.invoke_with_log({"id": "a-1"})
        assert error is None, log
        paid = next(found for found in objects(log) if found["message"] == "paid")
        known = {"level": "INFO", "service": "shop", "order": 7, "amount": 3, "correlation_id": "a-1", "cold_start": cold}
        assert {name: paid.get(name) for name in known} == known
        assert paid["function_request_id"] in log.partition("REPORT RequestId: ")[2]
        assert (paid["function_name"], paid["function_arn"]) == (one.name, one.arn)
        assert int(paid["function_memory_size"]) == 512 and paid["xray_trace_id"].startswith("1-")
        assert "details" not in log
        refused = next(found for found in objects(log) if found["message"] == "refused")
        assert "no money" in json.dumps(refused) and refused["level"] == "ERROR"


def test_the_logger_takes_the_level_that_the_function_has(shop):
    settings = {"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG"}
    client = shop.clients.boto("lambda")
    one = shop.function("logs")
    client.update_function_configuration(FunctionName=one.name, LoggingConfig=settings)
    client.get_waiter("function_updated_v2").wait(FunctionName=one.name, WaiterConfig={"Delay": 1})
    _, _, log = one.invoke_with_log({"id": "a-1"})
    messages = [found.get("message") for found in objects(log)]
    assert "details" in messages and "paid" in messages, log


def test_metrics_are_in_the_log_in_the_embedded_format(shop):
    one = shop.function("measures")
    _, _, log = one.invoke_with_log({"orders": 3})
    told = {name: found for found in objects(log) for metric in found["_aws"]["CloudWatchMetrics"] for name in named(metric)}
    assert told["orders"]["orders"] in (3, [3]) and told["orders"]["country"] == "at" and told["orders"]["id"] == "a"
    assert told["ColdStart"]["ColdStart"] in (1, [1]) and told["ColdStart"]["function_name"] == one.name
    assert told["orders"]["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Shop"
    _, _, log = one.invoke_with_log({"orders": 4})
    assert "ColdStart" not in log


def named(metric):
    return [one["Name"] for one in metric["Metrics"]]


def test_the_tracer_finds_the_calls_trace(shop):
    one = shop.function("traces")
    _, error, told = one.invoke({})
    assert error is None and told.startswith("1-"), told
    _, error, told = one.invoke({"fail": True})
    assert error == "Unhandled" and told["errorMessage"] == "as asked"


def test_the_event_handler_routes_what_comes_by_http(shop, platform):
    url = function_urls.FunctionUrl(platform, shop.function("serves"))
    found = url.call("GET", "/orders/7", query={"by": "me"})
    assert (found.status, found.json()) == (200, {"number": "7", "by": "me"}), found.text
    made = url.call("POST", "/orders", json.dumps({"name": "lämp"}), JSON)
    assert (made.status, made.json()) == (201, {"made": {"name": "lämp"}}), made.text
    assert url.call("GET", "/nowhere").status == 404


def test_what_is_idempotent_is_done_once(shop, clients):
    one = shop.function("once")
    assert one.invoke({"id": "a"})[2] == {"made": 1, "id": "a"}
    assert one.invoke({"id": "a", "more": 1})[2] == {"made": 1, "id": "a"}
    assert one.invoke({"id": "b"})[2] == {"made": 2, "id": "b"}
    assert one.invoke({"id": "c", "fail": True})[1] == "Unhandled"
    assert one.invoke({"id": "c"})[2] == {"made": 4, "id": "c"}
    kept = clients.boto("dynamodb").scan(TableName=shop.table)["Items"]
    assert [item["status"]["S"] for item in kept] == ["COMPLETED"] * 3


# The same in JavaScript asks for nothing else of the platform.
PYTHON = pytest.mark.parametrize("shop", ("python",), indirect=True)


@PYTHON
def test_batches_fail_in_parts(shop):
    records = [{"messageId": str(n), "body": json.dumps({"fail": n == 1})} for n in range(3)]
    told = shop.function("batches").invoke({"Records": records})[2]
    assert told == {"batchItemFailures": [{"itemIdentifier": "1"}]}


@PYTHON
def test_parameters_come_from_a_table(shop, clients):
    clients.boto("dynamodb").put_item(TableName=shop.table, Item={"id": {"S": "colour"}, "data": {"S": "red"}})
    assert shop.function("looks_up").invoke({"name": "colour"})[2] == "red"
