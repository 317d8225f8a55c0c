"""Scenarios recorded from AWS's CloudWatch, done again here, in the protocols they were recorded in."""

import datetime

import pytest

from harness.names import unique
from harness.recordings import Comparison, answered, scenario

FILE = "cloudwatch/test_cloudwatch.json"
PROTOCOLS = ("json", "smithy-rpc-v2-cbor")


@pytest.fixture
def namespace():
    return unique("ns")


def ago(**span):
    return datetime.datetime.now(datetime.UTC) - datetime.timedelta(**span)


def test_a_list_of_values(clients, namespace):
    told, watch = scenario(FILE, "test_put_metric_data_values_list[json]"), clients.boto("cloudwatch")
    at = datetime.datetime.now(datetime.UTC).replace(second=0, microsecond=0)
    datum = {"MetricName": "test-metric", "Timestamp": at, "Values": [1.0, 10.0], "Counts": [2, 4], "Unit": "Count"}
    watch.put_metric_data(Namespace=namespace, MetricData=[datum])
    ours = answered(
        watch.get_metric_statistics,
        Namespace=namespace,
        MetricName="test-metric",
        StartTime=at - datetime.timedelta(minutes=1),
        EndTime=at + datetime.timedelta(minutes=10),
        Period=60,
        Statistics=["Sum", "Maximum", "SampleCount"],
    )
    Comparison().check(told["get_metric_statistics"], ours)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_how_many_points_may_be_asked_for(clients, protocol):
    told = scenario(FILE, f"test_invalid_amount_of_datapoints[{protocol}]")
    watch, now = clients.boto("cloudwatch"), datetime.datetime.now(datetime.UTC).replace(microsecond=0)

    def ask(period, start):
        return answered(
            watch.get_metric_statistics,
            Namespace="test",
            MetricName="metric_name",
            StartTime=start,
            EndTime=now,
            Period=period,
            Statistics=["SampleCount"],
        )

    Comparison().check(told["error-invalid-amount-datapoints"], ask(1, now - datetime.timedelta(days=1)))
    Comparison().check(told["error-invalid-time-frame"], ask(60, now + datetime.timedelta(hours=1)))
    Comparison().check(told["get-metric-statitics"], ask(60, now - datetime.timedelta(days=1)))


def test_a_metric_with_many_dimensions(clients, namespace):
    told, watch = scenario(FILE, "test_multiple_dimensions_statistics[query]"), clients.boto("cloudwatch")
    named = {"error": "none", "exception": "none", "method": "GET", "outcome": "SUCCESS", "status": "200", "uri": "/greetings"}
    dimensions = [{"Name": name, "Value": value} for name, value in named.items()]
    datum = {"MetricName": "http.server.requests.count", "Dimensions": dimensions, "Value": 5.0, "Unit": "Count"}
    watch.put_metric_data(Namespace=namespace, MetricData=[datum])
    Comparison().check(told["list-metrics"], answered(watch.list_metrics, Namespace=namespace))
