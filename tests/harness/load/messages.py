"""Messages through queues, a topic and a bus: what was accepted is received, what was deleted isn't, and order is kept where it is
promised."""

import itertools
import json
import time
from collections import Counter

from ..wait import wait_until
from .calls import Refused, Unsure
from .ledger import ABSENT, Ledger

# A message that was received and not deleted can be seen again after this long, in seconds.
HIDDEN = 1
# While a queue is emptied nothing comes back.
LONG = 600
LONGEST = 40
GROUPS = 3
# A second more than the pause before an outbox tries again that often failed.
PAUSE = 601


class Sqs:
    """What all stations with a queue do."""

    def __init__(self, calls, chance, name):
        self.calls, self.chance, self.name = calls, chance, name
        self.ledger = Ledger()
        self.numbers = itertools.count(1)

    def prepare(self):
        attributes = {"FifoQueue": "true"} if self.name.endswith(".fifo") else {}
        self.url = self.calls("sqs", "create_queue", QueueName=self.name, Attributes=attributes)["QueueUrl"]

    def receive(self, most, hidden):
        answer = self.calls(
            "sqs",
            "receive_message",
            QueueUrl=self.url,
            MaxNumberOfMessages=most,
            VisibilityTimeout=hidden,
            MessageSystemAttributeNames=["All"],
        )
        return answer.get("Messages", [])

    def delete(self, message):
        self.calls("sqs", "delete_message", QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])

    def drained(self):
        """All that is in the queue, which is empty afterwards. What is still in flight is waited for."""
        found = []
        wait_until(lambda: self.drain(found), 60, f"the end of {self.name}")
        return found

    def drain(self, found):
        while messages := self.receive(10, LONG):
            found.extend(messages)
            for message in messages:
                self.delete(message)
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = self.calls("sqs", "get_queue_attributes", QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return all(counts[name] == "0" for name in names)

    def acknowledged(self):
        return self.ledger.count


class Parcels(Sqs):
    """A standard queue."""

    def step(self):
        there = self.ledger.names()
        if len(there) > LONGEST or (there and self.chance.random() < 0.3):
            self.take()
        else:
            self.send()

    def send(self):
        name = f"parcel {next(self.numbers)}"
        self.ledger.attempt(name, name)
        self.calls("sqs", "send_message", QueueUrl=self.url, MessageBody=name)
        self.ledger.acknowledge(name, name)

    def take(self):
        for message in self.receive(3, HIDDEN):
            name = message["Body"]
            assert self.ledger.may_be(name) != [ABSENT], f"{name} was deleted, and is received"
            self.ledger.attempt(name, ABSENT)
            self.delete(message)
            # Its sending may be without answer; it is known now.
            self.ledger.acknowledge(name, ABSENT)
            self.ledger.open[name] = []

    def check(self):
        names = [message["Body"] for message in self.drained()]
        twice = [name for name, count in Counter(names).items() if count > 1]
        assert not twice, f"received twice within {LONG} seconds: {twice}"
        self.ledger.settle({name: name for name in names})
        self.ledger.acknowledged = {}


class Letters(Sqs):
    """A FIFO queue. What was left without an answer is sent again, and must not be there twice."""

    def __init__(self, calls, chance, name):
        super().__init__(calls, chance, name)
        self.unsent = {}  # group → number

    def step(self):
        group = f"group-{self.chance.randrange(GROUPS)}"
        if self.chance.random() < 0.3:
            self.take()
        else:
            self.send(group)

    def send(self, group):
        number = self.unsent.get(group) or next(self.numbers)
        if group not in self.unsent:
            self.ledger.attempt(number, group)
            self.unsent[group] = number
        about = {"MessageGroupId": group, "MessageDeduplicationId": f"letter-{number}"}
        self.calls("sqs", "send_message", QueueUrl=self.url, MessageBody=str(number), **about)
        del self.unsent[group]
        self.ledger.acknowledge(number, group)

    def take(self):
        began = time.monotonic()
        messages = self.receive(3, HIDDEN)
        self.in_order(messages)
        for message in messages:
            number = int(message["Body"])
            assert number in self.unsent.values() or self.ledger.may_be(number) != [ABSENT], f"{number} came back"
            self.ledger.attempt(number, ABSENT)
            if not self.deleted(message, began):
                self.ledger.withdraw(number, ABSENT)
                return
            self.ledger.acknowledge(number, ABSENT)
            # If its sending is without answer, that is known now.
            self.ledger.open[number] = []
            self.unsent = {group: other for group, other in self.unsent.items() if other != number}

    def deleted(self, message, began):
        """Whether it was in time: a FIFO queue refuses to delete what can be seen again."""
        try:
            self.delete(message)
        except Refused as refused:
            late = time.monotonic() - began >= HIDDEN
            if late and "The receipt handle has expired" in str(refused):
                return False
            raise
        return True

    def in_order(self, messages):
        for group in {message["Attributes"]["MessageGroupId"] for message in messages}:
            numbers = [int(one["Body"]) for one in messages if one["Attributes"]["MessageGroupId"] == group]
            assert numbers == sorted(set(numbers)), f"{group} is out of order: {numbers}"

    def check(self):
        messages = self.drained()
        self.in_order(messages)
        self.ledger.settle({int(one["Body"]): one["Attributes"]["MessageGroupId"] for one in messages})
        self.ledger.acknowledged = {}
        # Told again within five minutes, they would not be sent: the same id means the same message.
        self.unsent = {}


class News(Sqs):
    """A topic that a queue subscribes to: what was published arrives, at least once."""

    def __init__(self, calls, chance, name):
        super().__init__(calls, chance, name)
        self.published, self.asked, self.settled, self.repeated = set(), set(), 0, 0

    def prepare(self):
        super().prepare()
        self.topic = self.calls("sns", "create_topic", Name=self.name)["TopicArn"]
        queue = f"arn:aws:sqs:us-east-1:000000000000:{self.name}"
        raw = {"RawMessageDelivery": "true"}
        self.calls("sns", "subscribe", TopicArn=self.topic, Protocol="sqs", Endpoint=queue, Attributes=raw)

    def step(self):
        news = f"news {next(self.numbers)}"
        self.asked.add(news)
        self.tell(news)
        self.published.add(news)

    def tell(self, news):
        self.calls("sns", "publish", TopicArn=self.topic, Message=news)

    def check(self):
        """While work goes on there is nothing to say; `settle` says it."""

    def settle(self, clock):
        arrived = Counter()
        wait_until(lambda: self.all_have_arrived(clock, arrived), 60, f"{len(self.published)} published messages")
        assert arrived.keys() <= self.asked, f"never published: {arrived.keys() - self.asked}"
        self.repeated += sum(arrived.values()) - len(arrived)
        self.settled += len(self.published)
        self.published, self.asked = set(), set()

    def all_have_arrived(self, clock, arrived):
        try:
            messages = self.drained()
        except Unsure:
            return False
        arrived.update(message["Body"] for message in messages)
        if self.published <= arrived.keys():
            return True
        clock.advance(PAUSE)
        return False

    def acknowledged(self):
        return self.settled + len(self.published)


class Bulletins(News):
    """A bus whose rule has a queue for a target: what was put onto it arrives, at least once."""

    def prepare(self):
        Sqs.prepare(self)
        pattern = json.dumps({"source": ["bulletins"], "detail": {"for": ["everybody"]}})
        self.calls("events", "put_rule", Name=self.name, EventPattern=pattern)
        target = {"Id": "queue", "Arn": f"arn:aws:sqs:us-east-1:000000000000:{self.name}", "InputPath": "$.detail.text"}
        self.calls("events", "put_targets", Rule=self.name, Targets=[target])

    def tell(self, news):
        detail = json.dumps({"for": "everybody", "text": news})
        answer = self.calls("events", "put_events", Entries=[{"Source": "bulletins", "DetailType": "news", "Detail": detail}])
        assert answer["FailedEntryCount"] == 0, answer

    def drained(self):
        """As texts: what a path finds is told as JSON."""
        return [{**message, "Body": json.loads(message["Body"])} for message in super().drained()]
