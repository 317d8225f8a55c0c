"""kill -9 under mixed load: whatever was acknowledged is there afterwards, nothing is half done, no event is lost."""

from contextlib import contextmanager

import pytest

from harness import tables
from harness.clients import Clients
from harness.load.crowd import Crowd
from harness.load.town import Town

# The platform works this long before it is killed, at most, in seconds.
LONGEST = 0.9
# After this many kills all that was accepted must have been done.
SETTLE = 25


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
        with lives(platform):
            town.check()
        if cycle % SETTLE == 0 or cycle == cycles:
            town.settle(platform)
            progress(f"{cycle} kills: acknowledged {town.acknowledged()}, {town.events.repeated} events ran again")
    assert all(town.acknowledged().values()), "each kind of work was done"
    assert platform.terminate() == 0


@contextmanager
def lives(platform):
    """Whatever fails: if the platform has ended, it is that which is told."""
    try:
        yield
    except Exception:
        assert platform.alive(), f"updraft ended with {platform.process.returncode}:\n{platform.tail()}"
        raise


def start_again(platform, chance):
    """Sometimes it is killed while it starts, at whatever it does then."""
    while chance.random() < 0.2:
        platform.spawn()
        platform.dies_after(chance.uniform(0, 0.1))
    platform.start(seconds=120)


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
