"""Functions that are called from queues: real functions, real clients, and virtual time where there is waiting."""

import functools
import json
import time

import pytest

from harness import tables
from harness.clients import REGION, error_of
from harness.mappings import VISIBILITY, World
from harness.names import unique
from harness.platform import watched
from harness.wait import wait_until

AGAIN = VISIBILITY + 1


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with watched(tmp_path_factory.mktemp("mappings")) as platform:
        yield World(platform)


@pytest.fixture(scope="module")
def shared(world):
    """A function for tests that tell its calls apart by their queue."""
    return world.function()


def bodies(records):
    return [json.loads(record["body"]) for record in records]


def calls_of(world, function, queue, count=None):
    """The calls from one queue."""
    calls = lambda: [records for records in world.calls(function) if records[0]["eventSourceARN"] == queue.arn]
    if count is None:
        return calls()
    return wait_until(lambda: len(found := calls()) >= count and found, 60, f"{count} calls")


def test_the_event_is_as_aws_forms_it(world, shared):
    queue = world.queue()
    world.map(queue, shared)
    attributes = {
        "text": {"DataType": "String", "StringValue": "v"},
        "number": {"DataType": "Number.int", "StringValue": "5"},
        "bytes": {"DataType": "Binary", "BinaryValue": b"\x01\xff"},
    }
    message = queue.send("hello", MessageAttributes=attributes)
    ((record,),) = calls_of(world, shared, queue, 1)
    known = record.pop("attributes")
    assert known.pop("SenderId") and known.pop("ApproximateReceiveCount") == "1"
    assert int(known.pop("SentTimestamp")) <= int(known.pop("ApproximateFirstReceiveTimestamp")) and known == {}
    assert len(record.pop("receiptHandle")) > 40 and len(record.pop("md5OfMessageAttributes")) == 32
    lists = {"stringListValues": [], "binaryListValues": []}
    assert record == {
        "messageId": message,
        "body": "hello",
        "md5OfBody": "5d41402abc4b2a76b9719d911017c592",
        "messageAttributes": {
            "text": {"stringValue": "v", **lists, "dataType": "String"},
            "number": {"stringValue": "5", **lists, "dataType": "Number.int"},
            "bytes": {"binaryValue": "Af8=", **lists, "dataType": "Binary"},
        },
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.arn,
        "awsRegion": REGION,
    }
    queue.is_empty()


def test_what_is_there_already_is_taken_in_tens(world, shared):
    queue = world.queue()
    queue.send_all({"n": n} for n in range(25))
    world.map(queue, shared)
    queue.is_empty()
    calls = calls_of(world, shared, queue, 3)
    assert sorted(map(len, calls)) == [5, 10, 10]
    assert sorted(body["n"] for records in calls for body in bodies(records)) == list(range(25))


def test_a_window_gathers_hundreds_and_ends_in_virtual_time(world, shared):
    queue = world.queue(VisibilityTimeout=600)
    world.map(queue, shared, BatchSize=10_000, MaximumBatchingWindowInSeconds=100)
    queue.send_all({"n": n} for n in range(120))
    world.advance(50)
    queue.send_all({"n": n} for n in range(120, 200))
    world.advance(30)
    assert calls_of(world, shared, queue) == [] and queue.counts() == (0, 200)
    world.advance(30)
    (records,) = calls_of(world, shared, queue, 1)
    assert sorted(body["n"] for body in bodies(records)) == list(range(200))
    queue.is_empty()


def test_only_what_is_reported_comes_again(world, shared):
    queue = world.queue()
    uuid = world.map(queue, shared, "Disabled", Enabled=False, FunctionResponseTypes=["ReportBatchItemFailures"])
    queue.send_all([{"n": 1}, {"n": 2, "report": 1}, {"n": 3}])
    world.change(uuid, Enabled=True)
    first = calls_of(world, shared, queue, 1)[0]
    wait_until(lambda: queue.counts() == (0, 1), what="two are deleted")
    world.advance(AGAIN)
    second = calls_of(world, shared, queue, 2)[1]
    assert sorted(body["n"] for body in bodies(first)) == [1, 2, 3]
    assert [(body["n"]) for body in bodies(second)] == [2]
    assert second[0]["attributes"]["ApproximateReceiveCount"] == "2"
    assert second[0]["receiptHandle"] not in [record["receiptHandle"] for record in first]
    queue.is_empty()


# What a function may answer, and whether its batch has failed.
ANSWERS = [
    (None, False),
    ({}, False),
    ({"batchItemFailures": []}, False),
    ({"batchItemFailures": None}, False),
    ({"statusCode": 200}, False),
    ({"batchItemFailures": [{"itemIdentifier": ""}]}, True),
    ({"batchItemFailures": [{"itemIdentifier": None}]}, True),
    ({"batchItemFailures": [{"foo": "notvalid"}]}, True),
    ({"batchItemFailures": [{"itemIdentifier": "never-there"}]}, True),
    ("text", True),
]


def test_what_answers_mean(world, shared):
    queue = world.queue(VisibilityTimeout=3600)
    queue.send_all({"n": n, "answer": {"is": answer}} for n, (answer, _) in enumerate(ANSWERS))
    world.map(queue, shared, BatchSize=1, FunctionResponseTypes=["ReportBatchItemFailures"])
    calls = calls_of(world, shared, queue, len(ANSWERS))
    assert len(calls) == len(ANSWERS)
    failed = sum(fails for _, fails in ANSWERS)
    wait_until(lambda: queue.counts() == (0, failed), what="what has succeeded is deleted")
    world.advance(3601)
    again = calls_of(world, shared, queue, len(ANSWERS) + failed)[len(ANSWERS) :]
    assert sorted(bodies(records)[0]["n"] for records in again) == [n for n, (_, fails) in enumerate(ANSWERS) if fails]


def test_answers_mean_nothing_where_no_reports_are_asked_for(world, shared):
    queue = world.queue()
    queue.send({"answer": {"is": {"batchItemFailures": [{"itemIdentifier": ""}]}}})
    queue.send({"report": 5})
    world.map(queue, shared)
    queue.is_empty()


def test_messages_that_no_pattern_takes_are_deleted(world, shared):
    queue = world.queue()
    patterns = [{"body": {"n": [{"numeric": [">=", 5]}]}}, {"body": ["plain text"]}]
    world.map(queue, shared, FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)} for pattern in patterns]})
    for body in [{"n": 1}, {"n": 5}, {"m": 9}, "plain text", "other text", '{"n": 7', '"plain text"']:
        queue.send(body)
    queue.is_empty()
    taken = lambda: sorted(record["body"] for records in calls_of(world, shared, queue) for record in records)
    wait_until(lambda: taken() == ["plain text", '{"n": 5}'], 30, "what the patterns take")


def test_a_group_of_a_fifo_queue_is_held_back_by_its_first_message(world, shared):
    queue = world.queue(FifoQueue="true", ContentBasedDeduplication="true")
    queue.send({"n": 1, "fail": 1}, MessageGroupId="a")
    for n in (2, 3):
        queue.send({"n": n}, MessageGroupId="a")
    for n in (4, 5):
        queue.send({"n": n}, MessageGroupId="b")
    world.map(queue, shared, BatchSize=1)
    calls = calls_of(world, shared, queue, 3)
    assert [bodies(records)[0]["n"] for records in calls if records[0]["attributes"]["MessageGroupId"] == "b"] == [4, 5]
    # A call is seen before what it was for is deleted.
    wait_until(lambda: sum(queue.counts()[:2]) == 3, 30, "the other group's end, while the whole of this one waits")
    world.advance(AGAIN)
    queue.is_empty()
    group = [records for records in calls_of(world, shared, queue, 6) if records[0]["attributes"]["MessageGroupId"] == "a"]
    assert [bodies(records)[0]["n"] for records in group] == [1, 1, 2, 3]
    assert group[0][0]["attributes"]["SequenceNumber"] == group[1][0]["attributes"]["SequenceNumber"]


def test_a_fifo_batch_keeps_the_order_and_its_failures(world, shared):
    queue = world.queue(FifoQueue="true", ContentBasedDeduplication="true")
    for n in range(1, 7):
        queue.send({"n": n, "report": int(n > 3)}, MessageGroupId="a")
    world.map(queue, shared, FunctionResponseTypes=["ReportBatchItemFailures"])
    wait_until(lambda: sum(queue.counts()) == 3, 60, what="three are deleted")
    world.advance(AGAIN)
    queue.is_empty()
    order = [body["n"] for records in calls_of(world, shared, queue, 2) for body in bodies(records)]
    assert order == [1, 2, 3, 4, 5, 6, 4, 5, 6]


def test_what_fails_too_often_becomes_a_dead_letter(world, shared):
    dead = world.queue()
    redrive = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 2})
    queue = world.queue(RedrivePolicy=redrive)
    world.map(queue, shared)
    message = queue.send({"n": 1, "fail": 99})
    calls_of(world, shared, queue, 1)
    for seconds in (AGAIN, AGAIN):
        world.advance(seconds)
    queue.is_empty()
    assert len(calls_of(world, shared, queue, 2)) == 2
    answer = dead.client.receive_message(QueueUrl=dead.url, MessageSystemAttributeNames=["All"])
    (letter,) = answer["Messages"]
    assert letter["MessageId"] == message and letter["Attributes"]["DeadLetterQueueSourceArn"] == queue.arn


def test_one_move_of_the_clock_is_as_good_as_many(world, shared):
    dead = world.queue()
    redrive = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 4})
    queue = world.queue(RedrivePolicy=redrive)
    world.map(queue, shared)
    queue.send({"fail": 99})
    calls_of(world, shared, queue, 1)
    world.advance(AGAIN * 10)
    assert len(calls_of(world, shared, queue, 4)) == 4 and dead.counts() == (1, 0)


def test_a_mapping_is_disabled_changed_and_enabled_while_messages_come(world, shared):
    queue = world.queue()
    uuid = world.map(queue, shared)
    queue.send({"n": 1})
    calls_of(world, shared, queue, 1)
    world.change(uuid, "Disabled", Enabled=False)
    queue.send_all({"n": n} for n in range(2, 6))
    world.change(uuid, "Disabled", BatchSize=2)
    world.advance(60)
    assert queue.counts() == (4, 0) and len(calls_of(world, shared, queue)) == 1
    world.change(uuid, Enabled=True)
    queue.is_empty()
    assert [len(records) for records in calls_of(world, shared, queue, 3)] == [1, 2, 2]
    world.client.delete_event_source_mapping(UUID=uuid)
    wait_until(lambda: is_gone(world, uuid), what="the mapping is gone")
    queue.send({"n": 6})
    world.advance(60)
    assert queue.counts() == (1, 0)


def is_gone(world, uuid):
    return uuid not in [one["UUID"] for one in world.client.list_event_source_mappings()["EventSourceMappings"]]


def test_what_was_gathered_is_given_back_when_the_mapping_is_disabled(world, shared):
    queue = world.queue(VisibilityTimeout=3600)
    uuid = world.map(queue, shared, MaximumBatchingWindowInSeconds=300)
    queue.send_all([{"n": 1}, {"n": 2}])
    wait_until(lambda: queue.counts() == (0, 2), what="they are gathered")
    world.change(uuid, "Disabled", Enabled=False)
    wait_until(lambda: queue.counts() == (2, 0), what="they can be seen again")


def test_maximum_concurrency_is_a_maximum_and_is_used(world):
    function, queue = world.function(), world.queue()
    queue.send_all({"n": n, "sleep": 0.3} for n in range(10))
    world.map(queue, function, BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    queue.is_empty(60)
    spans = wait_until(lambda: len(found := world.said(function, "SPAN")) == 10 and found, what="all spans")
    edges = sorted([(begun, 1) for begun, _ in spans] + [(ended, -1) for _, ended in spans])
    running, most = 0, 0
    for _, step in edges:
        running += step
        most = max(most, running)
    assert most == 2


def test_a_function_without_room_gets_its_messages_later(world):
    function, queue = world.function(), world.queue(VisibilityTimeout=3600)
    world.client.put_function_concurrency(FunctionName=function.name, ReservedConcurrentExecutions=0)
    world.map(queue, function)
    queue.send({"n": 1})
    wait_until(lambda: queue.counts() == (0, 1), what="it is taken")
    world.client.delete_function_concurrency(FunctionName=function.name)
    queue.is_empty()
    ((record,),) = world.calls(function, 1)
    assert record["attributes"]["ApproximateReceiveCount"] == "1"


def test_a_function_that_takes_too_long_has_failed(world):
    function, queue = world.function(Timeout=1), world.queue()
    world.map(queue, function)
    queue.send({"n": 1, "sleep": 30})
    world.calls(function, 1)
    told = lambda: world.get(uuid_of(world, queue)).get("LastProcessingResult")
    wait_until(lambda: told() == "PROBLEM: Function call failed", 30)
    assert queue.counts() == (0, 1)


def uuid_of(world, queue):
    return world.client.list_event_source_mappings(EventSourceArn=queue.arn)["EventSourceMappings"][0]["UUID"]


def test_a_queue_must_hide_messages_for_as_long_as_the_function_may_take(world):
    function, queue = world.function(Timeout=31), world.queue()
    told = error_of(world.client.create_event_source_mapping, EventSourceArn=queue.arn, FunctionName=function.name)
    text = "Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds"
    assert told == ("InvalidParameterValueException", text, 400)
    queue.client.set_queue_attributes(QueueUrl=queue.url, Attributes={"VisibilityTimeout": "31"})
    world.map(queue, function)


def test_a_mapping_is_moved_only_to_what_could_have_it(world):
    queue, first, second = world.queue(), world.function(), world.function()
    slow = world.function(Timeout=31)
    mapping = world.map(queue, first)
    update = functools.partial(error_of, world.client.update_event_source_mapping, UUID=mapping)
    text = "Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds"
    assert update(FunctionName=slow.name) == ("InvalidParameterValueException", text, 400)
    other = world.map(queue, second)
    code, message, status = update(FunctionName=second.name)
    assert (code, status) == ("ResourceConflictException", 409)
    assert message.startswith(f'An event source mapping with SQS arn (" {queue.arn} ") and function (" ') and other in message


def test_a_queue_made_again_is_polled_like_the_first(world, shared):
    queue = world.queue()
    world.map(queue, shared)
    queue.send({"n": 1})
    calls_of(world, shared, queue, 1)
    queue.client.delete_queue(QueueUrl=queue.url)
    told = lambda: world.get(uuid_of(world, queue)).get("LastProcessingResult", "")
    wait_until(lambda: told().startswith("PROBLEM: The specified queue does not exist"), 30)
    world.advance(61)
    queue.client.create_queue(QueueName=queue.name)
    queue.send({"n": 2})
    assert bodies(calls_of(world, shared, queue, 2)[1]) == [{"n": 2}]
    wait_until(lambda: told() == "OK", 30)


def test_records_are_counted_where_that_is_asked_for(world, shared):
    queue = world.queue()
    pattern = json.dumps({"body": {"n": [1, 2]}})
    uuid = world.map(
        queue,
        shared,
        MetricsConfig={"Metrics": ["EventCount"]},
        FilterCriteria={"Filters": [{"Pattern": pattern}]},
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    for body in ({"n": 1}, {"n": 2, "report": 99}, {"n": 3}):
        queue.send(body)
    calls_of(world, shared, queue, 1)
    wait_until(lambda: sum(queue.counts()) == 1, 60)
    cloudwatch = world.clients.boto("cloudwatch")

    def counted():
        sums = {}
        for name in ("PolledEventCount", "FilteredOutEventCount", "InvokedEventCount", "FailedInvokeEventCount", "DeletedEventCount"):
            points = cloudwatch.get_metric_statistics(
                Namespace="AWS/Lambda",
                MetricName=name,
                Dimensions=[{"Name": "EventSourceMappingUUID", "Value": uuid}],
                StartTime=0,
                EndTime=2**31,
                Period=2**31 // 60 * 60,
                Statistics=["Sum"],
            )["Datapoints"]
            sums[name] = sum(point["Sum"] for point in points)
        return sums

    expected = {
        "PolledEventCount": 3,
        "FilteredOutEventCount": 1,
        "InvokedEventCount": 2,
        "FailedInvokeEventCount": 1,
        "DeletedEventCount": 1,
    }
    wait_until(lambda: counted() == expected, 90, "the counts")


LOOPS = """
import boto3, os
sqs = boto3.client("sqs")
def handler(event, context):
    for record in event["Records"]:
        print("NOTE " + '[0, "%s", []]' % context.aws_request_id)
        sqs.send_message(QueueUrl=os.environ["TO"], MessageBody=record["body"])
"""


def test_a_loop_through_a_queue_ends_in_its_dead_letters(world):
    dead = world.queue()
    redrive = json.dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 1})
    queue = world.queue(RedrivePolicy=redrive)
    function = world.function(LOOPS, Environment={"Variables": {"TO": queue.url}})
    world.map(queue, function)
    queue.send("round")
    wait_until(lambda: queue.counts() == (0, 1) and len(world.calls(function)) == 16, 60, "sixteen rounds, and no more")
    world.advance(AGAIN)
    wait_until(lambda: dead.counts() == (1, 0), 30)
    queue.is_empty()
    assert len(world.calls(function)) == 16


KEEPS = """
import boto3, json, os
table = boto3.client("dynamodb")
def handler(event, context):
    for record in event["Records"]:
        table.put_item(TableName=os.environ["TABLE"], Item={"id": {"S": str(json.loads(record["body"])["n"])}})
"""


def test_nothing_is_lost_when_the_platform_is_killed(fresh, chance):
    count, platform = 100, fresh().start()
    world = World(platform)
    table = tables.create(world.clients)
    function = world.function(KEEPS, Environment={"Variables": {"TABLE": table}})
    queue = world.queue()
    world.map(queue, function, BatchSize=3, ScalingConfig={"MaximumConcurrency": 4})
    queue.send_all({"n": n} for n in range(count))

    def kept():
        found = world.clients.boto("dynamodb").scan(TableName=table, ConsistentRead=True, ProjectionExpression="id")
        return len(found["Items"])

    for some in (1, 20, 50):
        wait_until(lambda: kept() >= some, 60, f"{some} messages were dealt with")
        platform.dies_after(chance.uniform(0, 0.3))
        platform.start(seconds=60)
        # What was in flight comes again.
        platform.advance(AGAIN)
    wait_until(lambda: kept() == count, 60, "all messages were dealt with")
    platform.advance(AGAIN)
    queue.is_empty(60)
    assert platform.terminate() == 0
