"""Extensions: a layer brings one, as teams ship their collectors, and it sees every call of every function over it."""

import json
import pathlib

import pytest

from harness import functions
from harness.functions import zipped
from harness.names import unique
from harness.platform import ROOT
from harness.wait import wait_until

SCRIPT = (pathlib.Path(__file__).parents[2] / "crates/engine/runtime-python/tests/extension.py").read_text()
HANDLERS = {
    "python": "def handler(event, context):\n    print('handled')\n    return event\n",
    "node": "export const handler = async (event) => { console.log('handled'); return event; };\n",
}


@pytest.fixture(scope="module")
def layer(clients):
    client = clients.boto("lambda")
    files = {"extensions/watch": SCRIPT}
    made = client.publish_layer_version(LayerName=unique("watch"), Content={"ZipFile": zipped(files)})
    yield made["LayerVersionArn"]
    client.delete_layer_version(LayerName=made["LayerArn"], VersionNumber=1)


@pytest.mark.parametrize("language", HANDLERS)
def test_an_extension_hears_of_every_call(clients, layer, language):
    one = functions.create(clients, HANDLERS[language], language, Layers=[layer])
    for number in range(2):
        error, told, tail = one.invoke_with_log({"number": number})
        assert (error, told) == (None, {"number": number}), tail
        started = tail[tail.index("START RequestId: ") + len("START RequestId: ") :].split()[0]
        assert f"watch invoke {started} Root=" in tail and "handled" in tail, tail


def test_telemetry_arrives_while_the_function_runs(clients, layer):
    one = functions.create(clients, HANDLERS["python"], Layers=[layer], Environment={"Variables": {"MODE_WATCH": "telemetry"}})
    _, _, tail = one.invoke_with_log({})
    assert "watch heard of the function: handled" in tail and "watch heard platform.runtimeDone success" in tail, tail


def test_an_extension_that_fails_is_said_as_aws_does(clients, layer):
    one = functions.create(clients, HANDLERS["python"], Layers=[layer], Environment={"Variables": {"MODE_WATCH": "exits"}})
    status, error, told = one.invoke({})
    assert (status, error, told["errorType"]) == (200, "Unhandled", "Extension.Crash"), told
    # Without it the function is well again, with nothing else changed.
    one.client.update_function_configuration(FunctionName=one.name, Layers=[])
    one.client.get_waiter("function_updated_v2").wait(FunctionName=one.name)
    assert one.invoke({"a": 1}) == (200, None, {"a": 1})


def test_logs_in_json_leave_out_what_is_below_their_level(clients, layer):
    source = """
import json
def handler(event, context):
    for level in ("DEBUG", "WARN"):
        print(json.dumps({"level": level, "timestamp": "2026-01-01T00:00:00Z", "message": "of " + level}))
    print("plain")
"""
    logging = {"LogFormat": "JSON", "ApplicationLogLevel": "WARN", "SystemLogLevel": "INFO"}
    one = functions.create(clients, source, LoggingConfig=logging)
    error, _, tail = one.invoke_with_log({})
    assert error is None
    lines = tail.splitlines()
    kinds = [json.loads(line).get("type") for line in lines if line.startswith('{"time"')]
    assert [kind for kind in kinds if kind in ("platform.start", "platform.report")] == ["platform.start", "platform.report"]
    assert "of WARN" in tail and "of DEBUG" not in tail, tail


def test_an_extension_with_awss_crate_hears_of_calls_telemetry_and_the_end(clients):
    program = ROOT / "target/functions/debug/extension"
    if not program.is_file():
        pytest.fail(f"{program} isn't there: run `cargo xtask test --only clients`, which builds it")
    client, logs = clients.boto("lambda"), clients.boto("logs")
    content = {"ZipFile": zipped({"extensions/extension": program.read_bytes()})}
    arn = client.publish_layer_version(LayerName=unique("crate"), Content=content)["LayerVersionArn"]
    one = functions.create(clients, HANDLERS["python"], Layers=[arn])
    for number in range(3):
        assert one.invoke({"number": number}) == (200, None, {"number": number})
    one.client.delete_function(FunctionName=one.name)

    def told():
        answer = logs.filter_log_events(logGroupName=f"/aws/lambda/{one.name}")
        said = "".join(event["message"] for event in answer["events"])
        wanted = ["extension: start", "extension: heard handled", "extension: shutdown spindown"]
        return said.count("extension: invoke ") == 3 and all(part in said for part in wanted) and said.count("extension: report ") >= 2

    wait_until(told, 15, "all that the extension says")
