"""examples/order-workflow, deployed by its own script, in both of its languages: every way that an order can take, in virtual
time; and the platform is killed in the middle of a payment. Money is taken once or not at all, and so is what is on the shelf."""

import json
import re
import subprocess
import sys
from urllib.parse import urlencode, urlsplit

import pytest

from harness.clients import Clients
from harness.mappings import Queue
from harness.names import unique
from harness.platform import ROOT, watched
from harness.raw import request
from harness.wait import wait_until
from harness.workflows import Execution

DEPLOY = ROOT / "examples" / "order-workflow" / "deploy.py"
LANGUAGES = ["jsonpath", "jsonata"]
LAMP, DESK, PIANO = 4_900, 32_000, 950_000


class Shop:
    def __init__(self, platform):
        self.platform, self.clients = platform, Clients(platform.url)
        done = subprocess.run(
            [sys.executable, DEPLOY], capture_output=True, text=True, timeout=150, env=self.clients.environment()
        )
        assert done.returncode == 0, done.stderr
        self.made = json.loads(done.stdout)
        self.mail, self.notices = self.subscribed("approvals"), self.subscribed("notices")

    def subscribed(self, topic):
        queue = Queue(self.clients)
        self.clients.boto("sns").subscribe(
            TopicArn=self.made[topic], Protocol="sqs", Endpoint=queue.arn, Attributes={"RawMessageDelivery": "true"}
        )
        return queue

    def order(self, language, sku="lamp", count=2, **more):
        order = {
            "id": unique("order"),
            "customer": "ada@example.com",
            "card": "good",
            "country": "DE",
            "items": [{"sku": sku, "count": count}],
            **more,
        }
        started = self.clients.boto("stepfunctions").start_execution(
            stateMachineArn=self.made["workflows"][language], input=json.dumps(order), name=order["id"]
        )
        return order["id"], Execution(self.clients.boto("stepfunctions"), started["executionArn"])

    def row(self, table, key, name="id"):
        found = self.clients.boto("dynamodb").get_item(
            TableName=self.made["tables"][table], Key={name: {"S": key}}, ConsistentRead=True
        )
        return {name: next(iter(value.values())) for name, value in found.get("Item", {}).items()}

    def stands(self):
        """What the shop has, and what is on the shelf."""
        balance = int(self.row("payments", "account").get("balance", 0))
        return balance, {sku: int(self.row("stock", sku, "sku")["quantity"]) for sku in ("lamp", "desk", "piano")}

    def link_for(self, order):
        """That was sent to whoever decides."""
        sqs, links = self.clients.boto("sqs"), {}

        def came():
            got = sqs.receive_message(QueueUrl=self.mail.url, MaxNumberOfMessages=10).get("Messages", [])
            links.update((told["order"], told["link"]) for told in (json.loads(one["Body"]) for one in got))
            return links.get(order)

        return wait_until(came, 30, "a link to decide by")

    def visit(self, method, link, **options):
        """By its host's name, which not every machine's resolver knows."""
        parts = urlsplit(link)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return request(self.platform.url, method, path, host=parts.netloc, **options)

    def decide(self, order, decision):
        link = self.link_for(order)
        page = self.visit("GET", link).text
        token = re.search(r'name="token" value="([^"]+)"', page)[1]
        form = urlencode({"token": token, "order": order, "decision": decision})
        headers = {"content-type": "application/x-www-form-urlencoded"}
        said = [self.visit("POST", link.split("?")[0], body=form.encode(), headers=headers) for _ in range(2)]
        assert [answer.status for answer in said] == [200, 410], "it is decided once"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    with watched(tmp_path_factory.mktemp("orders")) as platform:
        yield Shop(platform)


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


def has_failed(shop, execution, order, error, state="failed"):
    said = execution.ended_by_moving(shop.platform, 30)
    assert (said["status"], said["error"]) == ("FAILED", error), said
    assert shop.row("orders", order).get("state") == state


def test_an_order_is_delivered(shop, language):
    balance, shelf = shop.stands()
    order, execution = shop.order(language)
    receipt, invoice = f"charge-{order}", f"invoices/{order}.json"
    assert execution.output() == {"order": order, "total": 2 * LAMP, "receipt": receipt, "invoice": invoice}
    assert shop.stands() == (balance + 2 * LAMP, {**shelf, "lamp": shelf["lamp"] - 2})
    row = {"id": order, "state": "delivered", "total": str(2 * LAMP), "receipt": receipt, "invoice": invoice}
    assert shop.row("orders", order) == row
    written = shop.clients.boto("s3").get_object(Bucket=shop.made["bucket"], Key=invoice)["Body"].read()
    assert json.loads(written)["tax"] == 2 * LAMP * 19 // 100
    assert shop.row("reservations", order)["state"] == "sold"

    def told():
        got = shop.clients.boto("sqs").receive_message(QueueUrl=shop.notices.url, MaxNumberOfMessages=10)
        return [one for one in got.get("Messages", []) if json.loads(one["Body"])["order"] == order]

    assert json.loads(wait_until(told, 30, "the customer is told")[0]["Body"])["receipt"] == receipt


def test_a_bank_that_fails_is_asked_again(shop, language):
    balance, _ = shop.stands()
    order, execution = shop.order(language, card="flaky-4")
    said = execution.ended_by_moving(shop.platform, 20)
    assert said["status"] == "SUCCEEDED", said
    assert shop.row("payments", order)["tries"] == "5"
    assert shop.stands()[0] == balance + 2 * LAMP, "taken once, though two answers were lost after it was taken"
    failed = [event for event in execution.events() if event["type"] == "TaskFailed"]
    assert [event["taskFailedEventDetails"]["error"] for event in failed] == ["PaymentUnavailable"] * 4


def test_a_bank_that_keeps_failing_is_given_up_and_gives_the_money_back(shop, language):
    before = shop.stands()
    order, execution = shop.order(language, card="flaky-99")
    has_failed(shop, execution, order, "PaymentUnavailable")
    assert shop.row("payments", order)["state"] == "refunded"
    assert shop.stands() == before


def test_a_declined_card(shop, language):
    before = shop.stands()
    order, execution = shop.order(language, card="declined")
    has_failed(shop, execution, order, "CardDeclined")
    assert shop.stands() == before
    assert shop.row("reservations", order)["state"] == "released"


def test_out_of_stock(shop, language):
    before = shop.stands()
    order, execution = shop.order(language, items=[{"sku": "lamp", "count": 1}, {"sku": "desk", "count": 21}])
    shop.decide(order, "approve")
    has_failed(shop, execution, order, "OutOfStock")
    assert shop.stands() == before, "all of it or nothing"


def test_what_is_no_order(shop, language):
    order, execution = shop.order(language, items=[{"sku": "unicorn", "count": 1}])
    has_failed(shop, execution, order, "InvalidOrder", state=None)


def test_an_invoice_that_cannot_be_written(shop, language):
    before = shop.stands()
    order, execution = shop.order(language, country="Atlantis")
    has_failed(shop, execution, order, "UnknownCountry")
    assert shop.stands() == before
    assert shop.row("payments", order)["state"] == "refunded"


def test_a_large_order_is_approved(shop, language):
    balance, shelf = shop.stands()
    order, execution = shop.order(language, sku="piano", count=1)
    shop.decide(order, "approve")
    assert execution.output()["total"] == PIANO
    assert shop.stands() == (balance + PIANO, {**shelf, "piano": shelf["piano"] - 1})


def test_a_large_order_is_denied(shop, language):
    before = shop.stands()
    order, execution = shop.order(language, sku="desk", count=4)
    shop.decide(order, "deny")
    has_failed(shop, execution, order, "Denied")
    assert shop.stands() == before


def test_nobody_decides_about_a_large_order(shop, language):
    order, execution = shop.order(language, sku="desk", count=4)
    shop.link_for(order)
    shop.platform.advance(3 * 24 * 3600 - 60)
    assert execution.describe()["status"] == "RUNNING"
    shop.platform.advance(120)
    has_failed(shop, execution, order, "States.Timeout")


def test_killed_in_the_middle_of_payments(fresh):
    """Money was taken, and whoever took it never answered: the payment is asked for again, and nothing is taken again."""
    shop = Shop(fresh().start())
    orders = [(language, *shop.order(language, card="slow", count=n + 1)) for n, language in enumerate(LANGUAGES * 2)]
    for _, order, _ in orders:
        wait_until(lambda order=order: shop.row("payments", order).get("state") == "charged", 60, "money is taken")
    shop.platform.kill()
    shop.platform.start(seconds=60)
    for _, order, _ in orders:
        shop.clients.boto("dynamodb").update_item(
            TableName=shop.made["tables"]["payments"],
            Key={"id": {"S": order}},
            UpdateExpression="SET word = :word",
            ExpressionAttributeValues={":word": {"S": "go on"}},
        )
    for _, order, execution in orders:
        assert execution.output(within=90)["receipt"] == f"charge-{order}"
        assert int(shop.row("payments", order)["tries"]) > 1, "it was in the middle of it"
    count = sum(n + 1 for n in range(len(orders)))
    assert shop.stands() == (count * LAMP, {"lamp": 100 - count, "desk": 20, "piano": 3})
    assert shop.platform.terminate() == 0
