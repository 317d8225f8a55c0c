"""Scenarios of moved dead letters recorded from AWS's SQS, done again here."""

import json

import pytest

from harness import queues
from harness.recordings import Comparison, answered, scenario
from harness.wait import wait_until

FILE = "sqs/test_sqs_move_task.json"
# How much has been moved at a moment is chance, on AWS too.
CHANCE = "ApproximateNumberOfMessagesMoved"


@pytest.fixture
def sqs(clients):
    return clients.boto("sqs")


def recorded(name):
    return scenario(FILE, name)


def with_dead_letters(sqs, counts):
    """A queue of dead letters, and the queues that so many of them came from each."""
    dlq = queues.create(sqs)
    policy = json.dumps({"deadLetterTargetArn": queues.arn(sqs, dlq), "maxReceiveCount": 1})
    sources = [queues.create(sqs, RedrivePolicy=policy) for _ in counts]
    for url, count in zip(sources, counts):
        for n in range(count):
            sqs.send_message(QueueUrl=url, MessageBody=f"message-{n}")
    wait_until(lambda: all([_dead(sqs, url) for url in sources]) and messages(sqs, dlq) == sum(counts), 60, "dead letters")
    return dlq, sources


def _dead(sqs, url):
    sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return messages(sqs, url) == 0


def messages(sqs, url):
    name = "ApproximateNumberOfMessages"
    return int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])


def listed(sqs, arn):
    return answered(sqs.list_message_move_tasks, SourceArn=arn)


def until(sqs, arn, status):
    wait_until(lambda: listed(sqs, arn)["Results"][0]["Status"] == status, 60, status)
    return listed(sqs, arn)


def test_a_handle_that_is_none(sqs):
    told = recorded("test_cancel_with_invalid_task_handle")
    Comparison().check(told["error"], answered(sqs.cancel_message_move_task, TaskHandle="foobared"))


def test_a_destination_that_is_not_there(sqs):
    told = recorded("test_destination_needs_to_exist")
    dlq, _ = with_dead_letters(sqs, [0])
    arn = queues.arn(sqs, dlq)
    ours = answered(sqs.start_message_move_task, SourceArn=arn, DestinationArn=f"{arn}-none")
    Comparison().check(told["error"], ours)


@pytest.mark.parametrize(
    "name, counts, sources",
    [
        ("test_move_task_workflow_with_default_destination", [2], ["original-source"]),
        (
            "test_move_task_workflow_with_multiple_sources_as_default_destination",
            [2, 2],
            ["original-source-1", "original-source-2"],
        ),
    ],
)
def test_back_to_where_they_came_from(sqs, name, counts, sources):
    told, compare = recorded(name), Comparison()
    dlq, urls = with_dead_letters(sqs, counts)
    arn = queues.arn(sqs, dlq)
    compare.check(told["source-arn"], arn)
    for label, url in zip(sources, urls):
        compare.check(told[label], queues.arn(sqs, url))
    started = answered(sqs.start_message_move_task, SourceArn=arn)
    compare.check(told["start-message-move-task-response"], started)
    ended = until(sqs, arn, "COMPLETED")
    compare.check(told["list-message-move-task-response"], ended)
    assert set(ended["Results"][0]) == set(told["list-message-move-task-response"]["Results"][0])
    assert [messages(sqs, url) for url in urls] == counts


def test_two_at_once(sqs):
    told = recorded("test_start_multiple_move_tasks")
    dlq, _ = with_dead_letters(sqs, [3])
    arn = queues.arn(sqs, dlq)
    sqs.start_message_move_task(SourceArn=arn, MaxNumberOfMessagesPerSecond=1)
    Comparison().check(told["error"], answered(sqs.start_message_move_task, SourceArn=arn))


def test_a_rate(sqs):
    told = recorded("test_move_task_with_throughput_limit")
    dlq, (url,) = with_dead_letters(sqs, [3])
    arn = queues.arn(sqs, dlq)
    started = answered(sqs.start_message_move_task, SourceArn=arn, MaxNumberOfMessagesPerSecond=1)
    Comparison().check(told["start-message-move-task-response"], started)
    until(sqs, arn, "COMPLETED")
    assert messages(sqs, url) == 3


def test_a_task_cancelled(sqs):
    told, compare = recorded("test_move_task_cancel"), Comparison()
    dlq, _ = with_dead_letters(sqs, [10])
    arn, to = queues.arn(sqs, dlq), queues.create(sqs)
    rate = {"DestinationArn": queues.arn(sqs, to), "MaxNumberOfMessagesPerSecond": 1}
    handle = sqs.start_message_move_task(SourceArn=arn, **rate)["TaskHandle"]

    def check(label, ours):
        theirs = json.loads(json.dumps(told[label]))
        for entry, mine in zip([*theirs.get("Results", []), theirs], [*ours.get("Results", []), ours]):
            if CHANCE in entry:
                assert isinstance(mine[CHANCE], int)
                del entry[CHANCE]
        compare.check(theirs, ours)

    wait_until(lambda: messages(sqs, to) > 0, 30, "the first message")
    check("list-while", listed(sqs, arn))
    check("cancel", answered(sqs.cancel_message_move_task, TaskHandle=handle))
    after = listed(sqs, arn)
    check("list-after", after)
    assert set(after["Results"][0]) == set(told["list-after"]["Results"][0])
    assert messages(sqs, to) + messages(sqs, dlq) == 10
