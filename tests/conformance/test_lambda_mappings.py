"""Scenarios of event source mappings and of tags recorded from AWS's Lambda, done again here: those
that are refused, and of which no source is built yet. Queues at work are in `test_event_source_mappings_sqs.py`."""

import pytest

from harness.clients import ACCOUNT, REGION, ROLE
from harness.functions import zipped
from harness.names import unique
from harness.recordings import Comparison, answered, scenario

API, FOLDER = "lambda_/test_lambda_api.json", "lambda_/event_source_mapping"
SQS, DYNAMODB = f"{FOLDER}/test_lambda_integration_sqs.json", f"{FOLDER}/test_lambda_integration_dynamodbstreams.json"
ECHO = "def handler(event, context):\n    return event\n"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:never-there"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/never-there/stream/2030-01-01T00:00:00.000"


@pytest.fixture
def client(clients):
    return clients.boto("lambda", parameter_validation=False)


def check(file, name, label, ours):
    Comparison().check(scenario(file, name)[label], ours, label)


def creating(client, function, source, **extra):
    return answered(client.create_event_source_mapping, FunctionName=function(ECHO).name, EventSourceArn=source, **extra)


def test_a_queue_that_is_not_there(client, function):
    check(SQS, "test_esm_with_not_existing_sqs_queue", "error", creating(client, function, QUEUE))


def test_large_batches_wait(client, function):
    ours = creating(client, function, QUEUE, BatchSize=15)
    check(SQS, "test_event_source_mapping_default_batch_size", "invalid-create-event-source-mapping", ours)


@pytest.mark.parametrize("pattern, name", (("simple string", "invalid_filter2"), ('{"eventSource": "aws:sqs"}', "invalid_filter3")))
def test_patterns_of_queues_that_cannot_be(client, function, pattern, name):
    ours = creating(client, function, QUEUE, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    check(SQS, f"test_sqs_invalid_event_filter[{name}]", "create_event_source_mapping_exception", ours)


def test_patterns_of_streams_that_cannot_be(client, function):
    filters = {"Filters": [{"Pattern": "single-string"}]}
    ours = creating(client, function, TABLE, StartingPosition="LATEST", FilterCriteria=filters)
    check(DYNAMODB, "test_dynamodb_invalid_event_filter[single-string]", "exception_event_source_creation", ours)


POSITIONS = {
    "no_starting_position": {},
    "invalid_starting_position": {"StartingPosition": "invalid"},
    "incompatible_starting_position": {"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": "1741010802"},
}


@pytest.mark.parametrize("label", POSITIONS)
def test_starting_positions_that_cannot_be(client, function, label):
    ours = creating(client, function, TABLE, **POSITIONS[label])
    check(API, "test_create_event_source_validation", label, ours)


def test_tags_of_mappings_that_cannot_be(client):
    told, compare, met = scenario(API, "test_tag_exceptions[event_source_mapping]"), Comparison(), set()
    uuid, start = "aaaaaaaa-0000-4000-8000-000000000000", f"arn:aws:lambda:{REGION}:{ACCOUNT}"
    resource = f"{start}:event-source-mapping:{uuid}"

    def call(label, ours):
        met.add(label)
        compare.check(told[label], ours, label)

    call("not_found_exception_list", answered(client.list_tags, Resource=resource))
    call("not_found_exception_tag", answered(client.tag_resource, Resource=resource, Tags={"k": "v"}))
    call("not_found_exception_untag", answered(client.untag_resource, Resource=resource, TagKeys=["k"]))
    call("aliased_arn_exception", answered(client.tag_resource, Resource=f"{resource}:alias", Tags={"k": "v"}))
    call("invalid_arn_exception", answered(client.tag_resource, Resource=f"{start}:foobar:{uuid}", Tags={"k": "v"}))
    assert met == set(told)


def test_tags_of_functions_that_cannot_be(client, function):
    told, compare, met = scenario(API, "test_tag_exceptions"), Comparison(), set()
    arn = function(ECHO).arn

    def call(label, operation, **params):
        met.add(label)
        compare.check(told[label], answered(getattr(client, operation), **params), label)

    tag = {"Tags": {"k": "v"}}
    call("tag_lambda_invalidarn", "tag_resource", Resource="arn:aws:something", **tag)
    missing = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:doesnotexist"
    call("tag_lambda_doesnotexist", "tag_resource", Resource=missing, **tag)
    call("tag_lambda_qualifier_doesnotexist", "tag_resource", Resource=f"{arn}:v1", **tag)
    call("tag_empty_tags", "tag_resource", Resource=arn, Tags={})
    call("list_tag_lambda_empty", "list_tags", Resource=arn)
    call("untag_nomatch", "untag_resource", Resource=arn, TagKeys=["somekey"])
    call("untag_empty_keys", "untag_resource", Resource=arn, TagKeys=[])
    assert met == set(told)


def test_tags_of_versions_that_cannot_be(client, function):
    told, arn = scenario(API, "test_tag_versions"), function(ECHO).arn
    for label, end in (("tag_resource_exception", "1"), ("tag_resource_latest_exception", "$LATEST")):
        Comparison().check(told[label], answered(client.tag_resource, Resource=f"{arn}:{end}", Tags={"k": "v"}), label)


def test_tags_given_at_first(client):
    told, name = scenario(API, "test_create_tag_on_fn_create"), unique("tagged")
    code = {"ZipFile": zipped({"handler.py": ECHO})}
    request = {"Runtime": "python3.12", "Handler": "handler.handler", "Role": ROLE, "Code": code, "Timeout": 30}
    made = client.create_function(FunctionName=name, Tags={"testtag": "custom"}, Environment={"Variables": {}}, **request)
    client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    Comparison().check(told["get_function_result"], answered(client.get_function, FunctionName=name))
    Comparison().check(told["list_tags_result"], answered(client.list_tags, Resource=made["FunctionArn"]))
    client.delete_function(FunctionName=name)
