"""Scenarios recorded from AWS's SNS, done again here: topics, subscriptions, and what is refused."""

import functools
import json
import re

import pytest

from harness.names import unique
from harness.recordings import Comparison, answered, scenario, scenarios
from harness.topics import FILE, FILTERS, make_queue, make_topic, recorded, root, shown, subscribe


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


def refusals(file, name):
    return {label: answer for label, answer in scenario(file, name).items() if "Error" in answer}


def test_a_topic(sns, topic):
    told, check = recorded(FILE, "test_create_topic_test_arn"), Comparison().check
    name = unique("topic")
    created = sns.create_topic(Name=name)
    arn = created["TopicArn"]
    check(told["create-topic"], created)
    check(told["get-topic-attrs"], shown(sns.get_topic_attributes(TopicArn=arn)))
    check(told["delete-topic"], sns.delete_topic(TopicArn=arn))
    check(told["topic-not-exists"], answered(sns.get_topic_attributes, TopicArn=arn))
    told = recorded(FILE, "test_delete_topic_idempotency")
    Comparison().check(told["delete-topic-again"], sns.delete_topic(TopicArn=arn))


def test_names(sns):
    told = recorded(FILE, "test_create_topic_name_constraints")
    check = Comparison().check
    bad = ["a.b", "a:b", "a,b", "a b", "a/b", "a#b", "é", "a+b"]
    for n, name in enumerate(bad):
        check(told[f"name-invalid-char-{n}"], answered(sns.create_topic, Name=name))
    check(told["name-too-long"], answered(sns.create_topic, Name="a" * 257))
    check(told["name-too-short"], answered(sns.create_topic, Name=""))
    check(told["name-contains-fifo"], answered(sns.create_topic, Name="a.fifo"))
    fifo = {"FifoTopic": "true"}
    check(told["fifo-name-not-contains-fifo"], answered(sns.create_topic, Name="a", Attributes=fifo))
    longest = unique("a").ljust(256, "a")
    check(told["valid-name-max-length"], answered(sns.create_topic, Name=longest))


def test_a_topic_made_again(sns):
    told, check = recorded(FILE, "test_create_topic_different_attrs"), Comparison().check
    name = unique("topic")
    made = sns.create_topic(Name=name, Attributes={"DisplayName": "Value1"})
    check(told["create-topic"], made)
    check(told["create-topic-no-attrs"], sns.create_topic(Name=name))
    check(told["topic-attrs"], shown(sns.get_topic_attributes(TopicArn=made["TopicArn"])))
    other = {
        "create-topic-diff-attrs": {"DisplayName": "Value2"},
        "create-topic-new-attrs": {"KmsMasterKeyId": "key"},
        "create-topic-new-and-same-attrs": {"DisplayName": "Value1", "KmsMasterKeyId": "key"},
        "create-topic-new-attrs-fifo": {"FifoTopic": "true"},
    }
    for label, attributes in other.items():
        check(told[label], answered(sns.create_topic, Name=name, Attributes=attributes))


def test_permissions(sns, topic):
    told, check = recorded(FILE, "test_add_permission_errors"), Comparison().check
    arn = topic()

    def add(arn=arn, label="test", action="Publish"):
        return answered(sns.add_permission, TopicArn=arn, Label=label, AWSAccountId=["000000000001"], ActionName=[action])

    add()
    check(told["duplicate-label"], add())
    check(told["topic-not-found"], add(arn=f"{arn}bla", label="test-2"))
    check(told["invalid-action"], add(label="test-2", action="InvalidAction"))
    removed = recorded(FILE, "test_topic_remove_permission")
    sns.remove_permission(TopicArn=arn, Label="test")
    policy = json.loads(sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"])
    Comparison().check(removed["topic-policy"], policy)
    missing = recorded(FILE, "test_remove_permission_errors")["topic-not-found"]
    check(missing, answered(sns.remove_permission, TopicArn=f"{arn}bla", Label="test"))


def test_a_subscription_made_again(sns, topic, queue):
    told, check = recorded(FILE, "test_subscribe_idempotency"), Comparison().check
    arn, (_, endpoint) = topic(), queue()

    def again(**more):
        return answered(sns.subscribe, TopicArn=arn, Protocol="sqs", Endpoint=endpoint, ReturnSubscriptionArn=True, **more)

    raw = {"RawMessageDelivery": "true"}
    first = again(Attributes=raw)
    check(told["subscribe"], first)
    check(told["get-sub-attrs"], shown(root(sns.get_subscription_attributes(SubscriptionArn=first["SubscriptionArn"]))))
    check(told["subscribe-exact-same-raw"], again(Attributes=raw))
    check(told["subscribe-idempotent"], again(Attributes=raw))
    check(told["subscribe-idempotent-no-attributes"], again())
    check(told["subscribe-idempotent-empty-attributes"], again(Attributes={}))
    check(told["subscribe-diff-attributes"], again(Attributes={"RawMessageDelivery": "false"}))


def test_what_isnt_subscribed(sns, topic, queue):
    told, check = recorded(FILE, "test_not_found_error_on_set_subscription_attributes"), Comparison().check
    arn, (_, endpoint) = topic(), queue()
    made = sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=endpoint)
    subscription = made["SubscriptionArn"]
    check(told["sub"], made)
    check(told["sub-attrs"], shown(root(sns.get_subscription_attributes(SubscriptionArn=subscription))))
    check(told["subscriptions-for-topic-before-unsub"], sns.list_subscriptions_by_topic(TopicArn=arn))
    gone = recorded(FILE, "test_unsubscribe_idempotency")
    for label in ("unsubscribe-1", "unsubscribe-2"):
        Comparison().check(gone[label], sns.unsubscribe(SubscriptionArn=subscription))
    check(told["subscriptions-for-topic-after-unsub"], sns.list_subscriptions_by_topic(TopicArn=arn))
    more = {"AttributeName": "RawMessageDelivery", "AttributeValue": "true"}
    check(told["sub-not-found"], answered(sns.set_subscription_attributes, SubscriptionArn=subscription, **more))


def test_arns_that_are_none(sns, topic):
    told, check = recorded(FILE, "test_unsubscribe_wrong_arn_format"), Comparison().check
    for n, arn in enumerate(("randomstring", "arn:aws:sns:us-east-1:random", topic(), ""), 1):
        check(told[f"invalid-unsubscribe-arn-{n}"], answered(sns.unsubscribe, SubscriptionArn=arn))


def test_what_cant_be_subscribed(sns, topic, clients):
    arn = topic()
    told = recorded(FILE, "test_subscribe_sqs_queue_url")["subscribe-sqs-via-url-error"]
    Comparison().check(told, answered(sns.subscribe, TopicArn=arn, Protocol="sqs", Endpoint="http://queue"))
    told = recorded(FILE, "test_subscribe_unknown_topic")["subscribe-unknown-topic"]
    arn_of_queue = "arn:aws:sqs:us-east-1:000000000000:q"
    Comparison().check(told, answered(sns.subscribe, TopicArn=f"{arn}x", Protocol="sqs", Endpoint=arn_of_queue))
    told = recorded(FILE, "test_subscribe_invalid_filter_policy")["subscribe-invalid-filter-policy"]
    bad = {"Protocol": "sqs", "Endpoint": arn_of_queue, "Attributes": {"FilterPolicy": "invalid"}}
    ours = answered(sns.subscribe, TopicArn=arn, **bad)
    Comparison().check(told, ours)
    told = recorded(FILE, "test_cross_region_delivery_sqs")["subscribe-cross-region"]
    other = clients.other("test", region="eu-west-1").boto("sns")
    Comparison().check(told, answered(other.subscribe, TopicArn=arn, Protocol="sqs", Endpoint=arn_of_queue))


def test_the_scope_of_a_filter(sns, topic, queue):
    told, check = recorded(FILTERS, "test_set_subscription_filter_policy_scope"), Comparison().check
    arn, (_, endpoint) = topic(), queue()
    subscription = subscribe(sns, arn, endpoint)

    def set_to(name, value):
        return answered(sns.set_subscription_attributes, SubscriptionArn=subscription, AttributeName=name, AttributeValue=value)

    def attributes():
        return shown(root(sns.get_subscription_attributes(SubscriptionArn=subscription)))

    check(told["sub-attrs-default"], attributes())
    check(told["sub-attrs-filter-scope-error"], set_to("FilterPolicyScope", "RandomValue"))
    set_to("FilterPolicyScope", "MessageBody")
    ours = attributes()
    check(told["sub-attrs-filter-scope-body"], ours)
    assert "FilterPolicyScope" not in ours["Attributes"]
    set_to("FilterPolicy", '{"attr": ["match-this"]}')
    check(told["sub-attrs-after-setting-policy"], attributes())


SOURCE = re.compile(r'at \[Source: \(String\)"(.*)"; line', re.DOTALL)


@pytest.mark.parametrize("name", ["test_validate_policy", "test_validate_policy_string_operators"])
def test_filters_that_are_none(sns, topic, queue, name):
    """The recorded messages name the policies they are about."""
    arn, (_, endpoint) = topic(), queue()
    tried = 0
    for label, told in refusals(FILTERS, name).items():
        source = SOURCE.search(told["Error"]["Message"])
        if not source:
            continue
        attributes = {"FilterPolicy": source.group(1)}
        ours = answered(sns.subscribe, TopicArn=arn, Protocol="sqs", Endpoint=endpoint, Attributes=attributes)
        told["Error"].pop("_normalized", None)
        Comparison().check(told, ours, label)
        tried += 1
    assert tried >= 3


def test_messages_that_arent_taken(sns, topic):
    arn = topic()

    def check(name, label, **publish):
        Comparison().check(recorded(FILE, name)[label], answered(sns.publish, **{"TopicArn": arn, "Message": "x", **publish}))

    check("test_empty_sns_message", "empty-msg-error", Message="")
    check("test_publish_too_long_message", "error", Message="x" * (256 * 1024 + 1))
    attributes = {"attr1": {"DataType": "Number", "StringValue": "42"}}
    check("test_publish_too_long_message", "error-with-attrs", Message="x" * 256 * 1024, MessageAttributes=attributes)
    check("test_publish_with_empty_subject", "response-with-empty-subject", Subject="")
    check("test_publish_with_empty_subject", "response-without-subject")
    check("test_unknown_topic_publish", "error", TopicArn=f"{arn}x")
    structures = {
        "invalid-json": '{"default": "x"',
        "missing-default-key": '{"sqs": "x"}',
        "key-is-not-string": '{"default": {"object": "test"}}',
        "duplicate-json-keys": '{"default": "x", "default": "y"}',
    }
    for label, message in structures.items():
        check("test_message_structure_json_exc", label, Message=message, MessageStructure="json")


def test_a_region_has_its_own_topics(sns, topic, clients):
    told, check = recorded(FILE, "test_topic_publish_another_region"), Comparison().check
    arn = topic()
    other = clients.other("test", region="eu-west-1").boto("sns")
    check(told["success"], sns.publish(TopicArn=arn, Message="x"))
    check(told["error"], answered(other.publish, TopicArn=arn, Message="x"))
    entries = [{"Id": "1", "Message": "x"}]
    check(told["error-batch"], answered(other.publish_batch, TopicArn=arn, PublishBatchRequestEntries=entries))
    told = recorded(FILE, "test_publish_batch_messages_without_topic")["publish-batch-no-topic"]
    Comparison().check(told, answered(sns.publish_batch, TopicArn=f"{arn}x", PublishBatchRequestEntries=entries))


ATTRIBUTES = {
    "missing_string_attr": {"attr1": {"DataType": "String", "StringValue": ""}},
    "fully_missing_string_attr": {"attr1": {"DataType": "String"}},
    "fully_missing_data_type": {"attr1": {"StringValue": "data"}},
    "missing_binary_attr": {"attr1": {"DataType": "Binary", "BinaryValue": b""}},
    "str_attr_binary_value": {"attr1": {"DataType": "String", "BinaryValue": b"123"}},
    "int_attr_binary_value": {"attr1": {"DataType": "Number", "BinaryValue": b"123"}},
    "binary_attr_string_value": {"attr1": {"DataType": "Binary", "StringValue": "123"}},
    "invalid_attr_string_value": {"attr1": {"DataType": "InvalidType", "StringValue": "123"}},
    "too_long_name": {"a" * 257: {"DataType": "String", "StringValue": "123"}},
    "invalid_name": {"a^*?": {"DataType": "String", "StringValue": "123"}},
    "invalid_name_2": {".abc": {"DataType": "String", "StringValue": "123"}},
    "invalid_name_3": {"abc.": {"DataType": "String", "StringValue": "123"}},
    "invalid_name_4": {"a..bc": {"DataType": "String", "StringValue": "123"}},
}


@pytest.mark.parametrize("label", ATTRIBUTES)
def test_attributes_that_are_none(clients, topic, label):
    sns = clients.boto("sns", parameter_validation=False)
    told = recorded(FILE, "test_empty_or_wrong_message_attributes")
    arn, attributes = topic(), ATTRIBUTES[label]
    Comparison().check(told[label], answered(sns.publish, TopicArn=arn, Message="x", MessageAttributes=attributes))
    entries = [{"Id": "1", "Message": "x", "MessageAttributes": attributes}]
    ours = answered(sns.publish_batch, TopicArn=arn, PublishBatchRequestEntries=entries)
    Comparison().check(told[f"batch-{label}"], ours)


def test_tokens_that_arent_known(sns, topic):
    told, check = recorded(FILE, "test_sns_confirm_subscription_wrong_token"), Comparison().check
    arn = topic()
    known = "51b2ff3edb475b7d91550e0ab6edf0c1de2a34e6ebaf6c2262a001bcb7e051c43aa00022ceecce70bd2a67b2042da8d8"
    check(told["invalid-token"], answered(sns.confirm_subscription, TopicArn=arn, Token="randomtoken"))
    check(told["token-not-exists"], answered(sns.confirm_subscription, TopicArn=arn, Token=known))
    check(told["topic-not-exists"], answered(sns.confirm_subscription, TopicArn=f"{arn}x", Token=known))


def test_a_topic_of_the_same_name_with_other_tags(sns):
    told, check = recorded(FILE, "test_create_topic_after_delete_with_new_tags"), Comparison().check
    name = unique("topic")
    for n in (0, 1):
        made = sns.create_topic(Name=name, Tags=[{"Key": "name", "Value": f"value-{n}"}])
        check(told[f"topic-{n}"], made)
        sns.delete_topic(TopicArn=made["TopicArn"])


def test_every_scenario_is_known():
    """What is recorded beyond this file is of phones, platforms and HTTP endpoints."""
    assert len(scenarios(FILE)) == 87 and len(scenarios(FILTERS)) == 11
