"""Settings of asynchronous calls, and the records of their ends: the scenarios recorded from AWS, done again here.

Where a scenario sends to a queue, a function takes the queue's place."""

import json

import pytest

from harness import functions
from harness.clients import ACCOUNT, REGION
from harness.recordings import Comparison, answered, scenario
from harness.wait import wait_until

API, DESTINATIONS, INVOKE = (f"lambda_/test_lambda{suffix}.json" for suffix in ("_api", "_destinations", ""))
ECHO = "def handler(event, context):\n    return event\n"
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function"


@pytest.fixture
def client(clients):
    return clients.boto("lambda", parameter_validation=False)


@pytest.fixture
def one(function):
    return function(ECHO, Handler="handler.handler", files={"handler.py": ECHO}, Timeout=30, MemorySize=128, Runtime="python3.12", Environment={"Variables": {}})


def replay(file, name):
    told, comparison = scenario(file, name), Comparison()

    def step(label, call, **params):
        ours = answered(call, **params)
        comparison.check(told[label], ours, label)
        return ours

    return step


def test_settings_from_their_making_to_their_end(client, one):
    step, name = replay(API, "test_lambda_eventinvokeconfig_lifecycle"), {"FunctionName": one.name}
    put, get, update = (getattr(client, f"{verb}_function_event_invoke_config") for verb in ("put", "get", "update"))
    step("put_invokeconfig_retries_0", put, MaximumRetryAttempts=0, **name)
    step("put_invokeconfig_eventage_60", put, MaximumEventAgeInSeconds=60, **name)
    step("update_invokeconfig_eventage_nochange", update, MaximumEventAgeInSeconds=60, **name)
    step("update_invokeconfig_retries", update, MaximumRetryAttempts=1, **name)
    step("get_invokeconfig", get, **name)
    step("get_invokeconfig_latest", get, Qualifier="$LATEST", **name)
    step("list_single_invokeconfig", client.list_function_event_invoke_configs, **name)
    client.publish_version(**name)
    step("get_invokeconfig_postpublish", get, Qualifier="1", **name)
    step("put_published_invokeconfig", put, Qualifier="1", MaximumEventAgeInSeconds=120, **name)
    step("get_published_invokeconfig", get, Qualifier="1", **name)
    paged = client.list_function_event_invoke_configs(MaxItems=1, **name)
    assert len(paged["FunctionEventInvokeConfigs"]) == 1 and paged["NextMarker"]
    client.delete_function_event_invoke_config(**name)
    step("list_paging_nolimit_postdelete", client.list_function_event_invoke_configs, **name)


def test_settings_that_cannot_be(client, one, function):
    told = "test_lambda_eventinvokeconfig_exceptions"
    step, name, other = replay(API, told), {"FunctionName": one.name}, function(ECHO)
    put, get, update, delete = (getattr(client, f"{verb}_function_event_invoke_config") for verb in ("put", "get", "update", "delete"))
    listed = client.list_function_event_invoke_configs
    arn = f"{ARN}:{one.name}"

    def destination(label, success=None, failure=None):
        config = {"OnSuccess": success, "OnFailure": failure}
        step(label, put, DestinationConfig={side: to for side, to in config.items() if to is not None}, **name)

    step("fn_version_result", client.publish_version, **name)
    step("fn_alias_result", client.create_alias, Name="eventinvokealias", FunctionVersion="1", **name)

    step("put_functionname_name_notfound", put, FunctionName="doesnotexist", MaximumRetryAttempts=1)
    step("put_functionname_arn_notfound", put, FunctionName=f"{ARN}:doesnotexist", MaximumRetryAttempts=1)
    step("put_functionname_nootherargs", put, **name)
    destination("put_destination_lambda_doesntexist", {"Destination": f"{ARN}:doesnotexist"})
    destination("put_destination_recursive", {"Destination": arn})
    destination("put_destination_other_lambda", {"Destination": other.arn})
    destination("put_destination_invalid_service_arn", {"Destination": arn.replace(":lambda:", ":iam:")})
    destination("put_destination_success_no_destination_arn", success={})
    destination("put_destination_failure_no_destination_arn", failure={})
    destination("put_destination_invalid_arn_pattern", failure={"Destination": arn.replace(":lambda:", ":_-/!lambda:")})

    some = {"MaximumRetryAttempts": 1}
    step("put_destination_latest", put, **name, **some)
    step("put_destination_latest_explicit_qualifier", put, Qualifier="$LATEST", **name, **some)
    step("put_destination_version", put, Qualifier="1", **name, **some)
    step("put_alias_functionname_qualifier", put, Qualifier="eventinvokealias", **name, **some)
    step("put_alias_doesnotexist", put, Qualifier="doesnotexist", **name, **some)
    step("put_alias_qualifiedarn", put, FunctionName=f"{arn}:eventinvokealias", **some)
    step("put_alias_qualifiedarn_qualifier", put, FunctionName=f"{arn}:eventinvokealias", Qualifier="eventinvokealias", **some)
    step("put_alias_qualifiedarn_qualifierconflict", put, FunctionName=f"{arn}:eventinvokealias", Qualifier="doesnotexist", **some)
    short = f"{one.name}:eventinvokealias"
    step("put_alias_shorthand", put, FunctionName=short, **some)
    step("put_alias_shorthand_qualifier", put, FunctionName=short, Qualifier="eventinvokealias", **some)
    step("put_alias_shorthand_qualifierconflict", put, FunctionName=short, Qualifier="doesnotexist", **some)
    step("put_version_shorthand", put, FunctionName=f"{one.name}:1", **some)
    step("put_shorthand_qualifier_match", put, FunctionName=f"{one.name}:$LATEST", Qualifier="$LATEST", **some)
    for n, (there, here) in enumerate((("$LATEST", "1"), ("1", "$LATEST"), ("1", "2")), 1):
        step(f"put_shorthand_qualifier_mismatch_{n}", put, FunctionName=f"{one.name}:{there}", Qualifier=here, **some)
    step("put_maxevent_maxvalue_result", put, MaximumRetryAttempts=2, MaximumEventAgeInSeconds=21600, **name)

    step("put_pre_overwrite", put, MaximumRetryAttempts=2, MaximumEventAgeInSeconds=60, **name)
    step("put_post_overwrite", put, MaximumRetryAttempts=0, **name)
    step("second_overwrite_existing_response", put, MaximumRetryAttempts=0, **name)
    step("get_post_overwrite", get, **name)
    step("pre_update_response", put, MaximumRetryAttempts=2, MaximumEventAgeInSeconds=60, **name)
    step("update_response", update, MaximumRetryAttempts=0, **name)
    step("update_response_existing", update, MaximumRetryAttempts=0, **name)
    step("list_configs", listed, **name)
    step("list_function_doesnotexist", listed, FunctionName="doesnotexist")
    step("get_function_doesnotexist", get, FunctionName="doesnotexist")
    step("get_qualifier_doesnotexist", get, Qualifier="doesnotexist", **name)

    step("delete_latest", delete, Qualifier="$LATEST", **name)
    step("delete_version", delete, Qualifier="1", **name)
    step("delete_alias", delete, Qualifier="eventinvokealias", **name)
    step("list_configs_postdelete", listed, **name)
    step("delete_function_not_found", delete, **name)
    step("delete_function_doesnotexist", delete, FunctionName="doesnotexist")
    step("get_eventinvokeconfig_doesnotexist", get, Qualifier="eventinvokealias", **name)
    alias = {"Qualifier": "eventinvokealias"}
    step("update_eventinvokeconfig_config_doesnotexist_with_qualifier", update, **alias, **name, **some)
    step("update_eventinvokeconfig_config_doesnotexist_without_qualifier", update, **name, **some)
    step("update_eventinvokeconfig_function_doesnotexist", update, FunctionName="doesnotexist", **some)


def test_settings_of_another_region(client):
    name = "test_get_function_wrong_region[get_function_event_invoke_config]"
    step = replay(API, name)
    step("wrong_region_exception", client.get_function_event_invoke_config, FunctionName=f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:any")


FAILS = 'def handler(event, context):\n    if event.get("fail", True):\n        raise Exception("intentional failure")\n    return event\n'
PRINTS = "import json\ndef handler(event, context):\n    print('RECORD ' + json.dumps(event))\n"


@pytest.fixture
def sent(fresh, request):
    """A platform of its own whose time can be moved; what a function's destination is sent: sent(settings, payload)."""
    from harness.clients import Clients
    from harness.platform import run_updraft

    platform = fresh().start()
    clients = Clients(platform.url)
    client = clients.boto("lambda")
    one = functions.create(clients, FAILS, Handler="handler.handler", files={"handler.py": FAILS})
    keeper = functions.create(clients, PRINTS)

    def records():
        done = run_updraft("logs", keeper.name, "--endpoint", platform.url)
        return [json.loads(line.split("RECORD ", 1)[1]) for line in done.stdout.splitlines() if "RECORD " in line]

    def send(settings, payload, moves=(), before=lambda: None):
        seen = len(records())
        config = {"OnFailure": {"Destination": keeper.arn}, "OnSuccess": {"Destination": keeper.arn}}
        client.put_function_event_invoke_config(FunctionName=one.name, DestinationConfig=config, **settings)
        before()
        client.invoke(FunctionName=one.name, InvocationType="Event", Payload=json.dumps(payload))
        for seconds in moves:
            assert len(records()) == seen, "nothing is sent before its time"
            platform.advance(seconds)
        return wait_until(lambda: records()[seen:], 30, "the record")[0]

    send.one, send.client = one, client
    return send


def told(file, name, label):
    """The recorded message's body, without the function's own stack trace, which has other lines."""
    answer = scenario(file, name)[label]
    message = answer["Messages"][0] if "Messages" in answer else answer
    body = json.loads(json.dumps(message["Body"]))
    if isinstance(body.get("responsePayload"), dict):
        body["responsePayload"].pop("stackTrace", None)
        body["responsePayload"].pop("context", None)
    return body


def test_the_record_of_a_success(sent):
    body = told(DESTINATIONS, "test_assess_lambda_destination_invocation[payload0]", "receive_message_result")
    record = sent({"MaximumRetryAttempts": 0}, {"fail": False})
    body["requestPayload"] = body["responsePayload"] = {"fail": False}
    Comparison().check(body, record)
    assert list(record) == ["version", "timestamp", "requestContext", "requestPayload", "responseContext", "responsePayload"]


def test_the_record_when_retries_are_exhausted(sent):
    record = sent({"MaximumRetryAttempts": 2}, {"message": "any"}, moves=(60, 120))
    Comparison().check(told(DESTINATIONS, "test_retries", "queue_destination_payload"), record)


def test_the_records_of_events_that_are_too_old(sent):
    for age, moves, label in ((60, (), "no_retry_failure_message"), (150, (60,), "single_retry_failure_message")):
        record = sent({"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": age}, {"message": "any"}, moves)
        # AWS: of a maximum age of a minute the retry, a minute later, is too late; here it takes a moment more.
        Comparison().check(told(DESTINATIONS, "test_maxeventage", label), record)


def test_the_record_where_nothing_may_run(sent):
    def before():
        sent.client.put_function_concurrency(FunctionName=sent.one.name, ReservedConcurrentExecutions=0)

    record = sent({"MaximumRetryAttempts": 0}, {}, before=before)
    Comparison().check(told(INVOKE, "test_reserved_concurrency", "msg"), record)
    assert "responseContext" not in record and "responsePayload" not in record
