"""Asynchronous invocations: each one that was accepted runs at least once, also if its first attempt fails."""

import json
import time
from collections import Counter
from pathlib import Path

from .. import functions
from ..wait import wait_until

HARNESS = Path(__file__).resolve().parents[1]

# How functions ask DynamoDB: by requests they sign themselves (the SDK takes long to import), until one is acknowledged.
ASKS = """
import json, os, time
from types import SimpleNamespace
from urllib.parse import urlsplit
from harness import signing

URL = os.environ["AWS_ENDPOINT_URL"]
HERE = SimpleNamespace(url=URL, port=urlsplit(URL).port)
REFUSED = "ConditionalCheckFailedException"

def ask(operation, **about):
    body = json.dumps({"TableName": os.environ["RUNS"], **about}).encode()
    until = time.monotonic() + 15
    while True:
        status, answer = once(operation, body)
        if status == 200 or (status == 400 and REFUSED in answer):
            return json.loads(answer)
        if time.monotonic() > until:
            raise RuntimeError(f"not acknowledged: {status} {answer}")
        time.sleep(0.1)

def once(operation, body):
    keys = {"key": os.environ["AWS_ACCESS_KEY_ID"], "secret": os.environ["AWS_SECRET_ACCESS_KEY"]}
    token = {"x-amz-security-token": os.environ["AWS_SESSION_TOKEN"]}
    try:
        answer = signing.json_call(HERE, operation, body, extra=token, **keys)
    except OSError as error:
        return 0, str(error)
    return answer.status, answer.text
"""

# Counts each run of an event in a table.
COUNTS = """
def run(event):
    answer = ask(
        "UpdateItem",
        Key={"id": {"S": event["id"]}},
        UpdateExpression="ADD runs :one SET node = :node",
        ExpressionAttributeValues={":one": {"N": "1"}, ":node": {"S": os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]}},
        ReturnValues="ALL_NEW",
    )
    runs = int(answer["Attributes"]["runs"]["N"])
    if runs <= event["failures"]:
        raise RuntimeError("as it was asked to")
    return runs
"""

HANDLER = """
def handler(event, context):
    return run(event)
"""

# Lambda's pause before the second retry, and a second.
LONGEST_PAUSE = 121

# Real time between two moves of the clock, in seconds. Events are given up after six hours of its time: whoever moved it as
# fast as it can be moved would be there before a busy machine has started what is to run them.
BETWEEN = 1.5

# Of those that fail first, every this many.
FAILING = 8


def make_function(calls, name, source, table, **settings):
    """One that asks DynamoDB about a table."""
    files = {f"harness/{file}": (HARNESS / file).read_text() for file in ("__init__.py", "signing.py", "raw.py")}
    about = {"FunctionName": name, "Environment": {"Variables": {"RUNS": table}}, **settings}
    functions.create(calls.nodes[0], source, files=files, **about)


class Events:
    def __init__(self, calls, chance, name):
        self.calls, self.chance, self.name = calls, chance, name
        self.table = f"{name}-runs"
        self.accepted = {}  # id → how many failures were asked for
        self.open = set()
        self.asked = 0
        self.settled = 0
        self.repeated = 0
        self.moved = 0.0

    def prepare(self):
        self.calls.create_table(self.table)
        make_function(self.calls, self.name, ASKS + COUNTS + HANDLER, self.table, Timeout=30)

    def step(self):
        self.ask(failures=int(self.asked % FAILING == 0))

    def ask(self, failures):
        self.asked += 1
        event = {"id": f"event-{self.asked}", "failures": failures}
        self.open.add(event["id"])
        self.tell(json.dumps(event))
        self.open.discard(event["id"])
        self.accepted[event["id"]] = event["failures"]

    def tell(self, event):
        self.calls("lambda", "invoke", FunctionName=self.name, InvocationType="Event", Payload=event)

    def check(self):
        """While work goes on there is nothing to say; `settle` says it."""

    def settle(self, clock, seconds=120.0):
        """Moves time on, past one pause before a retry after the other, until every accepted event has run.

        `clock.advance` answers when what was due has run, but not for what other nodes are in the middle of.
        """
        self.moved = float("-inf")
        runs = wait_until(lambda: self.all_have_run_after(clock), seconds, f"{len(self.accepted)} accepted events")
        for event, count in runs.items():
            assert event in self.accepted or event in self.open, f"{event} was never asked for"
            self.repeated += max(0, count - 1 - self.accepted.get(event, 0))
        self.settled += len(self.accepted)
        self.accepted, self.open = {}, set()
        self.forget(runs)

    def runs(self):
        """How often each event has run."""
        pages = self.calls.pages("dynamodb", "scan", TableName=self.table, ConsistentRead=True)
        return {row["id"]["S"]: int(row["runs"]["N"]) for page in pages for row in page["Items"]}

    def all_failed_once(self):
        return self.accepted.keys() <= self.runs().keys()

    def all_have_run_after(self, clock):
        if time.monotonic() - self.moved >= BETWEEN:
            clock.advance(LONGEST_PAUSE)
            self.moved = time.monotonic()
        runs = self.runs()
        missing = {event for event, failures in self.accepted.items() if runs.get(event, 0) <= failures}
        if not missing:
            return runs or Counter()
        return None

    def forget(self, runs):
        for event in runs:
            self.calls("dynamodb", "delete_item", TableName=self.table, Key={"id": {"S": event}})

    def acknowledged(self):
        return self.settled + len(self.accepted)
