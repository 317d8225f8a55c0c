"""Chance with a seed that can be given again, and the time that many cycles take."""

import random

import pytest

# What one cycle may take on a slow machine, and what a test may take besides.
CYCLE, BESIDES = 15, 180


def pytest_collection_modifyitems(config, items):
    seconds = BESIDES + CYCLE * config.getoption("--cycles")
    for item in items:
        if item.get_closest_marker("cycles"):
            item.add_marker(pytest.mark.timeout(seconds))


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
