"""Scenarios recorded from AWS's SNS, done again here: what comes from topics, and what becomes of what can't."""

import functools
import json

import pytest

from harness.clients import REGION
from harness.recordings import Comparison
from harness.topics import FILE, make_queue, make_topic, received, recorded, root, shown, subscribe
from harness.wait import wait_until


@pytest.fixture
def sns(clients):
    return clients.boto("sns")


@pytest.fixture
def sqs(clients):
    return clients.boto("sqs")


@pytest.fixture
def topic(sns):
    return functools.partial(make_topic, sns)


@pytest.fixture
def queue(sqs):
    return functools.partial(make_queue, sqs)


SYSTEM = {"AttributeNames": ["All"]}


def unsigned(told):
    """Without what signing adds, which tests of signatures look at."""
    names = ("Signature", "SignatureVersion", "SigningCertURL")
    for message in told["Messages"]:
        if isinstance(message["Body"], dict):
            message["Body"] = {name: value for name, value in message["Body"].items() if name not in names}
    return local(told)


def local(told):
    """AWS's addresses, and how it names senders, aren't ours."""
    text = json.dumps(told).replace("<unsubscribe-domain>", "<any>")
    return json.loads(text)


def test_an_envelope(sns, sqs, topic, queue):
    told = recorded(FILE, "test_subscribe_sqs_queue")
    arn, (url, endpoint) = topic(), queue()
    policy = {"FilterPolicy": '{"attr1": [{"numeric": [">", 0, "<=", 100]}]}'}
    subscription = subscribe(sns, arn, endpoint, **policy)
    sns.publish(TopicArn=arn, Message="This is a test message", MessageAttributes={"attr1": {"DataType": "Number", "StringValue": "99.12"}})
    comparison = Comparison()
    comparison.check(told["subscription-attributes"], shown(root(sns.get_subscription_attributes(SubscriptionArn=subscription))))
    comparison.check(unsigned(told["messages"]), received(sqs, url))


def test_attributes_go_along(sns, sqs, topic, queue):
    told = recorded(FILE, "test_message_attributes_not_missing")
    attributes = {
        "an-attribute-key": {"DataType": "String", "StringValue": "an-attribute-value"},
        "binary-attribute": {"DataType": "Binary", "BinaryValue": b"\x02\x03\x04"},
    }
    arn, (raw, raw_arn), (url, endpoint) = topic(), queue(), queue()
    subscribe(sns, arn, raw_arn, RawMessageDelivery="true")
    subscribe(sns, arn, endpoint)
    published = sns.publish(TopicArn=arn, Message="text", MessageAttributes=attributes)
    Comparison().check(told["raw-delivery-msg-attrs"], received(sqs, raw, **SYSTEM))
    comparison = Comparison()
    comparison.check(told["publish-msg-json"], published)
    comparison.check(unsigned(told["json-delivery-msg-attrs"]), received(sqs, url, **SYSTEM))
    told = recorded(FILE, "test_publish_sqs_from_sns")["message-raw-true"]
    sns.publish(TopicArn=arn, Message="Test msg", MessageAttributes={"attr1": {"DataType": "Number", "StringValue": "99.12"}})
    Comparison().check(told, received(sqs, raw))


def test_words_for_queues(sns, sqs, topic, queue):
    told = recorded(FILE, "test_message_structure_json_to_sqs")
    arn, (url, endpoint) = topic(), queue()
    subscribe(sns, arn, endpoint)
    for label, message in (
        ("get-msg-json-sqs", {"default": "default field", "sqs": '{"field": "value"}'}),
        ("get-msg-json-default", {"default": "default field"}),
    ):
        sns.publish(TopicArn=arn, Message=json.dumps(message), MessageStructure="json")
        ours = received(sqs, url)
        sqs.delete_message(QueueUrl=url, ReceiptHandle=ours["Messages"][0]["ReceiptHandle"])
        Comparison().check(unsigned(told[label]), ours)
    told = recorded(FILE, "test_publish_unicode_chars")["received-message"]
    sns.publish(TopicArn=arn, Message='ö§a1"_!?,. £$-')
    Comparison().check(unsigned(told), received(sqs, url))


@pytest.mark.parametrize("raw", [False, True])
def test_dead_letters(sns, sqs, topic, queue, raw):
    told = recorded(FILE, f"test_redrive_policy_sqs_queue_subscription[{raw}]")
    arn, (gone, endpoint), (dead, dead_arn) = topic(), queue(), queue()
    policy = json.dumps({"deadLetterTargetArn": dead_arn})
    subscribe(sns, arn, endpoint, RedrivePolicy=policy, RawMessageDelivery=str(raw).lower())
    sqs.delete_queue(QueueUrl=gone)
    attributes = {
        "attr1": {"DataType": "Number", "StringValue": "111"},
        "attr2": {"DataType": "Binary", "BinaryValue": b"\x02\x03\x04"},
    }
    sns.publish(TopicArn=arn, Message="test_dlq_after_sqs_endpoint_deleted", MessageAttributes=attributes)
    Comparison().check(unsigned(told["messages"]), received(sqs, dead, **SYSTEM))


@pytest.mark.parametrize("raw", [False, True])
def test_dead_letters_in_their_order(sns, sqs, topic, queue, raw):
    told = recorded(FILE, f"test_publish_fifo_messages_to_dlq[{raw}]")
    arn, (gone, endpoint), (dead, dead_arn) = topic(FifoTopic="true"), queue(fifo=True), queue(fifo=True)
    policy = json.dumps({"deadLetterTargetArn": dead_arn})
    subscribe(sns, arn, endpoint, RedrivePolicy=policy, RawMessageDelivery=str(raw).lower())
    comparison = Comparison()
    attributes = sns.get_topic_attributes(TopicArn=arn)
    attributes["Attributes"]["SubscriptionsConfirmed"] = "0"  # AWS counts late.
    comparison.check(told["topic-attrs"], shown(attributes))
    sqs.delete_queue(QueueUrl=gone)
    group, id_ = "message-group-id-1", "message-deduplication-id-1"
    published = sns.publish(TopicArn=arn, Message="test-message", MessageGroupId=group, MessageDeduplicationId=id_)
    comparison.check(told["publish-response-fifo"], published)
    ours = received(sqs, dead, **SYSTEM)
    sqs.delete_message(QueueUrl=dead, ReceiptHandle=ours["Messages"][0]["ReceiptHandle"])
    comparison.check(unsigned(told["messages-in-dlq"]), ours)

    number = lambda value: {"DataType": "Number", "StringValue": value}
    texts = {
        "two attributes": {"attr1": number("99.12"), "attr2": number("109.12")},
        "one attribute": {"attr1": number("19.12")},
        "": {},
    }
    entries = [
        {
            "Id": str(n),
            "Message": f"Test Message with {with_}" if with_ else "Test Message without attribute",
            "Subject": "Subject",
            "MessageAttributes": attributes,
            "MessageGroupId": "complexMessageGroupId",
            "MessageDeduplicationId": f"MessageDeduplicationId-{n}",
        }
        for n, (with_, attributes) in enumerate(texts.items(), 1)
    ]
    answer = sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=entries)
    comparison.check(told["publish-batch-response-fifo"], answer)
    comparison.check(unsigned(told["batch-messages-in-dlq"]), received(sqs, dead, 3, **SYSTEM))


def test_order_in_queues(sns, sqs, topic, queue):
    arn, (url, endpoint) = topic(FifoTopic="true", ContentBasedDeduplication="true"), queue(fifo=True)
    subscribe(sns, arn, endpoint)
    told = recorded(FILE, "test_publish_to_fifo_topic_deduplication_on_topic_level")
    for _twice in range(2):
        sns.publish(TopicArn=arn, Message="Test", MessageGroupId="message-group-id-1")
    ours = received(sqs, url, **SYSTEM)
    Comparison().check(unsigned(told["messages"]), ours)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=ours["Messages"][0]["ReceiptHandle"])
    Comparison().check(told["dedup-messages"], sqs.receive_message(QueueUrl=url))

    arn, (url, endpoint) = topic(FifoTopic="true"), queue(fifo=True)
    subscribe(sns, arn, endpoint)
    told = recorded(FILE, "test_message_to_fifo_sqs[False]")
    more = {"MessageGroupId": "message-group-id-1", "MessageDeduplicationId": "message-deduplication-id-1"}
    sns.publish(TopicArn=arn, Message="Test", **more)
    Comparison().check(unsigned(told["messages"]), received(sqs, url, **SYSTEM))


def test_a_plain_queue_of_an_ordered_topic(sns, sqs, topic, queue):
    told = recorded(FILE, "test_fifo_topic_to_regular_sqs[False]")
    arn, (url, endpoint) = topic(FifoTopic="true"), queue()
    subscribe(sns, arn, endpoint)
    more = {"MessageGroupId": "message-group-id-1", "MessageDeduplicationId": "message-deduplication-id-1"}
    for _twice in range(2):
        sns.publish(TopicArn=arn, Message="Test", **more)
    ours = received(sqs, url, **SYSTEM)
    Comparison().check(unsigned(told["messages"]), ours)
    assert "MessageGroupId" not in ours["Messages"][0]["Attributes"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=ours["Messages"][0]["ReceiptHandle"])
    Comparison().check(told["dedup-messages"], sqs.receive_message(QueueUrl=url))


def test_the_event_of_a_function(sns, topic, function, clients):
    told = recorded(FILE, "test_python_lambda_subscribe_sns_topic")["notification"]
    one = function("def handler(event, context):\n    print('GOT', __import__('json').dumps(event))\n")
    arn = topic(
        LambdaSuccessFeedbackRoleArn="arn:aws:iam::000000000000:role/any",
        LambdaSuccessFeedbackSampleRate="100",
    )
    endpoint = one.client.get_function(FunctionName=one.name)["Configuration"]["FunctionArn"]
    subscription = sns.subscribe(TopicArn=arn, Protocol="lambda", Endpoint=endpoint)["SubscriptionArn"]
    sent = sns.publish(TopicArn=arn, Message="Hello world.", Subject="[Subject] Test subject")["MessageId"]
    logs = clients.boto("logs")

    def lines(group, pattern):
        try:
            return logs.filter_log_events(logGroupName=group, filterPattern=pattern)["events"]
        except logs.exceptions.ResourceNotFoundException:
            return None

    got = wait_until(lambda: lines(f"/aws/lambda/{one.name}", "GOT"), what="the event")
    ours = json.loads(got[0]["message"].removeprefix("GOT "))["Records"][0]["Sns"]
    told = {name: value for name, value in told.items() if not name.startswith("Sign")}
    Comparison().check(local(told), ours)
    assert ours["UnsubscribeUrl"].endswith(subscription)

    name = arn.rsplit(":", 1)[-1]
    group = f"sns/{REGION}/000000000000/{name}"
    [line] = wait_until(lambda: lines(group, "SUCCESS"), what="the delivery's status")
    ours = json.loads(line["message"])
    assert isinstance(ours["delivery"]["providerResponse"], str)
    ours["delivery"]["providerResponse"] = json.loads(ours["delivery"]["providerResponse"])
    told = recorded(FILE, "test_delivery_lambda")["delivery-events"]["events"][0]["message"]
    told["notification"].pop("messageMD5Sum")
    Comparison().check(told, ours)
    assert ours["notification"]["messageId"] == sent
    # It is the call's own id.
    ran = wait_until(lambda: lines(f"/aws/lambda/{one.name}", '"REPORT RequestId"'), what="the report")
    assert ours["delivery"]["providerResponse"]["lambdaRequestId"] in ran[0]["message"]


def test_what_was_published_before_is_not_delivered(sns, sqs, topic, queue):
    told, check = recorded(FILE, "test_publish_message_before_subscribe_topic"), Comparison().check
    arn, (url, queue_arn) = topic(), queue()
    before = sns.publish(TopicArn=arn, Subject="test-subject-before-sub", Message="test_message_before")
    check(told["publish-before-subscribing"], before)
    subscribe(sns, arn, queue_arn)
    after = sns.publish(TopicArn=arn, Subject="test-subject-after-sub", Message="test_message_after")
    check(told["publish-after-subscribing"], after)
    check(told["receive-messages"], received(sqs, url))
