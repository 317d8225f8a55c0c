"""A machine without memory for functions: calls are refused in words, events wait, and nothing is lost."""

import json
import re

import pytest
from botocore.exceptions import ClientError

from harness import functions
from harness.clients import Clients
from harness.platform import run_updraft
from harness.wait import wait_until

# More than any machine has, in MB.
ALL = ("--memory-reserve", "1000000000")
NOTES = "def handler(event, context):\n    print('NOTE', event)\n    return event\n"


def noted(platform, one):
    return "NOTE 7" in run_updraft("logs", one.name, "--endpoint", platform.url).stdout


def test_without_memory_calls_are_refused_and_events_wait(fresh):
    poor = fresh(extra=ALL).start()
    one = functions.create(Clients(poor.url), NOTES)
    with pytest.raises(ClientError) as refused:
        one.invoke(1)
    answer = refused.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert (answer["Error"]["Code"], answer["Reason"]) == ("TooManyRequestsException", "ConcurrentInvocationLimitExceeded")
    message = answer["Error"]["Message"]
    assert message.startswith("This machine has no memory for another instance: it takes 64 MB, and 0 MB are free"), message
    assert one.client.invoke(FunctionName=one.name, InvocationType="Event", Payload=json.dumps(7))["StatusCode"] == 202
    wait_until(lambda: "no memory, in MB, for another instance" in poor.tail(), 10, "the warning in the log")
    assert not noted(poor, one)
    poor.stop()

    rich = fresh(port=poor.port).start()
    rich.advance(300)
    wait_until(lambda: noted(rich, one), 30, "the event that waited")
    assert functions.Function(Clients(rich.url), one.name).invoke(1) == (200, None, 1)


def test_the_doctor_tells_what_there_is():
    told = run_updraft("doctor", "--memory-reserve", "100").stdout
    found = re.search(r"(\d+) MB: of (\d+) MB, (\d+) are available, and (\d+) are kept back", told)
    assert found, told
    left, total, available, kept = map(int, found.groups())
    assert kept == 100 and left == available - 100 and total >= available > 0, told
