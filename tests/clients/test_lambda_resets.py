"""When a call times out or the runtime ends under it, the environment is reset and kept: its /tmp and its log stream."""

import concurrent.futures
import re

import pytest

from harness.wait import wait_until

SOURCE = """
import os, signal, subprocess, time
LOADED = time.time()
STREAM = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
def handler(event, context):
    found = sorted(os.listdir("/tmp"))
    if "write" in event:
        open("/tmp/" + event["write"], "w").close()
    if "fill" in event:
        with open("/tmp/full", "wb") as file:
            for _ in range(event["fill"]):
                file.write(bytes(1 << 20))
    if "leave" in event:
        subprocess.Popen(["sh", "-c", "while :; do date +%s%N > /tmp/beat; sleep 0.05; done"])
        while not os.path.exists("/tmp/beat"):
            time.sleep(0.01)
    if "exit" in event:
        os._exit(event["exit"])
    if "kill" in event:
        os.kill(os.getpid(), signal.SIGKILL)
    if "take" in event:
        taken = bytearray(event["take"] << 20)
        taken[:] = b"x" * len(taken)
    time.sleep(event.get("sleep", 0))
    processes = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return {"found": found, "loaded": LOADED, "stream": STREAM, "processes": len(processes)}
"""


def good(one, **event):
    _, error, answer = one.invoke(event)
    assert error is None, answer
    return answer


def failed(one, **event):
    _, error, answer = one.invoke(event)
    assert error == "Unhandled", answer
    return answer


def lines(one, stream):
    """All there are, when the last call's report is among them."""
    found = one.clients.boto("logs").get_log_events(logGroupName=f"/aws/lambda/{one.name}", logStreamName=stream, startFromHead=True)
    return [event["message"] for event in found["events"]]


@pytest.mark.parametrize(
    "event, kind",
    [({"sleep": 5}, "Sandbox.Timedout"), ({"exit": 1}, "Runtime.ExitError"), ({"exit": 0}, "Runtime.ExitError"), ({"kill": True}, "Runtime.ExitError")],
    ids=["timeout", "exit", "exit without a reason", "kill"],
)
def test_the_environment_goes_on_with_its_files_and_its_log(function, event, kind):
    one = function(SOURCE, Timeout=1)
    before = good(one, write="one")
    assert before["found"] == []
    assert failed(one, write="two", leave=True, **event)["errorType"] == kind
    after = good(one)
    assert after["found"] == ["beat", "one", "two"], "what the reset call wrote is there, too"
    assert after["loaded"] > before["loaded"], "the runtime started anew"
    assert after["processes"] == before["processes"], "whatever it had left behind is gone"
    assert after["stream"] == before["stream"]
    assert good(one)["loaded"] == after["loaded"]
    told = wait_until(lambda: [lines_ for lines_ in [lines(one, after["stream"])] if sum("REPORT" in line for line in lines_) == 4], 20, "four reports")[0]
    assert sum(line.startswith("INIT_START") for line in told) == 1, "the second start is suppressed"
    reports = [line for line in told if line.startswith("REPORT")]
    assert ["Init Duration" in report for report in reports] == [True, False, False, False]
    assert len(one.clients.boto("logs").describe_log_streams(logGroupName=f"/aws/lambda/{one.name}")["logStreams"]) == 1


def test_what_ended_says_how_much_memory_it_took(function):
    one = function(SOURCE, MemorySize=256)
    for event in ({"exit": 1}, {"take": 400}):
        error, _, tail = one.invoke_with_log(event)
        used = int(re.search(r"Max Memory Used: (\d+) MB", tail)[1])
        assert error == "Unhandled" and (used == 256) == ("take" in event), tail
    broken = function("raise OSError('never')\n", MemorySize=256)
    _, _, tail = broken.invoke_with_log({})
    assert int(re.search(r"Max Memory Used: (\d+) MB", tail)[1]) < 256, tail


def test_a_suppressed_start_is_a_part_of_its_call(function):
    slow = "import os, time\nif os.path.exists('/tmp/slow'):\n    time.sleep(float(open('/tmp/slow').read()))\n"
    handler = """
def handler(event, context):
    left = context.get_remaining_time_in_millis()
    open("/tmp/slow", "w").write(event.get("slow", "0"))
    if "exit" in event:
        os._exit(1)
    return left
"""
    one = function(slow + handler, Timeout=4)
    failed(one, slow="1.5", exit=True)
    error, left, tail = one.invoke_with_log({})
    assert error is None and left <= 2500, "what is left of the time-out"
    assert float(re.search(r"\tDuration: ([\d.]+) ms", tail)[1]) >= 1500 and "Init Duration" not in tail
    failed(one, slow="9", exit=True)
    error, told, tail = one.invoke_with_log({})
    assert error == "Unhandled" and "Task timed out after 4.00 seconds" in told["errorMessage"]
    assert "Phase: invoke\tStatus: timeout" in tail, tail


def test_a_start_that_fails_is_tried_again_in_the_same_environment(function):
    source = """
import os
tried = os.path.exists("/tmp/tried")
open("/tmp/tried", "w").close()
if not tried:
    raise OSError("only once")
def handler(event, context):
    return os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
"""
    one = function(source)
    assert "only once" in failed(one)["errorMessage"]
    _, error, stream = one.invoke({})
    assert error is None and len(one.clients.boto("logs").describe_log_streams(logGroupName=f"/aws/lambda/{one.name}")["logStreams"]) == 1
    told = wait_until(lambda: [line for line in lines(one, stream) if "INIT_REPORT" in line], 20, "what became of the first start")
    assert "Phase: init\tStatus: error" in told[0]


def test_several_environments_are_kept_apart(function):
    one = function(SOURCE, Timeout=2)
    with concurrent.futures.ThreadPoolExecutor(3) as beside:
        list(beside.map(lambda name: failed(one, write=name, sleep=5), "abc"))
        after = list(beside.map(lambda _: good(one, sleep=0.7), "abc"))
    assert sorted(answer["found"] for answer in after) == [["a"], ["b"], ["c"]]
    assert len({answer["stream"] for answer in after}) == 3


def test_nothing_is_handed_on_to_another_version_of_the_code(function):
    one = function(SOURCE, Timeout=1)
    failed(one, write="one", sleep=5)
    one.client.update_function_configuration(FunctionName=one.name, Timeout=2)
    one.client.get_waiter("function_updated_v2").wait(FunctionName=one.name)
    assert good(one)["found"] == []


def test_who_dies_for_lack_of_memory_keeps_files_unless_they_are_what_took_it(function):
    one = function(SOURCE, MemorySize=128)
    good(one, write="one", fill=10)
    failed(one, take=300)
    assert good(one)["found"] == ["full", "one"]
    # Files are memory here: an environment that is full of them could never start again.
    failed(one, fill=110, take=100)
    assert good(one)["found"] == []


def test_an_environment_can_be_reset_again_and_again(function):
    one = function(SOURCE, Timeout=2)
    for number in range(6):
        failed(one, write=f"file-{number}", exit=3)
    assert good(one)["found"] == [f"file-{number}" for number in range(6)]
