"""Three nodes on one PostgreSQL, killed in turn, and PostgreSQL itself: nothing acknowledged is lost."""

import pytest

from harness.load.crowd import Crowd
from harness.load.town import Town
from harness.wait import wait_until

# One round kills this many nodes, and PostgreSQL. Rounds take longer than a kill of a single node, so there are fewer.
KILLS, CYCLES = 4, 25


@pytest.fixture
def server(own_postgres):
    return own_postgres()


@pytest.mark.cycles
def test_nothing_acknowledged_is_lost(server, fleet, chance, cycles, progress):
    database = server.fresh_database()
    many = fleet(database).start()
    town = Town(many.urls, chance, read_timeout=20)
    town.prepare()
    crowd = Crowd(town.working, stays=True)
    rounds = max(1, cycles // CYCLES)
    for number in range(1, rounds + 1):
        crowd.start()
        for turn in range(KILLS):
            kill_one(many, turn % len(many.nodes), crowd, chance)
            if turn == number % KILLS:
                kill_the_database(server, many, crowd, chance)
        for node in many.nodes:
            node.await_ready(120)
        crowd.stop()
        wait_until(lambda: not server.busy(database), 30, "the end of what the dead had begun")
        town.check()
        progress(f"{number} of {rounds} rounds: acknowledged {town.acknowledged()}, without answer {town.unanswered()}")
    town.settle(many.any())
    progress(f"all {town.events.settled} events ran, {town.events.repeated} of them again")
    assert all(town.acknowledged().values()), "each kind of work was done"
    assert [node.terminate() for node in many.nodes] == [0] * len(many.nodes)


def kill_one(many, turn, crowd, chance):
    """While the node killed before it may still be starting, and at least one other serves."""
    victim, last = many.nodes[turn], many.nodes[turn - 2]
    last.await_ready(120)
    crowd.let_work(chance.uniform(0.1, 1.0))
    victim.kill()
    crowd.let_work(chance.uniform(0.0, 2.0))
    victim.spawn()


def kill_the_database(server, many, crowd, chance):
    for node in many.nodes:
        node.await_ready(120)  # One that starts without a database says so and ends.
    crowd.let_work(chance.uniform(0.1, 0.5))
    server.kill()
    crowd.let_work(chance.uniform(0.0, 1.0))
    server.start()
