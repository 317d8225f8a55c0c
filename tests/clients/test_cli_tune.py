"""`updraft tune`: what a function takes and costs at which size, and that the function stays as it was."""

import json
import re
import xml.etree.ElementTree as ET

import pytest

from harness import functions
from harness.clients import Clients
from harness.terminal import CommandLine
from harness.wait import wait_until

# Takes the processor's time, of which there is more with more memory.
WORKS = """
import os, time
def handler(event, context):
    if event.get("fail_below", 0) > int(context.memory_limit_in_mb):
        raise ValueError("too small")
    if event.get("pause"):
        time.sleep(event["pause"])
    until = time.process_time() + event.get("work", 0) / 1000
    while time.process_time() < until:
        pass
    return "done"
"""
CENT_FREE = 0.2  # dollars that a million requests cost, however short they are


@pytest.fixture(scope="module")
def line(platform):
    return CommandLine(platform.url)


@pytest.fixture
def works(function):
    return function(WORKS)


def state(works):
    """What may be seen of a function: its memory, and its versions."""
    versions = works.client.list_versions_by_function(FunctionName=works.name)["Versions"]
    return works.client.get_function_configuration(FunctionName=works.name)["MemorySize"], [v["Version"] for v in versions]


def test_more_memory_is_faster_and_the_function_stays_as_it_was(line, works):
    published = works.client.publish_version(FunctionName=works.name)["Version"]
    before = state(works)
    words = ("--payload", '{"work": 60}', "--memory", "1024,128,256,128", "--runs", "5", "--json")
    done = line.run("tune", works.name, *words)
    assert done.code == 0, done
    said = json.loads(done.out)
    assert [size["memoryMB"] for size in said["sizes"]] == [128, 256, 1024], "each once, in order"
    small, _, large = said["sizes"]
    assert small["p50Millis"] > large["p50Millis"], said
    for size in said["sizes"]:
        assert size["p50Millis"] <= size["p95Millis"] and size["initMillis"] > 0 and size["maxMemoryUsedMB"] > 0
        of_time = size["memoryMB"] / 1024 * size["billedMillis"] / 1000 * 0.0000166667 * 1e6
        assert size["dollarsPerMillion"] == pytest.approx(CENT_FREE + of_time, rel=1e-3)
    assert said["recommendation"]["fastest"] == 1024
    assert set(said["recommendation"]) == {"cheapest", "fastest", "balanced"}
    assert state(works) == before and published in before[1], "its own version is still there"


def test_a_size_that_is_published_already_is_measured_and_kept(line, works):
    own = works.client.publish_version(FunctionName=works.name)["Version"]
    memory = state(works)[0]
    said = json.loads(line.run("tune", works.name, "--memory", str(memory), "--runs", "1", "--json").out)
    assert [size["memoryMB"] for size in said["sizes"]] == [memory]
    assert state(works) == (memory, ["$LATEST", own])


def test_on_a_terminal_it_is_a_table_that_says_what_to_take(line, works):
    done = line.shown("tune", works.name, "--memory", "128,512", "--runs", "2")
    assert done.code == 0
    assert "call 8 of 8" in done.plain, "how far it is"
    table = done.plain[done.plain.rindex(works.name) :]
    assert table.splitlines()[1].split()[:3] == ["MEMORY", "P50", "P95"]
    for what in ("cheapest", "fastest", "balanced"):
        assert re.search(rf"^{what} +(128|512) MB  .+ for a million calls", table, re.M), table
    assert "us-east-1" in table, table
    piped = line.run("tune", works.name, "--memory", "128", "--runs", "1")
    assert "\x1b" not in piped.out + piped.err and "call" not in piped.err and "MEMORY" in piped.out


def test_arm_has_its_price(line, function):
    arm = function(WORKS, Architectures=["arm64"])
    said = json.loads(line.run("tune", arm.name, "--memory", "128", "--runs", "1", "--json").out)
    assert (said["architecture"], said["prices"]["dollarsPerGBSecond"]) == ("arm64", 0.0000133334)


def test_logs_in_json_are_read_too(line, function):
    words = function(WORKS, LoggingConfig={"LogFormat": "JSON"})
    said = json.loads(line.run("tune", words.name, "--memory", "128", "--runs", "1", "--json").out)
    assert said["sizes"][0]["p50Millis"] > 0
    words = function(WORKS, LoggingConfig={"LogFormat": "JSON", "SystemLogLevel": "WARN"})
    done = line.run("tune", words.name, "--memory", "128", "--runs", "1")
    assert done.code == 1 and "SystemLogLevel" in done.err
    assert state(words) == (256, ["$LATEST"])


def test_a_size_at_which_it_fails_is_told_and_not_recommended(line, works):
    words = ("--payload", '{"fail_below": 256}', "--memory", "128,256", "--runs", "1")
    said = json.loads(line.run("tune", works.name, *words, "--json").out)
    assert said["sizes"][0] == {"memoryMB": 128, "error": "ValueError: too small"}
    assert set(said["recommendation"].values()) == {256}
    assert "failed: ValueError: too small" in line.run("tune", works.name, *words).out
    done = line.run("tune", works.name, "--payload", '{"fail_below": 9000}', "--memory", "128,256", "--runs", "1")
    assert done.code == 1 and f"updraft invoke {works.name} --log" in done.err
    assert state(works) == (256, ["$LATEST"])


def test_the_chart_is_a_drawing_of_its_own(line, works, tmp_path):
    file = tmp_path / "tune.svg"
    done = line.run("tune", works.name, "--memory", "128,256,512", "--runs", "1", "--chart", file)
    assert done.code == 0 and str(file) in done.err
    root = ET.parse(file).getroot()
    text = " ".join(root.itertext())
    assert root.tag.endswith("svg") and works.name in text and "balanced" in text
    assert all(str(size) in text for size in (128, 256, 512))
    assert "href" not in file.read_text(), "it needs nothing from elsewhere"


def test_stopping_puts_the_function_back(line, works):
    words = ("--payload", '{"pause": 2}', "--memory", "128,512,1024", "--runs", "100")
    shown = line.started("tune", works.name, *words)
    shown.await_text("call 1 of")
    assert len(state(works)[1]) == 4, "a version of each size"
    shown.interrupt()
    done = shown.ended(15)
    assert done.code == 1 and "the function is as it was" in done.plain
    assert state(works) == (256, ["$LATEST"])


def test_what_a_killed_run_left_is_cleared_by_the_next(line, works):
    words = ("--payload", '{"pause": 2}', "--memory", "128,512", "--runs", "100")
    shown = line.started("tune", works.name, *words)
    shown.await_text("call 1 of")
    shown.stop()
    assert len(state(works)[1]) == 3
    assert line.run("tune", works.name, "--memory", "128", "--runs", "1").code == 0
    assert state(works) == (256, ["$LATEST"])


def test_a_platform_that_goes_away_is_told_with_what_is_left_to_do(fresh):
    own = fresh().start()
    works = functions.create(Clients(own.url), WORKS)
    shown = CommandLine(own.url).started("tune", works.name, "--payload", '{"pause": 2}', "--memory", "128,512", "--runs", "100")
    shown.await_text("call 1 of")
    own.kill()
    done = shown.ended(30)
    assert done.code == 1 and "updraft start" in done.plain and "versions left" in done.plain, done.plain
    own.start()
    assert wait_until(lambda: state(works), 10, "the function")[0] == 256


def test_a_function_with_little_concurrency_is_measured_one_call_at_a_time(line, works):
    works.client.put_function_concurrency(FunctionName=works.name, ReservedConcurrentExecutions=1)
    done = line.run("tune", works.name, "--memory", "128,256", "--runs", "2", "--json")
    assert done.code == 0 and len(json.loads(done.out)["sizes"]) == 2, done


@pytest.mark.parametrize(
    "words, hint",
    [
        (["--memory", "64"], "128..=10240"),
        (["--memory", "many"], "invalid"),
        (["--runs", "0"], "1..="),
        (["--payload", "{"], "is not JSON"),
        (["--chart", "tune.png"], "tune.svg"),
        (["--chart", "/not/there/tune.svg"], "no folder"),
    ],
)
def test_wrong_usage_is_said_before_anything_is_done(line, words, hint):
    done = line.run("tune", "any", *words)
    assert done.code == 2 and hint in done.err, done


def test_a_function_that_is_not_there_is_told(line, works):
    done = line.run("tune", f"{works.name}x")
    assert done.code == 1 and f"is it {works.name}?" in done.err
