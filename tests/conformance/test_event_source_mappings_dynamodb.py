"""Scenarios of functions that are called from tables' streams, recorded from AWS, done again here."""

import json
import re
import time

import pytest

from harness import recordings
from harness.functions import create
from harness.mappings import World
from harness.names import unique
from harness.platform import Platform
from harness.recordings import Comparison, answered, scenarios
from harness.streams import NOTES, Streamed, specification
from harness.wait import wait_until

FILE = "lambda_/event_source_mapping/test_lambda_integration_dynamodbstreams.json"
FAILING = "def handler(event, context): raise ValueError('as asked')"
# Two puts each, by their attributes; of the second one only some pass.
FILTERS = {
    "content_or_filter": ({"id": "id_value"}, {"id": "id_value", "id2": "id2_new_value"}),
    "exists_false_filter": ({"id": "id_value_1"}, {"id": "id_value_2", "presentKey": "presentValue"}),
    "exists_filter_type": ({"id": "id_value_1", "presentKey": "presentValue"}, {"id": "id_value_2"}),
    "insert_same_entry_twice": ({"id": "id_value", "id2": "id2_value"}, {"id": "id_value", "id2": "id2_value"}),
    "date_time_conversion": ({"id": "id_value_1"}, {"id": "id_value_2"}),
}
ANSWERS = {
    "empty_string_item_identifier_failure": {"batchItemFailures": [{"itemIdentifier": ""}]},
    "item_identifier_not_present_failure": {"batchItemFailures": [{"foo": "bar"}]},
}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    scenarios(FILE)
    platform = Platform(tmp_path_factory.mktemp("mappings")).start()
    yield World(platform)
    platform.stop()


@pytest.fixture(scope="module")
def notes(world):
    return world.function(NOTES, Timeout=3)


def scenario(file, name):
    """Of the moments in records that were given up any is right."""
    return json.loads(re.sub(r"<timestamp:[^>]*>", "timestamp", json.dumps(recordings.scenario(file, name))))


def on_demand(world, compare, told, label, key, view):
    """A table as it was recorded, with its stream."""
    db, table = world.clients.boto("dynamodb"), Streamed.__new__(Streamed)
    table.db, table.streams, table.name = db, world.clients.boto("dynamodbstreams"), unique("table")
    created = answered(
        db.create_table,
        TableName=table.name,
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    compare.check(told[label], created)
    updated = answered(db.update_table, TableName=table.name, StreamSpecification=specification(view))
    if "update_table_response" in told:
        compare.check(told["update_table_response"], updated)
    table.arn = updated["TableDescription"]["LatestStreamArn"]
    return table


def mapped(world, table, function, **settings):
    """The answer of the creation, once the mapping is in effect."""
    settings = {"StartingPosition": "TRIM_HORIZON", **settings}
    made = answered(world.client.create_event_source_mapping, EventSourceArn=table.arn, FunctionName=function.name, **settings)
    world.settled(made["UUID"], "Enabled")
    for criteria in made.get("FilterCriteria", {}).get("Filters", []):
        criteria["Pattern"] = json.loads(criteria["Pattern"])
    return made


def calls(world, function, table, count):
    of = lambda: [records for records in world.calls(function) if records[0]["eventSourceARN"] == table.arn]
    return wait_until(lambda: len(found := of()) >= count and found, 60, f"{count} calls")


def message(queue):
    """What stands in the queue next, as recordings show it."""
    answer = wait_until(lambda: "Messages" in (a := queue.client.receive_message(QueueUrl=queue.url)) and a, 60)
    for one in answer["Messages"]:
        one["Body"] = json.loads(one["Body"])
    return answer


@pytest.mark.parametrize("name", FILTERS)
def test_filters(world, notes, name):
    told, compare = scenario(FILE, f"test_dynamodb_event_filter[{name}]"), Comparison()
    table = on_demand(world, compare, told, "table_creation_response", "id", "NEW_AND_OLD_IMAGES")
    filters = [one["Pattern"] for one in told["create_event_source_mapping_response"]["FilterCriteria"]["Filters"]]
    if name == "date_time_conversion":
        filters = [{"dynamodb": {"ApproximateCreationDateTime": [{"numeric": [">", time.time() - 3600]}]}}]
    settings = {"BatchSize": 1, "MaximumBatchingWindowInSeconds": 1, "MaximumRetryAttempts": 1}
    criteria = {"Filters": [{"Pattern": json.dumps(one)} for one in filters]}
    made = mapped(world, table, notes, FilterCriteria=criteria, **settings)
    if name == "date_time_conversion":
        made["FilterCriteria"] = told["create_event_source_mapping_response"]["FilterCriteria"]
    compare.check(told["create_event_source_mapping_response"], made)
    first, second = ({name: {"S": value} for name, value in item.items()} for item in FILTERS[name])
    table.db.put_item(TableName=table.name, Item=first)
    world.advance(2)
    compare.check(told["lambda-log-events"], [{"Records": records} for records in calls(world, notes, table, 1)])
    table.db.put_item(TableName=table.name, Item=second)
    world.advance(2)
    expected = told["lambda-multiple-log-events"]
    events = [{"Records": records} for records in calls(world, notes, table, len(expected))]
    compare.check(expected, events)


def test_a_pattern_that_is_none(world, notes):
    told = scenario(FILE, "test_dynamodb_invalid_event_filter[single-string]")
    table = Streamed(world.clients)
    criteria = {"Filters": [{"Pattern": "single-string"}]}
    ours = answered(
        world.client.create_event_source_mapping,
        EventSourceArn=table.arn,
        FunctionName=notes.name,
        StartingPosition="TRIM_HORIZON",
        FilterCriteria=criteria,
    )
    Comparison().check(told["exception_event_source_creation"], ours)


@pytest.mark.parametrize("where", ["sqs", "s3"])
def test_what_is_given_up_is_told(world, where):
    name = f"test_dynamodb_event_source_mapping_with_{'s3_on_failure_destination' if where == 's3' else 'on_failure_destination_config'}"
    told, compare = scenario(FILE, name), Comparison()
    table = on_demand(world, compare, told, "create_table_response", "my_partition_key", "NEW_IMAGE")
    queue, s3, bucket = world.queue(), world.clients.boto("s3"), unique("bucket")
    s3.create_bucket(Bucket=bucket)
    function = create(world.clients, FAILING, Timeout=5)
    to = {"OnFailure": {"Destination": queue.arn if where == "sqs" else f"arn:aws:s3:::{bucket}"}}
    settings = {"BatchSize": 1, "MaximumBatchingWindowInSeconds": 1, "MaximumRetryAttempts": 1, "DestinationConfig": to}
    compare.check(told["create_event_source_mapping_response"], mapped(world, table, function, **settings))
    table.db.put_item(TableName=table.name, Item={"my_partition_key": {"S": "hello world"}})
    world.advance(5)
    world.advance(60)
    if where == "sqs":
        compare.check(told["destination_queue_messages"], message(queue))
        return
    listed = wait_until(lambda: s3.list_objects_v2(Bucket=bucket).get("Contents"), 60, "a record in the bucket")
    assert listed[0]["Key"].startswith("aws/lambda/") and "/shardId-" in listed[0]["Key"]
    body = json.loads(s3.get_object(Bucket=bucket, Key=listed[0]["Key"])["Body"].read())
    body["payload"] = json.loads(body["payload"])
    compare.check(told["record_body"], body)


def test_reported_failures(world, notes):
    told, compare = scenario(FILE, "test_dynamodb_report_batch_item_failures"), Comparison()
    queue, table = world.queue(), Streamed(world.clients, "NEW_IMAGE", key="my_partition_key")
    for n in range(6):
        item = {"my_partition_key": {"S": f"testId{n}"}, "should_fail": {"BOOL": n == 5}}
        table.db.put_item(TableName=table.name, Item=item)
    source = NOTES.replace('seen[number] <= count("report")', 'image["should_fail"]["BOOL"]')
    function = world.function(source, Timeout=5)
    settings = {
        "BatchSize": 3,
        "MaximumBatchingWindowInSeconds": 1,
        "MaximumRetryAttempts": 3,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "DestinationConfig": {"OnFailure": {"Destination": queue.arn}},
    }
    compare.check(told["create_event_source_mapping_response"], mapped(world, table, function, **settings))
    for _ in range(6):
        world.advance(10)
    compare.check(told["destination_queue_messages"], message(queue))
    records = [record for records in calls(world, function, table, 6) for record in records]
    compare.check(told["dynamodb_records"], {"Records": records})


def test_given_up_after_reported_failures(world):
    name = "test_dynamodb_report_batch_item_failures_with_on_failure_destination_config"
    told, compare = scenario(FILE, name), Comparison()
    table = on_demand(world, compare, told, "create_table_response", "my_partition_key", "NEW_IMAGE")
    queue = world.queue()
    answer = "{'batchItemFailures': [{'itemIdentifier': r['dynamodb']['SequenceNumber']} for r in event['Records']]}"
    function = create(world.clients, f"def handler(event, context): return {answer}", Timeout=5)
    settings = {
        "BatchSize": 3,
        "MaximumBatchingWindowInSeconds": 1,
        "MaximumRetryAttempts": 3,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "DestinationConfig": {"OnFailure": {"Destination": queue.arn}},
    }
    compare.check(told["create_event_source_mapping_response"], mapped(world, table, function, **settings))
    table.db.put_item(TableName=table.name, Item={"my_partition_key": {"S": "testId0"}})
    for _ in range(6):
        world.advance(10)
    compare.check(told["destination_queue_messages"], message(queue))


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_that_cannot_be_read_are_failures(world, name):
    told, compare = scenario(FILE, f"test_dynamodb_report_batch_item_failure_scenarios[{name}]"), Comparison()
    table = on_demand(world, compare, told, "create-table-result", "my_partition_key", "NEW_IMAGE")
    queue = world.queue()
    function = world.function(NOTES.replace('{"batchItemFailures": failed}', json.dumps(ANSWERS[name])), Timeout=5)
    settings = {
        "BatchSize": 3,
        "MaximumBatchingWindowInSeconds": 1,
        "MaximumRetryAttempts": 3,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "DestinationConfig": {"OnFailure": {"Destination": queue.arn}},
    }
    mapped(world, table, function, **settings)
    item = {"my_partition_key": {"S": "hello world"}, "binary_key": {"B": b"foobar"}}
    table.db.put_item(TableName=table.name, Item=item)
    for _ in range(6):
        world.advance(10)
    events = [{"Records": records} for records in calls(world, function, table, 4)]
    compare.check(told["dynamodb_events"], events)
    compare.check(told["destination_queue_messages"], message(queue))


def test_no_answer_is_a_success(world):
    told, compare = scenario(FILE, "test_dynamodb_report_batch_item_success_scenarios[null_success]"), Comparison()
    table = on_demand(world, compare, told, "create-table-result", "my_partition_key", "NEW_IMAGE")
    function = world.function(NOTES.replace('{"batchItemFailures": failed}', "None"), Timeout=5)
    mapped(world, table, function, BatchSize=1, FunctionResponseTypes=["ReportBatchItemFailures"])
    item = {"my_partition_key": {"S": "hello world"}, "binary_key": {"B": b"foobar"}}
    table.db.put_item(TableName=table.name, Item=item)
    events = [{"Records": records} for records in calls(world, function, table, 1)]
    compare.check(told["dynamodb_events"], events)
    world.advance(60)
    assert len(calls(world, function, table, 1)) == 1


def test_a_mapping_that_is_deleted_with_its_table(world, notes):
    told, compare = scenario(FILE, "test_deletion_event_source_mapping_with_dynamodb"), Comparison()
    db, name = world.clients.boto("dynamodb"), unique("table")
    created = answered(
        db.create_table,
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification=specification("NEW_IMAGE"),
    )
    compare.check(told["create_dynamodb_table_response"], created)
    arn = created["TableDescription"]["LatestStreamArn"]
    function = create(world.clients, FAILING, Timeout=5)
    made = answered(
        world.client.create_event_source_mapping, EventSourceArn=arn, FunctionName=function.name, StartingPosition="TRIM_HORIZON"
    )
    compare.check(told["create_event_source_mapping_result"], made)
    world.settled(made["UUID"], "Enabled")
    db.delete_table(TableName=name)
    listed = answered(world.client.list_event_source_mappings, EventSourceArn=arn)
    compare.check(told["list_event_source_mapping_result"], listed)


def test_every_recorded_scenario_is_done_again():
    done = {
        "test_deletion_event_source_mapping_with_dynamodb",
        "test_dynamodb_event_source_mapping_with_on_failure_destination_config",
        "test_dynamodb_event_source_mapping_with_s3_on_failure_destination",
        "test_dynamodb_invalid_event_filter[single-string]",
        "test_dynamodb_report_batch_item_failures",
        "test_dynamodb_report_batch_item_failures_with_on_failure_destination_config",
        "test_dynamodb_report_batch_item_success_scenarios[null_success]",
        *(f"test_dynamodb_event_filter[{name}]" for name in FILTERS),
        *(f"test_dynamodb_report_batch_item_failure_scenarios[{name}]" for name in ANSWERS),
    }
    assert done == set(scenarios(FILE))
