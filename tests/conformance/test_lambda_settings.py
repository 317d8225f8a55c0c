"""Versions, policies, lists and the settings that functions have: the scenarios recorded from AWS, done again here."""

import copy
import json

import pytest

from harness import functions
from harness.clients import ACCOUNT, REGION, ROLE
from harness.names import unique
from harness.recordings import Comparison, answered, scenario, scenarios

API, INVOKE = "lambda_/test_lambda_api.json", "lambda_/test_lambda.json"
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function"
ECHO = "def handler(event, context):\n    return event\n"
VERSION = """
def handler(event, context):
    return {"version_id": "%s", "version_from_ctx": context.function_version, "invoked_arn": context.invoked_function_arn}
"""


@pytest.fixture
def client(clients):
    return clients.boto("lambda", parameter_validation=False)


@pytest.fixture
def create(client):
    """Creates functions from a package of one file, and deletes them at the end."""
    made = []

    def call(source=ECHO, **extra):
        request = {"Runtime": "python3.12", "Handler": "handler.handler", "Role": ROLE, **extra}
        request.setdefault("FunctionName", unique("settings"))
        made.append(request["FunctionName"])
        return answered(client.create_function, Code={"ZipFile": package(source)}, **request)

    yield call
    for name in made:
        answered(client.delete_function, FunctionName=name)


def package(source):
    return functions.zipped({"handler.py": source})


class Replay:
    """The steps of one scenario: the same token stands for the same value throughout."""

    def __init__(self, file, name):
        self.told, self.comparison = copy.deepcopy(scenario(file, name)), Comparison()

    def __call__(self, label, ours):
        told = self.told[label]
        self.comparison.check(told.get("CreateFunctionResponse", told), ours, label)
        return ours


def active(client, made):
    client.get_waiter("function_active_v2").wait(FunctionName=made["FunctionName"], WaiterConfig={"Delay": 1})
    return {"FunctionName": made["FunctionName"]}


def updated(client, of):
    client.get_waiter("function_updated_v2").wait(WaiterConfig={"Delay": 1}, **of)


def test_loops_may_be_allowed(client, create):
    step, name = Replay(API, "test_put_function_recursion_config_allow"), active(client, create())
    step("put_recursion_config_response", answered(client.put_function_recursion_config, RecursiveLoop="Allow", **name))
    step("get_recursion_config_response", answered(client.get_function_recursion_config, **name))


def snap_started(kind):
    names = sorted(scenarios(API))
    return [name for name in names if name.startswith(f"test_snapstart_{kind}[")]


# Runtimes that aren't run here can still be configured.
HANDLERS = {"dotnet": "dotnet::Dotnet.Function::FunctionHandler", "java": "echo.Handler", "python": "handler.handler"}


def snapped(name):
    """What the scenario creates."""
    runtime = name.partition("[")[2].rstrip("]")
    handler = next(handler for language, handler in HANDLERS.items() if runtime.startswith(language))
    return {"Runtime": runtime, "Handler": handler, "MemorySize": 1024, "Timeout": 5}


def test_snapshots_of_published_versions(client, create):
    for name in snap_started("lifecycle"):
        step, made = Replay(API, name), create(**snapped(name))
        step("create_function_response", made)
        of = active(client, made)
        step("get_function_response_latest", answered(client.get_function, **of))
        client.publish_version(Description="version1", **of)
        step("get_function_response_version_1", answered(client.get_function, Qualifier="1", **of))


def test_snapshots_can_be_asked_for_later(client, create):
    for name in snap_started("update_function_configuration"):
        step, made = Replay(API, name), create(**snapped(name))
        step("create_function_response", made)
        snap = {"ApplyOn": "PublishedVersions"}
        ours = answered(client.update_function_configuration, SnapStart=snap, **active(client, made))
        step("update_function_response", ours)


def test_snapshots_that_cannot_be(create):
    ours = create(SnapStart={"ApplyOn": "invalidOption"})
    Replay(API, "test_snapstart_exceptions")("create_function_invalid_snapstart_apply", ours)


LOGGED = "test_function_partial_advanced_logging_configuration_update"


@pytest.mark.parametrize(
    "name, first, then",
    (
        ("test_function_advanced_logging_configuration", {"LogFormat": "JSON"}, {"LogGroup": "cool_lambda"}),
        (f"{LOGGED}[partial_config0]", None, {"LogFormat": "JSON"}),
        (f"{LOGGED}[partial_config3]", None, {"LogGroup": "cool_lambda"}),
    ),
    ids=("json", "to-json", "group"),
)
def test_logging(client, create, name, first, then):
    step = Replay(API, name)
    settings = {"Timeout": 5, "MemorySize": 256, "Environment": {"Variables": {}}}
    made = create(**settings, **({"LoggingConfig": first} if first else {}))
    step("create_response", made)
    of = active(client, made)
    step("get_function_response", answered(client.get_function, **of))
    step("function_config", answered(client.get_function_configuration, **of))
    step("updated_config", answered(client.update_function_configuration, LoggingConfig=then, **of))
    updated(client, of)
    step("received_config", answered(client.get_function_configuration, **of))


def test_versions_with_code_changes(client, create):
    step = Replay(INVOKE, "test_lambda_versions_with_code_changes")
    made = create(VERSION % "version1", Description="No version :(", MemorySize=128, Timeout=3)
    step("create_response", made)
    of = active(client, made)
    first = {"CodeSha256": made["CodeSha256"], "Description": "First version description :)"}
    step("first_publish_response", answered(client.publish_version, **first, **of))
    changed = answered(client.update_function_code, ZipFile=package(VERSION % "version2"), **of)
    step("update_lambda_response", changed)
    updated(client, of)
    step("invocation_result_latest", answered(client.invoke, **of))
    step("invocation_result_v1", answered(client.invoke, Qualifier="1", **of))
    second = {"CodeSha256": changed["CodeSha256"], "Description": "Second version description :)"}
    step("second_publish_response", answered(client.publish_version, **second, **of))
    step("invocation_result_v2", answered(client.invoke, Qualifier="2", **of))
    third = answered(client.update_function_code, ZipFile=package(VERSION % "version3"), Publish=True, **of)
    step("update_lambda_response_with_publish", third)
    updated(client, of)
    for number in (1, 2):
        step(f"invocation_result_v{number}_end", answered(client.invoke, Qualifier=str(number), **of))
    step("invocation_result_v3", answered(client.invoke, Qualifier="3", **of))
    step("invocation_result_latest_end", answered(client.invoke, **of))


def states(answer):
    """Without what a function goes through as it is made: here that is over at once."""
    passing = ("State", "StateReason", "StateReasonCode", "LastUpdateStatus", "LastUpdateStatusReason", "LastUpdateStatusReasonCode")
    config = {name: value for name, value in answer["Configuration"].items() if name not in passing}
    return {**answer, "Configuration": config}


def test_publishing_with_an_update(client, create):
    step = Replay(API, "test_publish_with_update")
    made = create(Handler="index.handler")
    step("create_response", made)
    of = active(client, made)
    step("get_function_result", answered(client.get_function, **of))
    step("update_function_code_result", answered(client.update_function_code, ZipFile=package(ECHO + "\n"), Publish=True, **of))
    for label, qualifier in (("get_function_version_result", "1"), ("get_function_latest_result", "$LATEST")):
        ours = answered(client.get_function, Qualifier=qualifier, **of)
        step.comparison.check(states(step.told[label]), ours, label)


def test_a_call_is_not_disturbed_by_an_update(client, create):
    told = scenario(INVOKE, "test_function_update_during_invoke")["invoke_response_before"]
    source = "import os\ndef handler(event, context):\n    return [os.environ['VARIANT'], context.function_version]\n"
    of = active(client, create(source, Environment={"Variables": {"VARIANT": "variant-1"}}))
    ours = answered(client.invoke, **of)
    assert ours["Payload"] == [told["Payload"]["function_variant"], told["Payload"]["function_version"]]
    assert ours["ExecutedVersion"] == told["ExecutedVersion"]


def test_functions_are_listed(clients):
    # An account of its own: the recorded one had no other functions.
    client = clients.other("111122223333").boto("lambda", parameter_validation=False)
    step = Replay(API, "test_list_functions")
    request = {"Runtime": "python3.12", "Role": "arn:aws:iam::111122223333:role/any", "Handler": "handler.handler"}
    settings = {"Timeout": 30, "MemorySize": 128, "Environment": {"Variables": {}}}
    names = [unique(f"list-{number}") for number in (1, 2)]
    for name, publish in zip(names, (True, False)):
        client.create_function(FunctionName=name, Code={"ZipFile": package(ECHO)}, Publish=publish, **request, **settings)
    ours = answered(client.list_functions, FunctionVersion="invalid")
    step("list_functions_invalid_functionversion", ours)
    listed = {
        "list_all": client.list_functions(FunctionVersion="ALL")["Functions"],
        "list_default": client.list_functions()["Functions"],
    }
    comparison = Comparison()
    for label, ours in listed.items():
        theirs = json.loads(json.dumps(step.told[label]["Functions"]).replace("111111111111", "111122223333"))
        comparison.check(theirs, [one for one in ours if one["FunctionName"] in names], label)
    for name in names:
        client.delete_function(FunctionName=name)


def test_versions_that_are_not_there(client):
    for label in ("non_existent", "non_existent_with_qualifier"):
        name = unique("gone")
        of = {"Qualifier": "1"} if label.endswith("qualifier") else {}
        told = scenario(API, "test_delete_on_nonexisting_version")[f"delete_function_response_{label}"]
        # The version isn't in the message, for there isn't even the function.
        told = json.loads(json.dumps(told).replace("<fn-name>", name))
        Comparison().check(told, answered(client.delete_function, FunctionName=name, **of), label)


def test_variables_have_a_limit(create):
    told = scenario(API, "test_large_environment_fails_multiple_keys")["failured_create_fn_result_multi_key"]
    theirs, _, measured = told["Error"]["Message"].partition("String measured: ")
    ours = create(Environment={"Variables": json.loads(measured)})
    assert (ours["Error"]["Code"], ours["ResponseMetadata"]["HTTPStatusCode"]) == (told["Error"]["Code"], 400)
    # In which order AWS measures them isn't known.
    message, _, ours = ours["Error"]["Message"].partition("String measured: ")
    assert (message, json.loads(ours)) == (theirs, json.loads(measured))


def test_code_can_be_replaced(client, create):
    step = Replay(API, "test_lambda_code_location_zipfile")
    made = create(Handler="index.handler")
    step("create-response-zip-file", made)
    of = active(client, made)
    step("get-function-response", answered(client.get_function, **of))
    step("update-function-response", answered(client.update_function_code, ZipFile=package(ECHO + "\n"), **of))
    label = "get-function-response-updated"
    ours = answered(client.get_function, **of)
    theirs = states(step.told[label])
    theirs["Configuration"].pop("RevisionId")
    step.comparison.check(theirs, ours, label)


def test_updates_that_change_nothing(client, create):
    step = Replay(API, "test_redundant_updates")
    made = create(Description="Initial description", Timeout=30, Environment={"Variables": {}})
    step("create_response", made)
    of = active(client, made)
    change = {"Description": "1st update description", **of}
    step("first_update_result", answered(client.update_function_configuration, **change))
    updated(client, of)
    step("get_fn_config_result", answered(client.get_function_configuration, **of))
    step("get_fn_result", answered(client.get_function, **of))
    step("redundant_update_result", answered(client.update_function_configuration, **change))
    updated(client, of)
    step("get_fn_result_after_redundant_update", answered(client.get_function, **of))


def test_tags_have_a_limit(client, create):
    step = Replay(API, "test_tag_limits")
    many = lambda count: {f"{number}_key": f"{number}_value" for number in range(count)}  # noqa: E731
    step("create_function_invalid_tags", create(Tags=many(51)))
    of = active(client, create(Timeout=30, Environment={"Variables": {}}))
    arn = f"{ARN}:{of['FunctionName']}"
    step("tag_lambda_too_many_tags", answered(client.tag_resource, Resource=arn, Tags=many(51)))
    step("tag_response", answered(client.tag_resource, Resource=arn, Tags=many(50)))
    step("list_tags_response", answered(client.list_tags, Resource=arn))
    step("get_fn_response", answered(client.get_function, **of))
    step("tag_lambda_too_many_tags_additional", answered(client.tag_resource, Resource=arn, Tags={"a": "b"}))


def test_versions_have_no_tags(client, create):
    step = Replay(API, "test_tag_versions")
    arn = f"{ARN}:{create(Publish=True)['FunctionName']}"
    for label, qualifier in (("tag_resource_exception", "1"), ("tag_resource_latest_exception", "$LATEST")):
        step(label, answered(client.tag_resource, Resource=f"{arn}:{qualifier}", Tags={"a": "b"}))


def test_a_function_is_made_looked_at_and_called(client, create):
    step = Replay(INVOKE, "test_basic_invoke")
    for suffix in ("", "_2"):
        made = create(Handler="index.handler" if suffix else "handler.handler", Runtime="python3.9")
        told = step.told[f"lambda_create_fn{suffix}"]
        step.comparison.check({**told, "Handler": made["Handler"]}, made)
        found = answered(client.get_function, **active(client, made))
        told = step.told[f"lambda_get_fn{suffix}"]
        told["Configuration"]["Handler"] = made["Handler"]
        step.comparison.check(told, found)
        if not suffix:
            step("lambda_invoke_result", answered(client.invoke, FunctionName=made["FunctionName"]))


def test_variables_are_there(client, create):
    step = Replay(INVOKE, "test_lambda_environment")
    source = "import os\ndef handler(event, context):\n    return {'Hello': os.environ['Hello']}\n"
    made = create(source, Environment={"Variables": {"Hello": "World"}}, Timeout=30)
    told = step.told["creation-result"]["CreateFunctionResponse"]
    assert made["Environment"] == told["Environment"]
    of = active(client, made)
    assert answered(client.get_function_configuration, **of)["Environment"] == step.told["get-configuration-result"]["Environment"]
    step("invocation-result", answered(client.invoke, **of))


def test_what_a_permission_may_say(client, create):
    step, name = Replay(API, "test_add_lambda_permission_fields"), create()["FunctionName"]
    account = {"SourceAccount": ACCOUNT}
    # Each statement's label, with what it is asked for by.
    asked = {
        "principal_wildcard": {"StatementId": "wilcard", "Principal": "*", **account},
        "principal_service": {"StatementId": "lambda", "Principal": "lambda.amazonaws.com", **account},
        "principal_account": {"StatementId": "account-id", "Principal": ACCOUNT},
        "alexa_skill": {
            "StatementId": "alexaSkill",
            "Principal": "*",
            "EventSourceToken": "amzn1.ask.skill.xxxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
        },
        "optional_fields": {
            "StatementId": "urlPermission",
            "Action": "lambda:InvokeFunctionUrl",
            "Principal": "*",
            "SourceArn": "arn:aws:s3:::a-bucket",
            "PrincipalOrgID": "o-1234567890",
            "FunctionUrlAuthType": "NONE",
            **account,
        },
    }
    for label, request in asked.items():
        request = {"Action": "lambda:InvokeFunction", **request}
        ours = client.add_permission(FunctionName=name, **request)
        step(f"add_permission_{label}", {**ours, "Statement": json.loads(ours["Statement"])})


def shown(answer):
    return {**answer, "Policy": json.loads(answer["Policy"])} if "Policy" in answer else answer


def test_policies_of_versions(client, create):
    step, of = Replay(API, "test_lambda_permission_versioning"), active(client, create())
    grant = {"Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com", "SourceArn": "arn:aws:s3:::a-bucket"}
    policy = lambda **more: shown(answered(client.get_policy, **of, **more))  # noqa: E731
    ours = client.add_permission(StatementId="s3", **grant, **of)
    step("add_permission", {**ours, "Statement": json.loads(ours["Statement"])})
    step("get_policy", policy())
    client.publish_version(**of)
    step("get_policy_after_publishing_latest", policy())
    step("get_policy_after_publishing_new_version", policy(Qualifier="1"))
    client.add_permission(StatementId="s3", Qualifier="1", **grant, **of)
    told = json.loads(json.dumps(step.told["get_policy_after_adding_to_new_version"]))
    step.comparison.check(told, policy(), "get_policy_after_adding_to_new_version")
    client.add_permission(StatementId="s3_2", **grant, **of)
    step("get_policy_after_adding_2", policy())


def test_several_permissions(client, create):
    step, of = Replay(API, "test_create_multiple_lambda_permissions"), active(client, create())
    for number, who in ((1, "logs"), (2, "kinesis")):
        request = {"StatementId": who, "Action": "lambda:InvokeFunction", "Principal": f"{who}.amazonaws.com"}
        ours = client.add_permission(**request, **of)
        step(f"add_permission_response_{number}", {**ours, "Statement": json.loads(ours["Statement"])})
    step("policy_after_2_add", shown(answered(client.get_policy, **of)))


def test_revisions_of_policies(client, create):
    step = Replay(API, "test_lambda_permission_revisions")
    of = active(client, create(Timeout=30, Environment={"Variables": {}}))
    # The recorded function's runtime was changed meanwhile.
    for label in ("get_function_fn8", "get_function_fn8_v1", "get_function_fn9", "get_function_fn9_v1"):
        step.told[label]["Configuration"].pop("Runtime")
        step.told[label]["Configuration"].pop("RuntimeVersionConfig", None)
    grant = {"Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com", "SourceArn": "arn:aws:s3:::a-bucket"}
    wrong = "00000000-0000-0000-0000-000000000000"
    ours = answered(client.add_permission, StatementId="s3", RevisionId=wrong, **grant, **of)
    step("add_permission_revision_id_doesnotmatch", ours)
    client.add_permission(StatementId="s3", **grant, **of)
    ours = answered(client.remove_permission, StatementId="s3", RevisionId=wrong, **of)
    step("remove_permission_fn_revision_id_doesnotmatch", ours)
    client.publish_version(**of)
    client.add_permission(StatementId="s3_2", **grant, **of)
    client.add_permission(StatementId="s3_2", Qualifier="1", **grant, **of)
    step("get_policy_after_publish_version", shown(answered(client.get_policy, **of)))
    step("get_policy_v1_after_publish_version", shown(answered(client.get_policy, Qualifier="1", **of)))
    step("get_function_fn8", answered(client.get_function, **of))
    step("get_function_fn8_v1", answered(client.get_function, Qualifier="1", **of))
    # A version's policy changes that version's revision, and not the function's.
    client.add_permission(StatementId="s3_3", Qualifier="1", **grant, **of)
    step("get_policy_v1_after_add_permission9", shown(answered(client.get_policy, Qualifier="1", **of)))
    step("get_function_fn9", answered(client.get_function, **of))
    step("get_function_fn9_v1", answered(client.get_function, Qualifier="1", **of))
