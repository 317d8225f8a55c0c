"""One platform for all attacks, watched before and after each of them."""

import os
import tempfile
from pathlib import Path

import pytest

from harness.platform import binary
from sandbox.lab import nobody
from sandbox.lab.arena import Arena
from sandbox.lab.attack import Attack
from sandbox.lab.left import Watch
from sandbox.lab.names import ATTACKS
from sandbox.lab.servers import MACHINE_PORT
from sandbox.lab.summary import FAILED, HELD, OPEN, Notes
from sandbox.lab.world import world as make_world

NOTES = Notes()
# The arena's platform, once it runs.
SHARED = []


def pytest_addoption(parser):
    parser.addoption("--unprivileged", action="store_true", help="the platform is run by nobody special; takes root")


def pytest_collection_modifyitems(config, items):
    """Without rights, what isn't meant to hold must not hold: if it does, the list is out of date."""
    if not config.getoption("--unprivileged"):
        return
    # Platforms of a test's own are run by whoever runs the tests.
    items[:] = [item for item in items if item.path.stem in nobody.ABOUT_ISOLATION and "fresh" not in item.fixturenames]
    for item in items:
        why = nobody.DOES_NOT_HOLD.get(attack_of(item.name) or item.name)
        if why:
            item.add_marker(pytest.mark.xfail(reason=why, strict=True))


def attack_of(name):
    """The attack of the list that a test is about, if it is about one."""
    stem = name.removeprefix("test_").replace("_", "-")
    return stem if stem in ATTACKS else None


@pytest.fixture(scope="session")
def arena(pytestconfig):
    unprivileged = pytestconfig.getoption("--unprivileged")
    # Not among pytest's own folders, which nobody else may enter.
    with tempfile.TemporaryDirectory(prefix="updraft-escapes-") as folder:
        os.chmod(folder, 0o755)
        yield from _arena(Path(folder), nobody.Nobody() if unprivileged else None)


def _arena(folder, user):
    arena = Arena(folder, user)
    NOTES.rows, NOTES.level = arena.rows, arena.level
    SHARED.append(arena.platform.process.pid)
    yield arena
    alive, log = arena.platform.alive(), arena.platform.log
    arena.stop()
    assert alive, f"the platform died:\n{arena.platform.tail()}"
    assert "panicked at" not in log.read_text(errors="replace"), "the platform panicked; see its log"


@pytest.fixture(autouse=True)
def undisturbed(request):
    """Host and neighbour are as before when a test is over, and nothing of it is left."""
    if "arena" not in request.fixturenames:
        yield
        return
    arena = request.getfixturevalue("arena")
    arena.end(arena.attacker)
    arena.neighbour.check()
    host = arena.bait.fingerprint()
    yield
    arena.end(arena.attacker)
    arena.neighbour.check()
    assert arena.bait.fingerprint() == host, "the host has changed"
    arena.await_nothing_left()


@pytest.fixture
def fresh(fresh):
    """As everywhere; and nothing is left of the platforms when a test is over, however they ended."""
    made, watch = [], Watch(binary())

    def make(*args, **options):
        made.append(fresh(*args, **options))
        return made[-1]

    yield make
    for platform in made:
        platform.stop()
    watch.await_nothing_left(made, SHARED)


@pytest.fixture(scope="session")
def user(pytestconfig):
    """Who runs the platforms. `None`: whoever runs the tests."""
    return nobody.Nobody() if pytestconfig.getoption("--unprivileged") else None


@pytest.fixture(scope="session")
def world(user):
    """One machine with an internet behind it, for all tests that leave it as it is."""
    with make_world(user, "--function-network-allow", f"mine=localhost:{MACHINE_PORT},lan=172.16.0.0/12") as made:
        SHARED.append(made.start().platform.process.pid)
        yield made


@pytest.fixture
def attack(request, arena, tmp_path):
    name = attack_of(request.node.name)
    assert name, f"{request.node.name} is not the name of an attack"
    return Attack(arena, name, tmp_path, NOTES)


@pytest.fixture
def function(arena, undisturbed):
    """Makes functions and deletes them at the end."""
    made = []

    def make(source, language="python", **settings):
        made.append(arena.create(source, language, **settings))
        return made[-1]

    yield make
    for one in made:
        one.client.delete_function(FunctionName=one.name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    name = attack_of(item.name)
    if name and hasattr(report, "wasxfail"):
        NOTES.record(name, OPEN)
        NOTES.note(name, report.wasxfail)
    elif name and (report.when == "call" or report.failed):
        NOTES.record(name, HELD if report.passed else FAILED)
    return report


def pytest_terminal_summary(terminalreporter, config):
    who = "run by nobody special" if config.getoption("--unprivileged") else "attacks"
    for line in NOTES.lines(who):
        terminalreporter.write_line(line)
