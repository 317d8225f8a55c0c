"""`updraft sfn run`: a definition executed, told of as it goes, and drawn at its end."""

import json

import pytest

from harness.terminal import CommandLine
from harness.workflows import of

DEFINITION = {"QueryLanguage": "JSONata", **of(
    Check={"Type": "Choice", "Choices": [{"Condition": "{% $states.input.n > 3 %}", "Next": "Much"}], "Default": "Few"},
    Much={"Type": "Pass", "Output": {"sum": "{% $states.input.n * 2 %}"}, "End": True},
    Few={"Type": "Fail", "Error": "TooFew", "Cause": "not enough"},
)}
TASK = of(Pay={"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True,
               "Parameters": {"FunctionName": "nobody"}, "ResultSelector": {"paid.$": "$.Payload.paid"}})
MOCKS = {
    "StateMachines": {"pay": {"TestCases": {"Good": {"Pay": "Paid"}, "Bad": {"Pay": "Refused"}}}},
    "MockedResponses": {"Paid": {"0": {"Return": {"Payload": {"paid": 1}}}},
                        "Refused": {"0": {"Throw": {"Error": "Declined", "Cause": "no money"}}}},
}


@pytest.fixture(scope="module")
def line(platform):
    return CommandLine(platform.url)


@pytest.fixture
def file(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_text(json.dumps(content))
        return path

    return write


def test_on_a_running_platform(platform, clients, line, file):
    done = line.run("sfn", "run", file("d.json", DEFINITION), "--input", '{"n": 5}', "--endpoint", platform.url)
    assert (done.code, done.err) == (0, ""), done
    for said in ("▶ Check  {\"n\": 5}", "✓ Much  {\"sum\":10}", "━▶ Much  ({% $states.input.n > 3 %})", "─▷ Few  (default)",
                 "· Few    Fail", "SUCCEEDED", '"sum": 10'):
        assert said in done.out, (said, done.out)
    machines = clients.boto("stepfunctions").list_state_machines()["stateMachines"]
    assert not [one for one in machines if one["name"].startswith("sfn-run-")], "nothing is left"
    failed = line.run("sfn", "run", file("d.json", DEFINITION), "--input", '{"n": 1}', "--endpoint", platform.url, "--json")
    assert failed.code == 1
    assert json.loads(failed.out) == {"status": "FAILED", "output": None, "error": "TooFew", "cause": "not enough"}


def test_on_a_platform_of_its_own(line, file, tmp_path):
    shown = line.shown("sfn", "run", file("d.json", DEFINITION), "--input", '{"n": 1}')
    assert shown.code == 1
    assert "✗ ExecutionFailed  TooFew: not enough" in shown.plain and "✗ Few" in shown.plain, shown.plain
    assert not (tmp_path / ".updraft").exists()


def test_with_mocks_in_place_of_services(line, file):
    task, mocks = file("task.json", TASK), file("MockConfigFile.json", MOCKS)
    good = line.run("sfn", "run", task, "--mocks", mocks, "--case", "Good", "--json")
    assert (good.code, json.loads(good.out)["output"]) == (0, {"paid": 1})
    bad = line.run("sfn", "run", task, "--mocks", mocks, "--case", "Bad")
    assert bad.code == 1 and "✗ TaskFailed  Declined: no money" in bad.out, bad
    which = line.run("sfn", "run", task, "--mocks", mocks)
    assert which.code == 2 and "say which test case with --case: Good, Bad" in which.err, which


def test_what_cannot_be_run_is_said(line, file, tmp_path, platform):
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    done = line.run("sfn", "run", broken, "--endpoint", platform.url)
    assert done.code == 2 and "is not JSON" in done.err
    lost = file("lost.json", of(A={"Type": "Pass", "Next": "B"}))
    done = line.run("sfn", "run", lost, "--endpoint", platform.url)
    assert done.code == 1 and "MISSING_TRANSITION_TARGET" in done.err, done
    assert line.run("sfn", "run", lost, "--input", "{", "--endpoint", platform.url).code == 2
