"""Schedules, and what comes of them."""

from .clients import ROLE
from .names import unique
from .wait import wait_until

OFF = {"Mode": "OFF"}
TIME = "<aws.scheduler.scheduled-time>"


def target(arn, **more):
    return {"Arn": arn, "RoleArn": ROLE, **more}


def make_queue(sqs):
    """Its URL and its ARN."""
    url = sqs.create_queue(QueueName=unique("queue"))["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def create(scheduler, expression, to, **more):
    """A schedule's name."""
    name = unique("schedule")
    scheduler.create_schedule(Name=name, ScheduleExpression=expression, Target=to, FlexibleTimeWindow=OFF, **more)
    return name


def received(sqs, url, enough):
    """All messages of a queue, once `enough` of their bodies says so."""
    messages = []

    def more():
        asked = {"MaxNumberOfMessages": 10, "VisibilityTimeout": 43_200, "MessageAttributeNames": ["All"]}
        messages.extend(sqs.receive_message(QueueUrl=url, **asked).get("Messages", []))
        return enough([message["Body"] for message in messages])

    wait_until(more, seconds=90, what="messages in a queue")
    return messages


def times(first, every, last):
    """From `first` to `last`, as AWS writes them."""
    shown = []
    while first <= last:
        shown.append(first.strftime("%Y-%m-%dT%H:%M:%SZ"))
        first += every
    return shown
