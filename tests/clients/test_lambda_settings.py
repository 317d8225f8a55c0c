"""Settings beside a function, and the old way to call one, through real clients."""

import json

import pytest

from harness import functions
from harness.clients import ACCOUNT, REGION, ROLE, error_of
from harness.names import unique
from harness.platform import run_updraft
from harness.wait import wait_until

ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function"
NOTES = "import json\ndef handler(event, context):\n    print('NOTE ' + json.dumps(event))\n    return event\n"
INVALID, MISSING = "InvalidParameterValueException", "ResourceNotFoundException"


@pytest.fixture
def one(function):
    made = function(NOTES, Runtime="python3.13")
    made.client.publish_version(FunctionName=made.name)
    return made


def test_the_old_asynchronous_call(one, clients, tmp_path):
    answer = one.client.invoke_async(FunctionName=one.name, InvokeArgs=json.dumps({"n": 1}))
    assert (answer["Status"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (202, 202)

    def noted():
        done = run_updraft("logs", one.name, "--endpoint", clients.url)
        return 'NOTE {"n": 1}' in done.stdout

    wait_until(noted, 30, "the call")
    args = tmp_path / "args.json"
    args.write_text('{"n": 2}')
    told = clients.cli("lambda", "invoke-async", "--function-name", one.name, "--invoke-args", args)
    assert told["Status"] == 202


def test_the_old_call_has_its_limits(one):
    call, of = one.client.invoke_async, {"FunctionName": one.name}
    assert call(InvokeArgs=json.dumps("x" * (262_144 - 2)), **of)["Status"] == 202
    code, message, status = error_of(call, InvokeArgs=json.dumps("x" * (262_144 - 1)), **of)
    assert (code, status) == ("RequestEntityTooLargeException", 413) and "262144" in message
    assert error_of(call, InvokeArgs="{", **of)[0] == "InvalidRequestContentException"
    gone = unique("gone")
    code, message, status = error_of(call, FunctionName=gone, InvokeArgs="{}")
    assert (code, message, status) == (MISSING, f"Function not found: {ARN}:{gone}", 404)


def test_loops(one, clients):
    get, put, of = one.client.get_function_recursion_config, one.client.put_function_recursion_config, {"FunctionName": one.name}
    assert get(**of)["RecursiveLoop"] == "Terminate"
    assert put(RecursiveLoop="Allow", **of)["RecursiveLoop"] == "Allow"
    assert get(**of)["RecursiveLoop"] == "Allow"
    told = clients.cli("lambda", "put-function-recursion-config", "--function-name", one.name, "--recursive-loop", "Terminate")
    assert told == {"RecursiveLoop": "Terminate"}
    assert clients.cli("lambda", "get-function-recursion-config", "--function-name", one.name) == told
    gone = unique("gone")
    for call in (lambda: get(FunctionName=gone), lambda: put(FunctionName=gone, RecursiveLoop="Allow")):
        assert error_of(call) == (MISSING, f"Function not found: {ARN}:{gone}", 404)
    unchecked = clients.boto("lambda", parameter_validation=False)
    code, message, status = error_of(unchecked.put_function_recursion_config, RecursiveLoop="Sometimes", **of)
    assert status == 400 and "enum value set: [Terminate, Allow]" in message or "[Allow, Terminate]" in message, (code, message)
    # A version has none of its own.
    assert error_of(get, FunctionName=f"{one.name}:1")[2] == 400


def test_updates_of_runtimes(one, clients):
    client, of = one.client, {"FunctionName": one.name}
    get, put = client.get_runtime_management_config, client.put_runtime_management_config
    found = get(**of)
    assert (found["UpdateRuntimeOn"], found["FunctionArn"]) == ("Auto", f"{ARN}:{one.name}:$LATEST")
    assert found.get("RuntimeVersionArn") is None
    build = client.get_function_configuration(**of)["RuntimeVersionConfig"]["RuntimeVersionArn"]
    pinned = put(UpdateRuntimeOn="Manual", RuntimeVersionArn=build, **of)
    assert (pinned["UpdateRuntimeOn"], pinned["RuntimeVersionArn"]) == ("Manual", build)
    assert get(**of)["RuntimeVersionArn"] == build
    assert get(Qualifier="1", **of)["UpdateRuntimeOn"] == "Auto"
    code, message, status = error_of(client.update_function_configuration, Runtime="python3.12", **of)
    assert (code, status) == (INVALID, 400) and message.startswith("Cannot change runtime identifier when runtime management")
    told = clients.cli("lambda", "put-runtime-management-config", "--function-name", one.name, "--update-runtime-on", "FunctionUpdate")
    assert told["UpdateRuntimeOn"] == "FunctionUpdate"
    client.update_function_configuration(Runtime="python3.12", **of)
    told = clients.cli("lambda", "get-runtime-management-config", "--function-name", one.name, "--qualifier", "1")
    assert (told["UpdateRuntimeOn"], told["FunctionArn"]) == ("Auto", f"{ARN}:{one.name}:1")


def test_updates_of_runtimes_that_cannot_be(one):
    client, of = one.client, {"FunctionName": one.name}
    get, put = client.get_runtime_management_config, client.put_runtime_management_config
    assert error_of(put, UpdateRuntimeOn="Manual", **of)[0] == INVALID
    other = f"arn:aws:lambda:{REGION}::runtime:{'0' * 64}"
    assert error_of(put, UpdateRuntimeOn="Manual", RuntimeVersionArn=other, **of)[0] == INVALID
    client.create_alias(Name="live", FunctionVersion="1", **of)
    assert error_of(get, Qualifier="live", **of)[0] == INVALID
    assert error_of(get, Qualifier="9", **of) == (MISSING, f"Function not found: {ARN}:{one.name}:9", 404)
    gone = unique("gone")
    assert error_of(put, FunctionName=gone, UpdateRuntimeOn="Auto")[0] == MISSING


def test_snapshots(one, clients):
    client, of = one.client, {"FunctionName": one.name}
    snap = {"SnapStart": {"ApplyOn": "PublishedVersions"}}
    client.update_function_configuration(**snap, **of)
    client.get_waiter("function_updated_v2").wait(WaiterConfig={"Delay": 1}, **of)
    version = client.publish_version(**of)
    # Nothing is started from a snapshot here, and nothing says that it is.
    assert version["SnapStart"] == {"ApplyOn": "PublishedVersions", "OptimizationStatus": "Off"}
    client.get_waiter("published_version_active").wait(Qualifier=version["Version"], WaiterConfig={"Delay": 1}, **of)
    answer = client.invoke(Qualifier=version["Version"], Payload=b"1", **of)
    assert answer["Payload"].read() == b"1"
    request = {"Runtime": "nodejs22.x", "Role": ROLE, "Handler": "main.handler", **snap}
    code = {"ZipFile": functions.zipped({"main.mjs": "export const handler = async () => 1\n"})}
    refused = error_of(client.create_function, FunctionName=unique("snap"), Code=code, **request)
    assert refused == (INVALID, "nodejs22.x is not supported for SnapStart enabled functions.", 400)
    put = client.put_provisioned_concurrency_config
    code, message, _ = error_of(put, Qualifier=version["Version"], ProvisionedConcurrentExecutions=1, **of)
    assert code == INVALID and message.endswith("is not supported for SnapStart enabled functions.")


def test_an_accounts_settings(clients):
    # An account of its own, in which nothing is reserved.
    client = clients.other("444455556666").boto("lambda")
    before = client.get_account_settings()
    assert before["AccountLimit"]["ConcurrentExecutions"] == 1000
    assert before["AccountLimit"]["UnreservedConcurrentExecutions"] == 1000
    assert before["AccountUsage"]["FunctionCount"] == 0
    request = {"Runtime": "python3.13", "Role": "arn:aws:iam::444455556666:role/any", "Handler": "main.handler"}
    package = functions.zipped({"main.py": NOTES})
    client.create_function(FunctionName="f", Code={"ZipFile": package}, Publish=True, **request)
    client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=7)
    after = client.get_account_settings()
    assert after["AccountLimit"]["UnreservedConcurrentExecutions"] == 993
    assert after["AccountUsage"]["FunctionCount"] == 1
    assert after["AccountUsage"]["TotalCodeSize"] == 2 * len(package)
    client.delete_function_concurrency(FunctionName="f")
    client.put_provisioned_concurrency_config(FunctionName="f", Qualifier="1", ProvisionedConcurrentExecutions=5)
    assert client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"] == 995
    client.delete_function(FunctionName="f")
    assert client.get_account_settings()["AccountUsage"] == before["AccountUsage"]


def test_scaling_of_managed_instances_is_not_there(one):
    code, message, status = error_of(one.client.get_function_scaling_config, FunctionName=one.name, Qualifier="1")
    assert status == 501, (code, message)
