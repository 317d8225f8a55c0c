"""The whole state in a file, and back: of a running platform, through the command line."""

import json
import os
import signal
import subprocess
import urllib.request

from harness import functions, tables
from harness.clients import Clients
from harness.platform import binary, environment, run_updraft
from harness.wait import wait_until

SOURCE = "def handler(event, context):\n    return {'said': event}\n"


def fill(clients):
    """A table with items, a function, and an HTTP API."""
    table = tables.create(clients)
    db = clients.boto("dynamodb")
    for n in range(50):
        db.put_item(TableName=table, Item={"id": {"S": str(n)}, "text": {"S": "x" * n * 100}})
    function = functions.create(clients, SOURCE)
    api = clients.boto("apigatewayv2").create_api(Name="a", ProtocolType="HTTP")["ApiId"]
    return table, function.name, api


def check(clients, filled):
    table, function, api = filled
    assert clients.boto("dynamodb").scan(TableName=table)["Count"] == 50
    item = clients.boto("dynamodb").get_item(TableName=table, Key={"id": {"S": "49"}})["Item"]
    assert item["text"]["S"] == "x" * 4900
    assert functions.Function(clients, function).invoke({"a": 1}) == (200, None, {"said": {"a": 1}})
    assert clients.boto("apigatewayv2").get_api(ApiId=api)["Name"] == "a"


def snapshot(platform, file, *extra):
    return run_updraft("snapshot", file, "--endpoint", platform.url, *extra)


def taken(platform, file):
    done = snapshot(platform, file)
    assert done.returncode == 0, done.stderr
    return file


def refused(done, *words):
    """It failed in order, with a sentence that has these words."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert "panicked" not in done.stderr
    for word in words:
        assert word in done.stderr, done.stderr


def test_a_running_platform_is_brought_back_elsewhere(fresh, tmp_path):
    one = fresh("one").start()
    filled = fill(Clients(one.url))
    file = taken(one, tmp_path / "all.updraft")
    assert os.stat(file).st_mode & 0o077 == 0, "customers' data are for their owner alone"
    assert not (tmp_path / "all.updraft.partial").exists()
    tables.create(Clients(one.url), name="later")

    two = fresh("two")
    done = run_updraft("restore", file, "--data", two.data)
    assert done.returncode == 0, done.stderr
    assert str(two.data) in done.stdout
    two.start()
    check(Clients(two.url), filled)
    assert "later" not in Clients(two.url).boto("dynamodb").list_tables()["TableNames"]
    check(Clients(one.url), filled)


def test_a_snapshot_says_what_it_is(fresh, tmp_path):
    one = fresh().start()
    table = tables.create(Clients(one.url))
    Clients(one.url).boto("dynamodb").put_item(TableName=table, Item={"id": {"S": "a"}})
    file = taken(one, tmp_path / "f")
    shown = json.loads(run_updraft("snapshot", file, "--info", "--json").stdout)
    assert shown["source"] == f"fjall in {one.data}" and shown["dataFormat"] == 1
    checked = json.loads(run_updraft("snapshot", file, "--verify", "--json").stdout)
    assert checked["createdAt"] == shown["createdAt"] and checked["rows"] > 0 and checked["blobs"] == 0


def test_a_file_that_is_there_is_replaced_only_on_request(fresh, tmp_path):
    one = fresh().start()
    file = tmp_path / "f"
    file.write_text("precious")
    refused(snapshot(one, file), "there already", "--force")
    assert file.read_text() == "precious"
    assert snapshot(one, file, "--force").returncode == 0
    assert run_updraft("snapshot", file, "--verify").returncode == 0


def test_without_a_platform_there_is_no_file(tmp_path):
    refused(run_updraft("snapshot", tmp_path / "f", "--endpoint", "http://127.0.0.1:1"), "updraft start")
    assert list(tmp_path.iterdir()) == []


def test_what_is_damaged_or_cut_off_is_refused_and_changes_nothing(fresh, tmp_path):
    one = fresh().start()
    tables.create(Clients(one.url))
    whole = taken(one, tmp_path / "f").read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    for bad, word in [(flipped, "damaged"), (whole[:-1], "cut off"), (b"PK\x03\x04", "not an updraft snapshot")]:
        file = tmp_path / "bad"
        file.write_bytes(bad)
        refused(run_updraft("snapshot", file, "--verify"), word)
        refused(run_updraft("restore", file, "--data", tmp_path / "new"), word)
    assert one.terminate() == 0
    assert run_updraft("restore", tmp_path / "f", "--data", tmp_path / "new").returncode == 0, "still empty"


def test_only_an_empty_place_is_restored_into(fresh, tmp_path):
    one = fresh().start()
    table = tables.create(Clients(one.url))
    file = taken(one, tmp_path / "f")
    refused(run_updraft("restore", file, "--data", one.data), "another updraft runs")
    assert one.terminate() == 0
    refused(run_updraft("restore", file, "--data", one.data), "empty")
    one.start()
    assert Clients(one.url).boto("dynamodb").list_tables()["TableNames"] == [table]
    refused(run_updraft("restore", file, "--store", "memory"), "memory")


def test_a_restore_that_was_killed_leaves_nothing_that_starts(fresh, tmp_path):
    one = fresh().start()
    for _ in range(6):
        functions.create(Clients(one.url), SOURCE, files={"noise": os.urandom(6_000_000)})
    file = taken(one, tmp_path / "f")
    assert one.terminate() == 0
    two = fresh("two")
    killed = restore_killed(file, two.data)
    assert killed, "it was never met at work"
    refused(run_updraft("start", "--listen", "127.0.0.1:0", "--data", two.data), "begun and not finished", "restore again")
    refused(run_updraft("restore", file, "--data", two.data), "begun and not finished")


def restore_killed(file, data):
    """Kills a restore as soon as it has begun with blobs; whether it was still at work."""
    command = [str(binary()), "restore", str(file), "--data", str(data)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment())
    wait_until(lambda: process.poll() is not None or any((data / "blobs").glob("??/??/*")), 30, "the first blob")
    process.kill()
    return process.wait(30) == -signal.SIGKILL


def test_the_admin_page_streams_it(fresh):
    one = fresh().start()
    with urllib.request.urlopen(f"{one.url}/_updraft/snapshot", timeout=30) as answer:
        assert answer.status == 200 and answer.headers["Transfer-Encoding"] == "chunked"
        assert answer.read().startswith(b"\x89updraft\r\n\x1a\n")
