"""Scenarios about queues recorded from AWS's SQS, done again here."""

import json
from urllib.parse import urlsplit

import pytest

from harness import queues, signing
from harness.clients import ACCOUNT
from harness.names import unique
from harness.recordings import Comparison, answered, scenario

FILE = "sqs/test_sqs.json"


@pytest.fixture
def sqs(clients):
    return clients.boto("sqs")


@pytest.fixture
def query(clients):
    return queues.query(clients)


def recorded(name):
    return scenario(FILE, name)


def test_another_queue_of_the_same_name(sqs):
    told, compare = recorded("test_create_queue_with_different_attributes_raises_exception[sqs]"), Comparison()
    name = unique("queue")
    first, second = ({"ReceiveMessageWaitTimeSeconds": "1", "DelaySeconds": delay} for delay in ("1", "2"))
    url = sqs.create_queue(QueueName=name, Attributes=first)["QueueUrl"]
    compare.check(told["create_queue_01"], answered(sqs.create_queue, QueueName=name, Attributes=second))
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "2"})
    compare.check(told["create_queue_02"], answered(sqs.create_queue, QueueName=name, Attributes=first))


def test_another_fifo_queue_of_the_same_name(sqs):
    told = recorded("test_create_fifo_queue_with_different_attributes_raises_error[sqs]")
    name = unique("queue") + ".fifo"
    for by_content in ("true", "false"):
        given = {"FifoQueue": "true", "ContentBasedDeduplication": by_content}
        ours = answered(sqs.create_queue, QueueName=name, Attributes=given)
    Comparison().check(told["queue-already-exists"], ours)


def test_the_kind_of_a_queue_cannot_be_set(query):
    told, compare = recorded("test_set_unsupported_attribute_fifo[sqs_query]"), Comparison()
    for label, fifo, value in (("invalid-attr-name-1", False, "true"), ("invalid-attr-name-2", True, "false")):
        url = queues.create(query, fifo=fifo)
        ours = answered(query.set_queue_attributes, QueueUrl=url, Attributes={"FifoQueue": value})
        compare.check(told[label], ours)


@pytest.mark.parametrize("protocol", ["sqs", "sqs_query"])
def test_encryption(protocol, request):
    told, compare = recorded(f"test_sse_queue_attributes[{protocol}]"), Comparison()
    client = request.getfixturevalue({"sqs": "sqs", "sqs_query": "query"}[protocol])
    names = ["KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled"]
    for label, given in (
        ("sse_kms_attributes", {"KmsMasterKeyId": "testKeyId", "KmsDataKeyReusePeriodSeconds": "6000"}),
        ("sse_sqs_attributes", {"SqsManagedSseEnabled": "true"}),
    ):
        url = queues.create(client)
        client.set_queue_attributes(QueueUrl=url, Attributes=given)
        ours = answered(client.get_queue_attributes, QueueUrl=url, AttributeNames=names)
        compare.check(told[label], ours)
        assert set(ours["Attributes"]) == set(told[label]["Attributes"])


@pytest.mark.parametrize(
    "name, label, given",
    [
        ("high", "set-to-high-throughput", {"DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"}),
        ("regular", "set-to-regular-throughput", {"DeduplicationScope": "queue", "FifoThroughputLimit": "perQueue"}),
    ],
)
def test_all_attributes_of_a_fifo_queue(sqs, name, label, given):
    told = recorded(f"test_fifo_change_to_{name}_throughput_after_creation[sqs]")[label]
    url = queues.create(sqs, fifo=True)
    sqs.set_queue_attributes(QueueUrl=url, Attributes=given)
    ours = answered(sqs.get_queue_attributes, QueueUrl=url, AttributeNames=["All"])
    Comparison().check(told, ours)
    assert set(ours["Attributes"]) == set(told["Attributes"])


def test_tags(query):
    told, compare = recorded("test_tag_untag_queue[sqs_query]"), Comparison()
    url = queues.create(query)
    query.tag_queue(QueueUrl=url, Tags={"tag1": "value1", "tag2": "value2", "tag3": ""})
    compare.check(told["get-tag-1"], answered(query.list_queue_tags, QueueUrl=url))
    query.untag_queue(QueueUrl=url, TagKeys=["tag1", "tag3"])
    compare.check(told["get-tag-2"], answered(query.list_queue_tags, QueueUrl=url))
    query.untag_queue(QueueUrl=url, TagKeys=["tag2"])
    after = answered(query.list_queue_tags, QueueUrl=url)
    compare.check(told["get-tag-after-untag"], after)
    assert "Tags" not in after


def test_two_purges(query):
    told = recorded("test_successive_purge_calls_fail[sqs_query]")
    url = queues.create(query)
    query.purge_queue(QueueUrl=url)
    Comparison().check(told["purge_queue_error"], answered(query.purge_queue, QueueUrl=url))


def test_permissions(query):
    told, compare = recorded("test_sqs_permission_lifecycle[sqs_query]"), Comparison()
    url = queues.create(query)
    labels = ("crossaccountpermission", "crossaccountpermission2")

    def add(label, *accounts):
        return answered(
            query.add_permission, QueueUrl=url, Label=label, AWSAccountIds=list(accounts), Actions=["ReceiveMessage"]
        )

    def policy(label):
        ours = answered(query.get_queue_attributes, QueueUrl=url, AttributeNames=["Policy"])
        if "Attributes" in ours:
            ours["Attributes"]["Policy"] = json.loads(ours["Attributes"]["Policy"])
        compare.check(told[label], ours)
        assert ours.get("Attributes", {}).keys() == told[label].get("Attributes", {}).keys()

    def remove(label):
        return answered(query.remove_permission, QueueUrl=url, Label=label)

    compare.check(told["add-permission-response"], add(labels[0], "668614515564", ACCOUNT))
    policy("get-queue-policy-attribute")
    compare.check(told["remove-permission-response"], remove(labels[0]))
    policy("get-queue-policy-attribute-after-removal")
    add(labels[0], ACCOUNT)
    policy("get-queue-policy-attribute-first-account-same-label")
    compare.check(told["get-queue-policy-attribute-second-account-same-label"], add(labels[0], "668614515564"))
    add(labels[1], ACCOUNT)
    policy("get-queue-policy-attribute-second-account-different-label")
    remove(labels[0])
    policy("get-queue-policy-attribute-delete-first-permission")
    remove(labels[1])
    policy("get-queue-policy-attribute-delete-second-permission")
    compare.check(told["get-queue-policy-attribute-delete-non-existent-label"], remove(labels[1]))


def test_pages_of_queues(sqs):
    told = recorded("test_list_queues_pagination")
    prefix = unique("pages")
    for n in range(10):
        sqs.create_queue(QueueName=f"{prefix}-test-queue-{n}")

    def check(label, **more):
        ours = answered(sqs.list_queues, QueueNamePrefix=prefix, **more)
        numbers = [[url[-1] for url in answer["QueueUrls"]] for answer in (told[label], ours)]
        assert numbers[0] == numbers[1], label
        assert set(ours) == set(told[label]), label
        return ours

    check("list_all")
    token = check("list_two_max", MaxResults=2)["NextToken"]
    check("list_remaining", MaxResults=10, NextToken=token)


@pytest.mark.parametrize("protocol", ["sqs", "sqs_query"])
def test_a_redrive_policy_taken_away(protocol, request):
    assert recorded(f"test_set_empty_redrive_policy[{protocol}]") == {}
    client = request.getfixturevalue({"sqs": "sqs", "sqs_query": "query"}[protocol])
    dlq, url = queues.create(client), queues.create(client)
    policy = json.dumps({"deadLetterTargetArn": queues.arn(client, dlq), "maxReceiveCount": 1})
    for given in ("", policy, ""):
        client.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": given})
        told = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert ("RedrivePolicy" in told) == bool(given)
