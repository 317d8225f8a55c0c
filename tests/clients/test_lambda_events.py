"""Asynchronous calls through real clients: their settings, their retries in virtual time, their destinations; and that
none is lost."""

import json

import pytest

from harness import functions
from harness.clients import ACCOUNT, REGION, Clients, error_of
from harness.platform import run_updraft
from harness.wait import wait_until

ECHO = "def handler(event, context):\n    return event\n"
# Says what it was called with, and fails if it is told to.
NOTES = """
import json
def handler(event, context):
    print("NOTE " + json.dumps([event, context.aws_request_id, context.invoked_function_arn]))
    if isinstance(event, dict) and event.get("fail"):
        raise ValueError("as asked")
    return "fine"
"""
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:never-there"


class World:
    """A platform whose time can be moved, with functions that note their calls."""

    def __init__(self, platform):
        self.platform = platform
        self.clients = Clients(platform.url)
        self.client = self.clients.boto("lambda")

    def function(self, source=NOTES, **settings):
        return functions.create(self.clients, source, **settings)

    def notes(self, one):
        done = run_updraft("logs", one.name, "--endpoint", self.platform.url)
        return [json.loads(line.split("NOTE ", 1)[1]) for line in done.stdout.splitlines() if "NOTE " in line]

    def noted(self, one, count):
        return wait_until(lambda: len(self.notes(one)) >= count and self.notes(one), 30, f"{count} calls")

    def event(self, one, payload, **extra):
        answer = self.client.invoke(FunctionName=one.name, InvocationType="Event", Payload=json.dumps(payload), **extra)
        assert answer["StatusCode"] == 202
        return answer["ResponseMetadata"]["RequestId"]


@pytest.fixture
def world(fresh):
    return World(fresh().start())


def test_a_call_that_fails_is_tried_three_times_with_one_request_id(world):
    one = world.function()
    request = world.event(one, {"fail": True})
    world.noted(one, 1)
    for seconds, count in ((50, 1), (15, 2), (100, 2), (30, 3), (7 * 3600, 3)):
        world.platform.advance(seconds)
        assert len(world.noted(one, count)) == count
    assert {note[1] for note in world.notes(one)} == {request}


def test_records_go_to_functions(world):
    one, good, bad = world.function(), world.function(), world.function()
    world.client.put_function_event_invoke_config(
        FunctionName=one.name,
        MaximumRetryAttempts=1,
        DestinationConfig={"OnSuccess": {"Destination": good.arn}, "OnFailure": {"Destination": bad.arn}},
    )
    fine, wrong = world.event(one, {"n": 1}), world.event(one, {"fail": True})
    ((record, _, arn),) = world.noted(good, 1)
    assert arn == good.arn
    assert record["requestContext"]["requestId"] == fine and record["responsePayload"] == "fine"
    assert world.notes(bad) == []
    world.platform.advance(60)
    ((record, _, _),) = world.noted(bad, 1)
    assert (record["requestContext"]["requestId"], record["requestContext"]["approximateInvokeCount"]) == (wrong, 2)
    assert record["responsePayload"]["errorMessage"] == "as asked"
    assert len(world.notes(good)) == 1


def test_an_alias_has_settings_of_its_own(world):
    one, keeper = world.function(), world.function()
    world.client.publish_version(FunctionName=one.name)
    world.client.create_alias(FunctionName=one.name, Name="live", FunctionVersion="1")
    world.client.put_function_event_invoke_config(
        FunctionName=one.name, Qualifier="live", DestinationConfig={"OnSuccess": {"Destination": keeper.arn}}
    )
    world.event(one, 1)
    world.event(one, 2, Qualifier="live")
    ((record, _, _),) = world.noted(keeper, 1)
    assert record["requestPayload"] == 2 and record["requestContext"]["functionArn"] == f"{one.arn}:live"
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "1"}


def test_events_and_their_records_survive_a_kill(world):
    one, keeper = world.function(), world.function()
    world.client.put_function_event_invoke_config(
        FunctionName=one.name, MaximumRetryAttempts=1, DestinationConfig={"OnFailure": {"Destination": keeper.arn}}
    )
    ids = {world.event(one, {"fail": True, "n": n}) for n in range(20)}
    world.platform.kill()
    world.platform.start()
    seen = lambda: {note[0]["requestContext"]["requestId"] for note in world.notes(keeper)}  # noqa: E731

    def retried():
        # How many were tried once by now nobody can tell: what a function printed just before the kill isn't kept.
        world.platform.advance(61)
        return seen() == ids

    assert wait_until(retried, 60, "a record of each")


def test_a_megabyte_is_enough_and_no_more(world):
    one = world.function("def handler(event, context):\n    print('NOTE', len(event))\n")
    largest = "x" * (1024 * 1024 - 2)
    world.event(one, largest)
    assert world.noted(one, 1) == [len(largest)]
    code, _, status = error_of(world.event, one, largest + "x")
    assert (code, status) == ("RequestEntityTooLargeException", 413)


@pytest.mark.parametrize(
    ("setting", "least", "most"), (("MaximumRetryAttempts", 0, 2), ("MaximumEventAgeInSeconds", 60, 21600))
)
def test_settings_have_limits(function, setting, least, most):
    one = function(ECHO)
    client = one.clients.boto("lambda", parameter_validation=False)
    for good in (least, most):
        for call in (client.put_function_event_invoke_config, client.update_function_event_invoke_config):
            assert call(FunctionName=one.name, **{setting: good})[setting] == good
    for wrong in (least - 1, most + 1):
        for call in (client.put_function_event_invoke_config, client.update_function_event_invoke_config):
            code, message, _ = error_of(call, FunctionName=one.name, **{setting: wrong})
            member = setting[0].lower() + setting[1:]
            assert code == "ValidationException" and f"at '{member}' failed to satisfy constraint" in message


def test_what_nothing_could_be_sent_to_is_refused(function):
    one = function(ECHO)
    put = one.client.put_function_event_invoke_config
    for target in (QUEUE, QUEUE.replace("sqs", "sns"), f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/never", "arn:aws:s3:::never"):
        code, message, _ = error_of(put, FunctionName=one.name, DestinationConfig={"OnFailure": {"Destination": target}})
        assert (code, message) == ("InvalidParameterValueException", f"The destination ARN {target} is invalid.")
    update = one.client.update_function_configuration
    code, message, _ = error_of(update, FunctionName=one.name, DeadLetterConfig={"TargetArn": QUEUE})
    assert code == "InvalidParameterValueException" and message.startswith("Invalid dead letter queue ARN")
    code, _, _ = error_of(functions.create, one.clients, ECHO, DeadLetterConfig={"TargetArn": QUEUE})
    assert code == "InvalidParameterValueException"
    assert "DeadLetterConfig" not in update(FunctionName=one.name, DeadLetterConfig={"TargetArn": ""})


def test_the_command_line_does_it_all(function, clients):
    one, other = function(ECHO), function(ECHO)
    named = ("--function-name", one.name)
    config = json.dumps({"OnFailure": {"Destination": other.arn}})
    made = clients.cli("lambda", "put-function-event-invoke-config", *named, "--maximum-retry-attempts", 0, "--destination-config", config)
    assert made["DestinationConfig"] == {"OnSuccess": {}, "OnFailure": {"Destination": other.arn}}
    updated = clients.cli("lambda", "update-function-event-invoke-config", *named, "--maximum-event-age-in-seconds", 60)
    assert (updated["MaximumRetryAttempts"], updated["MaximumEventAgeInSeconds"]) == (0, 60)
    assert updated["DestinationConfig"] == made["DestinationConfig"]
    assert clients.cli("lambda", "get-function-event-invoke-config", *named) == updated
    listed = clients.cli("lambda", "list-function-event-invoke-configs", *named)
    assert listed == {"FunctionEventInvokeConfigs": [updated]}
    clients.cli("lambda", "delete-function-event-invoke-config", *named)
    said = clients.cli_fails("lambda", "get-function-event-invoke-config", *named)
    assert "(ResourceNotFoundException)" in said and "doesn't have an EventInvokeConfig" in said


def test_settings_are_listed_page_by_page(function):
    one = function(ECHO)
    one.client.publish_version(FunctionName=one.name)
    qualifiers = ["$LATEST", "1", "a0", "a1", "a2"]
    for qualifier in qualifiers:
        if qualifier.startswith("a"):
            one.client.create_alias(FunctionName=one.name, Name=qualifier, FunctionVersion="1")
        one.client.put_function_event_invoke_config(FunctionName=one.name, Qualifier=qualifier, MaximumRetryAttempts=1)
    paginator = one.client.get_paginator("list_function_event_invoke_configs")
    pages = list(paginator.paginate(FunctionName=one.name, PaginationConfig={"PageSize": 2}))
    arns = [[config["FunctionArn"].rpartition(":")[2] for config in page["FunctionEventInvokeConfigs"]] for page in pages]
    assert arns == [qualifiers[:2], qualifiers[2:4], qualifiers[4:]]
