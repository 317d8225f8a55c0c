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


def minute():
    return datetime.datetime.now(datetime.UTC).replace(second=0, microsecond=0)


def query(namespace, id, name, stat, period=60, **more):
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": more.pop("Dimensions", [])}
    return {"Id": id, "MetricStat": {"Metric": metric, "Period": period, "Stat": stat, **more}}


def data(watch, queries, at):
    span = {"StartTime": at - datetime.timedelta(minutes=1), "EndTime": at + datetime.timedelta(minutes=5)}
    return answered(watch.get_metric_data, MetricDataQueries=queries, **span)


@pytest.mark.parametrize("case, units", list(enumerate((("Seconds", "Milliseconds"), ("Milliseconds", "Seconds"), ("Seconds", "Milliseconds", "Count")))))
def test_several_units_of_a_metric(clients, namespace, case, units):
    told, watch = scenario(FILE, f"test_get_metric_data_different_units_no_unit_in_query[json-metric_data{case}]"), clients.boto("cloudwatch")
    [expected] = told["get_metric_data_with_no_unit_specified"]["MetricDataResults"]
    first, at = min(units), minute()
    value = {unit: expected["Values"][0] if unit == first else 7.0 for unit in units}
    for unit in units:
        datum = {"MetricName": "m-test", "Value": value[unit], "Unit": unit, "Timestamp": at}
        watch.put_metric_data(Namespace=namespace, MetricData=[datum])
    Comparison().check(told["get_metric_data_with_no_unit_specified"], data(watch, [query(namespace, "m1", "m-test", "Sum")], at))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_several_metrics(clients, namespace, protocol):
    told = scenario(FILE, f"test_get_metric_data_for_multiple_metrics[{protocol}]")["get_metric_data"]
    watch, at, results = clients.boto("cloudwatch"), minute(), told["MetricDataResults"]
    for one in results:
        datum = {"MetricName": one["Label"], "Value": one["Values"][0], "Unit": "Seconds", "Timestamp": at}
        watch.put_metric_data(Namespace=namespace, MetricData=[datum])
    queries = [query(namespace, one["Id"], one["Label"], "Sum") for one in results]
    Comparison().check(told, data(watch, queries, at))


# The recorded numbers of values, and what they were asked for: statistic, period, unit.
LABELS = {
    "json-input_pairs0": [("Sum", 60, "Seconds"), ("Minimum", 30, "Seconds")],
    "json-input_pairs3": [("Sum", 60, "Seconds"), ("Minimum", 30, "Milliseconds")],
    "json-input_pairs4": [("Sum", 60, "Seconds"), ("Minimum", 60, "Milliseconds")],
    "smithy-rpc-v2-cbor-input_pairs2": [("Sum", 60, "Seconds"), ("Sum", 30, "Seconds")],
    "smithy-rpc-v2-cbor-input_pairs6": [("Sum", 60, "Seconds"), ("Sum", 60, "Milliseconds")],
}


@pytest.mark.parametrize("case", LABELS)
def test_labels(clients, namespace, case):
    told, watch, at = scenario(FILE, f"test_label_generation[{case}]")["label_generation"], clients.boto("cloudwatch"), minute()
    datum = {"MetricName": "metric1", "Values": [0.0, 109.0], "Unit": "Seconds", "Timestamp": at}
    watch.put_metric_data(Namespace=namespace, MetricData=[datum])
    ids = [one["Id"] for one in told["MetricDataResults"]]
    queries = [query(namespace, id, "metric1", stat, period, Unit=unit) for id, (stat, period, unit) in zip(ids, LABELS[case])]
    Comparison().check(told, data(watch, queries, at))


def test_a_call_of_a_function(clients, function):
    told = scenario("cloudwatch/test_cloudwatch_metrics.json", "test_lambda_invoke_successful")
    one = function("def handler(event, context):\n    return {'success': 'ok'}\n")
    Comparison().check(told["invoke"], answered(one.client.invoke, FunctionName=one.name))
    dimensions = [{"Name": "FunctionName", "Value": one.name}]
    wanted = [query("AWS/Lambda", "m1", "Invocations", "Sum", Dimensions=dimensions)]
    Comparison().check(told["get-metric-data"], data(clients.boto("cloudwatch"), wanted, minute()))
