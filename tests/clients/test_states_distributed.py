"""Distributed maps of Step Functions: items in S3, children as executions of their own, results in files; through boto3."""

import json

import pytest

from harness import functions
from harness.clients import Clients, error_of
from harness.names import unique
from harness.platform import watched
from harness.wait import wait_until
from harness.workflows import Execution, Machine, of

# Says how many items it got, and their sum.
ADDS = """
def handler(event, context):
    return {"count": len(event["Items"]), "sum": sum(int(item["n"]) for item in event["Items"])}
"""


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    with watched(tmp_path_factory.mktemp("distributed")) as platform:
        yield platform


@pytest.fixture(scope="module")
def clients(platform):
    return Clients(platform.url)


@pytest.fixture(scope="module")
def states(clients):
    return clients.boto("stepfunctions")


@pytest.fixture(scope="module")
def s3(clients):
    return clients.boto("s3")


@pytest.fixture
def bucket(s3):
    name = unique("bucket")
    s3.create_bucket(Bucket=name)
    return name


def distributed(processor, kind="STANDARD", **fields):
    """A definition of one distributed map, whose children have one state."""
    config = {"Mode": "DISTRIBUTED", "ExecutionType": kind}
    return of(M={
        "Type": "Map", "End": True, **fields,
        "ItemProcessor": {"ProcessorConfig": config, **of(P={**processor, "End": True})},
    })


def rows(bucket, key, **config):
    """`ItemReader` of a CSV file with names in its first row."""
    return {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", **config},
        "Parameters": {"Bucket": bucket, "Key": key},
    }


def run_of(states, execution):
    arn = states.list_map_runs(executionArn=execution.arn)["mapRuns"][0]["mapRunArn"]
    return states.describe_map_run(mapRunArn=arn)


def test_rows_of_a_file_go_to_a_function_in_batches_and_the_results_into_files(clients, states, s3, bucket):
    s3.put_object(Bucket=bucket, Key="rows.csv", Body="n,text\n" + "".join(f"{n},{'x' * 500}\n" for n in range(5_000)))
    function = functions.create(clients, ADDS)
    writer = {
        "Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": bucket, "Prefix": "out"},
        "WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSON"},
    }
    machine = Machine(states, distributed(
        {"Type": "Task", "Resource": function.arn}, "EXPRESS", Label="Rows", ItemReader=rows(bucket, "rows.csv"),
        ItemSelector={"n.$": "$$.Map.Item.Value.n"}, ItemBatcher={"MaxItemsPerBatch": 500}, MaxConcurrency=3,
        ResultWriter=writer,
    ))
    execution = machine.start()
    output = execution.output(120)
    run = run_of(states, execution)
    assert run["mapRunArn"] == output["MapRunArn"]
    assert (run["status"], run["executionCounts"]["succeeded"], run["itemCounts"]["succeeded"]) == ("SUCCEEDED", 10, 5_000)
    manifest = json.loads(s3.get_object(**output["ResultWriterDetails"])["Body"].read())
    [file] = manifest["ResultFiles"]["SUCCEEDED"]
    body = s3.get_object(Bucket=bucket, Key=file["Key"])["Body"].read()
    assert len(body) == file["Size"]
    results = json.loads(body)
    assert [one["count"] for one in results] == [500] * 10
    assert sum(one["sum"] for one in results) == sum(range(5_000))
    types = execution.types()
    assert types[2:] == [
        "MapStateStarted", "MapRunStarted", "MapRunSucceeded", "MapStateSucceeded", "MapStateExited", "ExecutionSucceeded",
    ]


def test_objects_of_a_bucket_are_items_and_bodies_are_read_by_sdk_integrations(states, s3, bucket):
    for n in range(3):
        s3.put_object(Bucket=bucket, Key=f"k{n}", Body=f"text {n}")
    reader = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": bucket}}
    get = {
        "Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Parameters": {"Bucket": bucket, "Key.$": "$.Key"}, "OutputPath": "$.Body",
    }
    assert Machine(states, distributed(get, ItemReader=reader)).start().output() == ["text 0", "text 1", "text 2"]
    s3.put_object(Bucket=bucket, Key="list.json", Body=json.dumps({"of": [[1], [2]]}))
    reader = {
        "Resource": "arn:aws:states:::s3:getObject", "Arguments": {"Bucket": bucket, "Key": "{% $states.input.key %}"},
        "ReaderConfig": {"InputType": "JSON", "ItemsPointer": "/of"},
    }
    queries = {"QueryLanguage": "JSONata", **distributed({"Type": "Pass"}, ItemReader=reader)}
    assert Machine(states, queries).start({"key": "list.json"}).output() == [[1], [2]]
    missing = Machine(states, queries).start({"key": "none"}).ended()
    assert (missing["status"], missing["error"]) == ("FAILED", "States.ItemReaderFailed")


def test_children_are_listed_stopped_and_given_room(platform, states):
    waits = distributed({"Type": "Wait", "Seconds": 3600}, MaxConcurrency=1, Label="Waits")
    execution = Machine(states, waits).start([1, 2, 3])
    wait_until(lambda: run_of(states, execution)["executionCounts"]["running"] == 1, 30, "the first child")
    arn = run_of(states, execution)["mapRunArn"]
    states.update_map_run(mapRunArn=arn, maxConcurrency=2, toleratedFailureCount=1)
    wait_until(lambda: run_of(states, execution)["executionCounts"]["running"] == 2, 30, "the second child")
    children = states.list_executions(mapRunArn=arn)["executions"]
    assert {(one["status"], one["itemCount"], one["mapRunArn"]) for one in children} == {("RUNNING", 1, arn)}
    child = Execution(states, children[0]["executionArn"])
    said = child.describe()
    assert said["mapRunArn"] == arn
    assert said["stateMachineArn"].endswith("/Waits")
    assert states.describe_state_machine_for_execution(executionArn=child.arn)["label"] == "Waits"
    states.stop_execution(executionArn=child.arn)
    wait_until(lambda: run_of(states, execution)["executionCounts"]["aborted"] == 1, 30, "the end of the child")
    states.stop_execution(executionArn=execution.arn)
    wait_until(lambda: run_of(states, execution)["status"] == "ABORTED", 30, "the end of the run")
    assert run_of(states, execution)["executionCounts"]["running"] == 0
    assert error_of(states.update_map_run, mapRunArn=arn, maxConcurrency=1)[0] == "ValidationException"


def test_a_run_goes_on_after_a_kill_and_does_nothing_twice(platform, clients, states, s3, bucket):
    s3.put_object(Bucket=bucket, Key="rows.csv", Body="n\n" + "".join(f"{n}\n" for n in range(300)))
    waits = {"Type": "Wait", "Seconds": 2}
    machine = Machine(states, distributed(waits, ItemReader=rows(bucket, "rows.csv"), MaxConcurrency=75))
    execution = machine.start()
    for least in (1, 150):
        def reached(least=least):
            runs = states.list_map_runs(executionArn=execution.arn)["mapRuns"]
            counts = runs and states.describe_map_run(mapRunArn=runs[0]["mapRunArn"])["executionCounts"]
            return counts and (counts["total"] >= least or execution.describe()["status"] != "RUNNING")
        wait_until(reached, 60, f"{least} children")
        platform.kill()
        platform.start()
        states = Clients(platform.url).boto("stepfunctions")
        execution.client = states
    assert [int(item["n"]) for item in execution.output(120)] == list(range(300))
    run = run_of(states, execution)
    assert (run["executionCounts"]["total"], run["executionCounts"]["succeeded"]) == (300, 300)
    pages = states.get_paginator("list_executions").paginate(mapRunArn=run["mapRunArn"])
    assert sum(len(page["executions"]) for page in pages) == 300
