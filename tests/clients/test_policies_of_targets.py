"""What services send to each other is what the policies of queues, topics, functions and buses let in."""

import json

import pytest

from harness import functions
from harness.buckets import make_bucket
from harness.clients import ACCOUNT, Clients, error_of
from harness.names import unique
from harness.queues import heard
from harness.topics import make_queue, make_topic, subscribe

OTHER = "111111111111"


class World:
    def __init__(self, clients):
        self.clients = clients
        self.s3, self.sqs, self.sns, self.events = (clients.boto(name) for name in ("s3", "sqs", "sns", "events"))


@pytest.fixture
def world(clients):
    return World(clients)


@pytest.fixture
def strict(fresh):
    return World(Clients(fresh(extra=("--ephemeral", "--strict-policies")).start().url))


def statement(service, arn, source, effect="Allow", action="sqs:SendMessage"):
    condition = {"ArnEquals": {"aws:SourceArn": source}, "StringEquals": {"aws:SourceAccount": source.split(":")[4] or ACCOUNT}}
    who = {"Service": f"{service}.amazonaws.com"}
    return {"Effect": effect, "Principal": who, "Action": action, "Resource": arn, "Condition": condition}


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def let_in(world, url, *statements):
    world.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(*statements)})


def told(arn):
    return {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}


def test_a_bucket_is_configured_and_told_where_its_queue_lets_it_in(strict):
    bucket, (url, arn) = make_bucket(strict.s3), make_queue(strict.sqs)
    put = strict.s3.put_bucket_notification_configuration
    with pytest.raises(strict.s3.exceptions.ClientError) as why:
        put(Bucket=bucket, NotificationConfiguration=told(arn))
    error = why.value.response["Error"]
    assert (error["Code"], error["ArgumentName1"], error["ArgumentValue1"]) == (
        "InvalidArgument",
        arn,
        "Permissions on the destination queue do not allow S3 to publish notifications from this bucket",
    )
    let_in(strict, url, statement("s3", arn, "arn:aws:s3:::another"))
    assert error_of(put, Bucket=bucket, NotificationConfiguration=told(arn))[0] == "InvalidArgument"
    let_in(strict, url, statement("s3", arn, f"arn:aws:s3:::{bucket}"))
    put(Bucket=bucket, NotificationConfiguration=told(arn))
    strict.s3.put_object(Bucket=bucket, Key="k", Body=b"")
    assert [body.get("Event", "record") for body in heard(strict.sqs, url, 2)] == ["s3:TestEvent", "record"]


def test_a_function_is_called_for_a_bucket_that_it_lets_in(strict):
    one, bucket = functions.create(strict.clients, "def handler(event, context):\n    return None\n"), make_bucket(strict.s3)
    configuration = {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": one.arn, "Events": ["s3:ObjectCreated:*"]}]}
    put = strict.s3.put_bucket_notification_configuration
    with pytest.raises(strict.s3.exceptions.ClientError) as why:
        put(Bucket=bucket, NotificationConfiguration=configuration)
    assert why.value.response["Error"]["ArgumentValue1"] == f"Not authorized to invoke function [{one.arn}]"
    permission = {"Principal": "s3.amazonaws.com", "SourceArn": f"arn:aws:s3:::{bucket}", "SourceAccount": ACCOUNT}
    one.client.add_permission(FunctionName=one.name, StatementId="s3", Action="lambda:InvokeFunction", **permission)
    put(Bucket=bucket, NotificationConfiguration=configuration)


def test_a_topic_puts_into_queues_that_let_it_in_and_the_rest_are_dead_letters(strict):
    topic = make_topic(strict.sns)
    (shut_url, shut), (open_url, opened), (dead_url, dead) = (make_queue(strict.sqs) for _ in range(3))
    let_in(strict, open_url, statement("sns", opened, topic))
    let_in(strict, dead_url, statement("sns", dead, topic))
    raw = {"RawMessageDelivery": "true"}
    subscribe(strict.sns, topic, opened, **raw)
    subscribe(strict.sns, topic, shut, **raw, RedrivePolicy=json.dumps({"deadLetterTargetArn": dead}))
    strict.sns.publish(TopicArn=topic, Message='{"n": 1}')
    assert heard(strict.sqs, open_url, 1) == [{"n": 1}]
    assert heard(strict.sqs, dead_url, 1) == [{"n": 1}]
    let_in(strict, shut_url, statement("sns", shut, topic))
    strict.sns.publish(TopicArn=topic, Message='{"n": 2}')
    assert heard(strict.sqs, shut_url, 1) == [{"n": 2}], "and nothing of before"


def test_a_rule_whose_target_denies_it_has_a_dead_letter_that_says_so(world):
    """Without being strict: a policy keeps out, too."""
    (url, arn), (dead_url, dead) = make_queue(world.sqs), make_queue(world.sqs)
    source, rule = unique("source"), unique("rule")
    rule_arn = world.events.put_rule(Name=rule, EventPattern=json.dumps({"source": [source]}))["RuleArn"]
    target = {"Id": "t", "Arn": arn, "DeadLetterConfig": {"Arn": dead}}
    world.events.put_targets(Rule=rule, Targets=[target])
    let_in(world, url, statement("events", arn, rule_arn, effect="Deny"))

    def put(n):
        world.events.put_events(Entries=[{"Source": source, "DetailType": "t", "Detail": json.dumps({"n": n})}])

    put(1)
    [message] = received_one(world.sqs, dead_url)
    said = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert (said["ERROR_CODE"], said["RULE_ARN"], said["TARGET_ARN"]) == ("NO_PERMISSIONS", rule_arn, arn)
    assert "explicit deny" in said["ERROR_MESSAGE"] and "EXHAUSTED_RETRY_CONDITION" not in said
    world.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    put(2)
    assert [event["detail"] for event in heard(world.sqs, url, 1)] == [{"n": 2}]


def received_one(sqs, url):
    answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20, MessageAttributeNames=["All"])
    return answer.get("Messages", [])


def test_between_accounts_queues_and_buses_say_who_comes_in(world):
    other = World(world.clients.other(OTHER))
    source, rule = unique("source"), unique("rule")
    bus = unique("bus")
    bus_arn = world.events.create_event_bus(Name=bus)["EventBusArn"]
    (url, arn), (dead_url, dead) = make_queue(world.sqs), make_queue(other.sqs)
    world.events.put_rule(Name=rule, EventBusName=bus, EventPattern=json.dumps({"source": [source]}))
    world.events.put_targets(Rule=rule, EventBusName=bus, Targets=[{"Id": "q", "Arn": arn}])
    entry = {"Source": source, "DetailType": "t", "EventBusName": bus_arn}
    code, message, status = error_of(other.events.put_events, Entries=[{**entry, "Detail": "{}"}])
    assert (code, status) == ("AccessDeniedException", 400)
    assert message == (
        f"User: arn:aws:iam::{OTHER}:root is not authorized to perform: events:PutEvents on resource: {bus_arn} because no "
        "resource-based policy allows the events:PutEvents action"
    )
    # The same event by a rule of theirs, on its way to ours.
    other.events.put_rule(Name=rule, EventPattern=json.dumps({"source": [source]}))
    target = {"Id": "b", "Arn": bus_arn, "RoleArn": f"arn:aws:iam::{OTHER}:role/r", "DeadLetterConfig": {"Arn": dead}}
    other.events.put_targets(Rule=rule, Targets=[target])
    theirs = {"Source": source, "DetailType": "t"}
    other.events.put_events(Entries=[{**theirs, "Detail": '{"n": 1}'}])
    assert heard(other.sqs, dead_url, 1)[0]["detail"] == {"n": 1}
    world.events.put_permission(EventBusName=bus, StatementId="s", Action="events:PutEvents", Principal=OTHER)
    other.events.put_events(Entries=[{**entry, "Detail": '{"n": 2}'}, {**theirs, "Detail": '{"n": 3}'}])
    came = sorted(heard(world.sqs, url, 2), key=lambda event: event["detail"]["n"])
    assert [(event["detail"]["n"], event["account"]) for event in came] == [(2, OTHER), (3, OTHER)]


def test_between_accounts_topics_need_the_queues_word(world):
    other = World(world.clients.other(OTHER))
    topic = make_topic(other.sns)
    (url, arn), (dead_url, dead) = make_queue(world.sqs), make_queue(other.sqs)
    redrive = json.dumps({"deadLetterTargetArn": dead})
    subscribe(other.sns, topic, arn, RawMessageDelivery="true", RedrivePolicy=redrive)
    other.sns.publish(TopicArn=topic, Message='{"n": 1}')
    assert heard(other.sqs, dead_url, 1) == [{"n": 1}]
    let_in(world, url, statement("sns", arn, topic))
    other.sns.publish(TopicArn=topic, Message='{"n": 2}')
    assert heard(world.sqs, url, 1) == [{"n": 2}]
