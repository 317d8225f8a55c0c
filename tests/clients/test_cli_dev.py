"""`updraft dev`: a folder is a function, and saving is all there is to do."""

import json
import os
import time

import pytest

from harness import functions
from harness.clients import Clients
from harness.terminal import CommandLine
from harness.wait import wait_until

ANSWERS = """
def handler(event, context):
    print("called as", {word!r})
    return {word!r}
"""
# From the end of a save to the end of a call that answers with it.
AT_ONCE = 0.3


@pytest.fixture(scope="module")
def line(platform):
    return CommandLine(platform.url)


@pytest.fixture
def client(clients):
    return clients.boto("lambda")


@pytest.fixture
def folder(tmp_path):
    """With the name that its function gets."""
    folder = tmp_path / f"dev-{os.path.basename(tmp_path)}"[:60]
    folder.mkdir()
    return folder


@pytest.fixture
def dev(line):
    """Starts `updraft dev`, and waits until it watches."""
    begun = []

    def dev(folder, *words, line=line, **settings):
        shown = line.started("dev", folder, *words, **settings)
        begun.append(shown)
        shown.await_text("every save reloads it")
        return shown

    yield dev
    for shown in begun:
        shown.stop()


def save(folder, word):
    put(folder, ANSWERS.format(word=word))


def put(folder, text):
    """In one step: what writes in place leaves an empty file for a moment, which on a busy machine may last."""
    written = folder.parent / "app.py.written"
    written.write_text(text)
    written.rename(folder / "app.py")


def answer(client, name):
    return json.load(client.invoke(FunctionName=name)["Payload"])


def test_a_folder_is_a_function_whose_log_is_shown(dev, client, folder):
    save(folder, "one")
    shown = dev(folder)
    assert f"{folder.name} made of" in shown.plain and "(python3.13, app.handler)" in shown.plain
    assert answer(client, folder.name) == "one"
    shown.await_text("called as one")
    assert f"updraft invoke {folder.name}" in shown.plain, "how to call it"
    shown.interrupt()
    done = shown.ended(10)
    assert done.code == 0 and "stays as it is" in done.plain
    assert answer(client, folder.name) == "one"


def test_the_next_call_after_a_save_has_the_new_code_at_once(dev, client, folder, function):
    save(folder, "word 0")
    shown = dev(folder)
    answer(client, folder.name)
    beside = function(ANSWERS.format(word="beside"))
    took, direct = [], []
    for n in range(1, 8):
        save(folder, f"word {n}")
        from_ = time.monotonic()
        wait_until(lambda: answer(client, folder.name) == f"word {n}", 20, f"word {n}")
        took.append(time.monotonic() - from_)
        shown.await_text(f"called as word {n}")
        direct.append(updated_directly(client, beside.name, f"direct {n}"))
    print("seconds from save to answer:", rounded(took), "and with boto3 alone:", rounded(direct))
    assert shown.plain.count("reloaded in") == 7 and "app.py" in shown.plain
    # The best of them: this machine may have other things to do. If it has so much that changing a function's code and
    # calling it takes long by itself, that is what it is held against.
    assert min(took) < max(AT_ONCE, 3 * min(direct)), (took, direct)


def updated_directly(client, name, word):
    """Seconds until a call is answered by new code, without a folder and without anybody who watches it."""
    from_ = time.monotonic()
    client.update_function_code(FunctionName=name, ZipFile=functions.zipped({"main.py": ANSWERS.format(word=word)}))
    assert answer(client, name) == word
    return time.monotonic() - from_


def rounded(seconds):
    return [round(each, 3) for each in seconds]


def test_editors_save_by_renaming_and_in_folders_of_the_folder(dev, client, folder):
    save(folder, "one")
    (folder / "lib").mkdir()
    (folder / "lib" / "words.py").write_text("WORD = 'lib one'")
    (folder / "app.py").write_text("from lib.words import WORD\ndef handler(event, context):\n    return WORD\n")
    shown = dev(folder)
    assert answer(client, folder.name) == "lib one"
    (folder / "lib" / "words.py.tmp").write_text("WORD = 'lib two'")
    (folder / "lib" / "words.py.tmp").rename(folder / "lib" / "words.py")
    wait_until(lambda: answer(client, folder.name) == "lib two", 20, "the new library")
    (folder / "new").mkdir()
    (folder / "new" / "more.py").write_text("WORD = 'new'")
    wait_until(lambda: shown.plain.count("reloaded in") == 2, 20, "the second reload")
    (folder / "app.py").write_text("from new.more import WORD\ndef handler(event, context):\n    return WORD\n")
    wait_until(lambda: answer(client, folder.name) == "new", 20, "what was added")


def test_what_is_no_change_reloads_nothing(dev, client, folder):
    save(folder, "one")
    shown = dev(folder)
    before = client.get_function_configuration(FunctionName=folder.name)["RevisionId"]
    save(folder, "one")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "app.pyc").write_text("x")
    (folder / ".app.py.swp").write_text("x")
    (folder / "app.py").read_text()
    save(folder, "two")
    shown.await_text("reloaded in")
    assert answer(client, folder.name) == "two"
    assert shown.plain.count("reloaded in") == 1, shown.plain
    assert client.get_function_configuration(FunctionName=folder.name)["RevisionId"] != before
    names = shown.plain.split("reloaded in")[1].splitlines()[0]
    assert names.endswith("ms app.py"), names


def test_broken_code_is_told_and_the_next_save_mends_it(dev, client, folder):
    save(folder, "one")
    shown = dev(folder)
    put(folder, "def handler(event, context:\n")
    shown.await_text("reloaded in")
    answer(client, folder.name)
    shown.await_text("SyntaxError")
    save(folder, "mended")
    wait_until(lambda: answer(client, folder.name) == "mended", 20, "the mended function")


def test_an_emptied_folder_is_told_and_waited_for(dev, client, folder):
    save(folder, "one")
    shown = dev(folder)
    (folder / "app.py").unlink()
    shown.await_text("not reloaded: there is nothing in")
    save(folder, "back")
    wait_until(lambda: answer(client, folder.name) == "back", 20, "what is there again")


def test_node_and_bootstrap_are_seen_by_their_files(dev, client, folder):
    (folder / "index.mjs").write_text("export const handler = async (event) => `from node ${event.n}`;")
    shown = dev(folder, "--name", f"{folder.name}-js")
    assert "(nodejs22.x, index.handler)" in shown.plain
    said = client.invoke(FunctionName=f"{folder.name}-js", Payload=b'{"n": 1}')
    assert json.load(said["Payload"]) == "from node 1"
    bootstrap = folder / "bootstrap"
    bootstrap.write_text("#!/bin/sh\n")
    bootstrap.chmod(0o755)
    assert "(provided.al2023, bootstrap)" in dev(folder, "--name", f"{folder.name}-sh").plain


def test_settings_are_those_that_were_said(dev, client, folder):
    (folder / "other.py").write_text("import os\ndef main(event, context):\n    return os.environ['WORD']\n")
    words = ("--handler", "other.main", "--runtime", "python3.12", "--memory", "256", "--timeout", "5", "--env", "WORD=a=b")
    shown = dev(folder, *words)
    assert answer(client, folder.name) == "a=b"
    found = client.get_function_configuration(FunctionName=folder.name)
    assert (found["Runtime"], found["Handler"], found["MemorySize"], found["Timeout"]) == ("python3.12", "other.main", 256, 5)
    shown.interrupt()
    shown.ended(10)
    dev(folder, "--env", "WORD=c")
    assert answer(client, folder.name) == "c"
    found = client.get_function_configuration(FunctionName=folder.name)
    assert (found["Handler"], found["MemorySize"]) == ("other.main", 256), "what wasn't said stays"


def test_a_function_that_is_there_gets_the_code_and_keeps_the_rest(dev, client, folder, function):
    theirs = function("def handler(event, context):\n    return 'theirs'\n", LoggingConfig={"LogGroup": "/teams/green"})
    before = client.get_function_configuration(FunctionName=theirs.name)
    (folder / "main.py").write_text(ANSWERS.format(word="mine"))
    shown = dev(folder, "--name", theirs.name)
    assert f"{theirs.name} has the code in" in shown.plain
    assert answer(client, theirs.name) == "mine"
    shown.await_text("called as mine")
    after = client.get_function_configuration(FunctionName=theirs.name)
    for name in ("Runtime", "Handler", "MemorySize", "Timeout", "Role", "LoggingConfig"):
        assert after[name] == before[name], name


def test_it_outlives_a_restart_that_loses_everything(fresh, dev, folder):
    own = fresh(extra=("--ephemeral",)).start()
    save(folder, "one")
    shown = dev(folder, line=CommandLine(own.url))
    own.terminate(10)
    shown.await_text("the platform is away")
    save(folder, "two")
    own.start()
    shown.await_text("made anew")
    client = Clients(own.url).boto("lambda")
    assert answer(client, folder.name) == "two"
    shown.await_text("called as two")


def test_nothing_is_coloured_where_nobody_sees_it(dev, client, folder):
    save(folder, "one")
    shown = dev(folder, NO_COLOR="1")
    save(folder, "two")
    shown.await_text("reloaded in")
    assert "\x1b[" not in shown.out


@pytest.mark.parametrize(
    "files, words, hint",
    [
        ({}, (), "there is nothing in"),
        ({"notes.txt": "x"}, (), "--handler FILE.NAME"),
        ({"a.py": "def handler(e, c): pass", "b.py": "def handler(e, c): pass"}, (), "a.handler, b.handler"),
        ({"a.py": "x"}, ("--handler", "b.handler"), "--runtime"),
        ({"a.py": "x"}, ("--env", "WORD"), "NAME=VALUE"),
        ({"app.py": "def handler(e, c): pass"}, ("--runtime", "cobol"), "cobol"),
    ],
)
def test_what_is_no_function_is_told_with_what_to_do(line, folder, files, words, hint):
    for name, text in files.items():
        (folder / name).write_text(text)
    done = line.run("dev", folder, *words)
    assert done.code in (1, 2) and hint in done.err and "Traceback" not in done.err, done


def test_a_folder_that_is_not_there_is_told(line, tmp_path):
    done = line.run("dev", tmp_path / "missing")
    assert done.code == 2 and "say which folder" in done.err
    (tmp_path / "file").write_text("x")
    done = line.run("dev", tmp_path / "file")
    assert done.code == 2 and "is no folder" in done.err
