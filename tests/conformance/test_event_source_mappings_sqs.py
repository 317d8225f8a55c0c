"""Scenarios of functions that are called from queues, recorded from AWS, done again here: what mappings look like, the
events that functions get, and when they get them."""

import json

import pytest

from harness.functions import create
from harness.mappings import World
from harness.platform import Platform
from harness.recordings import Comparison, answered, scenario, scenarios
from harness.wait import wait_until

FILE = "lambda_/event_source_mapping/test_lambda_integration_sqs.json"
FILTERS = {
    "single": ({"my-key": "my-value"}, {"my-key": "other"}),
    "valid-json-filter": ({"my-key": "my-value"}, "not json"),
    "numeric-bigger": ({"my-number": 101}, {"my-number": 100}),
    "numeric-smaller": ({"my-number": 99}, {"my-number": 100}),
    "numeric-range": ({"my-number": 100}, {"my-number": 200}),
    "numeric-prefix": ({"test2": "us-1-48454"}, {"test2": "eu-wert"}),
    "exists-filter": ({"test2": "7411"}, {"test5": "74545"}),
    "single-filter": ({"testItem": "test24"}, {"testItem": "tesWER"}),
    "filter2-item_matching2-item_not_matching2": ({"testItem": "test45", "test2": "go"}, {"testItem": "test67", "test2": "go"}),
    "filter3-item_matching3-item_not_matching3": ({"test2": "7411"}, {"test5": "74545"}),
    "filter6-item_matching6-item_not_matching6": ({"test2": 105}, {"test2": 200}),
}
# Sends on what it was called with, and fails or reports as a message says.
SENDS_ON = """
import boto3, json, os
sqs = boto3.client("sqs")
def handler(event, context):
    asked = [json.loads(record["body"]) for record in event["Records"]]
    counts = [int(record["attributes"]["ApproximateReceiveCount"]) for record in event["Records"]]
    fails = [count <= body["fail_attempts"] for body, count in zip(asked, counts)]
    told = {"event": event}
    if os.environ["WAY"] == "raise":
        told = {"error": "failed attempt" if any(fails) else None, **told}
    elif os.environ["WAY"] == "report":
        told["result"] = {"batchItemFailures": [
            {"itemIdentifier": record["messageId"]} for record, failed in zip(event["Records"], fails) if failed
        ]}
    else:
        told["result"] = json.loads(os.environ["WAY"])
    sqs.send_message(QueueUrl=os.environ["TO"], MessageBody=json.dumps(told))
    if told.get("error"):
        raise ValueError("as asked")
    return told.get("result")
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    scenarios(FILE)
    platform = Platform(tmp_path_factory.mktemp("mappings")).start()
    yield World(platform)
    platform.stop()


@pytest.fixture(scope="module")
def notes(world):
    return world.function(Timeout=3)


def mapped(world, queue, function, **settings):
    """The answer of the creation, once the mapping is in effect."""
    made = answered(world.client.create_event_source_mapping, EventSourceArn=queue.arn, FunctionName=function.name, **settings)
    world.settled(made["UUID"], "Enabled")
    for criteria in made.get("FilterCriteria", {}).get("Filters", []):
        criteria["Pattern"] = json.loads(criteria["Pattern"])
    return made


def shown(records, parsed=True):
    """As recordings show them: bodies that are JSON read, and what differs from call to call named."""
    for record in records:
        record["attributes"].update(SenderId="sender-id", SentTimestamp="sent-timestamp")
        if parsed and record["body"].startswith("{"):
            record["body"] = json.loads(record["body"])
    return records


def without_sender(records):
    for record in records:
        record["attributes"].update(SenderId="<sender-id:1>", SentTimestamp="sent-timestamp")
    return records


def calls(world, function, queue, count):
    of = lambda: [records for records in world.calls(function) if records[0]["eventSourceARN"] == queue.arn]
    return wait_until(lambda: len(found := of()) >= count and found, 60, f"{count} calls")


def test_what_is_filled_in_and_what_is_refused(world, notes):
    told, compare, queue = scenario(FILE, "test_event_source_mapping_default_batch_size"), Comparison(), world.queue()
    made = mapped(world, queue, notes)
    compare.check(told["create-event-source-mapping"], made)
    update = answered(world.client.update_event_source_mapping, UUID=made["UUID"], BatchSize=15)
    compare.check(told["invalid-update-event-source-mapping"], update)
    other = world.queue()
    creation = answered(
        world.client.create_event_source_mapping, EventSourceArn=other.arn, FunctionName=notes.name, BatchSize=15
    )
    compare.check(told["invalid-create-event-source-mapping"], creation)


def test_one_message(world, notes):
    told, compare, queue = scenario(FILE, "test_sqs_event_source_mapping"), Comparison(), world.queue()
    compare.check(
        told["create-event-source-mapping-response"], mapped(world, queue, notes, MaximumBatchingWindowInSeconds=1)
    )
    queue.send({"foo": "bar"})
    events = [{"Records": shown(records)} for records in calls(world, notes, queue, 1)]
    compare.check(told["events"], events)


@pytest.mark.parametrize("name", FILTERS)
def test_filters(world, notes, name):
    told, compare, queue = scenario(FILE, f"test_sqs_event_filter[{name}]"), Comparison(), world.queue()
    filters = told["create_event_source_mapping_response"]["FilterCriteria"]["Filters"]
    criteria = {"Filters": [{"Pattern": json.dumps(one["Pattern"])} for one in filters]}
    made = mapped(world, queue, notes, FilterCriteria=criteria, MaximumBatchingWindowInSeconds=1)
    compare.check(told["create_event_source_mapping_response"], made)
    matching, other = FILTERS[name]
    queue.send(other)
    queue.send(matching)
    queue.is_empty()
    events = [{"Records": shown(records)} for records in calls(world, notes, queue, 1)]
    compare.check(told["invocation_events"], events)


@pytest.mark.parametrize("size", (100, 1000))
def test_large_batches(world, notes, size):
    told, compare, queue = scenario(FILE, f"test_sqs_event_source_mapping_batch_size[{size}]"), Comparison(), world.queue()
    made = mapped(world, queue, notes, BatchSize=size, MaximumBatchingWindowInSeconds=20)
    made["MaximumBatchingWindowInSeconds"] = "maximum-batching-window-in-seconds"
    compare.check(told["create-event-source-mapping-response"], made)
    for batch, count in enumerate((10, 5)):
        entries = [{"Id": f"{n}-{batch}", "MessageBody": f"{n}-{batch}-message-{n}"} for n in range(count)]
        sent = answered(queue.client.send_message_batch, QueueUrl=queue.url, Entries=entries)
        compare.check(told[f"send-message-batch-result-{count}"], sent)
    world.advance(21)
    (records,) = calls(world, notes, queue, 1)
    ours = sorted(without_sender(records), key=lambda record: record["body"])
    for record, recorded in zip(ours, told["Records"]):
        record["attributes"]["SenderId"] = recorded["attributes"]["SenderId"].replace("<sender-id:1>", "any")
    compare.check(told["Records"], ours)


def test_two_batches_at_the_same_time(world):
    name = "test_sqs_event_source_mapping_batching_reserved_concurrency"
    told, compare, queue, function = scenario(FILE, name), Comparison(), world.queue(), world.function(Timeout=3)
    reserved = answered(world.client.put_function_concurrency, FunctionName=function.name, ReservedConcurrentExecutions=2)
    compare.check(told["put_concurrency_resp"], reserved)
    settings = {"BatchSize": 20, "MaximumBatchingWindowInSeconds": 10, "ScalingConfig": {"MaximumConcurrency": 2}}
    made = mapped(world, queue, function, **settings)
    recorded = {**told["create-event-source-mapping-response"], "MaximumBatchingWindowInSeconds": 10}
    compare.check(recorded, made)
    for batch in range(3):
        entries = [{"Id": str(n), "MessageBody": f"{n}-{batch}-message"} for n in range(10)]
        assert not queue.client.send_message_batch(QueueUrl=queue.url, Entries=entries).get("Failed")
    world.advance(11)
    queue.is_empty()
    batches = calls(world, function, queue, 2)
    assert len(batches) == told["batch_info"]["total_batches_received"]
    records = sorted((record for batch in batches for record in batch), key=lambda record: record["body"])
    for record, recorded in zip(without_sender(records), told["Records"]):
        record["attributes"]["SenderId"] = recorded["attributes"]["SenderId"].replace("<sender-id:1>", "any")
    compare.check(told["Records"], records)


class Failing:
    """A queue, a function that sends on what it gets, and where it sends it."""

    def __init__(self, world, way, **attributes):
        self.world, self.to = world, world.queue()
        variables = {"WAY": way, "TO": self.to.url}
        self.function = create(world.clients, SENDS_ON, Environment={"Variables": variables}, Timeout=5)
        self.dead = world.queue(**attributes)
        redrive = json.dumps({"deadLetterTargetArn": self.dead.arn, "maxReceiveCount": 2})
        self.queue = world.queue(RedrivePolicy=redrive, VisibilityTimeout=6, **attributes)

    def told(self, queue, parsed=True):
        """What stands in the queue next, as recordings show it."""
        answer = wait_until(lambda: "Messages" in (a := queue.client.receive_message(QueueUrl=queue.url)) and a, 60)
        for message in answer["Messages"]:
            body = json.loads(message["Body"])
            for records in [body["event"]["Records"]] if "event" in body else []:
                shown(records, parsed)
            message["Body"] = body
            queue.client.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
        return answer

    def url(self):
        return answered(self.to.client.get_queue_url, QueueName=self.to.name)


def test_what_fails_comes_again(world):
    told, compare = scenario(FILE, "test_failing_lambda_retries_after_visibility_timeout"), Comparison()
    one = Failing(world, "raise")
    compare.check(told["get_destination_queue_url"], one.url())
    made = mapped(world, one.queue, one.function, BatchSize=1)
    compare.check(told["event_source_mapping"], answered(world.client.get_event_source_mapping, UUID=made["UUID"]))
    one.queue.send({"destination": one.to.url, "fail_attempts": 1})
    compare.check(told["first_attempt"], one.told(one.to, parsed=False))
    assert one.to.receive() == []
    world.advance(7)
    compare.check(told["second_attempt"], one.told(one.to, parsed=False))


def test_reported_failures_of_a_fifo_queue(world):
    told, compare = scenario(FILE, "test_report_batch_item_failures"), Comparison()
    one = Failing(world, "report", FifoQueue="true")
    compare.check(told["get_destination_queue_url"], one.url())
    attempts = (0, 1, 1, 2)
    entries = [
        {
            "Id": f"message-{n}",
            "MessageBody": json.dumps({"message": n, "fail_attempts": attempts[n - 1]}),
            "MessageGroupId": "1",
            "MessageDeduplicationId": f"dedup-{n}",
        }
        for n in range(1, 5)
    ]
    compare.check(told["send_message_batch"], answered(one.queue.client.send_message_batch, QueueUrl=one.queue.url, Entries=entries))
    made = mapped(world, one.queue, one.function, FunctionResponseTypes=["ReportBatchItemFailures"])
    compare.check(told["create_event_source_mapping"], made)
    compare.check(told["first_invocation"], one.told(one.to))
    world.advance(7)
    compare.check(told["second_invocation"], one.told(one.to))
    world.advance(7)
    compare.check(told["dlq_response"], one.told(one.dead))


def test_an_empty_answer_is_a_success(world):
    told, compare = scenario(FILE, "test_report_batch_item_failures_empty_json_batch_succeeds"), Comparison()
    one = Failing(world, "{}")
    compare.check(told["get_destination_queue_url"], one.url())
    mapped(world, one.queue, one.function, FunctionResponseTypes=["ReportBatchItemFailures"])
    one.queue.send({"message": 1, "fail_attempts": 0})
    compare.check(told["first_invocation"], one.told(one.to, parsed=False))
    one.queue.is_empty()
    world.advance(20)
    assert one.to.receive() == [] and one.dead.receive() == []


def test_an_answer_that_cannot_be_read_is_a_failure(world):
    told, compare = scenario(FILE, "test_report_batch_item_failures_invalid_result_json_batch_fails"), Comparison()
    one = Failing(world, json.dumps({"batchItemFailures": [{"foo": "notvalid"}]}))
    compare.check(told["get_destination_queue_url"], one.url())
    mapped(world, one.queue, one.function, FunctionResponseTypes=["ReportBatchItemFailures"])
    one.queue.send({"message": 1, "fail_attempts": 0})
    compare.check(told["first_invocation"], one.told(one.to, parsed=False))
    world.advance(7)
    compare.check(told["second_invocation"], one.told(one.to, parsed=False))
    world.advance(7)
    compare.check(told["dlq_response"], one.told(one.dead))


def test_every_recorded_scenario_is_done_again():
    done = {
        "test_event_source_mapping_default_batch_size",
        "test_sqs_event_source_mapping",
        "test_sqs_event_source_mapping_batch_size[100]",
        "test_sqs_event_source_mapping_batch_size[1000]",
        "test_sqs_event_source_mapping_batching_reserved_concurrency",
        "test_failing_lambda_retries_after_visibility_timeout",
        "test_report_batch_item_failures",
        "test_report_batch_item_failures_empty_json_batch_succeeds",
        "test_report_batch_item_failures_invalid_result_json_batch_fails",
        *(f"test_sqs_event_filter[{name}]" for name in FILTERS),
    }
    # In test_lambda_mappings.py; and one of which nothing was recorded.
    elsewhere = {
        "test_sqs_invalid_event_filter[invalid_filter2]",
        "test_sqs_invalid_event_filter[invalid_filter3]",
        "test_esm_with_not_existing_sqs_queue",
        "test_sqs_event_source_mapping_batching_behaviour[100]",
    }
    assert done | elsewhere == set(scenarios(FILE))
