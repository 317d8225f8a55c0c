"""kill -9 under write load: whatever was acknowledged is there afterwards, and the store opens each time."""

import itertools
import json
import random
import threading

from botocore.exceptions import BotoCoreError, ClientError

from harness import tables
from harness.clients import Clients
from harness.wait import wait_until

WRITERS = 8
TABLE = "crash"


class Load:
    """Writers that put, delete and count until the platform dies, remembering what was acknowledged."""

    def __init__(self, url):
        self.url = url
        self.acknowledged = {}  # id → value, or None for a deleted one
        self.unsure = {}  # id → what was asked for when the connection broke
        self.counted = 0
        self.uncertain_counts = 0
        self.lock = threading.Lock()
        self.ids = itertools.count()

    def run(self, until_acknowledged):
        """Starts the writers; returns when that many more writes were acknowledged."""
        goal = len(self.acknowledged) + until_acknowledged
        self.threads = [threading.Thread(target=self.writer, args=(n,), daemon=True) for n in range(WRITERS)]
        for thread in self.threads:
            thread.start()
        wait_until(lambda: len(self.acknowledged) >= goal, 60, f"{goal} acknowledged writes")

    def join(self):
        for thread in self.threads:
            thread.join(30)
            assert not thread.is_alive(), "a writer hangs"

    def writer(self, seed):
        chance = random.Random(f"{seed}-{len(self.acknowledged)}")
        client = Clients(self.url).boto("dynamodb")
        mine = []
        while self.step(client, chance, mine):
            pass

    def step(self, client, chance, mine):
        """One write; false once the platform is gone."""
        kind = chance.choice(("put", "put", "put", "delete", "count", "pair"))
        if kind == "delete" and mine:
            return self.attempt({mine.pop(): None}, client)
        if kind == "count":
            return self.count(client)
        new = {f"k{next(self.ids)}": chance.randrange(10**9) for _ in range(2 if kind == "pair" else 1)}
        mine.extend(new)
        return self.attempt(new, client)

    def attempt(self, change, client):
        with self.lock:
            self.unsure.update(change)
        try:
            write(client, change)
        except (BotoCoreError, ClientError, OSError):
            return False
        with self.lock:
            for name in change:
                self.unsure.pop(name)
            self.acknowledged.update(change)
        return True

    def count(self, client):
        try:
            client.update_item(
                TableName=TABLE,
                Key={"id": {"S": "counter"}},
                UpdateExpression="ADD n :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
            )
        except (BotoCoreError, ClientError, OSError):
            with self.lock:
                self.uncertain_counts += 1
            return False
        with self.lock:
            self.counted += 1
        return True


def write(client, change):
    """One name: a put or delete. Two: a transaction, which must be there wholly or not at all."""
    if len(change) == 1:
        ((name, value),) = change.items()
        if value is None:
            client.delete_item(TableName=TABLE, Key={"id": {"S": name}})
        else:
            client.put_item(TableName=TABLE, Item=item(name, value))
        return
    puts = [{"Put": {"TableName": TABLE, "Item": item(name, value, list(change))}} for name, value in change.items()]
    client.transact_write_items(TransactItems=puts)


def item(name, value, together=None):
    pair = {"pair": {"S": json.dumps(together)}} if together else {}
    return {"id": {"S": name}, "v": {"N": str(value)}, "filler": {"S": "x" * 300}, **pair}


def everything(client):
    found = {}
    for page in client.get_paginator("scan").paginate(TableName=TABLE, ConsistentRead=True):
        for row in page["Items"]:
            found[row["id"]["S"]] = row
    return found


def check(load, client):
    """Acknowledged ⊆ present, deleted stays deleted, pairs are whole, the counter lost nothing and made nothing up."""
    rows = everything(client)
    counter = int(rows.pop("counter", {"n": {"N": "0"}})["n"]["N"])
    for name, value in load.acknowledged.items():
        if name in load.unsure:
            continue  # A later write to it was cut off: both outcomes are right.
        there = int(rows[name]["v"]["N"]) if name in rows else None
        assert there == value, f"{name}: acknowledged {value}, found {there}"
    for name, row in rows.items():
        known = load.acknowledged.get(name, load.unsure.get(name))
        assert known is not None or name in load.unsure, f"{name} was never written"
        if "pair" in row:
            partners = json.loads(row["pair"]["S"])
            missing = [p for p in partners if p not in rows and load.acknowledged.get(p, 0) is not None and p not in load.unsure]
            whole = all(p in rows or was_deleted(load, p) for p in partners)
            assert whole, f"half a transaction: {partners}, without {missing}"
    assert load.counted <= counter <= load.counted + load.uncertain_counts
    return len(rows)


def was_deleted(load, name):
    return load.acknowledged.get(name, 0) is None or load.unsure.get(name, 0) is None


def test_nothing_acknowledged_is_lost(fresh, pytestconfig):
    cycles = pytestconfig.getoption("--cycles")
    platform = fresh().start()
    tables.create(Clients(platform.url), name=TABLE)
    load = Load(platform.url)
    chance = random.Random(7)
    for cycle in range(cycles):
        load.run(until_acknowledged=chance.randrange(20, 150))
        platform.kill()
        load.join()
        platform.start()
        rows = check(load, Clients(platform.url).boto("dynamodb"))
        print(f"cycle {cycle + 1} of {cycles}: {len(load.acknowledged)} acknowledged, {rows} rows, {load.counted} counted")
    assert platform.terminate() == 0


def test_a_kill_while_it_starts_harms_nothing(fresh):
    platform = fresh().start()
    tables.create(Clients(platform.url), name=TABLE)
    Clients(platform.url).boto("dynamodb").put_item(TableName=TABLE, Item=item("here", 1))
    platform.kill()
    for _ in range(5):
        platform.spawn()
        platform.kill()
    platform.start()
    assert "here" in everything(Clients(platform.url).boto("dynamodb"))
