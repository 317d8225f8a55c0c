"""The console's pages around workflows, in a real browser: redrives, map runs, versions and aliases, activities, pictures to keep."""

import json

import pytest
from PIL import Image

from harness import browser, functions
from harness.clients import Clients
from harness.contrast import faint, measured
from harness.large import SHIP, large, order
from harness.names import unique
from harness.platform import watched
from harness.wait import wait_until
from harness.workflows import Execution, Machine, of

pytestmark = pytest.mark.skipif(browser.program() is None, reason="Chromium isn't installed")

HOUR = 3600


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    with watched(tmp_path_factory.mktemp("console-workflows")) as platform:
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
def failed(clients, states):
    """An execution of the large workflow."""
    machine = Machine(states, large(functions.create(clients, SHIP).arn))
    execution = machine.start(order())
    assert execution.ended(120)["status"] == "FAILED"
    return execution


@pytest.fixture(scope="module")
def published(states):
    """Versions 1 and 2, and an alias that shares executions out among them."""
    machine = Machine(states, of(A={"Type": "Pass", "Result": 1, "End": True}), publish=True)
    second = json.dumps(of(B={"Type": "Pass", "Result": 2, "End": True}))
    states.update_state_machine(stateMachineArn=machine.arn, definition=second, publish=True)
    routes = [{"stateMachineVersionArn": f"{machine.arn}:{n}", "weight": weight} for n, weight in ((1, 90), (2, 10))]
    made = states.create_state_machine_alias(name="live", description="What customers get", routingConfiguration=routes)
    return machine, made["stateMachineAliasArn"]


@pytest.fixture(scope="module")
def activity(states):
    """One that two executions wait for, of which one has found a worker."""
    arn = states.create_activity(name=unique("review"))["activityArn"]
    machine = Machine(states, of(Review={"Type": "Task", "Resource": arn, "End": True}))
    for number in range(2):
        machine.start({"n": number}).reaches("ActivityScheduled")
    assert states.get_activity_task(activityArn=arn, workerName="ada")["taskToken"]
    return arn


def state(page, name):
    return page.locator(f'svg.graph a[data-state="{name}"]').locator("..")


def distributed(first, **others):
    """A map with children of their own, which begin with the state `Item`."""
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **of(Item=first, **others)}
    return of(Rows={"Type": "Map", "Label": "Rows", "ItemProcessor": processor, "End": True})


def thirteenth_fails():
    choice = {"Variable": "$", "NumericEquals": 13, "Next": "Bad"}
    return distributed(
        {"Type": "Choice", "Choices": [choice], "Default": "Good"},
        Bad={"Type": "Fail", "Error": "Unlucky", "Cause": "thirteen"},
        Good={"Type": "Pass", "End": True},
    )


@pytest.fixture(scope="module")
def map_run(states):
    """Of forty items, one of which has failed."""
    execution = Machine(states, thirteenth_fails()).start(list(range(40)))
    assert execution.ended()["status"] == "FAILED"
    return execution, states.list_map_runs(executionArn=execution.arn)["mapRuns"][0]["mapRunArn"]


def test_what_failed_is_redriven_and_followed_until_it_has_succeeded(visit, platform, clients, states):
    name = unique("later")
    send = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": f"{platform.url}/000000000000/{name}", "MessageBody": "hello"},
        "Next": "Rest",
    }
    rest = {"Type": "Wait", "Seconds": HOUR, "End": True}
    execution = Machine(states, of(Send=send, Rest=rest)).start()
    assert execution.ended()["status"] == "FAILED"
    page = visit().open("states", "executions", execution.arn)
    assert page.inner_text(".why >> nth=0").startswith("Send failed: SQS.QueueDoesNotExistException")
    clients.boto("sqs").create_queue(QueueName=name)
    page.get_by_role("button", name="Redrive from where it failed").click()
    page.locator("svg.graph g.state.running", has_text="Rest").wait_for()
    assert "succeeded" in state(page, "Send").get_attribute("class")
    page.evaluate("window.same = true")
    platform.advance(HOUR)
    page.wait_for_selector("#part-head .status.succeeded")
    page.locator("svg.graph g.state.succeeded", has_text="Rest").wait_for()
    assert page.evaluate("window.same"), "the page was loaded anew"
    assert "1×" in page.inner_text("#part-head") and page.locator(".why").count() == 0
    assert page.get_by_role("button", name="Redrive from where it failed").count() == 0
    assert execution.describe()["status"] == "SUCCEEDED"


def test_a_states_panel_tells_of_retries_and_of_what_was_caught(visit, platform, states):
    send = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": f"{platform.url}/000000000000/{unique('never')}", "MessageBody": "hello"},
        "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 60, "MaxAttempts": 2}],
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Sorry"}],
        "End": True,
    }
    execution = Machine(states, of(Send=send, Sorry={"Type": "Pass", "End": True})).start({"order": 7})
    assert execution.ended_by_moving(platform, 30)["status"] == "SUCCEEDED"
    page = visit().open("states", "executions", execution.arn)
    assert "caught" in state(page, "Send").get_attribute("class") and page.locator(".why").count() == 0
    state(page, "Send").locator("a").click()
    panel = page.locator("#part-panel")
    panel.locator("h2", has_text="Send").wait_for()
    facts = dict(one.split("\n") for one in panel.locator("dl.facts div").all_inner_texts())
    assert facts["How"].endswith("caught") and facts["Retries"] == "2" and facts["Took"].startswith("3 min")
    assert panel.locator(".why").inner_text().startswith("SQS.QueueDoesNotExistException – The specified queue does not exist")
    assert panel.locator("ol.found li").count() == 3
    texts = panel.locator("pre").all_inner_texts()
    assert '"order": 7' in texts[0] and any("QueueDoesNotExist" in text for text in texts)
    panel.get_by_text("Arguments").click()
    assert '"MessageBody": "hello"' in panel.inner_text()


def test_a_map_run_tells_of_its_children_and_leads_to_the_one_that_failed(visit, map_run):
    execution, _ = map_run
    page = visit().open("states", "executions", execution.arn)
    page.get_by_role("link", name="To the map run and its child executions").click()
    page.get_by_role("img", name="40 of 40 items are done").wait_for()
    for row in ("Items", "Child executions"):
        counts = page.get_by_role("row", name=row).get_by_role("cell").all_inner_texts()
        assert counts[:2] == ["39", "1"] and counts[6] == "40", counts
    page.get_by_role("group", name="Status").get_by_role("link", name="failed").click()
    children = page.get_by_role("table").last.get_by_role("row")
    wait_until(lambda: children.count() == 2, 30, "the children that failed")
    page.get_by_role("link", name="Go to a child execution that failed").click()
    page.locator(".why", has_text="Bad failed: Unlucky – thirteen").wait_for()
    page.locator("dl.facts div", has_text="Map run").get_by_role("link").click()
    page.get_by_role("heading", name="Map run").wait_for()


def test_a_map_run_is_followed(visit, platform, states):
    machine = Machine(states, distributed({"Type": "Wait", "Seconds": HOUR, "End": True}))
    execution = machine.start(list(range(5)))
    execution.reaches("MapRunStarted")
    run = states.list_map_runs(executionArn=execution.arn)["mapRuns"][0]["mapRunArn"]
    page = visit().open("states", "map-runs", run)
    page.get_by_role("img", name="0 of 5 items are done").wait_for()
    page.locator("#part-children .status.running").nth(4).wait_for()
    platform.advance(HOUR)
    page.get_by_role("img", name="5 of 5 items are done").wait_for()
    page.wait_for_selector("#part-head .status.succeeded")


def test_versions_and_aliases_are_shown_with_their_weights(visit, states, published):
    machine, alias = published
    started = Execution(states, states.start_execution(stateMachineArn=alias)["executionArn"])
    number = started.output()
    window = visit()
    page = window.open("states", "machines", machine.arn)
    told = page.locator("#published")
    assert told.get_by_role("row").filter(has_text="live 90 %").inner_text().startswith("Version 1")
    told.get_by_role("link", name="live").click()
    page.get_by_role("heading", name=f"{machine.name}, alias live").wait_for()
    assert "version 1 90 %, version 2 10 %" in page.inner_text("dl.facts")
    assert "What customers get" in page.inner_text("dl.facts")
    page.get_by_role("link", name=started.arn.rsplit(":", 1)[1]).click()
    page.locator("dl.facts div", has_text="Version").get_by_role("link", name=str(number)).click()
    page.get_by_role("heading", name=f"{machine.name}, version {number}").wait_for()
    assert page.locator("svg.graph .state").text_content().startswith("AB"[number - 1])
    assert page.get_by_role("link", name="Edit").count() == 0, "a version stays as it is"


def test_who_waits_for_an_activity_is_told_from_who_has_a_worker(visit, activity):
    page = visit().open("states", "activities")
    page.get_by_role("link", name=activity.rsplit(":", 1)[1]).click()
    tasks = page.locator("tbody").get_by_role("row")
    assert sorted(task.split("\t")[0] for task in tasks.all_inner_texts()) == ["… waits for a worker", "▶ ada"]
    tasks.filter(has_text="ada").get_by_role("link", name="Review").click()
    page.locator("#part-panel h2", has_text="Review").wait_for()
    assert "ada" in page.inner_text("#part-events")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_graph_is_kept_as_a_picture(visit, failed, dark, tmp_path):
    page = visit(dark=dark).open("states", "executions", failed.arn)
    width = float(page.locator("svg.graph").get_attribute("width"))
    kept = {}
    for kind in ("SVG", "PNG"):
        with page.expect_download() as download:
            page.get_by_role("link", name=kind, exact=True).click()
        kept[kind] = tmp_path / f"graph.{kind.lower()}"
        download.value.save_as(kept[kind])
    drawn = kept["SVG"].read_text()
    assert drawn.startswith("<svg") and 'class="state task failed' in drawn and "<a " not in drawn
    with Image.open(kept["PNG"]) as picture:
        assert (picture.format, picture.width) == ("PNG", 2 * width)
        colours = {colour for _, colour in picture.convert("RGB").getcolors(1 << 20)}
    # The ground, what has succeeded, what has failed: the same in both themes.
    assert {(255, 255, 255), (226, 245, 232), (201, 48, 62)} <= colours


def test_pages_are_walked_through_by_keyboard(visit, failed):
    page = visit().open("states", "executions", failed.arn)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "To the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    seen = []
    while "Charge" not in seen:
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.dataset?.state ?? ''"))
        assert len(seen) < 200, seen
        shown = page.evaluate("document.activeElement.matches(':focus-visible')")
        assert shown, "one doesn't see where one is"
    page.keyboard.press("Enter")
    page.locator("#part-panel h2", has_text="Charge").wait_for()
    assert page.evaluate("document.activeElement.dataset.state") == "Charge", "the place was lost"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_words_can_be_told_from_their_ground(visit, clients, failed, map_run, published, activity, dark):
    function = functions.create(clients, SHIP)
    execution, run = map_run
    machine, alias = published
    window = visit(dark=dark)
    for parts in [
        (),
        ("states", "machines"),
        ("states", "machines", machine.arn),
        ("states", "machines", alias),
        ("states", "machines", machine.arn, "edit"),
        ("states", "executions"),
        ("states", "executions", failed.arn),
        ("states", "executions", execution.arn),
        ("states", "map-runs", run),
        ("states", "activities"),
        ("states", "activities", activity),
        ("lambda", "functions"),
        ("lambda", "functions", function.name),
    ]:
        page = window.open(*parts)
        assert len(measured(page)) > 10
        assert faint(page) == set(), parts
    page.evaluate("document.querySelector('h2').style.color = '#777'")
    assert len(faint(page)) == 1, "the measure sees nothing"


def test_new_pages_are_no_wider_than_a_telephone(visit, map_run, published, activity):
    (execution, run), (machine, alias) = map_run, published
    window = visit(width=390)
    for parts in [
        ("states", "machines", machine.arn),
        ("states", "machines", alias),
        ("states", "executions", execution.arn),
        ("states", "map-runs", run),
        ("states", "activities"),
        ("states", "activities", activity),
    ]:
        window.open(*parts)
        assert window.overflow() <= 0, parts
