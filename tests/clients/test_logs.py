"""CloudWatch Logs through real clients: what functions printed, and what applications put."""

import json
import time

import pytest

from harness.clients import ACCOUNT, REGION, Clients, error_of
from harness.names import unique
from harness.wait import wait_until

PRINTS = """
def handler(event, context):
    print('NOTE', event['n'])
    print('{"level": "%s", "n": %d}' % (event.get('level', 'INFO'), event['n']))
    return event
"""
MISSING, INVALID = "ResourceNotFoundException", "InvalidParameterException"


@pytest.fixture
def logs(clients):
    return clients.boto("logs")


@pytest.fixture
def group(logs):
    name = unique("/test/group")
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    return name


def now():
    return int(time.time() * 1000)


def messages(answer):
    return [event["message"].strip() for event in answer["events"]]


def test_what_a_function_prints_is_read_again(function, logs):
    one = function(PRINTS)
    one.invoke({"n": 1})
    one.invoke({"n": 2, "level": "ERROR"})
    group = f"/aws/lambda/{one.name}"

    def reported():
        try:
            found = logs.filter_log_events(logGroupName=group, filterPattern="REPORT")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return None
        return found if len(found) == 2 else None

    wait_until(reported, what="two reports")
    told = messages(logs.filter_log_events(logGroupName=group))
    assert told[0].startswith(("INIT_START", "START")) and told[-1].startswith("REPORT")
    assert [text for text in told if text.startswith("NOTE")] == ["NOTE 1", "NOTE 2"]
    errors = logs.filter_log_events(logGroupName=group, filterPattern='{ $.level = "ERROR" && $.n > 1 }')
    assert [json.loads(text)["n"] for text in messages(errors)] == [2]
    [described] = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert described["arn"] == f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:*" and described["storedBytes"] > 0
    [stream] = logs.describe_log_streams(logGroupName=group, orderBy="LastEventTime", descending=True)["logStreams"]
    assert "[$LATEST]" in stream["logStreamName"] and stream["firstEventTimestamp"] <= stream["lastEventTimestamp"]
    read = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True)
    assert messages(read) == told

    one.invoke({"n": 3})
    more = {"logGroupName": group, "logStreamName": stream["logStreamName"], "nextToken": read["nextForwardToken"]}
    wait_until(lambda: any(text.startswith("REPORT") for text in messages(logs.get_log_events(**more))), what="the third report")
    assert "NOTE 3" in messages(logs.get_log_events(**more))


def test_metrics_in_lines_of_a_function(function, clients):
    line = """
import json, time
def handler(event, context):
    about = {"Namespace": event, "Dimensions": [["Service"]], "Metrics": [{"Name": "Latency", "Unit": "Milliseconds"}]}
    at = int(time.time() * 1000)
    print(json.dumps({"_aws": {"Timestamp": at, "CloudWatchMetrics": [about]}, "Service": "cart", "Latency": [10, 30]}))
"""
    one, watch, namespace = function(line), clients.boto("cloudwatch"), unique("Shop")
    one.invoke(namespace)
    metric = {"Namespace": namespace, "MetricName": "Latency", "Dimensions": [{"Name": "Service", "Value": "cart"}]}
    query = {"Id": "a", "MetricStat": {"Metric": metric, "Period": 3600, "Stat": "Average"}}

    def told():
        end = int(time.time()) + 60
        return watch.get_metric_data(MetricDataQueries=[query], StartTime=end - 1800, EndTime=end)["MetricDataResults"][0]["Values"]

    assert wait_until(told, what="the metric") == [20.0]


def test_what_an_application_puts_is_told_again(logs, group):
    at = now()
    events = [{"timestamp": at + n, "message": f"line {n}"} for n in range(5)]
    answer = logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)
    assert answer["nextSequenceToken"] and "rejectedLogEventsInfo" not in answer
    read = logs.get_log_events(logGroupName=group, logStreamName="s", limit=2)
    assert messages(read) == ["line 3", "line 4"]
    back = logs.get_log_events(logGroupName=group, logStreamName="s", limit=2, nextToken=read["nextBackwardToken"])
    assert messages(back) == ["line 1", "line 2"]
    end = logs.get_log_events(logGroupName=group, logStreamName="s", nextToken=read["nextForwardToken"])
    assert end["nextForwardToken"] == read["nextForwardToken"] and not end["events"]
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, PaginationConfig={"PageSize": 2})
    found = list(pages.search("events"))
    assert [event["message"] for event in found] == [f"line {n}" for n in range(5)]
    assert len({event["eventId"] for event in found}) == 5


def test_the_command_line_reads(clients, logs, group):
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=[{"timestamp": now(), "message": "hello there"}])
    found = clients.cli("logs", "filter-log-events", "--log-group-name", group, "--filter-pattern", "?hello ?bye")
    assert messages(found) == ["hello there"]
    read = clients.cli("logs", "get-log-events", "--log-group-name", group, "--log-stream-name", "s", "--start-from-head")
    assert messages(read) == ["hello there"]


def test_groups_have_tags_and_retention(logs, group):
    logs.put_retention_policy(logGroupName=group, retentionInDays=7)
    [described] = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert described["retentionInDays"] == 7
    arn = described["logGroupArn"]
    logs.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
    logs.untag_resource(resourceArn=arn, tagKeys=["a"])
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2"}
    logs.delete_retention_policy(logGroupName=group)
    [described] = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert "retentionInDays" not in described
    assert error_of(logs.put_retention_policy, logGroupName=group, retentionInDays=2)[0] == INVALID


def test_what_is_deleted_is_gone(logs, group):
    events = [{"timestamp": now(), "message": "x"}]
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)
    logs.delete_log_stream(logGroupName=group, logStreamName="s")
    code, message, _ = error_of(logs.put_log_events, logGroupName=group, logStreamName="s", logEvents=events)
    assert (code, message) == (MISSING, "The specified log stream does not exist.")
    assert logs.filter_log_events(logGroupName=group)["events"] == []
    logs.delete_log_group(logGroupName=group)
    assert error_of(logs.filter_log_events, logGroupName=group)[0] == MISSING
    logs.create_log_group(logGroupName=group)
    assert logs.describe_log_streams(logGroupName=group)["logStreams"] == []


def test_what_was_put_outlives_the_platform(fresh):
    platform = fresh().start()
    logs = Clients(platform.url).boto("logs")
    logs.create_log_group(logGroupName="/g")
    logs.create_log_stream(logGroupName="/g", logStreamName="s")
    logs.put_log_events(logGroupName="/g", logStreamName="s", logEvents=[{"timestamp": now(), "message": "kept"}])
    platform.kill()
    platform.start()
    logs = Clients(platform.url).boto("logs")
    assert messages(logs.get_log_events(logGroupName="/g", logStreamName="s")) == ["kept"]


def test_operations_that_are_not_there_say_so(logs, group):
    code, _, status = error_of(logs.start_query, logGroupName=group, startTime=0, endTime=1, queryString="fields @message")
    assert (code, status) == ("NotImplemented", 501)
