"""kill -9 in the middle of handing messages to queues, and of publishing them."""

import json
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import BotoCoreError, ClientError

from harness.clients import Clients
from harness.wait import wait_until

QUEUES, PUBLISHERS, ROUNDS, KILLS = 5, 4, 15, 3


def publishing(sns, topic, publisher, kill):
    """What was acknowledged before the platform died, batch by batch."""
    acknowledged = []
    for n in range(ROUNDS):
        entries = [{"Id": str(i), "Message": f"{kill}/{publisher}/{n}/{i}"} for i in range(10)]
        try:
            sns.publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)
        except (BotoCoreError, ClientError):
            break
        acknowledged += [entry["Message"] for entry in entries]
    return acknowledged


def everything(sqs, url, expected):
    """All that comes out of a queue until what is expected has."""
    got = []

    def more():
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=600).get("Messages", []):
            got.append(json.loads(message["Body"])["Message"])
        return expected <= set(got)

    wait_until(more, seconds=90, what=f"{len(expected)} messages in a queue")
    return got


def test_what_was_acknowledged_comes_to_every_queue(fresh, chance):
    platform = fresh().start()
    clients = Clients(platform.url)
    sns, sqs = clients.boto("sns"), clients.boto("sqs")
    topic = sns.create_topic(Name="topic")["TopicArn"]
    urls = [sqs.create_queue(QueueName=f"queue-{n}")["QueueUrl"] for n in range(QUEUES)]
    for url in urls:
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    acknowledged = set()
    with ThreadPoolExecutor(PUBLISHERS) as pool:
        for kill in range(KILLS):
            running = [pool.submit(publishing, sns, topic, publisher, kill) for publisher in range(PUBLISHERS)]
            platform.dies_after(chance.uniform(0.1, 1.0))
            for one in running:
                acknowledged.update(one.result())
            platform.start(seconds=60)
    assert acknowledged
    for url in urls:
        assert acknowledged <= set(everything(sqs, url, acknowledged))
    assert platform.terminate() == 0
