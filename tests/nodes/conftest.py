"""A PostgreSQL for all of these tests, databases and fleets of their own; servers that may be killed."""

import pytest

from harness.fleet import Fleet
from harness.postgres import Server, given_or_own


@pytest.fixture(scope="session")
def postgres():
    server = given_or_own()
    yield server
    server.remove()


@pytest.fixture
def database(postgres):
    url = postgres.fresh_database()
    yield url
    postgres.drop(url)


@pytest.fixture
def own_postgres():
    """Makes servers of the test's own, to be killed, stopped and promoted."""
    made = []

    def make(**settings):
        made.append(Server())
        return made[-1].start(**settings)

    yield make
    for server in made:
        server.remove()


@pytest.fixture
def fleet(tmp_path):
    """Makes fleets; all their nodes are stopped at the end."""
    made = []

    def make(store, **options):
        made.append(Fleet(tmp_path / f"fleet-{len(made)}", store, **options))
        return made[-1]

    yield make
    for one in made:
        one.stop()
        for node in one.nodes:
            log = node.log.read_text(errors="replace") if node.log.exists() else ""
            assert "panicked at" not in log, f"node {node.name} panicked; see {node.log}"
