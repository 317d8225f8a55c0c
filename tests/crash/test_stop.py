"""SIGTERM under load: what was under way is answered, and who comes too late is told so before anything happened."""

import json
import threading

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from harness import functions, tables
from harness.clients import Clients
from harness.wait import wait_until

SLOW = "import time\ndef handler(event, context):\n    time.sleep(event['seconds'])\n    return event"

# Uses the platform before it sleeps and after: with a new connection, made while the platform stops.
LATE = """
import time, boto3
def count(event, which):
    boto3.client("dynamodb").update_item(
        TableName=event["table"],
        Key={"id": {"S": which}},
        UpdateExpression="ADD n :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
def handler(event, context):
    count(event, "begun")
    time.sleep(1)
    count(event, "ended")
"""


class Client(threading.Thread):
    """Calls until nothing listens any more, and sorts what it gets."""

    def __init__(self, call):
        super().__init__(daemon=True)
        self.call = call
        self.answered, self.cut, self.failed, self.turned_away = 0, [], [], 0
        self.over = threading.Event()

    def run(self):
        while not self.over.is_set():
            try:
                self.call()
                self.answered += 1
            except EndpointConnectionError:
                self.turned_away += 1
                return
            except ClientError as error:
                self.failed.append(error)
            except (BotoCoreError, OSError) as error:
                self.cut.append(error)


def test_a_stop_answers_what_is_under_way_and_fails_nobody(fresh):
    platform = fresh().start()
    clients = Clients(platform.url)
    table = tables.create(clients)
    quick = functions.create(clients, "def handler(event, context):\n    return 1")
    slow = functions.create(clients, SLOW)
    payload = json.dumps({"seconds": 1.5})
    item = {"id": {"S": "x"}, "filler": {"S": "y" * 2000}}

    def calls():
        own = Clients(platform.url)
        dynamodb, lambda_ = own.boto("dynamodb"), own.boto("lambda")
        yield lambda: dynamodb.put_item(TableName=table, Item=item)
        yield lambda: dynamodb.get_item(TableName=table, Key={"id": {"S": "x"}})
        yield lambda: lambda_.invoke(FunctionName=quick.name)["Payload"].read()
        yield lambda: lambda_.invoke(FunctionName=slow.name, Payload=payload)["Payload"].read()

    workers = [Client(call) for _ in range(2) for call in calls()]
    for worker in workers:
        worker.start()
    wait_until(lambda: all(worker.answered for worker in workers), 60, "an answer for everybody")
    answered = sum(worker.answered for worker in workers)
    assert platform.terminate() == 0, platform.tail()
    for worker in workers:
        worker.join(30)
    cut = [error for worker in workers for error in worker.cut]
    failed = [error for worker in workers for error in worker.failed]
    late = sum(worker.answered for worker in workers) - answered
    print(f"{late} answered after SIGTERM, {len(cut)} cut off, {len(failed)} failed")
    assert not failed, failed[:3]
    assert not cut, cut[:3]
    assert all(worker.turned_away for worker in workers)


def test_an_event_under_way_runs_to_its_end_and_not_again(fresh):
    platform = fresh().start()
    clients = Clients(platform.url)
    table = tables.create(clients)
    late = functions.create(clients, LATE)
    late.client.invoke(FunctionName=late.name, InvocationType="Event", Payload=json.dumps({"table": table}))
    wait_until(lambda: count(clients, table, "begun"), 30, "the event's beginning")
    assert platform.terminate() == 0, platform.tail()
    platform.start()
    platform.advance(3600)
    assert [count(clients, table, which) for which in ("begun", "ended")] == [1, 1]


def count(clients, table, which):
    found = clients.boto("dynamodb").get_item(TableName=table, Key={"id": {"S": which}}, ConsistentRead=True)
    return int(found["Item"]["n"]["N"]) if "Item" in found else 0
