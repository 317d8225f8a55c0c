"""Fixtures: one shared platform for most tests, fresh ones for those that stop or break theirs."""

import functools
import random

import pytest

from harness import durable, functions, postgres, ric, tables
from harness.clients import Clients
from harness.platform import Platform, binary, watched

# What one cycle may take on a slow machine, and what a test may take besides.
CYCLE, BESIDES = 15, 180


def pytest_addoption(parser):
    parser.addoption("--cycles", type=int, default=50, help="how often the crash test kills the platform")
    parser.addoption("--store", choices=["postgres"], help="what the shared platform keeps its rows in, if not the default")
    parser.addoption("--seed", type=int, help="of the moments at which it is killed, and of the load; printed by each run")


def pytest_sessionstart(session):
    if not binary().is_file():
        pytest.exit(f"{binary()} isn't there: cargo build -p updraft, or set UPDRAFT_BIN", returncode=2)


def pytest_collection_modifyitems(config, items):
    seconds = BESIDES + CYCLE * config.getoption("--cycles")
    for item in items:
        if item.get_closest_marker("cycles"):
            item.add_marker(pytest.mark.timeout(seconds))


@pytest.fixture(scope="session")
def stores(pytestconfig):
    """Says how a platform is told where to keep rows: each time somewhere else."""
    if pytestconfig.getoption("--store") is None:
        yield tuple
        return
    server = postgres.given_or_own()
    yield lambda: ("--store", server.fresh_database())
    server.remove()


@pytest.fixture(scope="session")
def store(stores):
    """The shared platform's."""
    return stores()


@pytest.fixture(scope="session")
def platform(tmp_path_factory, store):
    """One platform for all tests that leave it alive; it must still be alive at the end."""
    with watched(tmp_path_factory.mktemp("shared"), "the shared platform", extra=store) as platform:
        yield platform


@pytest.fixture(scope="session")
def clients(platform):
    return Clients(platform.url)


@pytest.fixture
def fresh(tmp_path):
    """Makes platforms of a test's own; all are stopped at its end."""
    made = []

    def make(folder="one", **options):
        platform = Platform(tmp_path / folder, **options)
        made.append(platform)
        return platform

    yield make
    for platform in made:
        platform.stop()


@pytest.fixture(scope="session")
def durables(tmp_path_factory):
    """A platform of whose time tests of durable functions may dispose. Makes functions, one for each language."""
    what, extra = "the platform of the durable functions", ("--node", durable.node())
    with watched(tmp_path_factory.mktemp("durable"), what, extra=extra) as platform:
        clients = Clients(platform.url)
        yield functools.cache(lambda language: durable.Durable(platform, clients, language))


@pytest.fixture(scope="session")
def pairs(tmp_path_factory):
    """Makes pairs of functions, one of each over AWS's own client, on a platform of their own."""
    platform = Platform(tmp_path_factory.mktemp("ric"), extra=("--node", durable.node())).start()
    yield ric.Pairs(Clients(platform.url))
    alive, tail = platform.alive(), platform.tail()
    platform.stop()
    assert alive, f"the platform of the clients died:\n{tail}"


@pytest.fixture
def table(clients):
    """A table keyed by `id`."""
    return tables.create(clients)


@pytest.fixture
def function(clients):
    """Makes functions and deletes them at the end, so that their instances go too."""
    made = []

    def make(source, language="python", **settings):
        made.append(functions.create(clients, source, language, **settings))
        return made[-1]

    yield make
    for one in made:
        one.client.delete_function(FunctionName=one.name)


@pytest.fixture
def chance(pytestconfig):
    seed = pytestconfig.getoption("--seed")
    seed = random.SystemRandom().randrange(2**32) if seed is None else seed
    print(f"--seed={seed}")
    return random.Random(seed)


@pytest.fixture
def cycles(pytestconfig):
    return pytestconfig.getoption("--cycles")


@pytest.fixture
def progress(capsys):
    """Prints past pytest's capture, so that a long run can be watched."""

    def say(text):
        with capsys.disabled():
            print(text, flush=True)

    return say
