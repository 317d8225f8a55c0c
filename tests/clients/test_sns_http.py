"""Topics with subscribers over HTTP: asked, sent signed messages, tried again, and ended by a link."""

import json

import pytest

from harness import queues
from harness.clients import Clients, error_of
from harness.names import unique
from harness.subscribers import Subscriber, fetch, verify


@pytest.fixture
def subscriber():
    made = []

    def make(*statuses):
        made.append(Subscriber(*statuses))
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture
def sns(clients):
    return clients.boto("sns")


def topic(sns, **attributes):
    return sns.create_topic(Name=unique("topic"), Attributes=attributes)["TopicArn"]


def subscribed(sns, arn, one, **attributes):
    """A confirmed subscription's ARN."""
    pending = sns.subscribe(TopicArn=arn, Protocol="http", Endpoint=one.url, Attributes=attributes)
    assert pending["SubscriptionArn"] == "pending confirmation"
    one.confirm()
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    return listed["SubscriptionArn"]


def test_what_is_published_comes_signed_and_is_verified(sns, subscriber):
    for version in ("1", "2"):
        arn, one = topic(sns, SignatureVersion=version), subscriber()
        subscription = subscribed(sns, arn, one)
        sent = sns.publish(TopicArn=arn, Message='say "é"\n', Subject="s")
        headers, body = one.next()
        message = json.loads(body)
        verify(message)
        assert (message["Message"], message["Subject"], message["SignatureVersion"]) == ('say "é"\n', "s", version)
        assert message["MessageId"] == sent["MessageId"]
        expected = {
            "content-type": "text/plain; charset=UTF-8",
            "user-agent": "Amazon Simple Notification Service Agent",
            "x-amz-sns-message-type": "Notification",
            "x-amz-sns-message-id": sent["MessageId"],
            "x-amz-sns-topic-arn": arn,
            "x-amz-sns-subscription-arn": subscription,
        }
        assert {name: headers.get(name) for name in expected} == expected


def test_queues_get_what_verifies_too(sns, clients):
    arn, sqs = topic(sns), clients.boto("sqs")
    url = queues.create(sqs)
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queues.arn(sqs, url))
    sns.publish(TopicArn=arn, Message="hello")
    (got,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    verify(json.loads(got["Body"]))


def test_raw_messages_are_themselves(sns, subscriber):
    arn, one = topic(sns), subscriber()
    policy = json.dumps({"requestPolicy": {"headerContentType": "text/csv"}})
    subscribed(sns, arn, one, RawMessageDelivery="true", DeliveryPolicy=policy)
    sns.publish(TopicArn=arn, Message="a,b")
    headers, body = one.next()
    assert (headers["content-type"], headers["x-amz-sns-rawdelivery"], body) == ("text/csv", "true", b"a,b")


def test_the_link_ends_a_subscription_and_another_brings_it_back(sns, subscriber):
    arn, one = topic(sns), subscriber()
    subscription = subscribed(sns, arn, one)
    sns.publish(TopicArn=arn, Message="first")
    assert fetch(json.loads(one.next()[1])["UnsubscribeURL"]).status == 200
    assert sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"] == []
    one.confirm("UnsubscribeConfirmation")
    (back,) = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert back["SubscriptionArn"] == subscription


def test_links_work_in_every_region(clients, subscriber):
    sns = clients.other("test", region="eu-west-3").boto("sns")
    arn, one = topic(sns), subscriber()
    assert ":eu-west-3:" in subscribed(sns, arn, one)


def test_a_token_nobody_was_given_confirms_nothing(sns):
    assert error_of(sns.confirm_subscription, TopicArn=topic(sns), Token="0" * 256)[0] == "InvalidParameter"


def test_an_endpoint_is_of_its_protocol(sns):
    for protocol, endpoint in (("http", "https://example.com"), ("https", "http://example.com"), ("http", "example.com")):
        refused = error_of(sns.subscribe, TopicArn=topic(sns), Protocol=protocol, Endpoint=endpoint)
        assert refused[0] == "InvalidParameter", refused


def test_a_server_in_trouble_is_tried_again_as_its_policy_says(fresh, subscriber):
    platform = fresh(extra=("--ephemeral",)).start()
    clients = Clients(platform.url)
    sns, sqs, one = clients.boto("sns"), clients.boto("sqs"), subscriber()
    dead = queues.create(sqs)
    retries = {"minDelayTarget": 60, "maxDelayTarget": 180, "numRetries": 3, "backoffFunction": "linear"}
    arn = topic(sns)
    subscribed(
        sns,
        arn,
        one,
        DeliveryPolicy=json.dumps({"healthyRetryPolicy": retries}),
        RedrivePolicy=json.dumps({"deadLetterTargetArn": queues.arn(sqs, dead)}),
    )
    one.statuses = [503, 500, 429, 599]
    sns.publish(TopicArn=arn, Message="hello")
    ids = {one.next()[0]["x-amz-sns-message-id"]}
    for pause in (100, 140, 180):
        platform.advance(pause - 30)
        assert not one.posts, f"long before {pause} seconds"
        platform.advance(30)
        ids.add(one.next()[0]["x-amz-sns-message-id"])
    assert len(ids) == 1, "it is the same message each time"
    (got,) = sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=20)["Messages"]
    assert json.loads(got["Body"])["Message"] == "hello"


def test_the_key_outlives_the_process(fresh):
    platform = fresh().start()
    place = signed(platform)
    platform.stop()
    assert signed(platform.start()).rsplit("/", 1)[1] == place.rsplit("/", 1)[1]


def signed(platform):
    """Where the certificate of a message is."""
    clients = Clients(platform.url)
    sns, sqs = clients.boto("sns"), clients.boto("sqs")
    arn, url = topic(sns), queues.create(sqs)
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queues.arn(sqs, url))
    sns.publish(TopicArn=arn, Message="hello")
    (got,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
    message = json.loads(got["Body"])
    verify(message)
    return message["SigningCertURL"]
