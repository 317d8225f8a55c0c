"""The real Runtime API: unmodified awslambdaric, and a bootstrap of one's own."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from harness import functions
from harness.processes import running
from harness.wait import wait_until

# Written against the public description of the Runtime API, with nothing but Python's own library.
BOOTSTRAP = '''#!/usr/bin/env python3
import http.client, json, os

host = os.environ["AWS_LAMBDA_RUNTIME_API"]
base = "/2018-06-01/runtime/"
connection = http.client.HTTPConnection(host)

def call(method, path, body=None, headers={}):
    connection.request(method, base + path, body, headers)
    answer = connection.getresponse()
    return answer, answer.read()

while True:
    answer, body = call("GET", "invocation/next")
    request = answer.headers["Lambda-Runtime-Aws-Request-Id"]
    event = json.loads(body)
    print("serving", request, flush=True)
    if event == "fail":
        error = json.dumps({"errorType": "Own.Error", "errorMessage": "as asked"})
        call("POST", f"invocation/{request}/error", error, {"Lambda-Runtime-Function-Error-Type": "Own.Error"})
        continue
    told = {
        "event": event, "arn": answer.headers["Lambda-Runtime-Invoked-Function-Arn"],
        "deadline": int(answer.headers["Lambda-Runtime-Deadline-Ms"]), "trace": answer.headers["Lambda-Runtime-Trace-Id"],
        "handler": os.environ["_HANDLER"],
    }
    call("POST", f"invocation/{request}/response", json.dumps(told))
'''


def test_a_bootstrap_of_ones_own(function):
    one = function(BOOTSTRAP, "provided")
    for n in range(3):
        status, error, told = one.invoke({"n": n})
        assert (status, error, told["event"], told["handler"]) == (200, None, {"n": n}, "anything")
        assert told["arn"] == one.arn and told["deadline"] > 0 and told["trace"].startswith("Root=")
    assert one.invoke("fail") == (200, "Unhandled", {"errorType": "Own.Error", "errorMessage": "as asked"})
    error, _, tail = one.invoke_with_log(1)
    assert error is None and "serving" in tail


def test_a_bootstrap_that_is_missing_or_broken(function, clients):
    missing = functions.create(clients, "x", "provided", files=None, Handler="x")
    missing.client.update_function_code(FunctionName=missing.name, ZipFile=functions.zipped({"other": "x"}))
    missing.client.get_waiter("function_updated_v2").wait(FunctionName=missing.name, WaiterConfig={"Delay": 1})
    _, error, told = missing.invoke()
    assert (error, told["errorType"]) == ("Unhandled", "Runtime.InvalidEntrypoint")
    missing.client.delete_function(FunctionName=missing.name)
    broken = function("#!/bin/sh\nexit 127\n", "provided")
    _, error, told = broken.invoke()
    assert (error, told["errorType"]) == ("Unhandled", "Runtime.ExitError")
    assert told["errorMessage"].endswith("Error: Runtime exited with error: exit status 127")


def system_python():
    """A Python that a bootstrap finds at its usual place, of the version awslambdaric was installed for."""
    found = shutil.which("python3", path="/usr/local/bin:/usr/bin:/bin")
    if not found:
        pytest.skip("no python3 in /usr/bin for a bootstrap to run on")
    version = subprocess.run([found, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True).stdout.split()
    if tuple(map(int, version)) != sys.version_info[:2]:
        pytest.skip(f"{found} is {'.'.join(version)}, awslambdaric is installed for {sys.version_info[:2]}")
    return found


def ric():
    """awslambdaric and what it imports, as installed from PyPI."""
    site = Path(sysconfig.get_path("purelib"))
    wanted = [p for name in ("awslambdaric", "simplejson", "snapshot_restore_py") for p in (site / name).rglob("*")]
    wanted += site.glob("runtime_client*.so")
    return {str(p.relative_to(site)): p.read_bytes() for p in wanted if p.is_file() and p.suffix != ".pyc"}


def test_unmodified_awslambdaric(function):
    python = system_python()
    bootstrap = f'#!/bin/sh\nexport PYTHONPATH="$LAMBDA_TASK_ROOT"\nexec {python} -m awslambdaric "$_HANDLER"\n'
    main = "def handler(event, context):\n    print('in ric')\n    if event == 'fail':\n        raise ValueError('as asked')\n    return [event, context.function_name]\n"
    one = function(bootstrap, "provided", files={**ric(), "main.py": main}, Handler="main.handler", Timeout=30)
    assert one.invoke({"x": 1}) == (200, None, [{"x": 1}, one.name])
    _, error, told = one.invoke("fail")
    assert (error, told["errorType"], told["errorMessage"]) == ("Unhandled", "ValueError", "as asked")
    _, _, tail = one.invoke_with_log("x")
    assert "in ric" in tail


COMPARED = {
    "ok": "def handler(event, context):\n    return {'a': [1, 2.5, None, 'ü']}\n",
    "raises": "def handler(event, context):\n    raise KeyError('k')\n",
    "chained": "def handler(event, context):\n    try:\n        1 / 0\n    except ZeroDivisionError as e:\n        raise ValueError('v') from e\n",
    "no json": "def handler(event, context):\n    return object()\n",
    "no handler": "x = 1\n",
    "no module": "import nope_nope\n",
}


@pytest.mark.parametrize("case", COMPARED)
def test_our_python_client_answers_as_awss_does(function, case):
    python = system_python()
    bootstrap = f'#!/bin/sh\nexport PYTHONPATH="$LAMBDA_TASK_ROOT"\nexec {python} -m awslambdaric "$_HANDLER"\n'
    theirs = function(bootstrap, "provided", files={**ric(), "main.py": COMPARED[case]}, Handler="main.handler", Timeout=30)
    ours = function(COMPARED[case])
    assert plain(ours.invoke()) == plain(theirs.invoke())


def plain(answer):
    """Without what differs from call to call."""
    status, error, told = answer
    if error:
        told = {name: value for name, value in told.items() if name != "requestId"}
        told["errorMessage"] = told["errorMessage"].split("0x")[0]
        told["stackTrace"] = [json.dumps(line) for line in told.get("stackTrace", []) if "/var/task/main.py" in line]
    return status, error, told


def test_deleting_a_function_ends_its_instances(clients):
    # A child of the function's shows on the machine whether its instance lives.
    marker = f"sleep 9{os.getpid()}1"
    source = f"import subprocess\ndef handler(event, context):\n    subprocess.Popen({marker.split()})\n"
    one = functions.create(clients, source)
    one.invoke()
    wait_until(lambda: running(marker) == 1, 30, "the instance's child")
    one.client.delete_function(FunctionName=one.name)
    wait_until(lambda: running(marker) == 0, 30, "the instance's end")


def test_hooks_around_snapshots_can_be_registered(function):
    """AWS brings the module with its runtimes; where nothing starts from a snapshot, no hook is called."""
    source = """
from snapshot_restore_py import register_after_restore, register_before_snapshot
called = []
@register_before_snapshot
def before():
    called.append("before")
register_after_restore(called.append, "after")
def handler(event, context):
    before()
    return called
"""
    assert function(source).invoke({})[2] == ["before"]
    assert function(source, Environment={"Variables": {"PYTHONHASHSEED": "1"}}).invoke({})[2] == ["before"], "not forked"
