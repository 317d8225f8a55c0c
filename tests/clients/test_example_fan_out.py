"""examples/fan-out, deployed by its own script, while its processors crash and hang and the platform is killed: in the end
every item is accounted for exactly once, and whoever wanted to know was told."""

import json
import os
import subprocess
import sys
import time

import pytest

from harness.clients import Clients
from harness.platform import ROOT
from harness.subscribers import Subscriber
from harness.wait import STEP, wait_until

DEPLOY = ROOT / "examples" / "fan-out" / "deploy.py"
ITEMS = int(os.environ.get("FAN_OUT_ITEMS", "1000"))
# Of the items; and of a processor's calls: half of them crash, half of them hang.
POISON, CHAOS = 0.01, 0.01
# Seconds that time is moved on by when nothing happens: a failed call is tried again after one minute, and after two more;
# one that found no room, after up to five.
STRIDE = 100


@pytest.fixture
def endpoint():
    """An HTTP server that wants to know what has become of jobs."""
    endpoint = Subscriber()
    yield endpoint
    endpoint.stop()


class Job:
    """One job, as its rows tell."""

    def __init__(self, clients, table, name):
        self.dynamodb, self.table, self.name = clients.boto("dynamodb"), table, name

    def row(self):
        key = {"id": {"S": self.name}, "part": {"S": "job"}}
        row = self.dynamodb.get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item", {})
        return {name: int(value["N"]) for name, value in row.items() if "N" in value}

    def accounted(self):
        row = self.row()
        return row.get("done", 0) + row.get("failed", 0)

    def is_closed(self):
        return self.row().get("open") == 0

    def items(self):
        """{number: (state, words)}"""
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="id = :job",
            ExpressionAttributeValues={":job": {"S": self.name}},
            ConsistentRead=True,
        )
        rows = [row for page in pages for row in page["Items"] if row["part"]["S"] != "job"]
        return {int(row["part"]["S"]): (row["state"]["S"], int(row["words"]["N"])) for row in rows}


def deploy(clients, *extra):
    command = [sys.executable, DEPLOY, *extra]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, env=clients.environment())
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def moving_on(platform, until, progress, seconds):
    """Waits, and moves the platform's time on whenever nothing happens by itself any more."""
    deadline, seen, since = time.monotonic() + seconds, None, time.monotonic()
    while not until():
        found = progress()
        if found != seen:
            seen, since = found, time.monotonic()
        elif time.monotonic() - since > 1:
            # It answers when everything that is due was done, which may be most of the job.
            platform.advance(STRIDE, within=seconds)
            since = time.monotonic()
        assert time.monotonic() < deadline, f"not complete within {seconds} s; seen last: {found}"
        time.sleep(STEP * 10)


@pytest.mark.timeout(600 + ITEMS // 3)
def test_every_item_is_accounted_for_exactly_once(fresh, chance, endpoint):
    platform = fresh().start()
    clients = Clients(platform.url)
    made = deploy(clients, "--notify", endpoint.url, "--parallel", "12", "--chaos", str(CHAOS), "--timeout", "6")
    endpoint.confirm()
    texts = ["word " * chance.randrange(1, 9) for _ in range(ITEMS)]
    poison = {n for n in range(ITEMS) if chance.random() < POISON} | {ITEMS - 1}
    items = [{"nothing": ""} if n in poison else {"text": text} for n, text in enumerate(texts)]
    job = Job(clients, made["table"], "job-1")
    event = json.dumps({"job": job.name, "items": items})
    clients.boto("lambda").invoke(FunctionName=made["orchestrator"], InvocationType="Event", Payload=event)

    wait_until(lambda: job.accounted() > ITEMS // 10, 120 + ITEMS // 20, "a tenth is done")
    platform.kill()
    platform.start(seconds=60)
    moving_on(platform, lambda: job.is_closed() and endpoint.posts, job.row, 300 + ITEMS // 5)

    found, row = job.items(), job.row()
    assert set(found) == set(range(ITEMS)), "one row for each item"
    assert all(found[n][0] == "failed" for n in poison)
    done = {n for n, (state, _) in found.items() if state == "done"}
    assert all(found[n][1] == len(texts[n].split()) for n in done)
    sums = {"done": len(done), "failed": ITEMS - len(done), "words": sum(len(texts[n].split()) for n in done)}
    assert row == {"total": ITEMS, "open": 0, **sums}, "the counters are the sum of the rows"
    # By chance alone hardly any item fails three times.
    assert len(poison) <= row["failed"] <= len(poison) + 1 + ITEMS // 500
    for _, body in endpoint.posts:
        told = json.loads(json.loads(body)["Message"])
        assert told == {"job": job.name, "total": ITEMS, **sums}
    empty(platform, clients, made)
    assert platform.terminate() == 0


def empty(platform, clients, made):
    """Nothing comes any more: what came twice was dealt with, too."""
    sqs = clients.boto("sqs")

    def left():
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        urls = [sqs.get_queue_url(QueueName=made[queue].rsplit(":", 1)[-1])["QueueUrl"] for queue in ("results", "deadLetters")]
        found = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"] for url in urls]
        return [int(attributes[name]) for attributes in found for name in names]

    moving_on(platform, lambda: not any(left()), left, 120)
