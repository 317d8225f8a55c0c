"""What is published to topics, as queues and functions get it, through real clients."""

import datetime
import json

import pytest

from harness.clients import error_of
from harness.names import unique
from harness.wait import wait_until

ECHO = "def handler(event, context):\n    print('GOT', __import__('json').dumps(event))\n"


@pytest.fixture
def sns(clients):
    return clients.boto("sns")


@pytest.fixture
def sqs(clients):
    return clients.boto("sqs")


class Queue:
    """A queue, and what comes out of it."""

    def __init__(self, sqs, fifo=False):
        self.sqs = sqs
        name, attributes = unique("queue"), {}
        if fifo:
            name, attributes = f"{name}.fifo", {"FifoQueue": "true"}
        self.url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.arn = sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def receive(self, count=1):
        """So many messages, in the order in which they came."""
        got = []

        def more():
            asked = {"MaxNumberOfMessages": 10, "WaitTimeSeconds": 1, "MessageAttributeNames": ["All"], "AttributeNames": ["All"]}
            for message in self.sqs.receive_message(QueueUrl=self.url, **asked).get("Messages", []):
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
                got.append(message)
            return got if len(got) >= count else None

        assert len(wait_until(more, seconds=30, what=f"{count} messages")) == count, got
        return got

    def bodies(self, count=1):
        return [message["Body"] for message in self.receive(count)]


@pytest.fixture
def queue(sqs):
    return lambda **options: Queue(sqs, **options)


@pytest.fixture
def topic(sns):
    made = []

    def make(**attributes):
        name = unique("topic") + (".fifo" if attributes.get("FifoTopic") == "true" else "")
        made.append(sns.create_topic(Name=name, Attributes=attributes)["TopicArn"])
        return made[-1]

    yield make
    for arn in made:
        sns.delete_topic(TopicArn=arn)


def subscribe(sns, topic, queue, **attributes):
    return sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue.arn, Attributes=attributes)["SubscriptionArn"]


ATTRIBUTES = {
    "kind": {"DataType": "String", "StringValue": "a"},
    "all": {"DataType": "String.Array", "StringValue": '["x", 1, true]'},
    "size": {"DataType": "Number", "StringValue": "99.12"},
    "raw": {"DataType": "Binary", "BinaryValue": b"\x02\x03\x04"},
}


def test_queues_get_envelopes_or_messages(sns, topic, queue):
    arn, enveloped, raw = topic(), queue(), queue()
    subscription = subscribe(sns, arn, enveloped)
    subscribe(sns, arn, raw, RawMessageDelivery="true")
    sent = sns.publish(TopicArn=arn, Message="höllo\n", Subject="s", MessageAttributes=ATTRIBUTES)["MessageId"]

    [message] = enveloped.receive()
    body = json.loads(message["Body"])
    assert message["Body"].startswith('{\n  "Type" : "Notification",\n  "MessageId" : "')
    assert (body["Message"], body["Subject"], body["MessageId"], body["TopicArn"]) == ("höllo\n", "s", sent, arn)
    assert body["MessageAttributes"]["size"] == {"Type": "Number", "Value": "99.12"}
    assert body["MessageAttributes"]["raw"] == {"Type": "Binary", "Value": "AgME"}
    assert body["UnsubscribeURL"].endswith(f"/?Action=Unsubscribe&SubscriptionArn={subscription}")
    assert "MessageAttributes" not in message

    [message] = raw.receive()
    assert message["Body"] == "höllo\n" and message["MessageAttributes"] == ATTRIBUTES


def test_a_batch_in_its_order(sns, topic, queue):
    arn, one = topic(FifoTopic="true", ContentBasedDeduplication="true"), queue(fifo=True)
    subscribe(sns, arn, one, RawMessageDelivery="true")
    entries = [{"Id": str(n), "Message": str(n), "MessageGroupId": "g"} for n in range(10)]
    answer = sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=entries)
    assert [done["Id"] for done in answer["Successful"]] == [str(n) for n in range(10)] and answer["Failed"] == []
    numbers = [done["SequenceNumber"] for done in answer["Successful"]]
    assert numbers == sorted(set(numbers))
    sns.publish(TopicArn=arn, Message="0", MessageGroupId="g")
    sns.publish(TopicArn=arn, Message="last", MessageGroupId="g")
    assert one.bodies(11) == [*map(str, range(10)), "last"]


def test_filters_choose(sns, topic, queue):
    arn, red, wide = topic(), queue(), queue()
    subscribe(sns, arn, red, FilterPolicy='{"colour": [{"prefix": "re"}]}', RawMessageDelivery="true")
    body = {"FilterPolicyScope": "MessageBody", "FilterPolicy": '{"size": {"width": [{"numeric": [">", 2]}]}}'}
    subscribe(sns, arn, wide, RawMessageDelivery="true", **body)
    for colour, width in (("red", 1), ("blue", 3), ("green", 1)):
        attributes = {"colour": {"DataType": "String", "StringValue": colour}}
        sns.publish(TopicArn=arn, Message=json.dumps({"size": {"width": width}}), MessageAttributes=attributes)
    assert json.loads(red.bodies()[0])["size"]["width"] == 1
    assert json.loads(wide.bodies()[0])["size"]["width"] == 3


def test_functions_get_events(sns, topic, function, clients):
    arn, one = topic(), function(ECHO)
    endpoint = one.client.get_function(FunctionName=one.name)["Configuration"]["FunctionArn"]
    subscription = sns.subscribe(TopicArn=arn, Protocol="lambda", Endpoint=endpoint)["SubscriptionArn"]
    sent = sns.publish(TopicArn=arn, Message="hello", MessageAttributes={"size": ATTRIBUTES["size"]})["MessageId"]
    logs = clients.boto("logs")

    def printed():
        try:
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/{one.name}", filterPattern="GOT")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return None
        return events

    [record] = json.loads(wait_until(printed, what="the event")[0]["message"].removeprefix("GOT "))["Records"]
    assert (record["EventSource"], record["EventVersion"], record["EventSubscriptionArn"]) == ("aws:sns", "1.0", subscription)
    told = record["Sns"]
    assert (told["MessageId"], told["Message"], told["Subject"]) == (sent, "hello", None)
    assert told["MessageAttributes"] == {"size": {"Type": "Number", "Value": "99.12"}}


def test_what_cant_be_delivered_is_kept(sns, topic, queue):
    arn, gone, dead = topic(), queue(), queue()
    subscribe(sns, arn, gone, RedrivePolicy=json.dumps({"deadLetterTargetArn": dead.arn}))
    gone.sqs.delete_queue(QueueUrl=gone.url)
    sns.publish(TopicArn=arn, Message="lost")
    assert json.loads(dead.bodies()[0])["Message"] == "lost"


def test_topics_are_destinations_of_functions(sns, topic, queue, function):
    arn, one = topic(), queue()
    subscribe(sns, arn, one)
    fails = function("def handler(event, context):\n    raise ValueError('no')\n", DeadLetterConfig={"TargetArn": arn})
    told = {"OnSuccess": {"Destination": arn}, "OnFailure": {"Destination": arn}}
    works = function("def handler(event, context):\n    return 'fine'\n")
    works.client.put_function_event_invoke_config(FunctionName=works.name, DestinationConfig=told)
    works.client.invoke(FunctionName=works.name, InvocationType="Event", Payload=b'{"n": 1}')
    record = json.loads(json.loads(one.bodies()[0])["Message"])
    assert (record["requestPayload"], record["responsePayload"]) == ({"n": 1}, "fine")
    fails.client.put_function_event_invoke_config(FunctionName=fails.name, MaximumRetryAttempts=0)
    fails.client.invoke(FunctionName=fails.name, InvocationType="Event", Payload=b'{"n": 2}')
    letter = json.loads(one.bodies()[0])
    assert json.loads(letter["Message"]) == {"n": 2}
    assert {"RequestID", "ErrorCode", "ErrorMessage"} <= set(letter["MessageAttributes"])


def test_what_is_measured(sns, topic, queue, clients):
    arn, one = topic(), queue()
    subscribe(sns, arn, one)
    sns.publish(TopicArn=arn, Message="12345")
    one.receive()
    watch, name = clients.boto("cloudwatch"), arn.rsplit(":", 1)[-1]

    def summed(metric):
        now = datetime.datetime.now(datetime.UTC)
        hour = {"StartTime": now - datetime.timedelta(minutes=30), "EndTime": now + datetime.timedelta(minutes=30)}
        about = {"Namespace": "AWS/SNS", "Dimensions": [{"Name": "TopicName", "Value": name}]}
        points = watch.get_metric_statistics(MetricName=metric, Period=3600, Statistics=["Sum"], **about, **hour)["Datapoints"]
        return sum(point["Sum"] for point in points)

    for metric, expected in (("NumberOfMessagesPublished", 1), ("PublishSize", 5), ("NumberOfNotificationsDelivered", 1)):
        wait_until(lambda: summed(metric) == expected, what=metric)


def test_archives_are_replayed(sns, topic, queue):
    policy = {"ArchivePolicy": '{"MessageRetentionPeriod": "7"}'}
    arn, early, late = topic(FifoTopic="true", ContentBasedDeduplication="true", **policy), queue(fifo=True), queue(fifo=True)
    subscribe(sns, arn, early, RawMessageDelivery="true")
    for n in range(3):
        sns.publish(TopicArn=arn, Message=str(n), MessageGroupId="g")
    since = sns.get_topic_attributes(TopicArn=arn)["Attributes"]["BeginningArchiveTime"]
    replay = json.dumps({"PointType": "Timestamp", "StartingPoint": since})
    subscription = subscribe(sns, arn, late, RawMessageDelivery="true", ReplayPolicy=replay)
    sns.publish(TopicArn=arn, Message="new", MessageGroupId="g")
    assert late.bodies(4) == early.bodies(4) == ["0", "1", "2", "new"]
    assert sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"]["ReplayStatus"] == "Completed"
    sns.set_topic_attributes(TopicArn=arn, AttributeName="ArchivePolicy", AttributeValue="{}")


def test_javascript(clients, topic, queue, sns):
    arn, one = topic(), queue()
    subscribe(sns, arn, one, RawMessageDelivery="true")
    told = clients.node("sns.mjs", arn)
    assert told["failed"] == [] and told["successful"] == ["1", "2"]
    assert told["refused"] == ["InvalidParameterValueException", 400]
    messages = {message["Body"]: message for message in one.receive(3)}
    assert messages["single"]["MessageAttributes"] == {
        "bytes": {"DataType": "Binary", "BinaryValue": b"\x01\x02"},
        "n": {"DataType": "Number", "StringValue": "7"},
    }
    assert set(messages) == {"single", "a", "b"}


def test_refusals_reach_clients(sns, topic):
    arn = topic()
    assert error_of(sns.publish, TopicArn=arn, Message="")[1] == "Invalid parameter: Empty message"
    bad = {"a": {"DataType": "Number", "StringValue": "x"}}
    assert error_of(sns.publish, TopicArn=arn, Message="x", MessageAttributes=bad)[0] == "ParameterValueInvalid"
    assert error_of(sns.publish_batch, TopicArn=arn, PublishBatchRequestEntries=[])[0] == "EmptyBatchRequest"
