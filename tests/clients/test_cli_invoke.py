"""`updraft invoke`: what a person sees on a terminal, what a program reads, and what both are told when it fails."""

import json

import pytest

from harness.clients import Clients
from harness.platform import free_port
from harness.terminal import CommandLine

ECHO = """
import sys
def handler(event, context):
    print("an event came")
    if isinstance(event, dict) and "fail" in event:
        raise ValueError(event["fail"])
    return {"event": event, "version": context.function_version}
"""


@pytest.fixture(scope="module")
def line(platform):
    return CommandLine(platform.url)


@pytest.fixture
def echo(function):
    return function(ECHO)


def test_the_answer_is_printed_as_the_function_gave_it(line, echo):
    done = line.run("invoke", echo.name, "--payload", '{"n": 1.0}')
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == {"event": {"n": 1.0}, "version": "$LATEST"}
    assert done.out.count("\n") == 1, "one line, for a pipe"


def test_on_a_terminal_the_answer_is_laid_out_and_its_costs_are_told(line, echo):
    done = line.shown("invoke", echo.name, "--payload", '{"n": 1}')
    assert done.code == 0
    assert '"event": {\n    "n": 1\n  }' in done.plain, done.plain
    assert "billed" in done.plain and "of 256 MB" in done.plain and "cold start" in done.plain, done.plain
    assert "\x1b[" in done.out


@pytest.mark.parametrize("settings", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colours_where_none_are_wanted(line, echo, settings):
    done = line.shown("invoke", echo.name, **settings)
    assert "\x1b[" not in done.out and "billed" in done.out, done.out


def test_events_come_from_files_and_from_standard_input(line, echo, tmp_path):
    file = tmp_path / "event.json"
    file.write_text('{"from": "file"}')
    assert json.loads(line.run("invoke", echo.name, "--payload-file", file).out)["event"] == {"from": "file"}
    for words in (["-"], ["--payload", "-"], ["--payload-file", "-"]):
        done = line.run("invoke", echo.name, *words, stdin='["stdin"]\n')
        assert json.loads(done.out)["event"] == ["stdin"], words
    assert json.loads(line.run("invoke", echo.name).out)["event"] == {}, "no event is an empty one"


def test_a_functions_failure_exits_with_1_and_is_readable(line, echo):
    piped = line.run("invoke", echo.name, "--payload", '{"fail": "no paper"}')
    assert piped.code == 1
    assert json.loads(piped.out)["errorMessage"] == "no paper"
    assert "ValueError: no paper" in piped.err
    shown = line.shown("invoke", echo.name, "--payload", '{"fail": "no paper"}')
    assert shown.code == 1
    assert shown.plain.startswith("ValueError: no paper\n"), shown.plain
    assert 'main.py", line 6, in handler' in shown.plain, "with the way to it"


def test_the_log_is_shown_beside_the_answer(line, echo):
    done = line.run("invoke", echo.name, "--log")
    assert json.loads(done.out)["event"] == {}
    assert "an event came" in done.err and "REPORT RequestId: " in done.err
    assert "an event came" not in line.run("invoke", echo.name).err


def test_a_program_reads_everything_from_one_object(line, echo):
    done = line.run("invoke", echo.name, "--payload", '{"fail": "no"}', "--json")
    assert done.code == 1
    said = json.loads(done.out)
    assert (said["statusCode"], said["functionError"], said["executedVersion"]) == (200, "Unhandled", "$LATEST")
    assert said["payload"]["errorType"] == "ValueError" and said["requestId"] in said["log"]
    assert said["report"]["memoryMB"] == 256 and said["report"]["billedMillis"] >= said["report"]["durationMillis"]


def test_versions_and_aliases_are_called_by_their_names(line, echo):
    version = echo.client.publish_version(FunctionName=echo.name)["Version"]
    echo.client.create_alias(FunctionName=echo.name, Name="live", FunctionVersion=version)
    for words in (["--qualifier", version], ["--qualifier", "live"]):
        assert json.loads(line.run("invoke", echo.name, *words).out)["version"] == version
    arn = f"{echo.arn}:live"
    assert json.loads(line.run("invoke", arn).out)["version"] == version


def test_an_event_is_handed_over_and_carried_out(line, echo):
    done = line.run("invoke", echo.name, "--event", "--payload", '{"later": true}', "--json")
    assert (done.code, json.loads(done.out)["statusCode"]) == (0, 202)
    shown = line.started("logs", echo.name, "--follow")
    shown.await_text("an event came")
    shown.interrupt()


STREAMS = """
import time
def handler(event, context):
    yield "one\\n"
    time.sleep(event["pause"])
    if event.get("fail"):
        raise ValueError("as asked")
    yield "two"
"""


def test_a_stream_is_printed_as_it_comes(line, function):
    streams = function(STREAMS)
    done = line.run("invoke", streams.name, "--stream", "--payload", '{"pause": 0}')
    assert (done.code, done.out, done.err) == (0, "one\ntwo", "")
    shown = line.started("invoke", streams.name, "--stream", "--payload", '{"pause": 2}')
    shown.await_text("one")
    assert "two" not in shown.plain, "it isn't collected"
    assert shown.ended().plain == "one\ntwo\n"
    pieces = line.run("invoke", streams.name, "--stream", "--json", "--payload", '{"pause": 0}').out.splitlines()
    assert json.loads(pieces[0]) == {"chunk": "one\n"} and json.loads(pieces[-1])["complete"] is True


def test_a_stream_that_breaks_off_exits_with_1(line, function):
    streams = function(STREAMS)
    done = line.run("invoke", streams.name, "--stream", "--payload", '{"pause": 0, "fail": 1}')
    assert done.code == 1 and done.out == "one\n" and "as asked" in done.err, done


@pytest.mark.parametrize(
    "words, hint",
    [
        (["--payload", "{'a': 1}"], "is not JSON"),
        (["--payload-file", "-", "-"], "cannot be used with"),
        (["--event", "--stream"], "cannot be used with"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_is_wrong(line, words, hint):
    done = line.run("invoke", "any", *words, stdin="")
    assert done.code == 2 and hint in done.err, done


def test_a_mistyped_name_is_answered_with_the_right_one(line, echo):
    done = line.run("invoke", f"{echo.name}x")
    assert done.code == 1 and f"is it {echo.name}?" in done.err, done.err


def test_in_an_empty_account_the_next_step_is_named(platform):
    done = CommandLine(platform.url, AWS_ACCESS_KEY_ID="777000777000", AWS_SECRET_ACCESS_KEY="test").run("invoke", "any")
    assert done.code == 1 and "updraft dev" in done.err, done.err


def test_credentials_come_from_the_usual_variables(platform, echo):
    wrong = CommandLine(platform.url, AWS_ACCESS_KEY_ID="AKIAWRONG", AWS_SECRET_ACCESS_KEY="wrong")
    done = wrong.run("invoke", echo.name)
    assert done.code == 1 and "AWS_ACCESS_KEY_ID" in done.err, done.err
    assert CommandLine(platform.url, AWS_ACCESS_KEY_ID="half").run("invoke", echo.name).code == 2


def test_another_region_is_another_place(line, platform, echo):
    assert line.run("invoke", echo.name, "--region", "eu-west-1").code == 1
    assert line.run("invoke", echo.name, AWS_REGION="us-east-1", AWS_DEFAULT_REGION="eu-west-1").code == 0
    other = Clients(platform.url, region="eu-west-1")
    assert not other.boto("lambda").list_functions()["Functions"]


def test_a_platform_that_is_not_there_is_told_with_what_to_do():
    done = CommandLine(f"http://127.0.0.1:{free_port()}").run("invoke", "any")
    assert done.code == 1 and "updraft start" in done.err, done.err
