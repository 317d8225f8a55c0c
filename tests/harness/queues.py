"""Queues, through clients of today and through those from before SQS spoke JSON."""

import functools
import json
import tempfile
from pathlib import Path

import boto3
import botocore.session
from botocore.config import Config

from .names import unique
from .platform import ROOT
from .wait import wait_until

OLDER = ROOT / "target" / "older" / "botocore" / "data" / "sqs"


@functools.cache
def _models():
    """A folder in which botocore finds the older model of SQS, and nothing else."""
    assert OLDER.is_dir(), f"{OLDER} isn't there: cargo xtask test --only clients makes it"
    folder = Path(tempfile.mkdtemp(prefix="sqs-query-"))
    (folder / "sqs").symlink_to(OLDER)
    return str(folder)


@functools.cache
def query(clients):
    """A boto3 client of SQS that speaks the query protocol, and posts to the queue's own URL, as they did."""
    core = botocore.session.Session()
    core.set_config_variable("data_path", _models())
    session = boto3.Session(
        aws_access_key_id=clients.key,
        aws_secret_access_key=clients.secret,
        region_name=clients.region,
        botocore_session=core,
    )
    settings = {"retries": {"total_max_attempts": 1}, "read_timeout": 60, "connect_timeout": 10}
    sqs = session.client("sqs", endpoint_url=clients.url, config=Config(**settings))
    assert sqs.meta.service_model.metadata["protocol"] == "query"
    sqs.meta.events.register("before-sign.sqs", _to_its_own_url)
    return sqs


def _to_its_own_url(request, **_):
    """What botocore did then: a request about a queue goes to the queue."""
    url = request.data.get("QueueUrl") if isinstance(request.data, dict) else None
    if url:
        request.url = url


def create(sqs, fifo=False, tags=None, **attributes):
    """A new queue's URL."""
    attributes = {name: str(value) for name, value in attributes.items()}
    name = unique("queue")
    if fifo:
        name, attributes = f"{name}.fifo", {"FifoQueue": "true", **attributes}
    more = {"tags": tags} if tags else {}
    return sqs.create_queue(QueueName=name, Attributes=attributes, **more)["QueueUrl"]


def arn(sqs, url):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def heard(sqs, url, wanted):
    """The bodies of what came to a queue, once as many are there as are wanted."""
    bodies = []

    def enough():
        got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
        for message in got:
            bodies.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return len(bodies) >= wanted

    wait_until(enough, 60, f"{wanted} messages")
    return bodies
