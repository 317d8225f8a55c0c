"""Starting, stopping, and everything that can be wrong with the place where the platform is to live."""

import os
import socket
import threading

from harness import functions, tables
from harness.clients import Clients
from harness.platform import free_port, run_updraft
from harness.raw import request
from harness.wait import wait_until


def start_fails(data, *extra, port=None):
    """Runs `start` to its end; what it says. It must fail cleanly, with sentences instead of a panic."""
    done = run_updraft("start", "--listen", f"127.0.0.1:{port or free_port()}", "--data", data, *extra)
    said = done.stdout + done.stderr
    assert done.returncode == 1, f"exit {done.returncode}: {said}"
    assert "panicked" not in said and "RUST_BACKTRACE" not in said, said
    return said


def test_what_was_written_is_there_after_a_restart(fresh):
    one = fresh().start()
    name = tables.create(Clients(one.url))
    Clients(one.url).boto("dynamodb").put_item(TableName=name, Item={"id": {"S": "a"}, "n": {"N": "1"}})
    assert one.terminate() == 0
    one.start()
    found = Clients(one.url).boto("dynamodb").get_item(TableName=name, Key={"id": {"S": "a"}})["Item"]
    assert found == {"id": {"S": "a"}, "n": {"N": "1"}}


def test_functions_and_apis_are_there_after_a_restart(fresh):
    one = fresh().start()
    clients = Clients(one.url)
    function = functions.create(clients, "def handler(event, context):\n    return event\n")
    api = clients.boto("apigatewayv2").create_api(Name="a", ProtocolType="HTTP")["ApiId"]
    assert one.terminate() == 0
    one.start()
    assert function.invoke({"x": 1}) == (200, None, {"x": 1})
    assert clients.boto("apigatewayv2").get_api(ApiId=api)["Name"] == "a"


def test_a_second_start_on_the_same_data_says_so_and_disturbs_nothing(fresh):
    one = fresh().start()
    said = start_fails(one.data)
    assert str(one.data) in said
    assert any(word in said for word in ("another", "already", "in use")), said
    assert one.healthy()


def test_a_port_in_use_is_named_with_what_to_do(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = start_fails(tmp_path / "data", port=port)
    assert str(port) in said and "--listen" in said, said


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    said = start_fails(tmp_path / "file" / "data")
    assert str(tmp_path / "file" / "data") in said, said


def test_a_corrupt_data_folder_is_refused_with_a_sentence(fresh):
    one = fresh().start()
    tables.create(Clients(one.url))
    assert one.terminate() == 0
    for path in one.data.rglob("*"):
        if path.is_file() and path.stat().st_size > 0:
            path.write_bytes(os.urandom(path.stat().st_size))
    said = start_fails(one.data)
    assert str(one.data) in said, said


def test_a_foreign_folder_is_not_taken_for_ours(tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "thesis.txt").write_text("years of work")
    run = run_updraft_or_time_out(data)
    assert (data / "thesis.txt").read_text() == "years of work"
    assert run is None or run.returncode in (0, 1)


def run_updraft_or_time_out(data):
    import subprocess

    try:
        return run_updraft("start", "--listen", f"127.0.0.1:{free_port()}", "--data", data, seconds=3)
    except subprocess.TimeoutExpired:
        return None


def test_wrong_usage_exits_with_2():
    for args in (("start", "--no-such-flag"), ("nonsense",), ("start", "--listen", "not-an-address")):
        done = run_updraft(*args)
        assert done.returncode == 2, f"{args}: {done.returncode} {done.stderr}"


def test_an_ephemeral_platform_leaves_nothing(fresh):
    one = fresh(extra=["--ephemeral"]).start()
    name = tables.create(Clients(one.url))
    assert one.terminate() == 0
    assert not one.data.exists() or not any(p.is_file() for p in one.data.rglob("*"))
    one.start()
    assert name not in Clients(one.url).boto("dynamodb").list_tables()["TableNames"]


def test_the_listen_address_comes_from_the_environment_too(fresh, monkeypatch):
    one = fresh()
    monkeypatch.setenv("UPDRAFT_LISTEN", f"127.0.0.1:{one.port}")
    monkeypatch.setenv("UPDRAFT_DATA", str(one.data))
    from harness import platform as module
    import subprocess

    process = subprocess.Popen([str(module.binary()), "start"], env=module.environment(), stderr=subprocess.DEVNULL)
    one.process = process
    wait_until(one.healthy, 30, "health")


def test_sigterm_lets_running_work_finish(fresh):
    one = fresh().start()
    slow = functions.create(
        Clients(one.url), "import time\ndef handler(event, context):\n    time.sleep(2)\n    return 'done'\n"
    )
    answers = []
    caller = threading.Thread(target=lambda: answers.append(slow.invoke()))
    log = one.log
    caller.start()
    wait_until(lambda: one.healthy() and is_busy(one, slow), 10, "the invocation to begin")
    assert one.terminate() == 0, one.tail()
    caller.join(10)
    assert answers == [(200, None, "done")], log.read_text(errors="replace")[-2000:]


def is_busy(one, function):
    """Another call would start a second instance, so the log is asked instead: START is there once it runs."""
    path = f"/_updraft/logs?group=%2Faws%2Flambda%2F{function.name}&region=us-east-1&account=000000000000&after="
    answer = request(one.url, path=path)
    return answer.status == 200 and "START" in answer.text


def test_ctrl_c_stops_cleanly(fresh):
    import signal

    one = fresh().start()
    one.process.send_signal(signal.SIGINT)
    assert one.process.wait(30) == 0
