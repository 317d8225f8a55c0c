"""EventBridge Scheduler through unmodified clients: what schedules are, and days of them in virtual time."""

import datetime
import json

import pytest

from harness import functions
from harness.clients import ROLE, Clients, error_of
from harness.names import unique
from harness.platform import Platform
from harness.schedules import OFF, TIME, create, make_queue, received, target, times
from harness.wait import wait_until

# Nobody else's time is moved.
HOURS = 48


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    platform = Platform(tmp_path_factory.mktemp("scheduler")).start()
    yield platform
    assert platform.alive(), platform.tail()
    platform.stop()


@pytest.fixture
def its(own):
    return Clients(own.url)


@pytest.fixture
def scheduler(its):
    """Without what tests before left there."""
    client = its.boto("scheduler")
    yield client
    for page in client.get_paginator("list_schedules").paginate():
        for one in page["Schedules"]:
            client.delete_schedule(Name=one["Name"], GroupName=one["GroupName"])


@pytest.fixture
def sqs(its):
    return its.boto("sqs")


@pytest.fixture
def queue(sqs):
    return make_queue(sqs)


def in_seconds(utc):
    return datetime.datetime.fromisoformat(utc.replace("Z", "+00:00"))


def test_two_days_of_a_cron_come_whole_and_with_their_times(own, scheduler, sqs, queue):
    url, arn = queue
    create(scheduler, "cron(0/15 * * * ? *)", target(arn, Input=TIME))
    own.advance(HOURS * 3600, within=170)
    got = received(sqs, url, lambda bodies: len(bodies) >= HOURS * 4)
    bodies = sorted(message["Body"] for message in got)
    assert len(got) == len(set(bodies)), "none comes twice"
    first, last = in_seconds(bodies[0]), in_seconds(bodies[-1])
    assert bodies == times(first, datetime.timedelta(minutes=15), last), "none is missing"
    assert last - first >= datetime.timedelta(hours=HOURS - 1)


def test_a_function_is_called_with_a_notification(own, its, scheduler):
    function = functions.create(its, "def handler(event, _):\n    print('EVENT', __import__('json').dumps(event))\n")
    name = create(scheduler, "rate(1 hour)", target(function.arn))
    own.advance(3700)
    group = f"/aws/lambda/{function.name}"

    def events():
        try:
            found = its.boto("logs").filter_log_events(logGroupName=group, filterPattern="EVENT")["events"]
        except its.boto("logs").exceptions.ResourceNotFoundException:
            return []
        return [json.loads(one["message"].split("EVENT ", 1)[1]) for one in found] if len(found) >= 2 else []

    event = wait_until(events, seconds=60, what="two calls of the function")[0]
    assert event["source"] == "aws.scheduler" and event["detail-type"] == "Scheduled Event"
    assert event["resources"] == [scheduler.get_schedule(Name=name)["Arn"]]


def test_any_operation_of_any_service_is_called(own, its, scheduler, sqs, queue):
    url, _ = queue
    topic = its.boto("sns").create_topic(Name=unique("topic"))["TopicArn"]
    its.boto("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue[1], Attributes={"RawMessageDelivery": "true"})
    table, dynamodb = unique("table"), its.boto("dynamodb")
    schema = {"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}
    keys = [{"AttributeName": "id", "KeyType": "HASH"}]
    dynamodb.create_table(TableName=table, KeySchema=keys, BillingMode="PAY_PER_REQUEST", **schema)
    dynamodb.get_waiter("table_exists").wait(TableName=table)
    calls = {
        "sqs:sendMessage": {"QueueUrl": url, "MessageBody": "by sqs"},
        "sns:publish": {"TopicArn": topic, "Message": "by sns"},
        "dynamodb:putItem": {"TableName": table, "Item": {"id": {"S": TIME}}},
    }
    for operation, params in calls.items():
        to = target(f"arn:aws:scheduler:::aws-sdk:{operation}", Input=json.dumps(params))
        create(scheduler, "rate(1 day)", to)
    own.advance(60)
    received(sqs, url, lambda bodies: {"by sqs", "by sns"} <= set(bodies))
    items = wait_until(lambda: dynamodb.scan(TableName=table)["Items"], what="the item")
    assert in_seconds(items[0]["id"]["S"])


def test_what_cant_be_delivered_goes_to_the_dead_letters(own, scheduler, sqs, queue):
    url, arn = queue
    gone = arn.rsplit(":", 1)[0] + ":nobody"
    more = {"Input": "hello", "DeadLetterConfig": {"Arn": arn}, "RetryPolicy": {"MaximumRetryAttempts": 0}}
    name = create(scheduler, "rate(1 day)", target(gone, **more))
    own.advance(60)
    message = received(sqs, url, bool)[0]
    said = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert message["Body"] == "hello"
    assert said["SCHEDULE_ARN"] == scheduler.get_schedule(Name=name)["Arn"]
    assert said["TARGET_ARN"] == gone and said["RETRY_ATTEMPTS"] == "0"
    assert "NonExistentQueue" in said["ERROR_CODE"] or "QueueDoesNotExist" in said["ERROR_CODE"], said


def test_attempts_are_measured_by_group(own, its, scheduler, queue):
    group = unique("group")
    scheduler.create_schedule_group(Name=group)
    create(scheduler, "rate(10 minutes)", target(queue[1], Input="x"), GroupName=group)
    own.advance(3600)
    cloudwatch = its.boto("cloudwatch")
    now = datetime.datetime.now(datetime.timezone.utc)
    asked = {
        "Namespace": "AWS/Scheduler",
        "MetricName": "InvocationAttemptCount",
        "Dimensions": [{"Name": "ScheduleGroup", "Value": group}],
        "StartTime": now - datetime.timedelta(days=1),
        "EndTime": now + datetime.timedelta(days=365),
        "Period": 86_400,
        "Statistics": ["Sum"],
    }

    def attempts():
        return sum(point["Sum"] for point in cloudwatch.get_metric_statistics(**asked)["Datapoints"])

    wait_until(lambda: attempts() >= 6, seconds=60, what="six attempts in the metrics")


def test_a_group_goes_with_its_schedules(own, scheduler, queue):
    group = unique("group")
    scheduler.create_schedule_group(Name=group, Tags=[{"Key": "k", "Value": "v"}])
    name = create(scheduler, "rate(1 day)", target(queue[1], Input="x"), GroupName=group, State="DISABLED")
    arn = scheduler.get_schedule_group(Name=group)["Arn"]
    assert scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "k", "Value": "v"}]
    scheduler.delete_schedule_group(Name=group)

    def is_gone():
        try:
            return scheduler.get_schedule_group(Name=group)["State"] != "DELETING"
        except scheduler.exceptions.ResourceNotFoundException:
            return True

    wait_until(is_gone, seconds=30, what="the group's end")
    said = error_of(scheduler.get_schedule, Name=name, GroupName=group)
    assert said == ("ResourceNotFoundException", f"Schedule group {group} does not exist.", 404)


def test_refusals(scheduler, queue):
    given = {"Target": target(queue[1]), "FlexibleTimeWindow": OFF}
    name = unique("schedule")
    code, message, status = error_of(scheduler.create_schedule, Name=name, ScheduleExpression="rate(x)", **given)
    assert (code, message, status) == ("ValidationException", "Invalid Schedule Expression rate(x).", 400)
    scheduler.create_schedule(Name=name, ScheduleExpression="rate(1 day)", State="DISABLED", **given)
    said = error_of(scheduler.create_schedule, Name=name, ScheduleExpression="rate(1 day)", **given)
    assert said == ("ConflictException", f"Schedule {name} already exists.", 409)
    said = error_of(scheduler.create_schedule, Name="a b", ScheduleExpression="rate(1 day)", **given)
    assert said[0] == "ValidationException" and "failed to satisfy constraint" in said[1]


def test_the_command_line(its, scheduler, queue):
    name = unique("schedule")
    made = its.cli(
        "scheduler", "create-schedule", "--name", name, "--schedule-expression", "at(2100-01-01T00:00:00)",
        "--schedule-expression-timezone", "Asia/Tokyo", "--flexible-time-window", "Mode=OFF",
        "--target", json.dumps(target(queue[1], Input="x")), "--action-after-completion", "DELETE",
    )  # fmt: skip
    shown = its.cli("scheduler", "get-schedule", "--name", name)
    assert shown["Arn"] == made["ScheduleArn"] and shown["ActionAfterCompletion"] == "DELETE"
    assert shown["Target"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}
    assert name in [one["Name"] for one in its.cli("scheduler", "list-schedules")["Schedules"]]
    its.cli("scheduler", "delete-schedule", "--name", name)
    assert f"Schedule {name} does not exist." in its.cli_fails("scheduler", "get-schedule", "--name", name)


def test_javascript(its, scheduler, queue):
    steps = its.node("scheduler.mjs", unique("group"), queue[1], ROLE)
    assert steps["listed"] == [["a", "b"], ["c"]]
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}
    assert steps["shown"] == ["Europe/Zurich", "2100-01-01T00:00:00.000Z", window, "hello"]
    assert steps["gone"] == ["ResourceNotFoundException", "Schedule a does not exist.", 404]


def test_an_event_bus_gets_an_event(own, its, scheduler, sqs, queue):
    url, arn = queue
    events, name = its.boto("events"), unique("rule")
    bus = events.create_event_bus(Name=unique("bus"))["EventBusArn"]
    events.put_rule(Name=name, EventBusName=bus, EventPattern=json.dumps({"source": ["my.app"]}))
    events.put_targets(Rule=name, EventBusName=bus, Targets=[{"Id": "1", "Arn": arn}])
    said = {"Source": "my.app", "DetailType": "tick"}
    made = create(scheduler, "rate(1 day)", target(bus, Input='{"n": 1}', EventBridgeParameters=said))
    own.advance(60)
    event = json.loads(received(sqs, url, bool)[0]["Body"])
    assert event["detail-type"] == "tick" and event["detail"] == {"n": 1}
    assert event["resources"] == [scheduler.get_schedule(Name=made)["Arn"]]
