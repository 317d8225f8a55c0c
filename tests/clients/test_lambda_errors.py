"""Functions that fail, exit, hang, fork, shout and grow: each gets the error AWS gives, and disturbs nothing else."""

import base64
import re

import pytest

from harness.clients import error_of
from harness.processes import children_of, resident_mib
from harness.wait import wait_until

REQUEST_ID = r"RequestId: [0-9a-f-]{36}"


@pytest.fixture
def healthy_neighbour(function):
    """Another function that must work before and after."""
    one = function("def handler(event, context):\n    return 'fine'\n")
    assert one.invoke() == (200, None, "fine")
    yield
    assert one.invoke() == (200, None, "fine")


def test_an_exception_in_python(function):
    one = function("class Oops(Exception):\n    pass\ndef handler(event, context):\n    raise Oops('some error')\n")
    status, error, told = one.invoke()
    assert (status, error) == (200, "Unhandled")
    assert (told["errorType"], told["errorMessage"]) == ("Oops", "some error")
    assert re.fullmatch(r"[0-9a-f-]{36}", told["requestId"])
    assert told["stackTrace"] == ['  File "/var/task/main.py", line 4, in handler\n    raise Oops(\'some error\')\n']


def test_an_exception_in_node(function):
    one = function("export const handler = async () => { throw new TypeError('some error'); };\n", "node")
    status, error, told = one.invoke()
    assert (status, error) == (200, "Unhandled")
    assert (told["errorType"], told["errorMessage"]) == ("TypeError", "some error")
    assert told["trace"][0] == "TypeError: some error" and "/var/task/main.mjs:1" in told["trace"][1]


def test_an_answer_that_is_not_json(function):
    one = function("def handler(event, context):\n    return {1, 2}\n")
    _, error, told = one.invoke()
    assert error == "Unhandled" and told["errorType"] == "Runtime.MarshalError"
    assert "Object of type set is not JSON serializable" in told["errorMessage"]


@pytest.mark.parametrize(
    ("source", "settings", "kind", "message"),
    (
        ("def other(): pass\n", {}, "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'main'"),
        ("x = 1\n", {"Handler": "nope.handler"}, "Runtime.ImportModuleError", "Unable to import module 'nope': No module named 'nope'"),
        ("import nope\n", {}, "Runtime.ImportModuleError", "Unable to import module 'main': No module named 'nope'"),
        ("def handler(:\n", {}, "Runtime.UserCodeSyntaxError", "Syntax error in module 'main'"),
        ("raise ValueError('at import')\n", {}, "ValueError", "at import"),
    ),
)
def test_code_that_cannot_be_loaded(function, source, settings, kind, message):
    one = function(source, **settings)
    for _ in range(2):
        status, error, told = one.invoke()
        assert (status, error) == (200, "Unhandled")
        assert told["errorType"] == kind and message in told["errorMessage"]


def test_the_log_of_a_call_says_why_its_code_could_not_be_loaded(function):
    one = function("import nope\n")
    answer = one.client.invoke(FunctionName=one.name, LogType="Tail")
    log = base64.b64decode(answer["LogResult"]).decode()
    assert "[ERROR] Runtime.ImportModuleError: Unable to import module 'main': No module named 'nope'" in log
    assert "START RequestId: " in log and "REPORT RequestId: " in log


@pytest.mark.parametrize(
    ("source", "settings", "kind"),
    (
        ("export const other = 1;\n", {}, "Runtime.HandlerNotFound"),
        ("export const handler = 1;\n", {"Handler": "nope.handler"}, "Runtime.ImportModuleError"),
        ("export const handler = async ( => 1;\n", {}, "Runtime.UserCodeSyntaxError"),
    ),
)
def test_node_code_that_cannot_be_loaded(function, source, settings, kind):
    _, error, told = function(source, "node", **settings).invoke()
    assert (error, told["errorType"]) == ("Unhandled", kind)


def test_a_function_that_takes_too_long(function, healthy_neighbour):
    source = "import time\ncount = 0\ndef handler(e, c):\n    global count\n    count += 1\n    time.sleep(e)\n    return count\n"
    one = function(source, Timeout=1)
    assert one.invoke(0)[2] == 1
    status, error, told = one.invoke(60)
    assert (status, error) == (200, "Unhandled")
    assert re.fullmatch(rf"{REQUEST_ID} Error: Task timed out after 1.00 seconds", told["errorMessage"])
    assert told["errorType"] == "Sandbox.Timedout"
    assert one.invoke(0)[2] == 1, "a new instance: the old one was ended"


@pytest.mark.parametrize("end", ("os._exit(0)", "os._exit(3)", "sys.exit(1)", "os.kill(os.getpid(), 9)", "os.abort()"))
def test_a_function_that_ends_itself(function, healthy_neighbour, end):
    one = function(f"import os, sys\ndef handler(event, context):\n    {end}\n")
    for _ in range(2):
        status, error, told = one.invoke()
        assert (status, error) == (200, "Unhandled")
        assert told["errorType"] == "Runtime.ExitError"
        assert re.match(rf"{REQUEST_ID} Error: Runtime exited", told["errorMessage"]), told


def test_a_function_that_prints_100_megabytes(function, healthy_neighbour, platform):
    source = "def handler(event, context):\n    line = 'x' * 1023\n    for _ in range(100 * 1024):\n        print(line)\n    return 'done'\n"
    one = function(source, Timeout=60)
    error, told, tail = one.invoke_with_log()
    assert (error, told) == (None, "done")
    assert len(tail) <= 4096 and "REPORT RequestId" in tail
    assert resident_mib(platform.process.pid) < 400


def test_a_function_that_prints_one_endless_line(function, healthy_neighbour):
    source = "import sys\ndef handler(event, context):\n    for _ in range(64):\n        sys.stdout.write('y' * (1 << 20))\n    return 'done'\n"
    assert function(source, Timeout=60).invoke() == (200, None, "done")


FORKS = """
import os, time
def handler(event, context):
    made = 0
    for _ in range(5000):
        try:
            if os.fork() == 0:
                time.sleep(600)
                os._exit(0)
            made += 1
        except OSError:
            break
    return made
"""


def test_a_function_that_forks_without_end(function, healthy_neighbour, platform):
    one = function(FORKS, Timeout=20, MemorySize=512)
    status, error, told = one.invoke()
    assert status == 200
    if error is None:
        assert told < 5000, "no limit was met"
    one.client.delete_function(FunctionName=one.name)
    wait_until(lambda: children_of(platform.process.pid) < 200, 30, "the children's end")
    # The fixture deletes by name at the end: leave something to delete.
    one.client.create_function(**recreate(one))


def recreate(one):
    from harness.clients import ROLE
    from harness.functions import zipped

    code = {"ZipFile": zipped({"main.py": "def handler(e, c):\n    pass\n"})}
    return {"FunctionName": one.name, "Runtime": "python3.13", "Handler": "main.handler", "Role": ROLE, "Code": code}


def test_a_function_that_eats_memory(function, healthy_neighbour):
    one = function("def handler(event, context):\n    return len(bytearray(1 << 30))\n", MemorySize=128, Timeout=20)
    status, error, told = one.invoke()
    assert (status, error) == (200, "Unhandled")
    assert told["errorType"] in ("Runtime.ExitError", "Runtime.OutOfMemory", "MemoryError"), told


def test_a_grandchild_does_not_outlive_the_instance_or_keep_the_answer(function):
    source = """
import subprocess
def handler(event, context):
    subprocess.Popen(["sleep", "300"])
    return "answered"
"""
    assert function(source, Timeout=5).invoke() == (200, None, "answered")


def test_answers_have_a_limit(function, healthy_neighbour):
    one = function("def handler(event, context):\n    return 'x' * event\n")
    limit = 6 * 1024 * 1024
    assert one.invoke(limit - 2)[1] is None
    _, error, told = one.invoke(limit + 200)
    assert error == "Unhandled"
    assert told["errorType"] == "Function.ResponseSizeTooLarge"
    assert told["errorMessage"].endswith("exceeded maximum allowed payload size (6291556 bytes).")


def test_events_have_a_limit(function):
    one = function("def handler(event, context):\n    return len(event)\n")
    code, _, status = error_of(one.client.invoke, FunctionName=one.name, Payload=b'"' + b"x" * (6 * 1024 * 1024) + b'"')
    assert (code, status) == ("RequestEntityTooLargeException", 413)


def test_an_event_that_is_not_json(function):
    one = function("def handler(event, context):\n    return 1\n")
    code, message, status = error_of(one.client.invoke, FunctionName=one.name, Payload=b"{nope")
    assert (code, status) == ("InvalidRequestContentException", 400)
    assert "Could not parse request body into json" in message


def test_the_sandbox_keeps_functions_to_themselves(function, platform):
    source = """
import os, socket
def attempt(what):
    try:
        return repr(what())
    except Exception as err:
        return "refused: " + type(err).__name__
def connect(port):
    with socket.create_connection(("127.0.0.1", port), timeout=2):
        return "connected"
def handler(event, context):
    open("/tmp/mine", "w").write("x")
    return {
        "data": attempt(lambda: os.listdir(event["data"])),
        "write code": attempt(lambda: open("/var/task/evil.py", "w")),
        "shadow": attempt(lambda: open("/etc/shadow").read()),
        "init": attempt(lambda: os.listdir("/proc/1/root" + event["data"])),
        "others": [p for p in os.listdir("/proc") if p.isdigit()],
        "admin": attempt(lambda: connect(event["port"])),
        "tmp": os.listdir("/tmp"),
    }
"""
    one, two = function(source), function(source)
    event = {"data": str(platform.data), "port": platform.port}
    for told in (one.invoke(event)[2], two.invoke(event)[2]):
        for attempt in ("data", "write code", "shadow", "init"):
            assert told[attempt].startswith("refused"), (attempt, told[attempt])
        assert len(told["others"]) < 10, "processes of the host are visible"
        assert told["tmp"] == ["mine"]
