"""Scenarios recorded from AWS's Lambda, done again here."""

import base64
import hashlib
import io
import re
import urllib.error
import urllib.request
import zipfile

import pytest

from harness import functions
from harness.clients import ACCOUNT, REGION, ROLE
from harness.recordings import FIXED, Comparison, answered, scenario, scenarios

API, INVOKE, COMMON = (f"lambda_/test_lambda{suffix}.json" for suffix in ("_api", "", "_common"))
ECHO = "def handler(event, context):\n    return event\n"
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function"


@pytest.fixture
def client(clients):
    return clients.boto("lambda", parameter_validation=False)


def check(file, name, label, ours):
    Comparison().check(scenario(file, name)[label], ours, label)


def creating(name, **extra):
    code = {"ZipFile": functions.zipped({"handler.py": ECHO})}
    return {"FunctionName": name, "Runtime": "python3.12", "Handler": "handler.handler", "Role": ROLE, "Code": code, **extra}


# The recorded message holds the value that was refused: <a:len(129)> is that many times the letter.
REPEATED = re.compile(r"<a:len\((\d+)\)>")
REFUSED = re.compile(r"Value '(.*?)' at '(functionName|qualifier)' failed")


def refusals():
    """(scenario, operation, answer) of every recorded validation of a name or qualifier that has one error."""
    for name, answers in scenarios(API).items():
        if not name.startswith("test_function_name_and_qualifier_validation["):
            continue
        for label, answer in answers.items():
            if answer.get("Count") == 1:
                yield name, label.removesuffix("_exception"), answer


def plain(text):
    for token, value in FIXED.items():
        text = text.replace(token, value)
    return REPEATED.sub(lambda found: "a" * int(found.group(1)), text)


def test_names_and_qualifiers_are_refused_in_awss_words(client):
    wrong = []
    for name, operation, told in refusals():
        (error,) = told["Errors"]
        value, member = REFUSED.match(plain(error)).groups()
        params = {"FunctionName": value} if member == "functionName" else {"FunctionName": "my-function", "Qualifier": value}
        params = creating(value) if operation == "create_function" else params
        ours = answered(getattr(client, operation), **params)["Error"]
        expected = (told["Code"], f"1 validation error detected: {plain(error)}")
        if (ours["Code"], ours["Message"]) != expected:
            wrong.append(f"{name}, {operation}:\n  AWS {expected}\n  we  {(ours['Code'], ours['Message'])}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("operation", ("get_function", "get_function_configuration", "delete_function"))
def test_operations_on_what_is_not_there(client, operation):
    name = f"test_ops_on_nonexisting_fn[{operation}]"
    check(API, name, "not_found_exception", answered(getattr(client, operation), FunctionName="never-there"))


@pytest.mark.parametrize("operation", ("get_function", "get_function_configuration"))
def test_operations_on_versions_that_are_not_there(client, function, operation):
    one = function(ECHO)
    ours = answered(getattr(client, operation), FunctionName=one.name, Qualifier="1221")
    check(API, f"test_ops_on_nonexisting_version[{operation}]", "version_not_found_exception", ours)


@pytest.mark.parametrize("operation", ("get_function", "get_function_configuration", "delete_function"))
def test_qualifiers_that_contradict_the_name(client, operation):
    name, call = f"test_ops_with_arn_qualifier_mismatch[{operation}]", getattr(client, operation)
    some = f"{ARN}:some-function"
    ours = answered(call, FunctionName=f"{some}:mismatched-qualifier", Qualifier="$LATEST")
    check(API, name, "not_match_exception", ours)
    check(API, name, "match_exception", answered(call, FunctionName=f"{some}:$LATEST", Qualifier="$LATEST"))


@pytest.mark.parametrize("operation", ("delete_function", "get_function_concurrency"))
def test_functions_of_another_region(client, operation):
    ours = answered(getattr(client, operation), FunctionName=f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:any")
    check(API, f"test_get_function_wrong_region[{operation}]", "wrong_region_exception", ours)


def test_a_functions_life(client, function, clients):
    told, compare = scenario(API, "test_function_lifecycle"), Comparison()
    from harness.names import unique

    name = unique("life")
    made = answered(client.create_function, **creating(name, Timeout=5, MemorySize=256, Environment={"Variables": {}}))
    compare.check(told["create_response"]["CreateFunctionResponse"], made)
    client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    compare.check(told["get_function_response"]["Configuration"]["State"], "Active")
    found = answered(client.get_function, FunctionName=name)
    Comparison().check(settled(told["get_function_response"]), found)
    deleted = answered(client.delete_function, FunctionName=name)
    assert deleted["ResponseMetadata"]["HTTPStatusCode"] == told["delete_response"]["ResponseMetadata"]["HTTPStatusCode"]
    compare.check(told["delete_postdelete"], answered(client.delete_function, FunctionName=name))


def settled(answer):
    """Without the revision, which a function changes when it becomes active."""
    config = {name: value for name, value in answer["Configuration"].items() if name != "RevisionId"}
    return {**answer, "Configuration": config}


def test_a_functions_code_can_be_downloaded(client, function):
    one = function(ECHO)
    found = client.get_function(FunctionName=one.name)
    with urllib.request.urlopen(found["Code"]["Location"], timeout=30) as answer:
        package = answer.read()
    assert base64.b64encode(hashlib.sha256(package).digest()).decode() == found["Configuration"]["CodeSha256"]
    assert zipfile.ZipFile(io.BytesIO(package)).testzip() is None
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(found["Code"]["Location"].rpartition("/")[0] + "/" + "0" * 32, timeout=30)


def test_reserved_concurrency(client, function):
    one, name = function(ECHO), "test_function_concurrency"
    for wanted in (0, 1):
        ours = answered(client.put_function_concurrency, FunctionName=one.name, ReservedConcurrentExecutions=wanted)
        check(API, name, f"put_function_concurrency_with_reserved_{wanted}", ours)
    check(API, name, "get_function_concurrency", answered(client.get_function_concurrency, FunctionName=one.name))
    check(API, name, "delete_response", answered(client.delete_function_concurrency, FunctionName=one.name))
    ours = answered(client.get_function_concurrency, FunctionName=one.name)
    check(API, name, "get_function_concurrency_after_delete", ours)
    assert "ReservedConcurrentExecutions" not in ours


def test_reserved_concurrency_that_cannot_be(client, function):
    name = "test_function_concurrency_exceptions"
    ours = answered(client.put_function_concurrency, FunctionName="doesnotexist", ReservedConcurrentExecutions=1)
    check(API, name, "put_function_concurrency_with_function_name_doesnotexist", ours)
    arn = f"{function(ECHO).arn}:$LATEST"
    ours = answered(client.put_function_concurrency, FunctionName=arn, ReservedConcurrentExecutions=1)
    check(API, name, "put_function_concurrency_with_qualified_arn", ours)


GRANT = {"Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com", "StatementId": "s3"}
# Label → what differs from a fine request.
PERMISSIONS = {
    "add_permission_invalid_statement_id": {"StatementId": "example.com"},
    "add_permission_fn_qualifier_invalid": {"Qualifier": "invalid-qualifier-with-?-char"},
    "add_permission_fn_qualifier_latest": {"Qualifier": "$LATEST"},
    "add_permission_fn_qualifier_valid_doesnotexist": {"Qualifier": "valid-with-$-but-doesnotexist"},
    "add_permission_fn_version_doesnotexist": {"Qualifier": "42"},
    "add_permission_fn_alias_doesnotexist": {"Qualifier": "alias-doesnotexist"},
    "add_permission_fn_doesnotexist": {"FunctionName": "doesnotexist"},
    "add_permission_principal_invalid": {"Principal": "invalid.nonaws.com"},
}


@pytest.mark.parametrize("label", PERMISSIONS)
def test_permissions_that_cannot_be(client, function, label):
    request = {"FunctionName": function(ECHO).name, **GRANT, **PERMISSIONS[label]}
    check(API, "test_permission_exceptions", label, answered(client.add_permission, **request))


def test_policies_that_are_not_there(client, function):
    one, name = function(ECHO), "test_permission_exceptions"
    check(API, name, "get_policy_fn_doesnotexist", answered(client.get_policy, FunctionName="doesnotexist"))
    ours = answered(client.remove_permission, FunctionName="doesnotexist", StatementId="s3")
    check(API, name, "remove_permission_fn_doesnotexist", ours)
    ours = answered(client.remove_permission, FunctionName=one.name, StatementId="s3")
    check(API, name, "remove_permission_policy_doesnotexist", ours)
    answered(client.add_permission, FunctionName=one.name, **GRANT)
    ours = answered(client.add_permission, FunctionName=one.name, **GRANT)
    check(API, name, "add_permission_conflicting_statement_id", ours)


def test_tags_that_cannot_be(client, function):
    one, name = function(ECHO), "test_tag_exceptions"
    told = scenario(API, name)
    if "tag_empty_tags" not in told:
        pytest.skip("the recording has another scenario of this name")
    check(API, name, "tag_empty_tags", answered(client.tag_resource, Resource=one.arn, Tags={}))
    ours = answered(client.tag_resource, Resource=f"{ARN}:doesnotexist", Tags={"k": "v"})
    check(API, name, "tag_lambda_doesnotexist", ours)
    ours = answered(client.tag_resource, Resource=f"{one.arn}:v1", Tags={"k": "v"})
    check(API, name, "tag_lambda_qualifier_doesnotexist", ours)
    check(API, name, "list_tag_lambda_empty", answered(client.list_tags, Resource=one.arn))
    check(API, name, "untag_nomatch", answered(client.untag_resource, Resource=one.arn, TagKeys=["none"]))


@pytest.mark.parametrize("runtime", ("dotnetcore3.1", "go1.x", "java8", "provided", "python3.7"))
def test_runtimes_that_are_gone(client, runtime):
    ours = answered(client.create_function, **creating("never-made", Runtime=runtime))
    check(API, f"test_create_deprecated_function_runtime_with_validation_enabled[{runtime}]", "deprecation_error", ours)


def test_publishing_with_a_wrong_revision(client, function):
    ours = answered(client.publish_version, FunctionName=function(ECHO).name, RevisionId="wrong")
    check(API, "test_publish_with_wrong_revisionid", "publish_wrong_revisionid_exc", ours)


def test_invoking_what_is_not_there(client):
    """AWS: newer recordings of this answer (those of name validation, above) have the qualifier behind the ARN."""
    ours = answered(client.invoke, FunctionName="doesnotexist")
    for place in (ours, ours["Error"]):
        place["Message"] = place["Message"].removesuffix(":$LATEST")
    check(INVOKE, "test_invoke_exceptions", "invoke_function_doesnotexist", ours)


def test_dry_runs_events_and_answers_of_nothing(client, function):
    one = function(ECHO.replace("return event", "pass"))
    dry = answered(client.invoke, FunctionName=one.name, Payload=b"{}", InvocationType="DryRun")
    check(INVOKE, "test_invocation_type_dry_run[python3.9]", "invoke-result", dry)
    event = answered(client.invoke, FunctionName=one.name, Payload=b"{}", InvocationType="Event")
    check(INVOKE, "test_invocation_type_event[python3.10]", "invoke-result", event)
    sync = answered(client.invoke, FunctionName=one.name, Payload=b"{}")
    check(INVOKE, "test_invocation_type_no_return_payload[nodejs-RequestResponse]", "invoke-result", sync)


def test_a_handler_that_raises(client, function):
    source = 'def handler(event, context):\n    raise Exception("Handler fails")\n'
    one = functions.create(function(ECHO).clients, "x", Handler="lambda_handler_error.handler", files={"lambda_handler_error.py": source})
    ours = answered(client.invoke, FunctionName=one.name, Payload=b"{}")
    check(INVOKE, "test_lambda_handler_error", "invocation_error", ours)


def test_a_handler_that_exits(client, function):
    one = function("import sys\ndef handler(event, context):\n    sys.exit(0)\n")
    ours = answered(client.invoke, FunctionName=one.name, Payload=b"{}")
    check(INVOKE, "test_lambda_handler_exit", "invocation_error", ours)


def test_an_answer_that_is_too_large(client, function):
    one = function("def handler(event, context):\n    return 'x' * (6 * 1024 * 1024 + 200)\n")
    ours = answered(client.invoke, FunctionName=one.name, Payload=b"{}")
    check(INVOKE, "test_lambda_too_large_response", "invoke_result", ours)


def test_nothing_may_run_where_nothing_is_reserved(client, function):
    one = function(ECHO)
    client.put_function_concurrency(FunctionName=one.name, ReservedConcurrentExecutions=0)
    ours = answered(client.invoke, FunctionName=one.name, Payload=b"{}")
    check(INVOKE, "test_reserved_concurrency", "exc_no_cap_requestresponse", ours)
    client.delete_function_concurrency(FunctionName=one.name)


def test_state_survives_calls_and_not_a_timeout(client, function):
    """A global and /tmp over calls; a timeout starts the runtime anew."""
    source = """
import time
number = 0
def handler(event, context):
    global number
    if "write" in event:
        open("/tmp/file", "w").write(event["write"])
    if "read" in event:
        return {"content": open("/tmp/file").read()}
    if "set" in event:
        number = event["set"]
    if "number" in event:
        return {"number": number}
    time.sleep(event.get("sleep", 0))
"""
    name = "test_lambda_invoke_timed_out_environment_reuse"
    one = function(source, Timeout=1)

    def invoke(label, text):
        check(INVOKE, name, label, answered(client.invoke, FunctionName=one.name, Payload=text.encode()))

    invoke("invoke-result-file-write", '{"write": "some-content"}')
    invoke("invoke-result-file-read", '{"read": 1}')
    invoke("invoke-result-set-number", '{"set": 42}')
    invoke("invoke-result-read-number", '{"number": 1}')
    # AWS: the recording has the older wording, with a date instead of "RequestId: … Error:".
    timed_out = answered(client.invoke, FunctionName=one.name, Payload=b'{"sleep": 5}')
    assert timed_out["FunctionError"] == scenario(INVOKE, name)["invoke-result-timed-out"]["FunctionError"]
    assert timed_out["Payload"]["errorMessage"].endswith("Task timed out after 1.00 seconds")
    invoke("invoke-result-read-number-after-timeout", '{"number": 1}')


def test_files_survive_a_timeout(client, function):
    source = """
import os, time
def handler(event, context):
    there = os.path.exists("/tmp/file")
    open("/tmp/file", "w").close()
    time.sleep(event)
    return there
"""
    one = function(source, Timeout=1)
    assert one.invoke(0)[2] is False
    assert one.invoke(5)[1] == "Unhandled"
    assert one.invoke(0)[2] is True


def test_exceptions_of_each_language(client, function):
    python = function("def handler(event, context):\n    raise Exception('Failed: some_error_msg')\n")
    ours = answered(client.invoke, FunctionName=python.name, Payload=b"{}")
    told = dict(scenario(COMMON, "test_uncaught_exception_invoke[python3.12]")["error_result"])
    Comparison().check(told, ours)
    node = function("export const handler = async () => { throw new Error('Error: some_error_msg'); };\n", "node")
    ours = answered(client.invoke, FunctionName=node.name, Payload=b"{}")
    Comparison().check(scenario(COMMON, "test_uncaught_exception_invoke[nodejs22.x]")["error_result"], ours)
