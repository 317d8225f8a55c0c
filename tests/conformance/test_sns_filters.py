"""Scenarios recorded from AWS's SNS about filter policies, done again here."""

import functools
import json

import pytest

from harness.recordings import Comparison, answered
from harness.topics import FILTERS, make_queue, make_topic, received, recorded, root, shown, subscribe


@pytest.fixture
def sns(clients):
    return clients.boto("sns")


@pytest.fixture
def sqs(clients):
    return clients.boto("sqs")


@pytest.fixture
def topic(sns):
    return make_topic(sns)


@pytest.fixture
def queue(sqs):
    return functools.partial(make_queue, sqs)


def of_body(policy):
    return {"FilterPolicy": json.dumps(policy), "FilterPolicyScope": "MessageBody"}


def emptied(sqs, url, answer):
    for message in answer["Messages"]:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return answer


def test_a_list_has_what_is_asked_for(sns, sqs, topic, queue):
    told, check = recorded(FILTERS, "test_exists_filter_policy_attributes_array"), Comparison().check
    url, endpoint = queue()
    policy = {"RawMessageDelivery": "true", "FilterPolicyScope": "MessageAttributes", "FilterPolicy": '{"store": ["value1"]}'}
    subscription = subscribe(sns, topic, endpoint, **policy)
    check(told["subscription-attributes-policy"], shown(root(sns.get_subscription_attributes(SubscriptionArn=subscription))))
    check(told["messages-init"], sqs.receive_message(QueueUrl=url))

    def publish(message, kind, value):
        attributes = {"store": {"DataType": kind, "StringValue": value}}
        sns.publish(TopicArn=topic, Message=message, MessageAttributes=attributes)

    publish("message-1", "String", "value1")
    check(told["messages-1"], emptied(sqs, url, received(sqs, url)))
    publish("message-2", "String.Array", '["value1", "value2"]')
    check(told["messages-2"], emptied(sqs, url, received(sqs, url)))
    publish("message-3", "String.Array", '["value3", "value2"]')
    publish("behind it", "String", "value1")
    assert [message["Body"] for message in emptied(sqs, url, received(sqs, url))["Messages"]] == ["behind it"]
    check(told["messages-3"], sqs.receive_message(QueueUrl=url))


def event(number, **detail):
    event = {"id": str(number), "source": "test-source", "detail-type": "test-detail-type", "account": "123456789012"}
    return {**event, "region": "my-region", "time": "2022-07-13T13:48:01Z", "detail": detail}


def test_addresses(sns, sqs, topic, queue):
    told = recorded(FILTERS, "test_filter_policy_ip_address_condition")
    url, endpoint = queue()
    policy = {
        "detail": {
            "$or": [
                {"sourceIPAddress": [{"cidr": "10.0.0.0/24"}]},
                {"sourceIPAddressV6": [{"cidr": "2001:0db8:1234:1a00::/64"}]},
            ]
        }
    }
    subscribe(sns, topic, endpoint, RawMessageDelivery="true", **of_body(policy))
    addresses = [
        event(1, sourceIPAddress="10.0.0.255"),
        event(2, sourceIPAddress="10.0.0.256"),
        event(3, sourceIPAddressV6="2001:0db8:1234:1a00:0000:0000:0000:0000"),
        event(4, sourceIPAddressV6="2001:0db8:123f:1a01:0000:0000:0000:0000"),
        event(5, sourceIPAddress="11.0.0.11"),
    ]
    for one in addresses:
        sns.publish(TopicArn=topic, Message=json.dumps(one))
    answer = received(sqs, url, 2, AttributeNames=["All"])
    answer["Messages"].sort(key=lambda message: message["Body"]["id"])
    Comparison().check(told["messages-queue"], answer)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_lists_in_bodies(sns, sqs, topic, queue):
    told, check = recorded(FILTERS, "test_filter_policy_on_message_body_array_attributes"), Comparison().check
    queues = [queue(), queue()]
    for name, (_, endpoint) in zip(("queue1", "queue2"), queues):
        policy = of_body({"headers": {"route-to": [name]}})
        subscribe(sns, topic, endpoint, RawMessageDelivery="true", **policy)
    for route in (["queue3"], ["queue1", "queue2"], ["queue1"], ["queue2"], []):
        sns.publish(TopicArn=topic, Message=json.dumps({"headers": {"route-to": route}}))
    for n, (url, _) in enumerate(queues):
        answer = received(sqs, url, 2, AttributeNames=["All"])
        answer["Messages"].sort(key=lambda message: -len(message["Body"]["headers"]["route-to"]))
        check(told[f"messages-queue-{n}"], answer)


def test_names_with_dots(sns, sqs, topic, queue):
    told, check = recorded(FILTERS, "test_filter_policy_on_message_body_dot_attribute"), Comparison().check
    url, endpoint = queue()
    subscription = subscribe(sns, topic, endpoint, **of_body({"object.nested": ["string.value"]}))
    check(told["recv-init"], sqs.receive_message(QueueUrl=url))
    nested = [{"object": {"nested": "string.value"}}, {"object.nested": "string.value"}]
    deep = [
        {"object": {"nested": {"test": "string.value"}}},
        {"object.nested.test": "string.value"},
        {"object.nested": {"test": "string.value"}},
        {"object": {"nested.test": "string.value"}},
    ]

    def all_come(label, messages):
        for n, message in enumerate(messages):
            sns.publish(TopicArn=topic, Message=json.dumps(message))
            check(told[f"{label}-{n}"], emptied(sqs, url, received(sqs, url)))

    all_come("recv-nested-msg", nested)
    deeper = json.dumps({"object.nested.test": ["string.value"]})
    sns.set_subscription_attributes(SubscriptionArn=subscription, AttributeName="FilterPolicy", AttributeValue=deeper)
    all_come("recv-deep-nested-msg", deep)


def values(count, name="value"):
    return [f"{name}-{n}" for n in range(count)]


REFUSED = {
    "test_policy_complexity": {
        "error-complexity-in-one-condition": {"key": values(151)},
        "error-complexity-in-two-conditions": {"a": values(13), "b": values(12)},
        "error-complexity-too-many-fields": {f"key-{n}": ["value"] for n in range(6)},
    },
    "test_policy_complexity_with_or": {
        "error-complexity-or-flat": {"a": values(8), "$or": [{"b": values(10)}, {"c": values(9)}]},
        "error-complexity-or-nested": {
            "a": values(2),
            "$or": [{"b": values(10), "$or": [{"c": values(4)}, {"d": values(3)}]}, {"e": values(9)}],
        },
    },
}


@pytest.mark.parametrize("name", REFUSED)
def test_policies_that_are_too_much(sns, topic, queue, name):
    told = recorded(FILTERS, name)
    _, endpoint = queue()
    assert set(told) == set(REFUSED[name])
    for label, policy in REFUSED[name].items():
        given = {"FilterPolicy": json.dumps(policy, separators=(",", ":"))}
        ours = answered(sns.subscribe, TopicArn=topic, Protocol="sqs", Endpoint=endpoint, Attributes=given)
        Comparison().check(told[label], ours, label)
