"""Topics and what comes from them, as tests compare it with what AWS's recordings hold."""

import json
import re

from .names import unique
from .recordings import scenario
from .wait import wait_until

FILE, FILTERS = "sns/test_sns.json", "sns/test_sns_filter_policy.json"
# What recordings hold parsed.
PARSED = ("Policy", "EffectiveDeliveryPolicy", "DeliveryPolicy", "FilterPolicy", "RedrivePolicy")


def recorded(file, name):
    # AWS's certificates have numbered names; ours one name, which another test looks at.
    return json.loads(re.sub(r"<signing-cert-file:\d+>", "<signing-cert-file>", json.dumps(scenario(file, name))))


def make_topic(sns, name=None, **attributes):
    name = name or unique("topic") + (".fifo" if attributes.get("FifoTopic") == "true" else "")
    return sns.create_topic(Name=name, Attributes=attributes)["TopicArn"]


def make_queue(sqs, fifo=False, **attributes):
    """Its URL and its ARN."""
    name = unique("queue") + (".fifo" if fifo else "")
    attributes = {"FifoQueue": "true", **attributes} if fifo else attributes
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def subscribe(sns, topic, arn, **attributes):
    return sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)["SubscriptionArn"]


def shown(answer):
    """An answer with the JSON in its attributes parsed, as recordings have it."""
    attributes = answer.get("Attributes", {})
    attributes.update({name: json.loads(attributes[name]) for name in PARSED if name in attributes})
    return answer


def root(answer):
    """AWS was asked by a user, and we are by the account itself."""
    attributes = answer["Attributes"]
    assert attributes["SubscriptionPrincipal"].endswith(":root")
    attributes["SubscriptionPrincipal"] = attributes["SubscriptionPrincipal"].replace(":root", ":user/name")
    return answer


def waiting(sqs, url):
    name = "ApproximateNumberOfMessages"
    return int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])


def received(sqs, url, count=1, **asked):
    """So many messages, with bodies parsed where they are JSON."""
    wait_until(lambda: waiting(sqs, url) >= count, seconds=30, what=f"{count} messages")
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], **asked)
    for message in answer["Messages"]:
        try:
            message["Body"] = json.loads(message["Body"])
        except ValueError:
            pass
        for attribute in message.get("MessageAttributes", {}).values():
            if "BinaryValue" in attribute:
                attribute["BinaryValue"] = repr(attribute["BinaryValue"])
    return answer
