"""CloudWatch through real clients: what functions did, and what applications put."""

import datetime

import pytest

from harness.clients import Clients, error_of
from harness.names import unique
from harness.wait import wait_until

ECHO = "def handler(event, context):\n    if event == 'fail':\n        raise ValueError(event)\n    return event\n"


def hour():
    """The time from half an hour ago to half an hour ahead."""
    now = datetime.datetime.now(datetime.UTC)
    return {"StartTime": now - datetime.timedelta(minutes=30), "EndTime": now + datetime.timedelta(minutes=30)}


def dimensions(**named):
    return [{"Name": name, "Value": value} for name, value in named.items()]


def statistics(watch, namespace, name, statistics=("Sum",), period=3600, **more):
    """The one point of the hour; None if there is none."""
    answer = watch.get_metric_statistics(
        Namespace=namespace, MetricName=name, Period=period, Statistics=list(statistics), **hour(), **more
    )
    points = answer["Datapoints"]
    assert len(points) <= 1 and answer["Label"] == name
    return points[0] if points else None


def test_calls_of_a_function_are_measured(function, clients):
    one, watch = function(ECHO), clients.boto("cloudwatch")
    version = one.client.publish_version(FunctionName=one.name)["Version"]
    for event in ("fine", "fail", "fine"):
        one.invoke(event)
    one.invoke("fine", Qualifier=version)
    of = {"Dimensions": dimensions(FunctionName=one.name)}
    for name, expected in (("Invocations", 4.0), ("Errors", 1.0), ("Throttles", 0.0)):
        point = wait_until(lambda: statistics(watch, "AWS/Lambda", name, **of), what=name)
        assert (point["Sum"], point["Unit"]) == (expected, "Count"), name
    took = statistics(watch, "AWS/Lambda", "Duration", ["Average", "Maximum", "SampleCount"], **of)
    assert took["Unit"] == "Milliseconds" and took["SampleCount"] == 4.0 and 0 < took["Average"] <= took["Maximum"]
    assert statistics(watch, "AWS/Lambda", "ConcurrentExecutions", ["Maximum"], **of)["Maximum"] == 1.0
    of = {"Dimensions": dimensions(Resource=f"{one.name}:{version}", FunctionName=one.name)}
    assert statistics(watch, "AWS/Lambda", "Invocations", **of)["Sum"] == 1.0
    assert statistics(watch, "AWS/Lambda", "Invocations")["Sum"] >= 4.0, "of all functions together"

    listed = watch.list_metrics(Namespace="AWS/Lambda", Dimensions=[{"Name": "FunctionName", "Value": one.name}])
    names = {metric["MetricName"] for metric in listed["Metrics"]}
    assert {"Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions"} <= names


def test_asynchronous_calls_are_measured(function, clients):
    one, watch = function(ECHO), clients.boto("cloudwatch")
    one.client.invoke(FunctionName=one.name, InvocationType="Event", Payload=b'"fine"')
    of = {"Dimensions": dimensions(FunctionName=one.name)}
    for name in ("AsyncEventsReceived", "AsyncEventAge", "Invocations"):
        wait_until(lambda: statistics(watch, "AWS/Lambda", name, **of), 30, name)


@pytest.fixture
def watch(clients):
    return clients.boto("cloudwatch")


def test_what_an_application_puts_is_told_again(watch):
    namespace = unique("Shop")
    watch.put_metric_data(
        Namespace=namespace,
        MetricData=[
            {"MetricName": "m", "Values": [1.0, 10.0], "Counts": [2, 4], "Unit": "Count"},
            {"MetricName": "m", "Value": 7.5, "Unit": "Count", "Dimensions": dimensions(b="2", a="1")},
        ],
    )
    point = statistics(watch, namespace, "m", ["Sum", "SampleCount", "Maximum"])
    assert (point["Sum"], point["SampleCount"], point["Maximum"]) == (42.0, 6.0, 10.0)
    assert statistics(watch, namespace, "m", Dimensions=dimensions(a="1", b="2"))["Sum"] == 7.5
    answer = watch.get_metric_statistics(Namespace=namespace, MetricName="m", Period=3600, ExtendedStatistics=["p50", "p10"], **hour())
    assert answer["Datapoints"][0]["ExtendedStatistics"] == {"p50": 10.0, "p10": 1.0}
    listed = watch.get_paginator("list_metrics").paginate(Namespace=namespace, RecentlyActive="PT3H")
    assert [len(metric["Dimensions"]) for metric in listed.search("Metrics")] in ([0, 2], [2, 0])


def test_metric_math(watch):
    namespace = unique("Shop")
    data = [{"MetricName": "errors", "Value": 5.0}, {"MetricName": "calls", "Value": 20.0}]
    watch.put_metric_data(Namespace=namespace, MetricData=data)

    def of(id, name):
        metric = {"Namespace": namespace, "MetricName": name}
        return {"Id": id, "MetricStat": {"Metric": metric, "Period": 3600, "Stat": "Sum"}, "ReturnData": False}

    queries = [of("e", "errors"), of("c", "calls"), {"Id": "rate", "Expression": "100 * e / c", "Label": "rate ${LAST}"}]
    [told] = watch.get_paginator("get_metric_data").paginate(MetricDataQueries=queries, **hour()).search("MetricDataResults")
    assert (told["Id"], told["Label"], told["Values"], told["StatusCode"]) == ("rate", "rate 25", [25.0], "Complete")


def test_the_command_line_puts_and_reads(clients):
    namespace = unique("Shop")
    clients.cli("cloudwatch", "put-metric-data", "--namespace", namespace, "--metric-name", "m", "--value", "3", "--unit", "Bytes")
    told = clients.cli("cloudwatch", "list-metrics", "--namespace", namespace)
    assert told == {"Metrics": [{"Namespace": namespace, "MetricName": "m", "Dimensions": []}]}


def test_what_cant_be_put(watch):
    def refused(**datum):
        return error_of(watch.put_metric_data, Namespace="N", MetricData=[{"MetricName": "m", **datum}])

    code, message, status = refused(Value=float("nan"))
    assert (code, status) == ("InvalidParameterValue", 400)
    assert message == "The value NaN for parameter MetricData.member.1.Value is invalid."
    assert refused()[0] == "InvalidParameterCombination"
    assert refused(Value=1.0, StorageResolution=7)[0] == "InvalidParameterValue"


def test_what_was_put_outlives_the_platform(fresh):
    platform = fresh().start()
    watch = Clients(platform.url).boto("cloudwatch")
    watch.put_metric_data(Namespace="N", MetricData=[{"MetricName": "m", "Value": 1.0}])
    platform.kill()
    platform.start()
    watch = Clients(platform.url).boto("cloudwatch")
    assert statistics(watch, "N", "m")["Sum"] == 1.0
