"""`updraft dev --debug`: debuggers come into functions over a port of the loopback, if that is asked for and allowed."""

import concurrent.futures
import json
import os
import re
import signal
import socket
import sysconfig

import pytest

from harness import raw
from harness.clients import Clients
from harness.debuggers import Adapter, Inspector, refuses
from harness.platform import free_port, watched
from harness.terminal import CommandLine
from harness.wait import wait_until

PYTHON = """import time
LOADED = {word!r}

def handler(event, context):
    name = event["name"]
    greeting = "hello " + name
    time.sleep(event.get("seconds", 0))
    return greeting + " from " + LOADED
"""
NODE = """const loaded = {word!r};
export const handler = async (event) => {{
  const greeting = "hello " + event.name;
  await new Promise((resolve) => setTimeout(resolve, (event.seconds || 0) * 1000));
  return greeting + " from " + loaded;
}};
"""
PYTHON_LINE, NODE_LINE = 6, 4


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    """One that may be debugged."""
    extra = ("--allow-debug", "--debugpy", sysconfig.get_path("purelib"))
    with watched(tmp_path_factory.mktemp("debugged"), extra=extra) as platform:
        yield platform


@pytest.fixture(scope="module")
def client(platform):
    return Clients(platform.url).boto("lambda", read_timeout=120)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / f"debug-{os.path.basename(tmp_path)}"[:60]
    folder.mkdir()
    return folder


@pytest.fixture
def dev(platform):
    begun = []

    def dev(folder, *words):
        shown = CommandLine(platform.url).started("dev", folder, *words)
        begun.append(shown)
        shown.await_text("every save reloads it")
        return shown

    yield dev
    for shown in begun:
        shown.interrupt()
        shown.ended(20)


@pytest.fixture
def calls(client):
    """Calls a function beside; the answer comes when it comes."""
    with concurrent.futures.ThreadPoolExecutor(8) as beside:

        def call(function, **event):
            def answer():
                said = client.invoke(FunctionName=function, Payload=json.dumps(event))
                return said.get("FunctionError"), json.load(said["Payload"])

            return beside.submit(answer)

        yield call


def save(folder, language, word):
    (folder / ("app.py" if language == PYTHON else "app.mjs")).write_text(language.format(word=word))


def test_python_stops_where_it_is_told_to(dev, calls, folder):
    save(folder, PYTHON, "one")
    port = free_port()
    shown = dev(folder, f"--debug={port}", "--timeout", "1")
    assert f"debugpy listens at 127.0.0.1:{port}" in shown.plain
    debugger = Adapter(port, folder)
    assert debugger.configured(folder / "app.py", PYTHON_LINE) == [True]
    answer = calls(folder.name, name="you", seconds=1.5)
    thread, frame = debugger.stopped()
    assert (frame["line"], frame["name"], frame["source"]["path"]) == (PYTHON_LINE, "handler", str(folder / "app.py"))
    assert debugger.variables(frame)["name"] == "'you'" and "greeting" not in debugger.variables(frame)
    debugger.request("next", threadId=thread)
    thread, frame = debugger.stopped()
    assert frame["line"] == PYTHON_LINE + 1 and debugger.variables(frame)["greeting"] == "'hello you'"
    changed = debugger.request("evaluate", expression="name.upper()", frameId=frame["id"])
    assert changed["result"] == "'YOU'"
    second = calls(folder.name, name="another")
    debugger.request("continue", threadId=thread)
    assert answer.result(60) == (None, "hello you from one"), "it took longer than its time-out"
    thread, frame = debugger.stopped()
    assert debugger.variables(frame)["name"] == "'another'", "one instance has them one after the other"
    debugger.request("continue", threadId=thread)
    assert second.result(60) == (None, "hello another from one")
    debugger.close()


def test_node_stops_where_it_is_told_to(dev, calls, folder):
    save(folder, NODE, "one")
    port = free_port()
    shown = dev(folder, f"--debug={port}", "--timeout", "1")
    assert f"Node's inspector listens at 127.0.0.1:{port}" in shown.plain
    debugger = Inspector(port)
    debugger.configured("file:///var/task/app.mjs", NODE_LINE)
    answer = calls(folder.name, name="you", seconds=1.5)
    frame = debugger.stopped()
    assert (frame["functionName"], frame["location"]["lineNumber"]) == ("handler", NODE_LINE - 1)
    assert debugger.value(frame, "greeting") == "hello you" and debugger.value(frame, "event.seconds") == 1.5
    debugger.call("Debugger.stepOver")
    frame = debugger.stopped()
    assert frame["location"]["lineNumber"] == NODE_LINE
    debugger.call("Debugger.resume")
    assert answer.result(60) == (None, "hello you from one"), "it took longer than its time-out"
    debugger.close()


@pytest.mark.parametrize("language", [PYTHON, NODE], ids=["python", "node"])
def test_what_waits_loads_nothing_before_a_debugger_is_there(dev, calls, folder, language):
    save(folder, language, "one")
    port = free_port()
    shown = dev(folder, f"--debug={port}", "--wait")
    assert "nothing is loaded before a debugger is there" in shown.plain
    answer = calls(folder.name, name="you")
    if language == PYTHON:
        shown.await_text("Waiting for a debugger")
        debugger = Adapter(port, folder)
        assert not answer.done()
        debugger.configured(folder / "app.py", 2)
        thread, frame = debugger.stopped()
        assert (frame["name"], frame["line"]) == ("<module>", 2), "the module's own lines can be stopped at"
        debugger.request("continue", threadId=thread)
    else:
        shown.await_text("Debugger listening")
        debugger = Inspector(port)
        assert not answer.done()
        debugger.configured("file:///var/task/app.mjs", 1)
        assert debugger.stopped()["location"]["lineNumber"] == 0
        debugger.call("Debugger.resume")
    assert answer.result(60) == (None, "hello you from one")
    debugger.close()


def test_after_a_save_the_port_stays_and_a_debugger_comes_again(dev, calls, folder):
    save(folder, PYTHON, "one")
    port = free_port()
    shown = dev(folder, f"--debug={port}")
    first = Adapter(port, folder)
    first.configured(folder / "app.py", PYTHON_LINE)
    stuck = calls(folder.name, name="you")
    first.stopped()
    save(folder, PYTHON, "two")
    shown.await_text("reloaded in")
    assert first.is_cut_off(), "its process is no more"
    assert stuck.result(60)[0] == "Unhandled", "a call that stands still ends with it"
    second = Adapter(port, folder)
    second.configured(folder / "app.py", PYTHON_LINE)
    answer = calls(folder.name, name="you")
    thread, _ = second.stopped()
    second.request("continue", threadId=thread)
    assert answer.result(60) == (None, "hello you from two")
    second.close()


def test_the_snippet_is_what_an_editor_takes(dev, folder):
    save(folder, PYTHON, "one")
    port = free_port()
    shown = dev(folder, f"--debug={port}")
    snippet = json.loads(re.search(r"^\{.*?^\}", shown.plain, re.MULTILINE | re.DOTALL)[0])
    assert snippet["connect"] == {"host": "127.0.0.1", "port": port} and snippet["request"] == "attach"
    assert snippet["pathMappings"] == [{"localRoot": str(folder.resolve()), "remoteRoot": "/var/task"}]


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGKILL])
def test_the_door_is_closed_when_nobody_asks_for_it_any_more(dev, client, calls, folder, ending):
    save(folder, PYTHON, "one")
    port = free_port()
    shown = dev(folder, f"--debug={port}", "--wait", "--timeout", "1")
    shown.await_text("Waiting for a debugger")
    shown.process.send_signal(ending)
    shown.process.wait(20)
    assert refuses(port)
    assert calls(folder.name, name="you").result(60) == (None, "hello you from one"), "nothing waits any more"
    late = calls(folder.name, name="you", seconds=30).result(60)
    assert late[0] == "Unhandled" and "timed out after 1.00 seconds" in late[1]["errorMessage"]


def test_only_the_loopback_is_listened_at(dev, folder):
    save(folder, NODE, "one")
    port = free_port()
    dev(folder, f"--debug={port}")
    with socket.socket() as taken:
        taken.bind(("127.0.0.2", port))  # It would be taken if all addresses were.


def test_nothing_is_opened_that_nobody_may_open(platform, fresh, folder):
    save(folder, PYTHON, "one")
    own = fresh("closed").start()
    done = CommandLine(own.url).run("dev", folder, "--debug", seconds=60)
    assert done.code == 1 and "--allow-debug" in done.err, done
    unsigned = raw.request(platform.url, "POST", "/_updraft/debug", b'{"function": "any"}')
    assert unsigned.status == 403 and "signed" in unsigned.text
    refused = CommandLine(platform.url).run("dev", folder, "--wait")
    assert refused.code == 2 and "--debug" in refused.err


def test_what_is_in_the_way_is_told_with_what_to_do(platform, fresh, folder, tmp_path):
    save(folder, PYTHON, "one")
    own = fresh("bare", extra=("--allow-debug", "--debugpy", str(tmp_path))).start()
    done = CommandLine(own.url).run("dev", folder, "--debug", seconds=60)
    assert done.code == 1 and "pip install debugpy" in done.err and "--debugpy FOLDER" in done.err, done
    line = CommandLine(platform.url)
    done = line.run("dev", folder, "--debug=9001")
    assert done.code == 1 and "say another one" in done.err, done
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = line.run("dev", folder, f"--debug={taken.getsockname()[1]}")
        assert done.code == 1 and "say another port" in done.err, done
    (folder / "app.py").unlink()
    (folder / "bootstrap").write_text("#!/bin/sh\n")
    (folder / "bootstrap").chmod(0o755)
    done = line.run("dev", folder, "--debug", "--name", f"{folder.name}-sh")
    assert done.code == 1 and "only for Python and Node" in done.err, done


def test_a_functions_own_debugpy_comes_first(fresh, folder, tmp_path):
    """Here one that says so and does nothing."""
    save(folder, PYTHON, "one")
    (folder / "debugpy").mkdir()
    (folder / "debugpy" / "__init__.py").write_text("def listen(address):\n    print('listening at', *address)\n")
    own = fresh("own", extra=("--allow-debug", "--debugpy", str(tmp_path))).start()
    shown = CommandLine(own.url).started("dev", folder, f"--debug={free_port()}")
    shown.await_text("listening at 127.0.0.1")
    shown.interrupt()
    shown.ended(20)


def test_broken_code_is_told_and_the_next_save_mends_it(dev, calls, folder):
    save(folder, PYTHON, "one")
    port = free_port()
    shown = dev(folder, f"--debug={port}")
    (folder / "app.py").write_text("def handler(event, context:\n")
    shown.await_text("SyntaxError")
    save(folder, PYTHON, "mended")
    wait_until(lambda: shown.plain.count("reloaded in") == 2, 20, "the second reload")
    debugger = Adapter(port, folder)
    debugger.configured(folder / "app.py", PYTHON_LINE)
    answer = calls(folder.name, name="you")
    thread, _ = debugger.stopped()
    debugger.request("continue", threadId=thread)
    assert answer.result(60) == (None, "hello you from mended")
    debugger.close()
