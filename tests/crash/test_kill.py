"""kill -9 under mixed load: whatever was acknowledged is there afterwards, nothing is half done, no event is lost."""

import collections
import random

import pytest

from harness import tables
from harness.clients import Clients
from harness.load.apis import Apis
from harness.load.calls import Calls
from harness.load.crowd import Crowd
from harness.load.events import Events
from harness.load.items import Items
from harness.load.packages import Packages
from harness.load.queue import Queue
from harness.load.transfers import Bank

# The platform works this long before it is killed, at most, in seconds.
LONGEST = 0.9
# After this many kills all that was accepted must have been done.
SETTLE = 25
SERVICES = ("dynamodb", "lambda", "apigatewayv2")


class Town:
    """All stations on one platform."""

    def __init__(self, urls, chance):
        def calls():
            return Calls(urls, chance).warm_up(*SERVICES)

        def luck():
            return random.Random(chance.random())

        self.bank = Bank(calls(), "bank")
        tellers = [self.bank.teller(calls(), luck()) for _ in range(2)]
        items = [Items(calls(), luck(), f"items-{n}") for n in range(2)]
        singles = [kind(calls(), luck(), name) for kind, name in ((Queue, "queue"), (Packages, "f"), (Apis, "api"))]
        self.events = Events(calls(), luck(), "recorder")
        self.checked = [self.bank, *items, *singles, self.events]
        self.working = [*tellers, *items, *singles, self.events]

    def prepare(self):
        for station in self.checked:
            station.prepare()

    def check(self):
        for station in self.checked:
            station.check()

    def acknowledged(self):
        sums = collections.Counter()
        for station in self.checked:
            sums[type(station).__name__.lower()] += station.acknowledged()
        return dict(sums)


@pytest.mark.cycles
def test_nothing_acknowledged_is_lost(fresh, chance, cycles, progress):
    platform = fresh().start()
    town = Town([platform.url], chance)
    town.prepare()
    crowd = Crowd(town.working)
    for cycle in range(1, cycles + 1):
        crowd.start()
        crowd.let_work(chance.uniform(0.02, LONGEST))
        platform.kill()
        crowd.stop()
        start_again(platform, chance)
        town.check()
        if cycle % SETTLE == 0 or cycle == cycles:
            town.events.settle(platform)
            progress(f"{cycle} kills: acknowledged {town.acknowledged()}, {town.events.repeated} events ran again")
    assert all(town.acknowledged().values()), "each kind of work was done"
    assert platform.terminate() == 0


def start_again(platform, chance):
    """Sometimes it is killed while it starts, at whatever it does then."""
    while chance.random() < 0.2:
        platform.spawn()
        platform.dies_after(chance.uniform(0, 0.1))
    platform.start()


def test_a_kill_while_it_starts_harms_nothing(fresh):
    platform = fresh().start()
    name = tables.create(Clients(platform.url))
    client = Clients(platform.url).boto("dynamodb")
    client.put_item(TableName=name, Item={"id": {"S": "here"}})
    platform.kill()
    for _ in range(5):
        platform.spawn()
        platform.kill()
    platform.start()
    assert client.get_item(TableName=name, Key={"id": {"S": "here"}}, ConsistentRead=True)["Item"]
