"""The console, in a real browser: nothing is asked of another host, no page says an error, and nothing written runs."""

import json
import re

import pytest

from harness import browser, functions, raw
from harness.clients import ROLE, Clients
from harness.large import SHIP, large, order
from harness.names import unique
from harness.platform import watched
from harness.wait import wait_until
from harness.workflows import Machine, of

pytestmark = pytest.mark.skipif(browser.program() is None, reason="Chromium isn't installed")

HOSTILE = "<script>alert(1)</script>"
ROOT = "/_updraft/console"


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    with watched(tmp_path_factory.mktemp("console")) as platform:
        yield platform


@pytest.fixture(scope="module")
def clients(platform):
    return Clients(platform.url)


@pytest.fixture(scope="module")
def states(clients):
    return clients.boto("stepfunctions")


@pytest.fixture(scope="module")
def chromium():
    with browser.launched() as launched:
        yield launched


@pytest.fixture
def visit(chromium, platform):
    with browser.visits(chromium, platform.url) as visit:
        yield visit


@pytest.fixture(scope="module")
def machine(clients, states):
    """The large workflow."""
    return Machine(states, large(functions.create(clients, SHIP).arn))


@pytest.fixture(scope="module")
def failed(machine):
    execution = machine.start(order())
    assert execution.ended(120)["status"] == "FAILED"
    return execution


@pytest.fixture
def asking(clients, states):
    """An execution that waits for somebody's answer."""
    queue = clients.boto("sqs").create_queue(QueueName=unique("approvals"))["QueueUrl"]
    ask = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": queue, "MessageBody": {"token.$": "$$.Task.Token"}},
        "Next": "Ship",
    }
    execution = Machine(states, of(Ask=ask, Ship={"Type": "Pass", "End": True})).start({"amount": 5000})
    execution.reaches("TaskSubmitted")
    return execution


def execution_page(visitor, execution, query=""):
    return visitor.open("states", "executions", execution.arn, query=query)


def state(page, name):
    return page.locator(f'svg.graph a[data-state="{name}"]').locator("..")


def test_machines_and_executions_are_found(visit, machine, failed):
    window = visit()
    page = window.open()
    assert "State machines" in page.inner_text("main")
    page.get_by_role("link", name="State machines").first.click()
    page.get_by_label("Name").fill(machine.name[:-1])
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name=machine.name, exact=True).click()
    assert page.locator("svg.graph .state").count() == 30
    page.get_by_role("group", name="Status").get_by_role("link", name="failed").click()
    row = page.get_by_role("row").filter(has_text=failed.arn.rsplit(":", 1)[1])
    row.get_by_role("link").click()
    page.wait_for_selector("#part-head .status.failed")


def test_a_large_workflow_is_drawn_as_it_went_and_says_why_it_failed(visit, failed):
    page = execution_page(visit(), failed)
    assert page.locator("svg.graph .state").count() == 30
    said = page.inner_text(".why >> nth=0")
    assert said == "Ship parcel failed, in item 7 of Ship parcels: ValueError – parcel 7 has no label"
    for name, how in {
        "Validate order": "succeeded",
        "Fulfil": "failed",
        "Ship parcels": "failed",
        "Ship parcel": "failed",
        "Make invoice": "succeeded",
    }.items():
        assert how in state(page, name).get_attribute("class"), name
    assert "succeeded" not in state(page, "Refund").get_attribute("class")
    panel = page.locator("#part-panel")
    assert "7 of Ship parcels" in panel.inner_text() and '"number": 7' in panel.inner_text()
    wait_until(lambda: page.reload() and "parcel 7\n" in page.inner_text("#part-panel pre.log"), 30, "the function's log")
    assert "parcel 6\n" not in page.inner_text("#part-panel pre.log"), "what another call printed"


def test_parts_change_in_place(visit, failed):
    page = execution_page(visit(), failed)
    page.evaluate("window.same = true")
    state(page, "Charge").locator("a").click()
    page.locator("#part-panel h2", has_text="Charge").wait_for()
    assert "$charged" in page.inner_text("#part-panel") and "$order" in page.locator("#part-panel").text_content()
    page.get_by_role("link", name="item 3, succeeded").click()
    page.locator("#part-graph .items a[aria-current]", has_text="3").wait_for()
    assert page.evaluate("window.same"), "the page was loaded anew"
    page.go_back()
    page.locator("#part-graph .items a[aria-current]").wait_for(state="detached")
    page.get_by_role("link", name="1 failed: go to the first").click()
    page.locator("#part-graph .items a.failed[aria-current]").wait_for()


def test_history_is_stepped_through(visit, failed):
    page = execution_page(visit(), failed)
    slider = page.get_by_role("slider", name="Event")
    slider.focus()
    page.keyboard.press("Home")
    page.locator("#part-steps .now", has_text="event 1 of").wait_for()
    page.locator("svg.graph .succeeded").first.wait_for(state="detached")
    for event in (2, 3):
        page.get_by_role("link", name="The event after").click()
        page.locator("#part-steps .now", has_text=f"event {event} of").wait_for()
    assert "succeeded" in state(page, "Validate order").get_attribute("class")
    assert page.locator("svg.graph .succeeded").count() == 1
    assert '"Type": "PassStateExited"' in page.inner_text("#part-events")


def test_a_running_execution_is_followed_and_answered(visit, asking):
    page = execution_page(visit(), asking)
    watched = execution_page(visit(), asking)
    assert "running" in state(page, "Ask").get_attribute("class")
    page.get_by_role("button", name="Approve").click()
    page.wait_for_selector("#part-head .status.succeeded")
    watched.wait_for_selector("#part-head .status.succeeded")
    assert "succeeded" in state(watched, "Ship").get_attribute("class")
    assert json.loads(asking.describe()["output"]) == {"approved": True}
    page.get_by_text("Start again").click()
    page.get_by_label("Input").fill('{"amount": 1}')
    page.get_by_role("button", name="Start", exact=True).click()
    page.locator("#part-head .status.running").wait_for()
    assert '"amount": 1' in page.inner_text("#part-panel")
    page.get_by_label("Cause").first.fill("too dear")
    page.get_by_role("button", name="Deny").click()
    page.wait_for_selector("#part-head .status.failed")
    assert page.inner_text(".why >> nth=0") == "Ask failed: Denied – too dear"


def test_an_execution_is_stopped(visit, asking):
    page = execution_page(visit(), asking)
    page.get_by_text("Stop", exact=True).click()
    form = page.locator("form", has=page.get_by_role("button", name="Stop the execution"))
    form.get_by_label("Error").fill("Enough")
    form.get_by_role("button").click()
    page.wait_for_selector("#part-head .status.aborted")
    assert asking.describe()["status"] == "ABORTED" and asking.describe()["error"] == "Enough"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "scriptless"])
def test_what_is_written_never_runs(visit, states, scripts):
    choice = {"Variable": "$.x", "StringEquals": '"><img src=x onerror=alert(2)>', "Next": "B"}
    definition = {
        "Comment": HOSTILE,
        "StartAt": HOSTILE,
        "States": {
            HOSTILE: {"Type": "Choice", "Choices": [choice], "Default": "B"},
            "B": {"Type": "Fail", "Error": "</text><script>alert(3)</script>", "Cause": "<b>x</b>"},
        },
    }
    machine = Machine(states, definition)
    execution = machine.start({"x": "</pre><script>alert(4)</script>"})
    execution.ended()
    window = visit(scripts=scripts)
    page = execution_page(window, execution)
    assert "</text><script>alert(3)</script> – <b>x</b>" in page.inner_text(".why >> nth=0")
    page.locator("svg.graph a", has_text="alert(1)").click()
    page.locator("#part-panel h2", has_text=HOSTILE).wait_for()
    assert "</pre><script>alert(4)</script>" in page.inner_text("#part-panel")
    for parts in [("machines", machine.arn), ("machines", machine.arn, "edit")]:
        page = window.open("states", *parts)
        assert page.locator("script").count() == 1, "ours"
    page = window.open("states", "machines", query="?q=%22%3E%3Cscript%3Ealert(5)%3C/script%3E")
    assert page.get_by_label("Name").input_value() == '"><script>alert(5)</script>'


def test_all_can_be_read_without_scripts(visit, failed):
    window = visit(scripts=False)
    page = execution_page(window, failed)
    assert "parcel 7 has no label" in page.inner_text(".why >> nth=0")
    state(page, "Charge").locator("a").click()
    assert page.inner_text("#part-panel h2") == "Charge"
    page.get_by_role("button", name="Go").click()
    page.get_by_role("link", name="next").click()
    assert "page 2 of" in page.inner_text("#part-events")
    page.get_by_role("link", name="item 7, failed").click()
    assert page.inner_text("#part-panel h2") == "Ship parcel"


def test_a_definition_is_checked_while_it_is_written(visit, states):
    window = visit()
    page = window.open("states", "editor")
    assert "This is a valid definition" in page.inner_text("#part-found")
    area = page.get_by_label("Definition")
    broken = of(First={"Type": "Pass", "Next": "Nowhere"}, Second={"Type": "Pass", "End": True})
    area.fill(json.dumps(broken))
    page.locator("#part-found", has_text="This isn't a valid definition yet").wait_for()
    assert "MISSING_TRANSITION_TARGET" in page.inner_text("#part-found")
    page.locator("#part-drawn svg.graph", has_text="Second").wait_for()
    area.fill(json.dumps(of(Only={"Type": "Pass", "End": True})))
    page.locator("#part-found", has_text="This is a valid definition").wait_for()
    name = unique("written")
    page.get_by_role("textbox", name="Name").fill(name)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name=name).wait_for()
    assert page.get_by_role("link", name="Edit").is_visible()
    assert name in [one["name"] for one in states.list_state_machines()["stateMachines"]]
    for kind, begins in {"SVG": "<svg", "Mermaid": "flowchart TD"}.items():
        with page.expect_download() as download:
            page.get_by_role("link", name=kind).click()
        assert download.value.path().read_text().startswith(begins)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_page_is_wider_than_a_telephone(visit, clients, machine, failed, asking, dark):
    function = functions.create(clients, SHIP)
    window = visit(width=390, dark=dark)
    for parts in [
        (),
        ("states", "machines"),
        ("states", "machines", machine.arn),
        ("states", "machines", machine.arn, "edit"),
        ("states", "executions"),
        ("states", "executions", failed.arn),
        ("states", "executions", asking.arn),
        ("lambda", "functions"),
        ("lambda", "functions", function.name),
        ("sqs", "queues"),
        ("dynamodb", "tables"),
        ("s3", "buckets"),
    ]:
        window.open(*parts)
        assert window.overflow() <= 0, parts


def test_what_is_not_there_is_said(platform, visit):
    gone = "arn:aws:states:us-east-1:000000000000:execution:none:gone"
    for path in ["/what", "/states/what/ever", f"/states/executions/{gone}", "/states/executions/%FF%00"]:
        answer = raw.request(platform.url, "GET", f"{ROOT}{path}")
        assert 400 <= answer.status < 500 and "<h1>" in answer.text, (path, answer.status)


def test_pages_are_guarded(platform):
    page = raw.request(platform.url, "GET", ROOT)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page.text)
    assert set(re.findall(r'(?:src|href)="(https?:|//)', page.text)) == set()
    # By a name that somebody else may have pointed at this machine.
    assert raw.request(platform.url, "GET", ROOT, host="evil.example:4566").status == 403
    assert raw.request(platform.url, "GET", ROOT, host=f"localhost:{platform.port}").status == 200


def test_forms_are_taken_from_our_own_pages_only(platform, states):
    machine = Machine(states, of(A={"Type": "Pass", "End": True}))
    path = f"{ROOT}/states/machines/{machine.arn}/start"
    kind = {"content-type": "application/x-www-form-urlencoded"}
    own = f"http://127.0.0.1:{platform.port}"
    for headers in [{}, {"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}]:
        assert raw.request(platform.url, "POST", path, "input={}", {**kind, **headers}).status == 403, headers
    assert states.list_executions(stateMachineArn=machine.arn)["executions"] == []
    assert raw.request(platform.url, "POST", path, "input={}", {**kind, "origin": own}).status == 303
    assert len(states.list_executions(stateMachineArn=machine.arn)["executions"]) == 1


def test_files_are_kept_by_browsers(platform):
    page = raw.request(platform.url, "GET", ROOT).text
    for address in re.findall(r'(?:src|href)="(/_updraft/console/static/[^"]+)"', page):
        first = raw.request(platform.url, "GET", address)
        assert first.status == 200 and "immutable" in first.headers["cache-control"]
        again = raw.request(platform.url, "GET", address, headers={"if-none-match": first.headers["etag"]})
        assert (again.status, again.body) == (304, b"")


def test_express_machines_have_a_page(visit, states):
    made = states.create_state_machine(
        name=unique("express"), type="EXPRESS", roleArn=ROLE, definition=json.dumps(of(A={"Type": "Pass", "End": True}))
    )
    page = visit().open("states", "machines", made["stateMachineArn"])
    assert "Express workflows keep no executions" in page.inner_text("main")
