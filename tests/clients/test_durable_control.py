"""Executions from outside: started once by a name, stopped, paused, deleted, timed out, listed, forgotten."""

import datetime
import json

import pytest

from harness import tables
from harness.clients import error_of
from harness.names import unique

DAY = 24 * 3600


@pytest.fixture
def one(durables):
    return durables("python")


@pytest.fixture
def waiting(one):
    """Starts an execution that waits, and comes to rest."""
    marks = tables.create(one.function.clients)

    def start(seconds=600, **extra):
        return one.start("wait", seconds=seconds, table=marks, **extra).rests("WaitStarted")

    return start


def update(one, **durable):
    durable = {"ExecutionTimeout": 900, "RetentionPeriodInDays": 1, **durable}
    one.client.update_function_configuration(FunctionName=one.name, DurableConfig=durable)
    one.client.get_waiter("function_updated_v2").wait(FunctionName=one.name, WaiterConfig={"Delay": 1})


def test_a_configuration_shows_what_was_asked_for(one):
    found = one.client.get_function_configuration(FunctionName=one.name)["DurableConfig"]
    assert found == {"ExecutionTimeout": 900, "RetentionPeriodInDays": 1}


def test_a_name_starts_one_execution(one):
    name = unique("order")
    first, second = one.start("steps", name=name, n=1), one.start("steps", name=name, n=1)
    assert first.arn == second.arn
    assert f"/{name}/" in first.arn
    first.is_over()
    assert one.start("steps", name=name, n=1).arn == first.arn, "also when it is over"
    assert first.invocations() == 1
    code, _, status = error_of(one.start, "steps", name=name, n=2)
    assert (code, status) == ("DurableExecutionAlreadyStartedException", 409)


def test_a_stopped_execution_stays_stopped(one, waiting):
    execution = waiting()
    error = {"ErrorType": "Changed", "ErrorMessage": "not wanted any more"}
    stopped = one.client.stop_durable_execution(DurableExecutionArn=execution.arn, Error=error)["StopTimestamp"]
    found = execution.get()
    assert (found["Status"], found["Error"], found["EndTimestamp"]) == ("STOPPED", error, stopped)
    one.platform.advance(700)
    assert execution.story()[-1] == "ExecutionStopped"
    assert execution.invocations() == 1


def test_a_paused_execution_goes_on_when_it_is_resumed(one, waiting):
    execution = waiting(60)
    one.client.pause_durable_execution(DurableExecutionArn=execution.arn)
    assert execution.status == "PAUSED"
    one.platform.advance(120)
    assert (execution.status, execution.invocations()) == ("PAUSED", 1)
    assert "WaitSucceeded" in execution.story(), "waits go on"
    one.client.resume_durable_execution(DurableExecutionArn=execution.arn)
    execution.succeeds()
    assert execution.invocations() == 2
    assert {"ExecutionPaused", "ExecutionResumed"} < set(execution.story())


def test_a_deleted_execution_is_gone(one, waiting):
    execution = waiting()
    assert error_of(one.client.delete_durable_execution, DurableExecutionArn=execution.arn)[2] == 409
    one.client.stop_durable_execution(DurableExecutionArn=execution.arn)
    one.client.delete_durable_execution(DurableExecutionArn=execution.arn)
    one.platform.advance(1)
    assert error_of(execution.get)[0] == "ResourceNotFoundException"


def test_executions_are_forgotten_in_time(one):
    execution = one.start("steps", name=unique("old"), n=1)
    execution.is_over()
    one.platform.advance(DAY - 3600)
    assert execution.status == "SUCCEEDED"
    one.platform.advance(2 * 3600)
    assert error_of(execution.get)[0] == "ResourceNotFoundException"


def test_an_execution_has_its_time(one, waiting):
    update(one, ExecutionTimeout=60)
    try:
        execution = waiting(600)
        one.platform.advance(65)
        assert execution.status == "TIMED_OUT"
        assert execution.story()[-1] == "ExecutionTimedOut"
    finally:
        update(one)


def test_executions_are_listed(one, waiting):
    names = [unique("listed") for _ in range(3)]
    executions = [waiting(name=name) for name in names]
    asked = {"FunctionName": one.name, "Statuses": ["RUNNING"], "MaxItems": 2}
    pages = one.client.get_paginator("list_durable_executions_by_function").paginate(**asked)
    found = [execution["DurableExecutionName"] for page in pages for execution in page["DurableExecutions"]]
    assert found[:3] == names[::-1]
    by_name = one.client.list_durable_executions_by_function(FunctionName=one.name, DurableExecutionName=names[1])
    assert [execution["DurableExecutionArn"] for execution in by_name["DurableExecutions"]] == [executions[1].arn]
    for execution in executions:
        one.client.stop_durable_execution(DurableExecutionArn=execution.arn)


def test_a_history_is_read_in_both_orders_and_without_payloads(one, waiting):
    execution = waiting(30)
    one.platform.advance(31)
    execution.succeeds()
    events = execution.history(MaxItems=2)
    assert [event["EventId"] for event in events] == list(range(1, len(events) + 1))
    assert execution.history(MaxItems=3, ReverseOrder=True) == events[::-1]
    bare = execution.history(IncludeExecutionData=False)
    assert [event["EventType"] for event in bare] == [event["EventType"] for event in events]
    assert "Payload" in events[0]["ExecutionStartedDetails"]["Input"]
    assert "Payload" not in bare[0]["ExecutionStartedDetails"].get("Input", {})
    assert all(isinstance(event["EventTimestamp"], datetime.datetime) for event in events)


def test_the_command_line_sees_it_too(one, waiting):
    execution = waiting()
    cli = one.function.clients.cli
    found = cli("lambda", "get-durable-execution", "--durable-execution-arn", execution.arn)
    assert (found["Status"], json.loads(found["InputPayload"])["seconds"]) == ("RUNNING", 600)
    cli("lambda", "stop-durable-execution", "--durable-execution-arn", execution.arn)
    assert execution.status == "STOPPED"


def test_a_stale_token_is_refused(one, waiting):
    execution = waiting()
    asked = {"DurableExecutionArn": execution.arn, "CheckpointToken": "bm8=", "Updates": []}
    code, message, status = error_of(one.client.checkpoint_durable_execution, **asked)
    assert (code, message, status) == ("InvalidParameterValueException", "Invalid checkpoint token", 400)
    one.client.stop_durable_execution(DurableExecutionArn=execution.arn)


def test_an_unqualified_call_is_refused(one):
    code, message, _ = error_of(one.client.invoke, FunctionName=one.name, Payload="{}")
    assert code == "InvalidParameterValueException"
    assert message == "You cannot invoke a durable function using an unqualified ARN."
