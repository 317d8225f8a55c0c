"""examples/scheduled-cleanup, deployed by its own script, over two nights of the platform's time."""

import json
import subprocess
import sys
from datetime import timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from harness.clients import Clients
from harness.platform import ROOT
from harness.wait import wait_until

DEPLOY = ROOT / "examples" / "scheduled-cleanup" / "deploy.py"
BERLIN = ZoneInfo("Europe/Berlin")
DOCUMENTS, PAGE = 120, 20


@pytest.fixture
def made(fresh):
    platform = fresh().start()
    clients = Clients(platform.url)
    command = [sys.executable, DEPLOY, "--page", str(PAGE)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, env=clients.environment())
    assert done.returncode == 0, done.stderr
    yield platform, clients, json.loads(done.stdout)
    assert platform.terminate() == 0


class Documents:
    def __init__(self, clients, names):
        self.names = names
        self.s3 = clients.boto("s3")
        self.dynamodb = clients.boto("dynamodb")

    def store(self, number, expires):
        name = f"document-{number:03}"
        row = {"id": name, "kind": "document", "file": f"files/{name}.txt"}
        item = {key: {"S": value} for key, value in row.items()} | {"expires": {"N": str(int(expires.timestamp()))}}
        self.s3.put_object(Bucket=self.names["bucket"], Key=row["file"], Body=name.encode())
        self.dynamodb.put_item(TableName=self.names["table"], Item=item)
        return name

    def records(self):
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=self.names["table"], ConsistentRead=True)
        return {row["id"]["S"] for page in pages for row in page["Items"]}

    def files(self):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.names["bucket"], Prefix="files/")
        keys = [one["Key"] for page in pages for one in page.get("Contents", [])]
        return {key.removeprefix("files/").removesuffix(".txt") for key in keys}


def next_night(after):
    """Half past two in Berlin."""
    local = after.astimezone(BERLIN)
    night = local.replace(hour=2, minute=30, second=0, microsecond=0)
    if night <= local:
        night = (local.replace(tzinfo=None) + timedelta(days=1)).replace(hour=2, minute=30, second=0, microsecond=0)
        night = night.replace(tzinfo=BERLIN)
    return night.astimezone(timezone.utc)


def summaries(clients, function):
    name = function.rsplit(":", 1)[1]
    events = clients.boto("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}", filterPattern="cleanup")["events"]
    return [json.loads(event["message"]) for event in events if '"cleanup finished"' in event["message"]]


@pytest.mark.timeout(300)
def test_what_has_expired_is_gone_after_each_night(made):
    platform, clients, names = made
    documents = Documents(clients, names)
    begun = platform.now()
    # Half an hour apart: some were due long ago, some are due after the second night.
    expiries = [begun - timedelta(hours=6) + timedelta(minutes=30 * n) for n in range(DOCUMENTS)]
    stored = {documents.store(n, expires): expires for n, expires in enumerate(expiries)}

    nights = [next_night(begun)]
    nights.append(next_night(nights[0]))
    for number, night in enumerate(nights, 1):
        due = {name for name, expires in stored.items() if int(expires.timestamp()) <= night.timestamp()}
        platform.advance(int((night - platform.now()).total_seconds()) + 1, within=120)
        wait_until(lambda: len(summaries(clients, names["function"])) >= number, 60, f"the end of night {number}")
        assert documents.records() == documents.files() == set(stored) - due
        told = max(summaries(clients, names["function"]), key=lambda summary: summary["scheduled"])
        assert told == {
            "level": "INFO",
            "message": "cleanup finished",
            "scheduled": night.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "pages": -(-len(due) // PAGE),
            "found": len(due),
            "files": len(due),
            "records": len(due),
            "failed": 0,
        }
        stored = {name: expires for name, expires in stored.items() if name not in due}
        assert stored, "some are left"

    again = json.dumps({"time": nights[-1].strftime("%Y-%m-%dT%H:%M:%SZ")})
    answer = clients.boto("lambda").invoke(FunctionName=names["function"], Payload=again)
    assert json.loads(answer["Payload"].read())["found"] == 0, "run twice, it does nothing more"
    assert documents.records() == documents.files() == set(stored)
