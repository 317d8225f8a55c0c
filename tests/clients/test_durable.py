"""Durable functions written with AWS's SDKs: steps, waits, branches, callbacks, calls, and what becomes of failures."""

import json

import pytest

from harness import functions, tables
from harness.clients import error_of
from harness.names import unique

LANGUAGES = ("python", "node")
YEAR = 365 * 24 * 3600
PLAIN = "def handler(event, context):\n    return {'got': event}\n"
FAILING = "def handler(event, context):\n    raise ValueError('no')\n"


@pytest.fixture(params=LANGUAGES)
def one(request, durables):
    return durables(request.param)


@pytest.fixture
def marks(one):
    """A table that functions write marks into, and which marks there are of a kind."""
    clients = one.function.clients
    name = tables.create(clients)

    def of(what):
        items = clients.boto("dynamodb").scan(TableName=name, ConsistentRead=True)["Items"]
        return [item["id"]["S"] for item in items if item.get("what") == {"S": what}]

    of.table = name
    return of


def test_steps_come_to_a_result(one):
    execution, error, result = one.call("steps", n=1)
    assert (error, result) == (None, {"one": 2, "two": 4})
    assert execution.invocations() == 1
    # The SDKs tell of a step's beginning and its end, together or one after the other.
    assert execution.story() == ["ExecutionStarted", *["StepStarted", "StepSucceeded"] * 2, "ExecutionSucceeded"]
    found = execution.get()
    assert (found["Status"], json.loads(found["Result"]), found["Version"]) == ("SUCCEEDED", result, "$LATEST")
    assert json.loads(found["InputPayload"]) == {"do": "steps", "n": 1}


def test_a_wait_costs_one_invocation_before_and_one_after(one, marks):
    execution = one.start("wait", seconds=600, table=marks.table)
    execution.rests("WaitStarted")
    assert (execution.status, execution.invocations()) == ("RUNNING", 1)
    one.platform.advance(590)
    assert execution.status == "RUNNING"
    one.platform.advance(20)
    result = execution.succeeds()
    assert ([result["before"]], [result["after"]]) == (marks("before"), marks("after"))
    assert execution.invocations() == 2


def test_a_wait_of_a_year(durables, marks, one):
    timeout = {"ExecutionTimeout": YEAR + 3600, "RetentionPeriodInDays": 1}
    one.client.update_function_configuration(FunctionName=one.name, DurableConfig=timeout)
    one.client.get_waiter("function_updated_v2").wait(FunctionName=one.name, WaiterConfig={"Delay": 1})
    try:
        execution = one.start("wait", seconds=YEAR, table=marks.table)
        execution.rests("WaitStarted")
        one.platform.advance(YEAR - 60)
        assert (execution.status, execution.invocations()) == ("RUNNING", 1)
        one.platform.advance(120)
        assert execution.succeeds()["after"] in marks("after")
        assert execution.invocations() == 2
    finally:
        timeout = {"ExecutionTimeout": 900, "RetentionPeriodInDays": 1}
        one.client.update_function_configuration(FunctionName=one.name, DurableConfig=timeout)
        one.client.get_waiter("function_updated_v2").wait(FunctionName=one.name, WaiterConfig={"Delay": 1})


def test_branches_go_on_each_in_its_time(one):
    execution = one.start("parallel", waits=[30, 90, 300])
    for seconds, done in ((0, 0), (35, 1), (60, 2)):
        if seconds:
            one.platform.advance(seconds)
        execution.rests("WaitStarted", *["StepSucceeded"] * bool(done))
        assert (execution.status, len(execution.of("StepSucceeded"))) == ("RUNNING", done)
    one.platform.advance(250)
    assert execution.succeeds() == [300, 900, 3000]
    assert execution.invocations() == 4


def test_items_are_mapped_each_in_a_context_of_its_own(one):
    execution, error, result = one.call("squares", items=[3, 4, 5])
    assert (error, result) == (None, [[0, 9, 3], [1, 16, 3], [2, 25, 3]])
    contexts = execution.of("ContextStarted")
    assert len(contexts) == 4
    parents = {event["Id"] for event in contexts}
    assert {event["ParentId"] for event in execution.of("StepStarted")} < parents


def test_children_have_children(one):
    execution = one.start("children")
    execution.rests("WaitStarted")
    one.platform.advance(31)
    assert execution.succeeds() == 2
    outer, inner = execution.of("ContextStarted")
    assert (outer["Name"], inner["Name"], inner["ParentId"]) == ("outer", "inner", outer["Id"])
    assert "ParentId" not in outer


def test_what_is_too_large_to_be_kept_together_is_put_together_again(one):
    execution = one.start("large", items=["a", "b", "c", "d"])
    execution.rests("WaitStarted")
    one.platform.advance(61)
    assert execution.succeeds() == [100_000] * 4


def test_more_state_than_one_invocation_is_told_at_once_is_read_page_by_page(one):
    execution = one.start("big", steps=70, size=100_000)
    execution.rests("WaitStarted")
    one.platform.advance(61)
    count, size, letters = execution.succeeds()
    assert (count, size) == (70, 7_000_000)
    assert letters == "".join(chr(97 + n % 26) for n in range(70))


def test_a_callback_is_answered(one):
    execution = one.start("callback")
    callback = execution.callback()
    one.client.send_durable_execution_callback_success(CallbackId=callback, Result=b'"yes"')
    assert execution.succeeds() == {"answer": '"yes"'}
    code, message, status = error_of(
        one.client.send_durable_execution_callback_success, CallbackId=callback, Result=b'"again"'
    )
    assert (code, status) == ("CallbackTimeoutException", 400)
    assert message == "The callback is either timed out or already completed"


def test_a_callback_fails(one):
    execution = one.start("callback")
    error = {"ErrorType": "Refused", "ErrorMessage": "not today", "ErrorData": "42"}
    one.client.send_durable_execution_callback_failure(CallbackId=execution.callback(), Error=error)
    result = execution.succeeds()
    assert result["error"] == "CallbackExternalError" and "not today" in result["message"]
    assert execution.of("CallbackFailed")[0]["CallbackFailedDetails"]["Error"]["Payload"] == error


def test_a_callback_times_out(one):
    execution = one.start("callback", timeout=120)
    callback = execution.callback()
    one.platform.advance(125)
    assert execution.succeeds()["error"] == "CallbackTimeoutError"
    assert error_of(one.client.send_durable_execution_callback_heartbeat, CallbackId=callback)[0] == (
        "CallbackTimeoutException"
    )


def test_a_callback_lives_on_heartbeats(one):
    execution = one.start("callback", timeout=600, heartbeat=60)
    callback = execution.callback()
    for _ in range(3):
        one.platform.advance(45)
        one.client.send_durable_execution_callback_heartbeat(CallbackId=callback)
        assert execution.status == "RUNNING"
    one.platform.advance(65)
    assert execution.succeeds()["error"] == "CallbackTimeoutError"
    error = execution.of("CallbackTimedOut")[0]["CallbackTimedOutDetails"]["Error"]["Payload"]
    assert error["ErrorType"] == "Callback.Heartbeat"


def test_a_callback_is_given_away_by_the_function_itself(one, marks):
    execution = one.start("submit", run="the run", table=marks.table)
    execution.rests("CallbackStarted")
    item = one.function.clients.boto("dynamodb").get_item(TableName=marks.table, Key={"id": {"S": "the run"}})["Item"]
    assert item["callback"]["S"] == execution.callback()
    one.client.send_durable_execution_callback_success(CallbackId=item["callback"]["S"], Result=b"done")
    assert execution.succeeds() == "done"


def test_a_step_is_tried_again_with_growing_pauses(one):
    execution = one.start("flaky", good=3, most=5)
    for failures, pause in ((1, 20), (2, 40)):
        execution.rests("StepFailed")
        assert len(execution.of("StepFailed")) == failures
        retry = execution.of("StepFailed")[-1]["StepFailedDetails"]["RetryDetails"]
        assert (retry["CurrentAttempt"], retry["NextAttemptDelaySeconds"]) == (failures, pause)
        one.platform.advance(pause - 10)
        assert len(execution.of("StepStarted")) == failures
        one.platform.advance(15)
    assert execution.succeeds() == {"attempt": 3}


def test_a_step_that_fails_for_good_fails(one):
    execution = one.start("flaky", good=9, most=2)
    execution.rests("StepFailed")
    one.platform.advance(30)
    result = execution.succeeds()
    assert result["error"] == "StepError" and "attempt 2" in result["message"]
    assert [event["EventType"] for event in execution.history()].count("StepFailed") == 2


def test_a_condition_is_waited_for(one):
    execution = one.start("condition", until=3)
    for _ in range(2):
        execution.rests("StepSucceeded")
        one.platform.advance(31)
    assert execution.succeeds() == 3


def test_a_plain_function_is_called(one):
    other = functions.create(one.function.clients, PLAIN)
    execution = one.start("call", function=other.name, payload={"n": 1})
    assert execution.succeeds() == {"answer": {"got": {"n": 1}}}
    assert execution.story()[1:] == ["ChainedInvokeStarted", "ChainedInvokeSucceeded", "ExecutionSucceeded"]


def test_a_called_function_that_fails_fails_its_caller(one):
    other = functions.create(one.function.clients, FAILING)
    result = one.start("call", function=other.name, payload={}).succeeds()
    assert result["error"] == "InvokeError" and "no" in result["message"]


@pytest.mark.parametrize("other", LANGUAGES)
def test_a_durable_function_is_called_and_waits(one, durables, other):
    other, marks = durables(other), tables.create(one.function.clients)
    payload = {"do": "wait", "seconds": 300, "table": marks}
    execution = one.start("call", function=f"{other.name}:$LATEST", payload=payload)
    execution.rests("ChainedInvokeStarted")
    started = execution.of("ChainedInvokeStarted")[0]["ChainedInvokeStartedDetails"]
    child = type(execution)(one.platform, one.client, started["DurableExecutionArn"])
    child.rests("WaitStarted")
    assert execution.status == "RUNNING"
    one.platform.advance(301)
    assert execution.succeeds()["answer"] == child.succeeds()


@pytest.mark.parametrize("sleep", (0, 8), ids=("dies", "times out"))
def test_an_invocation_that_fails_is_made_again_and_knows_what_was_done(one, marks, sleep):
    one.client.update_function_configuration(FunctionName=one.name, Timeout=6)
    one.client.get_waiter("function_updated_v2").wait(FunctionName=one.name, WaiterConfig={"Delay": 1})
    execution = one.start("crash", run=unique("run"), sleep=sleep, table=marks.table)
    assert [execution.succeeds()] == marks("before")
    completed = execution.of("InvocationCompleted")
    assert "Error" in completed[0]["InvocationCompletedDetails"]
    assert not completed[-1]["InvocationCompletedDetails"].get("Error")


def test_a_function_that_fails_fails_its_execution(one):
    execution, error, body = one.call("fail")
    assert (error, body["errorMessage"]) == ("Unhandled", "no")
    assert execution.status == "FAILED"
    assert execution.get()["Error"]["ErrorMessage"] == "no"
