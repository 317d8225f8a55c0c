"""Time can be moved, by the command line and over HTTP; AWS's timestamps follow, signatures don't."""

import datetime
import json

import pytest

from harness import tables
from harness.clients import Clients
from harness.platform import run_updraft
from harness.raw import request


def clock(platform, **change):
    """Asks for the time, or moves it."""
    if not change:
        answer = request(platform.url, path="/_updraft/clock")
    else:
        body = json.dumps(change)
        answer = request(platform.url, "POST", "/_updraft/clock", body, {"content-type": "application/json"})
    assert answer.status == 200, answer.text
    return datetime.datetime.fromisoformat(answer.json()["now"].replace("Z", "+00:00"))


def real():
    return datetime.datetime.now(datetime.timezone.utc)


def seconds(delta):
    return abs(delta.total_seconds())


@pytest.fixture
def own(fresh):
    return fresh().start()


def test_time_is_the_machines_until_it_is_moved(own):
    assert seconds(clock(own) - real()) < 5


def test_an_advance_moves_aws_time_and_not_signatures(own):
    clients = Clients(own.url)
    assert seconds(clock(own, advance="24h") - real() - datetime.timedelta(hours=24)) < 10
    name = tables.create(clients)
    created = clients.boto("dynamodb").describe_table(TableName=name)["Table"]["CreationDateTime"]
    assert seconds(created - real() - datetime.timedelta(hours=24)) < 30


def test_time_can_be_set_and_reset_by_the_command_line(own):
    moved = run_updraft("clock", "set", "2030-01-01T00:00:00Z", "--endpoint", own.url)
    moved = moved if moved.returncode == 0 else run_updraft("clock", "--endpoint", own.url, "set", "2030-01-01T00:00:00Z")
    assert moved.returncode == 0, moved.stderr
    assert clock(own).year == 2030
    assert run_updraft("clock", "--endpoint", own.url, "reset").returncode == 0
    assert seconds(clock(own) - real()) < 10


def test_moved_time_survives_a_restart(own):
    moved = clock(own, advance="48h")
    assert own.terminate() == 0
    own.start()
    assert clock(own) >= moved


@pytest.mark.parametrize("body", ('{"advance":"soon"}', '{"set":"yesterday"}', '{"advance":"-1h"}', "{}", "nonsense"))
def test_nonsense_is_refused_and_time_stays(own, body):
    assert request(own.url, "POST", "/_updraft/clock", body, {"content-type": "application/json"}).status == 400
    assert seconds(clock(own) - real()) < 5
