"""EventBridge through real clients: what is put on a bus gets to whoever's rule it matches."""

import json
import time

import pytest

from harness import functions
from harness.clients import ACCOUNT, REGION, Clients, error_of
from harness.names import unique
from harness.topics import make_queue, make_topic, received, subscribe
from harness.wait import wait_until

NOTES = "import json\ndef handler(event, context):\n    print('NOTE ' + json.dumps(event))\n    return 'fine'\n"
BUS = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus"


class World:
    """One platform's clients, and what tests make with them."""

    def __init__(self, clients):
        self.clients = clients
        self.events, self.sqs, self.sns = (clients.boto(name) for name in ("events", "sqs", "sns"))
        self.source = unique("source")

    def rule(self, bus="default", **settings):
        name = unique("rule")
        settings = settings or {"EventPattern": json.dumps({"source": [self.source]})}
        self.events.put_rule(Name=name, EventBusName=bus, **settings)
        return name

    def target(self, rule, arn, bus="default", **settings):
        target = {"Id": unique("target"), "Arn": arn, **settings}
        told = self.events.put_targets(Rule=rule, EventBusName=bus, Targets=[target])
        assert told["FailedEntryCount"] == 0

    def put(self, *details, bus="default"):
        entries = [
            {"Source": self.source, "DetailType": "t", "Detail": json.dumps(detail), "EventBusName": bus} for detail in details
        ]
        told = self.events.put_events(Entries=entries)
        assert told["FailedEntryCount"] == 0
        return [entry["EventId"] for entry in told["Entries"]]

    def got(self, url, count=1):
        """Bodies, parsed."""
        return [message["Body"] for message in received(self.sqs, url, count)["Messages"]]


@pytest.fixture
def world(clients):
    return World(clients)


@pytest.fixture
def moving(fresh):
    """A platform whose time can be moved."""
    platform = fresh().start()
    world = World(Clients(platform.url))
    world.platform = platform
    return world


def test_an_event_gets_to_a_queue_as_aws_writes_it(world):
    (url, arn), rule = make_queue(world.sqs), world.rule()
    world.target(rule, arn)
    (event_id,) = world.put({"n": 1.5, "list": ["a"]})
    (event,) = world.got(url)
    assert list(event) == ["version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"]
    assert (event["id"], event["account"], event["region"]) == (event_id, ACCOUNT, REGION)
    assert (event["source"], event["detail"], event["resources"]) == (world.source, {"n": 1.5, "list": ["a"]}, [])


def test_topics_functions_and_other_buses_get_theirs(world, function):
    bus = unique("bus")
    world.events.create_event_bus(Name=bus)
    (url, arn), (other_url, other_arn) = make_queue(world.sqs), make_queue(world.sqs)
    topic = make_topic(world.sns)
    subscribe(world.sns, topic, arn, RawMessageDelivery="true")
    one, rule = function(NOTES), world.rule()
    permission = {"StatementId": "events", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}
    one.client.add_permission(FunctionName=one.name, **permission)
    world.target(rule, topic, InputPath="$.detail")
    world.target(rule, one.arn, Input=json.dumps({"constant": True}))
    world.target(rule, f"{BUS}/{bus}", RoleArn=f"arn:aws:iam::{ACCOUNT}:role/r")
    world.target(world.rule(bus), other_arn, bus)
    world.put({"n": 1})
    assert world.got(url) == [{"n": 1}]
    assert world.got(other_url)[0]["detail"] == {"n": 1}
    group = f"/aws/lambda/{one.name}"

    def noted():
        logs = world.clients.boto("logs")
        if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            return []
        return [event["message"] for event in logs.filter_log_events(logGroupName=group, filterPattern="NOTE")["events"]]

    assert "constant" in wait_until(noted, 60, "the function's note")[0]


def test_what_cant_be_delivered_goes_to_the_dead_letters(world):
    (url, arn), rule = make_queue(world.sqs), world.rule()
    never = arn.replace(arn.rsplit(":", 1)[1], unique("never"))
    world.target(rule, never, DeadLetterConfig={"Arn": arn})
    world.put({"lost": True})
    (letter,) = received(world.sqs, url)["Messages"]
    said = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
    assert letter["Body"]["detail"] == {"lost": True}
    assert (said["TARGET_ARN"], said["ERROR_CODE"]) == (never, "NO_RESOURCE")
    assert said["RULE_ARN"] == f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule}" and said["RETRY_ATTEMPTS"] == "0"


def test_a_template_makes_the_message(world):
    (url, arn), rule = make_queue(world.sqs), world.rule()
    transformer = {
        "InputPathsMap": {"n": "$.detail.n", "list": "$.detail.list"},
        "InputTemplate": '{"n": <n>, "list": <list>, "rule": <aws.events.rule-name>}',
    }
    world.target(rule, arn, InputTransformer=transformer)
    world.put({"n": 7, "list": ["a", "b"]})
    assert world.got(url) == [{"n": 7, "list": ["a", "b"], "rule": rule}]


def test_what_functions_return_gets_to_a_bus(world, function):
    (url, arn), one = make_queue(world.sqs), function(NOTES)
    pattern = {"source": ["lambda"], "detail": {"requestContext": {"functionArn": [{"prefix": one.arn}]}}}
    world.target(world.rule(EventPattern=json.dumps(pattern)), arn)
    destination = {"OnSuccess": {"Destination": f"{BUS}/default"}}
    one.client.put_function_event_invoke_config(FunctionName=one.name, DestinationConfig=destination)
    one.client.invoke(FunctionName=one.name, InvocationType="Event", Payload=json.dumps({"a": 1}))
    (event,) = world.got(url)
    assert event["detail-type"] == "Lambda Function Invocation Result - Success"
    assert event["resources"] == [f"{BUS}/default", f"{one.arn}:$LATEST"]
    assert (event["detail"]["requestPayload"], event["detail"]["responsePayload"]) == ({"a": 1}, "fine")


def test_a_schedule_comes_round_in_virtual_time(moving):
    (url, arn), rule = make_queue(moving.sqs), moving.rule(ScheduleExpression="rate(30 minutes)")
    moving.target(rule, arn)
    moving.platform.advance(29 * 60)
    moving.platform.advance(2 * 60)
    (event,) = moving.got(url)
    assert (event["source"], event["detail-type"], event["detail"]) == ("aws.events", "Scheduled Event", {})
    assert event["resources"] == [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule}"]


def test_an_archive_is_replayed(world):
    bus, archive, replay = unique("bus"), unique("archive"), unique("replay")
    world.events.create_event_bus(Name=bus)
    made = world.events.create_archive(ArchiveName=archive, EventSourceArn=f"{BUS}/{bus}")
    world.put({"n": 1}, {"n": 2}, bus=bus)
    wait_until(lambda: world.events.describe_archive(ArchiveName=archive)["EventCount"] == 2, 30, "two events kept")
    (url, arn), rule = make_queue(world.sqs), world.rule(bus)
    world.target(rule, arn, bus)
    span = {"EventStartTime": time.time() - 86400, "EventEndTime": time.time() + 86400}
    world.events.start_replay(ReplayName=replay, EventSourceArn=made["ArchiveArn"], Destination={"Arn": f"{BUS}/{bus}"}, **span)
    events = world.got(url, 2)
    assert sorted(event["detail"]["n"] for event in events) == [1, 2]
    assert {event["replay-name"] for event in events} == {replay}
    done = lambda: world.events.describe_replay(ReplayName=replay)["State"] == "COMPLETED"
    wait_until(done, 30, "the replay's end")


def drained(sqs, url, enough, within=90):
    """Bodies, parsed, until there are enough of them."""
    found = []

    def more():
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return enough(found)

    wait_until(more, within, f"what is sent to {url}")
    return found


def test_a_replay_goes_on_while_rules_change(world):
    events, bus, archive, count = world.events, unique("bus"), unique("archive"), 450
    events.create_event_bus(Name=bus)
    made = events.create_archive(ArchiveName=archive, EventSourceArn=f"{BUS}/{bus}")
    for start in range(0, count, 10):
        world.put(*({"n": n} for n in range(start, start + 10)), bus=bus)
    wait_until(lambda: events.describe_archive(ArchiveName=archive)["EventCount"] == count, 60, "that all is kept")
    (steady, steady_arn), (late, late_arn), rule = make_queue(world.sqs), make_queue(world.sqs), world.rule(bus)
    world.target(rule, steady_arn, bus)
    span = {"EventStartTime": time.time() - 86400, "EventEndTime": time.time() + 86400}
    replay = unique("replay")
    events.start_replay(ReplayName=replay, EventSourceArn=made["ArchiveArn"], Destination={"Arn": f"{BUS}/{bus}"}, **span)
    done = lambda: events.describe_replay(ReplayName=replay)["State"] == "COMPLETED"

    def changing():
        other = world.rule(bus)
        world.target(other, late_arn, bus)
        events.put_rule(Name=rule, EventBusName=bus, EventPattern=json.dumps({"source": [world.source]}), Description=unique("d"))
        (target,) = events.list_targets_by_rule(Rule=other, EventBusName=bus)["Targets"]
        events.remove_targets(Rule=other, EventBusName=bus, Ids=[target["Id"]])
        events.delete_rule(Name=other, EventBusName=bus)
        return done()

    wait_until(changing, 90, "the replay's end")
    all_there = lambda found: {event["detail"]["n"] for event in found} == set(range(count))
    got = drained(world.sqs, steady, all_there)
    assert {event["replay-name"] for event in got} == {replay}, "a rule that stays gets all of it"
    assert events.describe_archive(ArchiveName=archive)["EventCount"] == count, "and none of it is kept again"
    some = drained(world.sqs, late, lambda _: True)
    assert all(event["replay-name"] == replay for event in some)


def test_what_no_policy_and_no_dead_letters_can_be_is_refused(world):
    bus = unique("bus")
    arn = world.events.create_event_bus(Name=bus)["EventBusArn"]
    statement = {"Sid": "s", "Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": arn}
    whole = {"Version": "2012-10-17", "Statement": [statement]}
    put = lambda policy: error_of(world.events.put_permission, EventBusName=bus, Policy=json.dumps(policy))
    assert put({"a": 1})[:2] == ("ValidationException", "Parameter Policy is not valid.")
    assert put({**whole, "Statement": [{**statement, "Sid": "s" * 10_240}]})[0] == "PolicyLengthExceededException"
    assert "Policy" not in world.events.describe_event_bus(Name=bus)
    world.events.put_permission(EventBusName=bus, Policy=json.dumps(whole))
    rule, (_, queue) = world.rule(), make_queue(world.sqs)
    for dead in (make_topic(world.sns), f"{queue}.fifo"):
        target = {"Id": "1", "Arn": queue, "DeadLetterConfig": {"Arn": dead}}
        code, message, _ = error_of(world.events.put_targets, Rule=rule, Targets=[target])
        assert code == "ValidationException" and message.startswith("Parameter DeadLetterConfig.Arn is not valid."), message


def test_what_was_acknowledged_survives_a_kill(moving):
    (url, arn), rule = make_queue(moving.sqs), moving.rule()
    moving.target(rule, arn)
    ids = set(moving.put(*({"n": n} for n in range(10))))
    moving.platform.kill()
    moving.platform.start()
    sqs, got = Clients(moving.platform.url).boto("sqs"), set()

    def all_there():
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", []):
            got.add(json.loads(message["Body"])["id"])
        return got >= ids

    wait_until(all_there, 60, "all that was acknowledged")


def test_the_command_line_does_it_all(clients):
    bus, rule = unique("bus"), unique("rule")
    made = clients.cli("events", "create-event-bus", "--name", bus, "--tags", "Key=a,Value=1")
    assert made["EventBusArn"] == f"{BUS}/{bus}"
    assert clients.cli("events", "list-tags-for-resource", "--resource-arn", f"{BUS}/{bus}")["Tags"] == [{"Key": "a", "Value": "1"}]
    on = ("--event-bus-name", bus)
    clients.cli("events", "put-rule", "--name", rule, *on, "--event-pattern", '{"source": ["s"]}')
    assert [one["Name"] for one in clients.cli("events", "list-rules", *on)["Rules"]] == [rule]
    clients.cli("events", "disable-rule", "--name", rule, *on)
    assert clients.cli("events", "describe-rule", "--name", rule, *on)["State"] == "DISABLED"
    entry = json.dumps([{"Source": "s", "DetailType": "t", "Detail": "[]", "EventBusName": bus}])
    told = clients.cli("events", "put-events", "--entries", entry)
    assert (told["FailedEntryCount"], told["Entries"][0]["ErrorCode"]) == (1, "MalformedDetail")
    said = clients.cli_fails("events", "delete-event-bus", "--name", bus)
    assert "EventBus can't be deleted since it has rules." in said
    clients.cli("events", "delete-rule", "--name", rule, *on)
    clients.cli("events", "delete-event-bus", "--name", bus)


def test_what_is_no_pattern_is_told(clients):
    events = clients.boto("events")
    code, message, _ = error_of(events.put_rule, Name=unique("rule"), EventPattern='{"source": "s"}')
    assert (code, message.split(" at [Source")[0].strip()) == (
        "InvalidEventPatternException",
        'Event pattern is not valid. Reason: "source" must be an object or an array',
    )


def test_a_function_that_has_gone_holds_up_nobody(world):
    """The other targets of a rule get theirs all the same."""
    (url, arn), rule = make_queue(world.sqs), world.rule()
    one = functions.create(world.clients, NOTES)
    world.target(rule, one.arn)
    world.target(rule, arn)
    one.client.delete_function(FunctionName=one.name)
    world.put({"n": 1})
    assert world.got(url)[0]["detail"] == {"n": 1}


def test_calls_of_the_api_are_events_where_that_is_wanted(fresh):
    platform = fresh(extra=("--ephemeral", "--api-events")).start()
    world = World(Clients(platform.url))
    url, arn = make_queue(world.sqs)
    pattern = {"detail-type": ["AWS API Call via CloudTrail"], "detail": {"eventSource": ["sqs.amazonaws.com"]}}
    rule = world.rule(EventPattern=json.dumps(pattern))
    world.target(rule, arn)
    world.sqs.list_queues()
    world.sqs.send_message(QueueUrl=url, MessageBody='{"told": false}')
    told = world.sqs.create_queue(QueueName="made", Attributes={"DelaySeconds": "1"})
    refused = error_of(world.sqs.create_queue, QueueName="made", Attributes={"DelaySeconds": "2"})
    bodies = [body for body in world.got(url, 3) if "told" not in body]
    made, again = sorted(bodies, key=lambda event: "errorCode" in event["detail"])
    assert (made["source"], made["account"]) == ("aws.sqs", ACCOUNT)
    detail = made["detail"]
    assert (detail["eventName"], detail["eventType"], detail["awsRegion"]) == ("CreateQueue", "AwsApiCall", REGION)
    assert detail["requestParameters"] == {"queueName": "made", "attributes": {"DelaySeconds": "1"}}
    assert detail["responseElements"] == {"queueUrl": told["QueueUrl"]}
    assert detail["userIdentity"]["type"] == "Root" and "Boto3" in detail["userAgent"]
    assert (again["detail"]["errorMessage"], again["detail"]["responseElements"]) == (refused[1], None)


def test_javascript(world):
    url, arn = make_queue(world.sqs)
    steps = world.clients.node("events.mjs", unique("bus"), arn)
    assert (steps["failedTargets"], steps["failed"]) == (0, [1, ["string", "string", "MalformedDetail"]])
    assert (steps["rules"], steps["matches"]) == ([[True, "ENABLED"]], True)
    assert steps["connection"] == ["AUTHORIZED", {"ApiKeyAuthParameters": {"ApiKeyName": "k"}}, True]
    assert steps["gone"] == ["ResourceNotFoundException", 400]
    assert world.got(url) == [{"n": 2, "rule": "r"}]
