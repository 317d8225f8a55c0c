"""Answers in pieces: InvokeWithResponseStream through real clients."""

import base64
import json
import time

import pytest

from harness import function_urls, processes, raw
from harness.clients import error_of
from harness.wait import wait_until

# Answers "one" at once and "two" half a second later.
SLOWLY = {
    "node": """
export const handler = awslambda.streamifyResponse(async (event, stream) => {
  console.log("in the log");
  stream.write("one");
  await new Promise((resolve) => setTimeout(resolve, 500));
  if (event.fail) throw new RangeError("as asked");
  stream.end("two");
});
""",
    "python": """
import time
def handler(event, context):
    print("in the log")
    yield "one"
    time.sleep(0.5)
    if event.get("fail"):
        raise ValueError("as asked")
    yield "two"
""",
}
MEGABYTES = """
import { once } from "events";
export const handler = awslambda.streamifyResponse(async (event, stream) => {
  const piece = Buffer.alloc(1 << 16, "x");
  for (let i = 0; i < 1600; i++) {
    if (!stream.write(piece)) await once(stream, "drain");
  }
  stream.end();
});
"""
SIZE = 1600 << 16


def stream(function, payload=None, **extra):
    """(answer, [(seconds, event)]) with the moment at which each event came."""
    answer = function.client.invoke_with_response_stream(FunctionName=function.name, Payload=json.dumps(payload), **extra)
    return answer, [(time.monotonic(), event) for event in answer["EventStream"]]


@pytest.mark.parametrize("language", tuple(SLOWLY))
def test_the_first_piece_comes_while_the_function_still_runs(function, language):
    slowly = function(SLOWLY[language], language)
    answer, events = stream(slowly, {}, LogType="Tail")
    assert answer["StatusCode"] == 200
    assert answer["ExecutedVersion"] == "$LATEST"
    assert answer["ResponseStreamContentType"] == "application/vnd.amazon.eventstream"
    chunks = [(at, event["PayloadChunk"]["Payload"]) for at, event in events[:-1]]
    assert b"".join(payload for _, payload in chunks) == b"onetwo"
    assert chunks[0][1] == b"one" and chunks[-1][0] - chunks[0][0] > 0.4, chunks
    complete = events[-1][1]["InvokeComplete"]
    assert "ErrorCode" not in complete and "ErrorDetails" not in complete
    log = base64.b64decode(complete["LogResult"]).decode()
    assert "in the log" in log and log.startswith("START RequestId: ") and "\tBilled Duration: " in log


@pytest.mark.parametrize("language", tuple(SLOWLY))
def test_a_failure_in_the_middle_is_told_at_the_end(function, language):
    slowly = function(SLOWLY[language], language)
    _, events = stream(slowly, {"fail": True})
    assert events[0][1] == {"PayloadChunk": {"Payload": b"one"}}
    complete = events[-1][1]["InvokeComplete"]
    assert complete["ErrorCode"] == "Unhandled"
    assert json.loads(complete["ErrorDetails"])["errorMessage"] == "as asked"
    assert b"".join(event["PayloadChunk"]["Payload"] for _, event in stream(slowly, {})[1][:-1]) == b"onetwo"


def test_a_function_that_times_out_in_the_middle_is_cut_off(function):
    slowly = function(SLOWLY["node"].replace("500", "60_000"), "node", Timeout=1)
    _, events = stream(slowly, {})
    assert events[0][1] == {"PayloadChunk": {"Payload": b"one"}}
    details = json.loads(events[-1][1]["InvokeComplete"]["ErrorDetails"])
    assert details["errorType"] == "Sandbox.Timedout"


def test_a_function_that_does_not_stream_answers_in_one_piece(function):
    echo = function("export const handler = async (event) => event;", "node")
    _, events = stream(echo, {"a": [1]})
    assert [json.loads(event["PayloadChunk"]["Payload"]) for _, event in events[:-1]] == [{"a": [1]}]
    assert events[-1][1] == {"InvokeComplete": {}}


def test_who_wants_it_whole_gets_it_whole(function):
    words = function("export const handler = awslambda.streamifyResponse(async (e, s) => { s.write('[1,'); s.end('2]'); });", "node")
    assert words.invoke({}) == (200, None, [1, 2])


def test_what_never_begins_is_an_ordinary_error(clients, function):
    client = clients.boto("lambda")
    call = lambda **extra: client.invoke_with_response_stream(**{"FunctionName": "never-there", **extra})
    assert error_of(call)[::2] == ("ResourceNotFoundException", 404)
    echo = function("export const handler = async (event) => event;", "node")
    assert error_of(call, FunctionName=echo.name, Payload="{")[::2] == ("InvalidRequestContentException", 400)
    client.put_function_concurrency(FunctionName=echo.name, ReservedConcurrentExecutions=0)
    assert error_of(call, FunctionName=echo.name)[::2] == ("TooManyRequestsException", 429)
    answer = call(FunctionName=echo.name, InvocationType="DryRun")
    assert answer["StatusCode"] == 204 and list(answer["EventStream"]) == []


def test_the_javascript_sdk_reads_a_stream(clients, function):
    slowly = function(SLOWLY["node"], "node")
    seen = clients.node("stream.mjs", slowly.name)
    assert seen["status"] == 200 and seen["text"] == "onetwo"
    assert seen["gap"] > 400, seen
    assert "in the log" in seen["log"]
    assert seen["failed"] == ["Unhandled", "as asked"]


def test_a_function_runs_on_when_its_caller_hangs_up(platform, function):
    source = SLOWLY["node"].replace('stream.end("two");', 'console.log("ran to its end"); stream.end("two");')
    slowly = function(source, "node")
    answer = slowly.client.invoke_with_response_stream(FunctionName=slowly.name, Payload="{}")
    assert next(iter(answer["EventStream"])) == {"PayloadChunk": {"Payload": b"one"}}
    answer["EventStream"].close()
    path = f"/_updraft/logs?group=%2Faws%2Flambda%2F{slowly.name}&region=us-east-1&account=000000000000&after="
    logs = lambda: raw.request(platform.url, "GET", path).text
    wait_until(lambda: "ran to its end" in logs(), what="the log of a function whose caller is gone")
    wait_until(lambda: "REPORT RequestId: " in logs(), what="its report")


def test_a_custom_runtime_streams_by_the_runtime_api(function):
    bootstrap = r"""#!/bin/bash
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
IFS=: read -r host port <<< "$AWS_LAMBDA_RUNTIME_API"
while true; do
  exec 3<>"/dev/tcp/$host/$port"
  printf 'GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' >&3
  id=""
  while IFS= read -r -t 600 line <&3; do
    line="${line%$'\r'}"
    [ -z "$line" ] && break
    case "$line" in Lambda-Runtime-Aws-Request-Id:*) id="${line#*: }";; esac
  done
  exec 3>&-
  [ -z "$id" ] && exit 1
  exec 3<>"/dev/tcp/$host/$port"
  printf 'POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nLambda-Runtime-Function-Response-Mode: streaming\r\n\r\n' "$id" >&3
  printf '3\r\none\r\n' >&3
  read -r -t 0.5 <> <(:) || true
  printf '3\r\ntwo\r\n0\r\n\r\n' >&3
  while IFS= read -r -t 600 line <&3; do :; done
  exec 3>&-
done
"""
    slowly = function(bootstrap, "provided")
    _, events = stream(slowly, {})
    chunks = [(at, event["PayloadChunk"]["Payload"]) for at, event in events[:-1]]
    assert b"".join(payload for _, payload in chunks) == b"onetwo"
    assert chunks[-1][0] - chunks[0][0] > 0.3, chunks


def test_memory_stays_flat_while_100_megabytes_pass(fresh):
    from harness import functions
    from harness.clients import Clients

    platform = fresh().start()
    many = functions.create(Clients(platform.url), MEGABYTES, "node", Timeout=60, MemorySize=512)
    url = function_urls.FunctionUrl(platform, many, InvokeMode="RESPONSE_STREAM")

    def by_event_stream():
        answer = many.client.invoke_with_response_stream(FunctionName=many.name)
        return sum(len(event.get("PayloadChunk", {}).get("Payload", b"")) for event in answer["EventStream"])

    def by_url():
        return sum(len(piece) for _, piece in url.pieces())

    assert by_event_stream() == SIZE, "once for what is allocated on the first call"
    before = processes.peak_mib(platform.process.pid)
    assert by_event_stream() == SIZE
    assert by_url() == SIZE
    grown = processes.peak_mib(platform.process.pid) - before
    assert grown < 16, f"{grown} MiB more for {SIZE >> 20} MiB"


def test_an_answer_of_more_than_awss_200_megabytes_ends_there(function):
    many = function(MEGABYTES.replace("1600", "3300"), "node", Timeout=60, MemorySize=512)
    answer = many.client.invoke_with_response_stream(FunctionName=many.name)
    taken, last = 0, None
    for event in answer["EventStream"]:
        taken, last = taken + len(event.get("PayloadChunk", {}).get("Payload", b"")), event
    assert 199 << 20 < taken <= 200 << 20
    assert json.loads(last["InvokeComplete"]["ErrorDetails"])["errorType"] == "Function.ResponseSizeTooLarge"
