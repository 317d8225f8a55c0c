"""Queues that functions are called from, on a platform whose time can be moved."""

import itertools
import json

from . import functions
from .clients import Clients
from .names import unique
from .platform import run_updraft
from .wait import wait_until

# Says what it was called with, in lines that aren't too long for a log. Each message says what is to become of it: `sleep` so many seconds, `fail` or be `report`ed
# the first so many times, `answer` that. `at`: when the call began and ended.
NOTES = """
import json, time
def handler(event, context):
    begun, broken, answer, failed = time.time(), False, None, []
    for start in range(0, len(event["Records"]), 50):
        print("NOTE " + json.dumps([begun, context.aws_request_id, event["Records"][start:start + 50]]))
    for record in event["Records"]:
        try:
            asked = json.loads(record["body"])
        except ValueError:
            asked = None
        asked = asked if isinstance(asked, dict) else {}
        count = int(record["attributes"]["ApproximateReceiveCount"])
        time.sleep(asked.get("sleep", 0))
        broken = broken or count <= asked.get("fail", 0)
        if count <= asked.get("report", 0):
            failed.append({"itemIdentifier": record["messageId"]})
        answer = asked.get("answer", answer)
    print("SPAN " + json.dumps([begun, time.time()]))
    if broken:
        raise ValueError("as asked")
    return {"batchItemFailures": failed} if answer is None else answer["is"]
"""
VISIBILITY = 30


class Queue:
    """One queue."""

    def __init__(self, clients, name=None, **attributes):
        self.client = clients.boto("sqs")
        fifo = attributes.get("FifoQueue") == "true"
        name = name or unique("queue") + (".fifo" if fifo else "")
        attributes = {name: str(value) for name, value in attributes.items()}
        self.url = self.client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.name, self.arn = name, self.attribute("QueueArn")

    def attribute(self, name):
        return self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=[name])["Attributes"][name]

    def send(self, body, **extra):
        """The message's id."""
        text = body if isinstance(body, str) else json.dumps(body)
        return self.client.send_message(QueueUrl=self.url, MessageBody=text, **extra)["MessageId"]

    def send_all(self, bodies):
        """The ids, in their order."""
        found, left = [], iter(bodies)
        while some := list(itertools.islice(left, 10)):
            entries = [{"Id": str(n), "MessageBody": json.dumps(body)} for n, body in enumerate(some)]
            answer = self.client.send_message_batch(QueueUrl=self.url, Entries=entries)
            assert not answer.get("Failed"), answer
            by_entry = {entry["Id"]: entry["MessageId"] for entry in answer["Successful"]}
            found += [by_entry[str(n)] for n in range(len(some))]
        return found

    def receive(self):
        """Bodies of what can be seen now, ten at most."""
        answer = self.client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in answer.get("Messages", [])]

    def counts(self):
        """(what can be seen, what is in flight)"""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return tuple(int(found[name]) for name in names)

    def is_empty(self, seconds=30):
        wait_until(lambda: self.counts() == (0, 0), seconds, f"that {self.name} is empty")


class World:
    """A platform, with queues, functions that note their calls, and mappings between them."""

    def __init__(self, platform):
        self.platform = platform
        self.clients = Clients(platform.url)
        self.client = self.clients.boto("lambda")

    def queue(self, **attributes):
        return Queue(self.clients, **{"VisibilityTimeout": VISIBILITY, **attributes})

    def function(self, source=NOTES, **settings):
        return functions.create(self.clients, source, **settings)

    def map(self, queue, function, state="Enabled", **settings):
        """The mapping's UUID, once it is in effect."""
        made = self.client.create_event_source_mapping(EventSourceArn=queue.arn, FunctionName=function.name, **settings)
        return self.settled(made["UUID"], state)

    def change(self, uuid, state="Enabled", **settings):
        self.client.update_event_source_mapping(UUID=uuid, **settings)
        return self.settled(uuid, state)

    def settled(self, uuid, state):
        wait_until(lambda: self.get(uuid)["State"] == state, 15, f"that the mapping is {state}")
        return uuid

    def get(self, uuid):
        return self.client.get_event_source_mapping(UUID=uuid)

    def said(self, function, word):
        """What was printed behind this word, in order."""
        done = run_updraft("logs", function.name, "--endpoint", self.platform.url)
        lines = [line.split(f"{word} ", 1)[1] for line in done.stdout.splitlines() if f"{word} " in line]
        return [json.loads(line) for line in lines]

    def calls(self, function, count=None):
        """The records of each call so far, as they began; where `count` is given, once there are so many."""
        if count is None:
            return self._calls(function)
        return wait_until(lambda: len(found := self._calls(function)) >= count and found, 60, f"{count} calls")

    def _calls(self, function):
        calls = {}
        # Instances print at the same time, and what they print in one millisecond is in no order.
        for _, request, records in sorted(self.said(function, "NOTE"), key=lambda note: note[0]):
            calls.setdefault(request, []).extend(records)
        return list(calls.values())

    def advance(self, seconds):
        self.platform.advance(seconds)
