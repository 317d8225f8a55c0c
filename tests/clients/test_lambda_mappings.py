"""Event source mappings that are refused, and that nothing is left of them. Those of queues at work are in
`test_event_source_mappings_sqs.py`."""

import pytest

from harness.clients import ACCOUNT, REGION, error_of

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:never-there"
FIFO = f"{QUEUE}.fifo"
STREAM = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/never-there"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/never-there/stream/2030-01-01T00:00:00.000"
KAFKA = f"arn:aws:kafka:{REGION}:{ACCOUNT}:cluster/never-there/00000000-0000-0000-0000-000000000000-1"
BROKER = f"arn:aws:mq:{REGION}:{ACCOUNT}:broker:never-there:b-00000000"
UUID = "00000000-0000-4000-8000-000000000000"
ECHO = "def handler(event, context):\n    return event\n"
INVALID = "InvalidParameterValueException"


@pytest.fixture
def client(clients):
    return clients.boto("lambda", parameter_validation=False)


@pytest.fixture(scope="module")
def name(clients):
    from harness import functions

    return functions.create(clients, ECHO).name


def refused(client, name, source, **extra):
    return error_of(client.create_event_source_mapping, EventSourceArn=source, FunctionName=name, **extra)


SOURCES = {
    QUEUE: ({}, "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue."),
    FIFO: ({}, "Error occurred while ReceiveMessage."),
    STREAM: ({"StartingPosition": "LATEST"}, "Stream not found: "),
    TABLE: ({"StartingPosition": "TRIM_HORIZON"}, "Stream not found: "),
    KAFKA: ({"StartingPosition": "LATEST", "Topics": ["t1"]}, "Cluster not found: "),
    BROKER: ({"Queues": ["q"]}, "Broker not found: "),
    "arn:aws:s3:::bucket": ({}, "Unrecognized event source."),
}


@pytest.mark.parametrize("source", SOURCES)
def test_sources_that_are_not_there(client, name, source):
    extra, text = SOURCES[source]
    code, message, status = refused(client, name, source, **extra)
    assert (code, status) == (INVALID, 400) and message.startswith(text), message
    assert client.list_event_source_mappings(EventSourceArn=source)["EventSourceMappings"] == []


def test_functions_that_are_not_there(client):
    code, message, status = refused(client, "never-there", QUEUE)
    assert (code, status) == ("ResourceNotFoundException", 404) and message.endswith(":function:never-there")


# What a kind of source doesn't have, or not so much of.
WRONG = [
    (QUEUE, {"BatchSize": 11}, "Maximum batch window in seconds must be greater than 0"),
    (FIFO, {"BatchSize": 11, "MaximumBatchingWindowInSeconds": 1}, "Batching window is not supported for FIFO queues"),
    (QUEUE, {"ParallelizationFactor": 2}, "Unsupported ParallelizationFactor parameter"),
    (QUEUE, {"StartingPosition": "LATEST"}, "Unsupported StartingPosition parameter"),
    (QUEUE, {"DestinationConfig": {"OnFailure": {"Destination": QUEUE}}}, "Unsupported DestinationConfig parameter"),
    (STREAM, {"StartingPosition": "LATEST", "ScalingConfig": {"MaximumConcurrency": 2}}, "Unsupported ScalingConfig parameter"),
    (STREAM, {}, "1 validation error detected: Value null at 'startingPosition'"),
    (TABLE, {"StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": 1}, "Unsupported starting position for arn type: "),
    (QUEUE, {"FilterCriteria": {"Filters": [{"Pattern": "a text"}]}}, "Invalid filter pattern definition."),
    (QUEUE, {"ProvisionedPollerConfig": {"MinimumPollers": 1}}, "MinimumPollers must be greater than or equal to 2."),
    (QUEUE, {"ProvisionedPollerConfig": {"MinimumPollers": 3, "MaximumPollers": 2}}, "MinimumPollers must be less than"),
    (QUEUE, {"ProvisionedPollerConfig": {"MinimumPollers": 2}, "ScalingConfig": {"MaximumConcurrency": 2}}, "ScalingConfig and"),
    (QUEUE, {"FilterCriteria": {"Filters": [{"Pattern": "{}"}] * 6}}, "The number of filters exceeds"),
]


@pytest.mark.parametrize("source, extra, text", WRONG, ids=lambda value: str(value)[:40])
def test_settings_that_cannot_be(client, name, source, extra, text):
    code, message, status = refused(client, name, source, **extra)
    assert (code, status) == (INVALID, 400) and message.startswith(text), message


# Setting, the last value that is taken, the first that isn't. What is taken gets as far as the missing source.
LIMITS = [
    (QUEUE, "BatchSize", 1, 0, {}),
    (QUEUE, "BatchSize", 10_000, 10_001, {"MaximumBatchingWindowInSeconds": 1}),
    (QUEUE, "MaximumBatchingWindowInSeconds", 300, 301, {}),
    (QUEUE, "MaximumBatchingWindowInSeconds", 0, -1, {}),
    (STREAM, "ParallelizationFactor", 10, 11, {"StartingPosition": "LATEST"}),
    (STREAM, "TumblingWindowInSeconds", 900, 901, {"StartingPosition": "LATEST"}),
    (STREAM, "MaximumRetryAttempts", 10_000, 10_001, {"StartingPosition": "LATEST"}),
    (STREAM, "MaximumRetryAttempts", -1, -2, {"StartingPosition": "LATEST"}),
    (STREAM, "MaximumRecordAgeInSeconds", 604_800, 604_801, {"StartingPosition": "LATEST"}),
    (STREAM, "MaximumRecordAgeInSeconds", 60, 59, {"StartingPosition": "LATEST"}),
    (QUEUE, "ScalingConfig", {"MaximumConcurrency": 2}, {"MaximumConcurrency": 1}, {}),
    (QUEUE, "ScalingConfig", {"MaximumConcurrency": 1000}, {"MaximumConcurrency": 1001}, {}),
]


@pytest.mark.parametrize("source, setting, last, first, extra", LIMITS, ids=lambda value: str(value)[:30])
def test_limits_have_two_sides(client, name, source, setting, last, first, extra):
    code, message, _ = refused(client, name, source, **{setting: last}, **extra)
    assert code == INVALID and ("not found" in message or "does not exist" in message), message
    code, message, _ = refused(client, name, source, **{setting: first}, **extra)
    assert code == "ValidationException" and "validation error detected" in message, message


def test_mappings_that_are_not_there(client):
    for call in (client.get_event_source_mapping, client.update_event_source_mapping, client.delete_event_source_mapping):
        expected = ("ResourceNotFoundException", "The resource you requested does not exist.", 404)
        assert error_of(call, UUID=UUID) == expected
        assert error_of(call, UUID="short")[0] == "ValidationException"
    resource = f"arn:aws:lambda:{REGION}:{ACCOUNT}:event-source-mapping:{UUID}"
    for call, extra in ((client.list_tags, {}), (client.tag_resource, {"Tags": {"a": "b"}}), (client.untag_resource, {"TagKeys": ["a"]})):
        assert error_of(call, Resource=resource, **extra) == (
            "ResourceNotFoundException", f"Event source mapping not found: {resource}", 404,
        )


def test_the_cli_lists_none(clients, name):
    assert clients.cli("lambda", "list-event-source-mappings", "--function-name", name) == {"EventSourceMappings": []}
