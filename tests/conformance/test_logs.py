"""Scenarios recorded from AWS's CloudWatch Logs, done again here."""

import time

import pytest

from harness.names import unique
from harness.recordings import Comparison, answered, scenario

EVENTS, GROUPS, STREAMS, FILTER = (
    f"logs/test_logs_{part}.json" for part in ("events", "groups", "streams", "filter_events")
)
DAY = 86_400_000


@pytest.fixture
def logs(clients):
    return clients.boto("logs")


@pytest.fixture
def group(logs):
    name = unique("test-log-group")
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="stream")
    return name


def event(behind=0):
    return {"timestamp": int(time.time() * 1000) + behind, "message": "message"}


@pytest.mark.parametrize(
    "name, label, events",
    [
        ("test_put_log_events_too_new", "response-too-new", [event(3 * DAY)]),
        ("test_put_log_events_too_old", "response-too-old", [event(-15 * DAY)]),
        ("test_put_log_events_wrong_order", "error-wrong-order", [event(), event(-1000)]),
    ],
)
def test_events_that_arent_taken(logs, group, name, label, events):
    ours = answered(logs.put_log_events, logGroupName=group, logStreamName="stream", logEvents=events)
    told = scenario(EVENTS, name)[label]
    for answer in (told, ours):
        info = answer.get("rejectedLogEventsInfo", {})
        answer["rejectedLogEventsInfo"] = {name: "timestamp" for name in info}
    Comparison().check(told, ours)


def test_streams_and_tokens_that_arent_there(logs, group):
    put = {"logGroupName": group, "logStreamName": "no-such-stream", "logEvents": [event()]}
    told = scenario(EVENTS, "test_put_log_events_to_invalid_stream")["error-invalid-stream"]
    Comparison().check(told, answered(logs.put_log_events, **put))
    told = scenario(EVENTS, "test_get_log_events_invalid_token")["error-invalid-token"]
    ours = answered(logs.get_log_events, logGroupName=group, logStreamName="stream", nextToken="invalid")
    Comparison().check(told, ours)


def test_how_many_events_may_be_asked_for(logs, group):
    told = scenario(FILTER, "test_filter_log_events_limit_validation")["error-limit-exceeded"]
    Comparison().check(told, answered(logs.filter_log_events, logGroupName=group, limit=10001))


def test_groups_by_prefix_and_pattern(logs, group):
    told = scenario(GROUPS, "test_describe_log_groups_prefix_and_pattern_error")["error-prefix-and-pattern"]
    ours = answered(logs.describe_log_groups, logGroupNamePrefix=group, logGroupNamePattern=group)
    Comparison().check(told, ours)
    told = scenario(GROUPS, "test_list_log_groups_with_pattern")
    found = logs.describe_log_groups(logGroupNamePattern=group[5:])["logGroups"]
    Comparison().check(told["list-log-groups-match"], found)
    none = answered(logs.describe_log_groups, logGroupNamePattern="no-such-group")
    Comparison().check(told["list-log-groups-no-match"], none)


def test_tags_of_a_group(logs, group):
    told = scenario(GROUPS, "test_tag_log_group")["list-tags-after-tag"]
    logs.tag_log_group(logGroupName=group, tags={"tag_key_1": "tag_value_1"})
    Comparison().check(told, answered(logs.list_tags_log_group, logGroupName=group))


def test_streams_by_prefix(logs, group):
    told = scenario(STREAMS, "test_describe_log_streams_with_prefix")["describe-streams-with-prefix"]
    for n in range(3):
        logs.create_log_stream(logGroupName=group, logStreamName=f"log-stream-{n}")
    ours = answered(logs.describe_log_streams, logGroupName=group, logStreamNamePrefix="log-stream-")
    Comparison().check(told, ours)
