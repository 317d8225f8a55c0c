"""Scenarios recorded from AWS's SNS about subscriptions, done again here: what they say, who is asked, and lists of them."""

import functools
import json
import urllib.request

import pytest

from harness import functions, signing
from harness.clients import ACCOUNT, REGION
from harness.names import unique
from harness.recordings import Comparison, answered, of_xml
from harness.subscribers import Subscriber, fetch, verify
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


@pytest.fixture
def other(clients):
    """An account of one's own."""
    return clients.other("444455556666")


def attributes(sns, subscription):
    return shown(root(sns.get_subscription_attributes(SubscriptionArn=subscription)))


def test_what_a_subscription_says(sns, topic, queue):
    raw = {"RawMessageDelivery": "true"}
    told = recorded(FILE, "test_subscribe_attributes")["get-subscription-attributes"]
    usual = subscribe(sns, topic(), queue()[1])
    Comparison().check(told, attributes(sns, usual))
    told = recorded(FILE, "test_set_subscription_attributes")["set-subscription-attributes"]
    sns.set_subscription_attributes(SubscriptionArn=usual, AttributeName="RawMessageDelivery", AttributeValue="true")
    Comparison().check(told, attributes(sns, usual))
    told = recorded(FILE, "test_creating_subscription_with_attributes")["subscription-with-attributes"]
    Comparison().check(told, attributes(sns, subscribe(sns, topic(), queue()[1], **raw)))


def test_whoever_must_be_asked_is_pending_until_the_token_comes_back(sns, topic):
    hook, arn = Subscriber(), topic(name="confirm-sub-e46f689a")
    try:
        told = recorded(FILE, "test_creating_subscription")["create-subscription"]
        Comparison().check(told, sns.subscribe(TopicArn=arn, Protocol="http", Endpoint=hook.url))
        told = recorded(FILE, "test_confirm_subscription")["confirm-subscription"]
        token = json.loads(hook.next()[1])["Token"]
        Comparison().check(told, sns.confirm_subscription(TopicArn=arn, Token=token))
    finally:
        hook.stop()
        sns.delete_topic(TopicArn=arn)


def test_numbers_that_nobody_can_be_called_by(sns, topic):
    arn = topic()

    def check(name, label, number):
        Comparison().check(recorded(FILE, name)[label], answered(sns.subscribe, TopicArn=arn, Protocol="sms", Endpoint=number))

    check("test_subscribe_bad_sms", "subscribe-bad-sms", "invalid-number")
    for number in ("NAA+15551234567", "+15551234567.", "+15--551234567", "/+15551234567"):
        check("test_subscribe_invalid_sms", f"subscribe-bad-sms-{number}", number)


def test_the_second_page_of_a_topics_subscriptions(sns, topic):
    told = recorded(FILE, "test_list_subscriptions_by_topic_pagination")["list-sub-per-topic-page-2"]
    arn = topic()
    for n in range(101):
        sns.subscribe(TopicArn=arn, Protocol="sms", Endpoint=f"+1234567{n:04}")
    first = sns.list_subscriptions_by_topic(TopicArn=arn)
    assert len(first["Subscriptions"]) == 100
    second = sns.list_subscriptions_by_topic(TopicArn=arn, NextToken=first["NextToken"])
    Comparison().check(told, second)
    assert "NextToken" not in second


def test_who_wants_no_more_calls(platform, other):
    sns = other.boto("sns")
    body = json.dumps({"stop": "+15550144", "account": "444455556666"}).encode()
    assert fetch(urllib.request.Request(f"{platform.url}/_updraft/outbox", body)).status == 200
    told = recorded(FILE, "test_list_phone_numbers_opted_out")["list-phone-numbers-opted-out"]
    Comparison().check(told, sns.list_phone_numbers_opted_out())
    told = recorded(FILE, "test_opt_in_phone_number")["opt-in-phone-number"]
    Comparison().check(told, sns.opt_in_phone_number(phoneNumber="+15550144"))
    assert sns.list_phone_numbers_opted_out()["phoneNumbers"] == []


def test_a_subscription_outlives_its_device(sns, topic):
    told, check = recorded(FILE, "test_delete_platform_endpoint_with_subscription"), Comparison().check
    keys = {"PlatformCredential": "secret", "PlatformPrincipal": "who"}
    app = sns.create_platform_application(Name=unique("app"), Platform="ADM", Attributes=keys)["PlatformApplicationArn"]
    device = sns.create_platform_endpoint(PlatformApplicationArn=app, Token="token")["EndpointArn"]
    arn = topic()
    sns.subscribe(TopicArn=arn, Protocol="application", Endpoint=device)

    def listed(label):
        # AWS lists all of an account's in pages; only what is this topic's is compared.
        check(told[label]["Subscriptions"], sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"], label)

    listed("list-subscriptions-pre-delete")
    check(told["delete-endpoint"], sns.delete_endpoint(EndpointArn=device))
    listed("list-subscriptions-post-delete")


def test_apps_that_are_none(sns):
    told = recorded(FILE, "test_set_platform_application_attributes_invalid_arn")["invalid-application-arn"]
    some = {"PlatformPrincipal": "x"}
    ours = answered(sns.set_platform_application_attributes, PlatformApplicationArn="invalid", Attributes=some)
    Comparison().check(told, ours)


def test_a_publish_in_the_url(platform, sns, sqs, topic, queue):
    told, comparison = recorded(FILE, "test_publish_by_path_parameters"), Comparison()
    arn, (url, endpoint) = topic(), queue()
    subscribe(sns, arn, endpoint)
    query = f"Action=Publish&Message=test%20message%20direct%20post%20request&TopicArn={arn.replace(':', '%3A')}&Version=2010-03-31"
    answer = signing.send(platform, "sns", query=query)
    assert answer.status == 200
    told["post-request"]["PublishResponse"].pop("ResponseMetadata")
    comparison.check(told["post-request"], of_xml(answer.text))
    comparison.check(told["messages"], received(sqs, url))


def test_binary_attributes_of_raw_messages(sns, sqs, topic, queue):
    told, comparison = recorded(FILE, "test_attribute_raw_subscribe"), Comparison()
    arn, (url, endpoint) = topic(), queue()
    comparison.check(told["subscription-attributes"], attributes(sns, subscribe(sns, arn, endpoint, RawMessageDelivery="true")))
    bytes_ = {"store": {"DataType": "Binary", "BinaryValue": b"\x02\x03\x04"}}
    sns.publish(TopicArn=arn, Message="This is a test message", MessageAttributes=bytes_)
    comparison.check(told["messages-response"], received(sqs, url))


def test_what_queues_get_is_signed(sns, sqs, topic, queue):
    told = recorded(FILE, "test_publish_sqs_verify_signature[1]")["messages"]
    arn, (url, endpoint) = topic(), queue()
    subscribe(sns, arn, endpoint)
    one = {"attr1": {"DataType": "Number", "StringValue": "1"}}
    sns.publish(TopicArn=arn, Message="test signature value with attributes", MessageAttributes=one)
    ours = received(sqs, url, AttributeNames=["All"])
    Comparison().check(told, ours)
    verify(ours["Messages"][0]["Body"])


@pytest.mark.parametrize("version", ["1", "2"])
def test_what_functions_get_is_signed(sns, topic, function, clients, version):
    told = recorded(FILE, f"test_publish_lambda_verify_signature[{version}]")["notification"]
    one = function("def handler(event, context):\n    print('GOT', __import__('json').dumps(event))\n")
    arn = topic(SignatureVersion=version)
    sns.subscribe(TopicArn=arn, Protocol="lambda", Endpoint=one.arn)
    sns.publish(TopicArn=arn, Message="Hello world.", Subject=f"[Subject] Test subject Signature v{version}")
    logs, group = clients.boto("logs"), f"/aws/lambda/{one.name}"

    def lines():
        try:
            return logs.filter_log_events(logGroupName=group, filterPattern="GOT")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return None

    got = wait_until(lines, what="the event")
    ours = json.loads(got[0]["message"].removeprefix("GOT "))["Records"][0]["Sns"]
    Comparison().check(told, ours)
    verify({**ours, "SigningCertURL": ours["SigningCertUrl"]})


def test_dead_letters_of_a_function_that_is_gone(sns, sqs, topic, queue, clients):
    told, comparison = recorded(FILE, "test_redrive_policy_lambda_subscription"), Comparison()
    one = functions.create(clients, "def handler(event, context):\n    pass\n")
    endpoint, arn, (dead, dead_arn) = one.arn, topic(), queue()
    policy = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": dead_arn})}
    subscription = sns.subscribe(TopicArn=arn, Protocol="lambda", Endpoint=endpoint, Attributes=policy)["SubscriptionArn"]
    one.client.delete_function(FunctionName=one.name)
    comparison.check(told["subscription-attributes"], attributes(sns, subscription))
    some = {"attr1": {"DataType": "Number", "StringValue": "1"}}
    sns.publish(TopicArn=arn, Message="test_redrive_policy", MessageAttributes=some)
    comparison.check(told["messages"], received(sqs, dead))


@pytest.mark.parametrize("raw", [False, True])
def test_ids_by_content_are_the_topics(sns, sqs, topic, queue, raw):
    told = recorded(FILE, f"test_publish_to_fifo_topic_to_sqs_queue_no_content_dedup[{raw}]")["messages"]
    arn, (url, endpoint) = topic(FifoTopic="true", ContentBasedDeduplication="true"), queue(fifo=True)
    subscribe(sns, arn, endpoint, RawMessageDelivery=str(raw).lower())
    group = "message-group-id-1"
    sns.publish(TopicArn=arn, Message="Test single", MessageGroupId=group)
    batch = [{"Id": "1", "Message": "Test batched", "MessageGroupId": group}]
    sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=batch)
    Comparison().check(told, received(sqs, url, 2, AttributeNames=["All"]))


def test_a_name_in_two_regions(other):
    told, name = recorded(FILE, "test_create_topic_in_multiple_regions"), unique("topic")
    check = Comparison().check
    for label, region, place in (("east", REGION, "primary"), ("west", "us-west-1", "secondary")):
        mine = json.dumps({key: told[key] for key in (f"topic-{label}", f"list-{place}")})
        mine = json.loads(mine.replace(f"<region-{place}>", region).replace("111111111111", "444455556666"))
        sns = other.other(other.key, region=region).boto("sns")
        arn = sns.create_topic(Name=name)["TopicArn"]
        assert arn == f"arn:aws:sns:{region}:444455556666:{name}" != f"arn:aws:sns:{region}:{ACCOUNT}:{name}"
        check(mine[f"topic-{label}"], shown(sns.get_topic_attributes(TopicArn=arn)))
        check(mine[f"list-{place}"], sns.list_topics())
        sns.delete_topic(TopicArn=arn)
