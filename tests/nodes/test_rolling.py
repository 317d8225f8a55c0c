"""A rolling restart under load: a client that tries once more on another node notices nothing."""

import random
import threading

from harness import functions, tables
from harness.clients import Clients
from harness.load.calls import Calls, Unsure
from harness.wait import wait_until

# Clients that write, read and invoke.
CLIENTS = 6


class Steady(threading.Thread):
    """Calls without pause; what fails once is asked for again, on the next node. Twice is an error."""

    def __init__(self, urls, number, table, function):
        super().__init__(daemon=True)
        self.calls = Calls(urls, random.Random(number)).warm_up("dynamodb", "lambda")
        self.kind = (self.put, self.get, self.invoke)[number % 3]
        self.table, self.function = table, function
        self.answered, self.again, self.errors = 0, 0, []
        self.over = threading.Event()

    def run(self):
        while not self.over.is_set():
            try:
                self.once_more()
            except Exception as error:  # noqa: BLE001 - told by the test
                self.errors.append(error)
                return

    def once_more(self):
        try:
            self.kind()
        except Unsure:
            self.again += 1
            self.kind()
        self.answered += 1

    def put(self):
        item = {"id": {"S": f"{self.name}-{self.answered % 50}"}, "v": {"N": str(self.answered)}}
        self.calls("dynamodb", "put_item", TableName=self.table, Item=item)

    def get(self):
        self.calls("dynamodb", "get_item", TableName=self.table, Key={"id": {"S": "x"}}, ConsistentRead=True)

    def invoke(self):
        answer = self.calls("lambda", "invoke", FunctionName=self.function)
        assert answer["Payload"].read() == b"1"


def test_a_client_that_tries_once_more_sees_no_error(database, fleet, progress):
    many = fleet(database).start()
    clients = Clients(many.urls[0])
    table, function = tables.create(clients), functions.create(clients, "def handler(event, context):\n    return 1")
    steady = [Steady(many.urls, number, table, function.name) for number in range(CLIENTS)]
    for one in steady:
        one.start()
    for node in many.nodes:
        await_progress(steady)
        assert node.terminate(60) == 0, node.tail()
        await_progress(steady)
        node.start()
        many.await_shares()
    for one in steady:
        one.over.set()
    for one in steady:
        one.join(60)
    answered, cut = sum(one.answered for one in steady), sum(one.again for one in steady)
    moved = sum(one.calls.refused_connections for one in steady)
    progress(f"{answered} answered, {cut} asked for again, {moved} connections refused while nodes were away")
    errors = [error for one in steady for error in one.errors]
    assert not errors, errors[:3]


def await_progress(steady, answers=10):
    """Everybody gets answers, now."""
    before = [one.answered for one in steady]

    def moved():
        return all(one.errors or one.answered >= was + answers for one, was in zip(steady, before))

    wait_until(moved, 60, "answers for every client")
