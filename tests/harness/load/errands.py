"""Functions that are called from queues: each message that was accepted is worked at, in the order of its group where there is
one, and leaves its queue."""

import time

from ..wait import wait_until
from .events import ASKS, BETWEEN, COUNTS, FAILING, LONGEST_PAUSE, Events, make_function

# A message that is being worked at is hidden for as long as the function may take, in seconds.
TIMEOUT = 10
# Of messages that weren't looked for yet there are no more than this many: whoever sends is faster than whoever works.
MOST = 200
GROUPS = 3

REPORTS = """
def handler(event, context):
    failed = []
    for record in event["Records"]:
        try:
            run(json.loads(record["body"]))
        except RuntimeError:
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
"""

# Each group's row holds the number that was done last. One that comes while the one before it isn't done is out of its order;
# one that was done already is a repetition, and that is allowed.
ORDER = """
def handler(event, context):
    for at, record in enumerate(event["Records"]):
        group, number = record["attributes"]["MessageGroupId"], int(record["body"])
        first = int(record["attributes"]["ApproximateReceiveCount"]) == 1
        if number % FAILING == 0 and first:
            return {"batchItemFailures": [{"itemIdentifier": one["messageId"]} for one in event["Records"][at:]]}
        done(group, number)
    return {"batchItemFailures": []}

def done(group, number):
    key = {"id": {"S": group}}
    values = {":this": {"N": str(number)}, ":last": {"N": str(number - 1)}}
    answer = ask(
        "UpdateItem",
        Key=key,
        UpdateExpression="SET done = :this",
        ConditionExpression="done = :last",
        ExpressionAttributeValues=values,
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )
    last = int(answer["Item"]["done"]["N"]) if "Item" in answer else number
    if last < number:
        wrong = {":wrong": {"SS": [f"{number} after {last}"]}}
        ask("UpdateItem", Key=key, UpdateExpression="ADD wrong :wrong", ExpressionAttributeValues=wrong)
"""


class Mapped:
    """A queue that a function is called from."""

    def __init__(self, calls, name):
        self.calls, self.name = calls, name

    def prepare(self, batch):
        about = {"FifoQueue": "true"} if self.name.endswith(".fifo") else {}
        about["VisibilityTimeout"] = str(TIMEOUT)
        self.url = self.calls("sqs", "create_queue", QueueName=self.name, Attributes=about)["QueueUrl"]
        source = f"arn:aws:sqs:us-east-1:000000000000:{self.name}"
        mapping = {"EventSourceArn": source, "FunctionName": self.function, "BatchSize": batch}
        reports = ["ReportBatchItemFailures"]
        self.calls("lambda", "create_event_source_mapping", FunctionResponseTypes=reports, **mapping)

    @property
    def function(self):
        return self.name.removesuffix(".fifo")

    def send(self, body, **about):
        self.calls("sqs", "send_message", QueueUrl=self.url, MessageBody=body, **about)

    def counts(self):
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.calls("sqs", "get_queue_attributes", QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return [int(found[name]) for name in names]


class Errands(Events):
    """Messages of a standard queue. Of those that fail first, every so many."""

    def __init__(self, calls, chance, name):
        super().__init__(calls, chance, name)
        self.queue = Mapped(calls, name)

    def prepare(self):
        self.calls.create_table(self.table)
        make_function(self.calls, self.name, ASKS + COUNTS + REPORTS, self.table, Timeout=TIMEOUT)
        self.queue.prepare(batch=5)

    def step(self):
        if len(self.accepted) < MOST and self.chance.random() < 0.5:
            super().step()
        else:
            self.queue.counts()

    def tell(self, event):
        self.queue.send(event)

    def all_have_run_after(self, clock):
        """And what was done has left the queue."""
        runs = super().all_have_run_after(clock)
        return runs if runs is not None and self.queue.counts() == [0, 0] else None


class Processions:
    """Groups of a FIFO queue. What was left without an answer is sent again: the next of its group only once it was accepted."""

    def __init__(self, calls, chance, name):
        self.calls, self.chance = calls, chance
        self.queue = Mapped(calls, name)
        self.table = f"{self.queue.function}-order"
        self.sent = dict.fromkeys((f"group-{n}" for n in range(GROUPS)), 0)
        self.looked_for = 0
        self.moved = 0.0

    def prepare(self):
        self.calls.create_table(self.table)
        for group in self.sent:
            self.calls("dynamodb", "put_item", TableName=self.table, Item={"id": {"S": group}, "done": {"N": "0"}})
        source = f"FAILING = {FAILING}\n{ASKS}{ORDER}"
        make_function(self.calls, self.queue.function, source, self.table, Timeout=TIMEOUT)
        self.queue.prepare(batch=4)

    def step(self):
        if self.acknowledged() - self.looked_for < MOST and self.chance.random() < 0.5:
            group = f"group-{self.chance.randrange(GROUPS)}"
            number = self.sent[group] + 1
            self.queue.send(str(number), MessageGroupId=group, MessageDeduplicationId=f"{group}-{number}")
            self.sent[group] = number
        else:
            self.look()

    def check(self):
        """Under load too, and after each kill: nothing is ever out of its order."""
        self.look()

    def look(self):
        """What each group has come to."""
        rows = self.calls("dynamodb", "scan", TableName=self.table, ConsistentRead=True)["Items"]
        wrong = {row["id"]["S"]: row["wrong"]["SS"] for row in rows if "wrong" in row}
        assert not wrong, f"out of order: {wrong}"
        done = {row["id"]["S"]: int(row["done"]["N"]) for row in rows}
        # The one after those that were accepted may be on its way.
        early = {group: number for group, number in done.items() if number > self.sent[group] + 1}
        assert not early, f"never sent: {early}, of {self.sent}"
        return done

    def settle(self, clock, seconds=120.0):
        self.moved = float("-inf")
        wait_until(lambda: self.all_are_done_after(clock), seconds, f"the end of {self.queue.name}: {self.sent}")
        self.looked_for = self.acknowledged()

    def all_are_done_after(self, clock):
        if time.monotonic() - self.moved >= BETWEEN:
            clock.advance(LONGEST_PAUSE)
            self.moved = time.monotonic()
        done = self.look()
        return all(done[group] >= number for group, number in self.sent.items()) and self.queue.counts() == [0, 0]

    def acknowledged(self):
        return sum(self.sent.values())
