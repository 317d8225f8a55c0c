"""Topics and subscriptions through real clients."""

import json

from urllib.parse import quote

import pytest

from harness import signing
from harness.clients import ACCOUNT, REGION, error_of
from harness.names import unique

INVALID = "InvalidParameter"


@pytest.fixture
def sns(clients):
    return clients.boto("sns")


@pytest.fixture
def topic(sns):
    arn = sns.create_topic(Name=unique("topic"))["TopicArn"]
    yield arn
    sns.delete_topic(TopicArn=arn)


def queue(name="queue"):
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{unique(name)}"


def test_a_topics_life(sns):
    name = unique("topic")
    tags = [{"Key": "team", "Value": "birds"}]
    arn = sns.create_topic(Name=name, Attributes={"DisplayName": "Birds"}, Tags=tags)["TopicArn"]
    assert arn == f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}"
    assert sns.create_topic(Name=name)["TopicArn"] == arn
    assert error_of(sns.create_topic, Name=name, Attributes={"DisplayName": "Bees"}) == (
        INVALID,
        "Invalid parameter: Attributes Reason: Topic already exists with different attributes",
        400,
    )
    attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    assert attributes["DisplayName"] == "Birds" and attributes["Owner"] == ACCOUNT
    assert json.loads(attributes["Policy"])["Statement"][0]["Resource"] == arn
    assert json.loads(attributes["EffectiveDeliveryPolicy"])["http"]["defaultHealthyRetryPolicy"]["numRetries"] == 3

    sns.tag_resource(ResourceArn=arn, Tags=[{"Key": "size", "Value": "small"}])
    sns.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert sns.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "size", "Value": "small"}]

    sns.set_topic_attributes(TopicArn=arn, AttributeName="TracingConfig", AttributeValue="Active")
    assert sns.get_topic_attributes(TopicArn=arn)["Attributes"]["TracingConfig"] == "Active"
    pages = sns.get_paginator("list_topics").paginate()
    assert arn in [one["TopicArn"] for page in pages for one in page["Topics"]]
    sns.delete_topic(TopicArn=arn)
    sns.delete_topic(TopicArn=arn)
    assert error_of(sns.get_topic_attributes, TopicArn=arn) == ("NotFound", "Topic does not exist", 404)


def test_permissions_and_data_protection(sns, topic):
    sns.add_permission(TopicArn=topic, Label="l", AWSAccountId=["111111111111", "222222222222"], ActionName=["Publish", "Subscribe"])
    statement = json.loads(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])["Statement"][1]
    assert (statement["Sid"], statement["Action"]) == ("l", ["SNS:Publish", "SNS:Subscribe"])
    assert len(statement["Principal"]["AWS"]) == 2
    sns.remove_permission(TopicArn=topic, Label="l")
    assert len(json.loads(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])["Statement"]) == 1

    policy = json.dumps({"Name": "p", "Version": "2021-06-01", "Statement": []})
    sns.put_data_protection_policy(ResourceArn=topic, DataProtectionPolicy=policy)
    assert sns.get_data_protection_policy(ResourceArn=topic)["DataProtectionPolicy"] == policy


def test_a_policy_decides_what_other_accounts_may(clients, sns, topic):
    other = clients.other("111122223333").boto("sns")
    code, words, _ = error_of(other.publish, TopicArn=topic, Message="x")
    assert code == "AuthorizationError" and "is not authorized to perform: SNS:Publish on resource: " + topic in words
    principal = {"AWS": "arn:aws:iam::111122223333:root"}
    allow = {"Effect": "Allow", "Principal": principal, "Action": "SNS:Publish", "Resource": topic}

    def say(*statements):
        policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)

    say(allow)
    assert other.publish(TopicArn=topic, Message="x")["MessageId"]
    entries = [{"Id": "1", "Message": "x"}]
    assert other.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)["Failed"] == []
    endpoint = "arn:aws:sqs:us-east-1:111122223333:q"
    assert error_of(other.subscribe, TopicArn=topic, Protocol="sqs", Endpoint=endpoint)[0] == "AuthorizationError"
    say(allow, {**allow, "Effect": "Deny", "Principal": "*"})
    assert error_of(other.publish, TopicArn=topic, Message="x")[0] == "AuthorizationError"
    assert error_of(sns.publish, TopicArn=topic, Message="x")[0] == "AuthorizationError", "its owner is denied it, too"


def test_a_subscriptions_life(sns, topic):
    endpoint = queue()
    attributes = {"RawMessageDelivery": "true", "FilterPolicy": '{"kind": ["a"]}'}
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=endpoint, Attributes=attributes)["SubscriptionArn"]
    assert arn.startswith(f"{topic}:")
    assert sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=endpoint)["SubscriptionArn"] == arn
    shown = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert {name: shown[name] for name in attributes} == attributes
    assert (shown["PendingConfirmation"], shown["FilterPolicyScope"]) == ("false", "MessageAttributes")
    listed = {"SubscriptionArn": arn, "Owner": ACCOUNT, "Protocol": "sqs", "Endpoint": endpoint, "TopicArn": topic}
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == [listed]
    pages = sns.get_paginator("list_subscriptions").paginate()
    assert listed in [one for page in pages for one in page["Subscriptions"]]
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsConfirmed"] == "1"

    sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName="FilterPolicy", AttributeValue="{}")
    assert "FilterPolicy" not in sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    sns.unsubscribe(SubscriptionArn=arn)
    sns.unsubscribe(SubscriptionArn=arn)
    assert error_of(sns.get_subscription_attributes, SubscriptionArn=arn)[0] == "NotFound"
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsDeleted"] == "1"


def test_the_command_line(clients):
    name = unique("topic")
    arn = clients.cli("sns", "create-topic", "--name", f"{name}.fifo", "--attributes", "FifoTopic=true,ContentBasedDeduplication=true")["TopicArn"]
    shown = clients.cli("sns", "get-topic-attributes", "--topic-arn", arn)["Attributes"]
    assert (shown["FifoTopic"], shown["ContentBasedDeduplication"]) == ("true", "true")
    endpoint = f"{queue()}.fifo"
    subscribe = ("sns", "subscribe", "--topic-arn", arn, "--protocol", "sqs", "--notification-endpoint", endpoint)
    subscription = clients.cli(*subscribe, "--attributes", "RawMessageDelivery=true")["SubscriptionArn"]
    shown = clients.cli("sns", "get-subscription-attributes", "--subscription-arn", subscription)["Attributes"]
    assert shown["RawMessageDelivery"] == "true"
    published = clients.cli("sns", "publish", "--topic-arn", arn, "--message", "hello", "--message-group-id", "g")
    again = clients.cli("sns", "publish", "--topic-arn", arn, "--message", "hello", "--message-group-id", "g")
    assert published == again and len(published["SequenceNumber"]) == 20
    clients.cli("sns", "delete-topic", "--topic-arn", arn)
    assert "(NotFound)" in clients.cli_fails("sns", "publish", "--topic-arn", arn, "--message", "x")


def test_a_query_by_hand(platform, sns, topic):
    query = f"Action=Publish&Version=2010-03-31&TopicArn={quote(topic)}&Message=hello"
    told = signing.form_call(platform, query.encode(), service="sns")
    assert told.status == 200 and "<PublishResponse" in told.text and "<MessageId>" in told.text
    body = "Action=ListSubscriptionsByTopic&TopicArn=" + quote(topic)
    listed = signing.form_call(platform, body.encode(), service="sns").text
    assert "<ListSubscriptionsByTopicResult>" in listed and "<member>" not in listed
