"""The console's pages of tables, queues and buckets, in a real browser."""

import pytest

from harness import browser
from harness.clients import Clients
from harness.contrast import faint
from harness.names import unique
from harness.platform import watched

pytestmark = pytest.mark.skipif(browser.program() is None, reason="Chromium isn't installed")

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    with watched(tmp_path_factory.mktemp("console-stores")) as platform:
        yield platform


@pytest.fixture(scope="module")
def clients(platform):
    return Clients(platform.url)


@pytest.fixture(scope="module")
def chromium():
    with browser.launched() as launched:
        yield launched


@pytest.fixture
def visit(chromium, platform):
    with browser.visits(chromium, platform.url) as visit:
        yield visit


@pytest.fixture(scope="module")
def table(clients):
    """Of sixty items, each with a number."""
    dynamodb, name = clients.boto("dynamodb"), unique("orders")
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in range(60):
        item = {"id": {"S": f"o-{number}"}, "total": {"N": str(number)}, "note": {"S": HOSTILE}}
        dynamodb.put_item(TableName=name, Item=item)
    return name


@pytest.fixture(scope="module")
def queue(clients):
    """With three messages, of which one is in flight, and a queue for dead letters."""
    sqs, name = clients.boto("sqs"), unique("jobs")
    dead = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = f'{{"deadLetterTargetArn": "{arn}", "maxReceiveCount": 4}}'
    url = sqs.create_queue(QueueName=name, Attributes={"RedrivePolicy": policy})["QueueUrl"]
    for number in range(3):
        sqs.send_message(QueueUrl=url, MessageBody=str(number))
    assert len(sqs.receive_message(QueueUrl=url)["Messages"]) == 1
    return name


@pytest.fixture(scope="module")
def bucket(clients):
    s3, name = clients.boto("s3"), unique("pictures")
    s3.create_bucket(Bucket=name)
    for key in ("readme.md", "2030/may/1.png", "2030/may/2.png", f"2030/{HOSTILE}"):
        s3.put_object(Bucket=name, Key=key, Body=b"x" * 1234)
    return name


def test_a_tables_items_are_turned_over(visit, table):
    page = visit().open("dynamodb", "tables")
    page.get_by_role("link", name=table).click()
    page.get_by_role("heading", name=table).wait_for()
    assert "id (partition)" in page.inner_text("dl.facts")
    first = page.locator("tbody tr td:first-child").all_inner_texts()
    page.get_by_role("link", name="More").click()
    page.wait_for_url("**from=*")
    second = page.locator("tbody tr td:first-child").all_inner_texts()
    assert (len(first), len(second)) == (50, 10)
    assert sorted(first + second) == sorted(f"o-{number}" for number in range(60))
    row = page.locator("tbody tr").filter(has=page.get_by_text(second[0], exact=True))
    assert f'"total":{second[0][2:]}' in row.inner_text() and HOSTILE in row.inner_text()


def test_a_queue_tells_how_much_is_in_it_and_where_dead_letters_go(visit, queue):
    page = visit().open("sqs", "queues", queue)
    assert page.locator(".tile b").all_inner_texts() == ["2", "1", "0"]
    assert "after 4 receipts" in page.inner_text("dl.facts")
    page.get_by_role("link", name=f"{queue}-dead").click()
    page.get_by_role("heading", name=f"{queue}-dead").wait_for()


def test_a_bucket_is_gone_through_folder_by_folder(visit, bucket):
    page = visit().open("s3", "buckets", bucket)
    assert page.locator("tbody td:first-child").all_inner_texts() == ["2030/", "readme.md"]
    page.get_by_role("link", name="2030/").click()
    page.get_by_role("link", name="may/").wait_for()
    assert page.locator("tbody td:first-child").all_inner_texts() == ["<script>alert(1)</", "may/"]
    page.get_by_role("link", name="may/").click()
    page.get_by_text("1.png").wait_for()
    assert page.locator("tbody td:nth-child(2)").all_inner_texts() == ["1234", "1234"]
    page.get_by_role("link", name=bucket).click()
    page.get_by_text("readme.md").wait_for()


def test_what_is_not_there_has_no_page(visit, platform):
    window = visit()
    for parts in [("dynamodb", "tables", "none"), ("sqs", "queues", "none"), ("s3", "buckets", "none-here")]:
        answer = window.page.goto(f"{window.root}/{'/'.join(parts)}")
        assert answer.status == 404, parts
    # Which the browser tells of as well.
    window.wrong.clear()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_pages_are_read_on_a_telephone_too(visit, table, queue, bucket, dark):
    window = visit(width=390, dark=dark)
    for parts in [("dynamodb", "tables", table), ("sqs", "queues", queue), ("s3", "buckets", bucket)]:
        page = window.open(*parts)
        assert window.overflow() <= 0 and faint(page) == set(), parts
