"""A function in Rust with AWS's own crate, as it is: a program called `bootstrap`."""

import base64
import json

import pytest

from harness import function_urls, functions
from harness.platform import ROOT

PROGRAM = ROOT / "target/functions/debug/bootstrap"


@pytest.fixture(scope="module")
def rust(clients):
    if not PROGRAM.is_file():
        pytest.fail(f"{PROGRAM} isn't there: run `cargo xtask test --only clients`, which builds it")
    made = []

    def make(handler):
        package = {"bootstrap": PROGRAM.read_bytes()}
        made.append(functions.create(clients, None, "provided", files=package, Handler=handler))
        return made[-1]

    yield make
    for one in made:
        one.client.delete_function(FunctionName=one.name)


@pytest.fixture(scope="module")
def answers(rust):
    return rust("answers")


@pytest.fixture(scope="module")
def streams(rust):
    return rust("streams")


# The crate's streams always begin as those for callers by HTTP do.
HEAD = b'{"statusCode":200,"headers":{"content-type":"application/octet-stream"},"cookies":[]}' + bytes(8)


def streamed(function, event):
    """(the whole, the error) of an answer in pieces."""
    answer = function.client.invoke_with_response_stream(FunctionName=function.name, Payload=json.dumps(event))
    events = list(answer["EventStream"])
    pieces = [event["PayloadChunk"]["Payload"] for event in events if "PayloadChunk" in event]
    assert len(pieces) > 1
    return b"".join(pieces), events[-1]["InvokeComplete"].get("ErrorCode")


def test_it_answers_and_knows_its_call(answers):
    app = {name: "x" for name in ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")}
    client = base64.b64encode(json.dumps({"custom": {"a": "b"}, "client": app, "env": {}}).encode()).decode()
    status, error, told = answers.invoke({"wait": 20, "ä": [1, None]}, ClientContext=client)
    assert (status, error) == (200, None), told
    assert told["event"] == {"wait": 20, "ä": [1, None]}
    assert told["arn"] == answers.arn and told["traced"]
    assert (told["memory"], told["version"], told["client"]) == (256, "$LATEST", {"a": "b"})


def test_what_it_prints_is_in_its_log(answers):
    _, _, log = answers.invoke_with_log({})
    assert "in the log of " in log and "REPORT RequestId: " in log


def test_its_errors_have_the_type_it_gives_them(answers):
    assert answers.invoke({"fail": "no"}) == (200, "Unhandled", {"errorType": "Refused", "errorMessage": "no"})
    assert answers.invoke({})[1] is None


def test_a_panic_is_an_error_and_not_its_end(answers):
    _, error, told = answers.invoke({"fail": "panic"})
    assert error == "Unhandled" and "as asked" in told["errorMessage"], told
    assert answers.invoke({})[1] is None


def test_its_answer_comes_in_pieces(streams):
    assert streamed(streams, {}) == (HEAD + b"onetwo", None)


def test_its_answer_comes_in_pieces_by_http(streams, platform):
    url = function_urls.FunctionUrl(platform, streams, InvokeMode="RESPONSE_STREAM")
    pieces = list(url.pieces())
    assert b"".join(piece for _, piece in pieces) == b"onetwo"
    assert pieces[0][1] == b"one" and pieces[-1][0] > 0.3, "not before the end"


def test_an_answer_that_breaks_off_says_so_in_the_crates_way(streams):
    # It writes what should be trailers into the body.
    whole, error = streamed(streams, {"fail": "yes"})
    assert whole.startswith(HEAD + b"oneLambda-Runtime-Function-Error-Type: Runtime.StreamError") and error is None
    assert streamed(streams, {}) == (HEAD + b"onetwo", None)


def test_it_collects_its_answer_for_who_wants_it_whole(streams):
    answer = streams.client.invoke(FunctionName=streams.name, Payload="{}")
    assert answer["Payload"].read() == HEAD + b"onetwo" and "FunctionError" not in answer


def test_a_start_that_fails_is_told(rust):
    _, error, told = rust("neither").invoke({})
    assert (error, told["errorType"]) == ("Unhandled", "Runtime.ExitError")
