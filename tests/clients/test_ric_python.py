"""Python functions over AWS's own client and over ours: the same code, told apart by nobody."""

import base64
import json
import re

import pytest

from harness import ric

MAIN = (ric.CASES / "python_cases.py").read_text()
CASES = [name.split("(")[0] for name in MAIN.split("@case\ndef ")[1:]]
SETTINGS = {
    "text": {},
    "json": {"LoggingConfig": {"LogFormat": "JSON"}},
    "json at debug": {"LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "TRACE"}},
}
# Two streams are two ways to the log, whose order among each other nobody promises.
TWO_STREAMS = {"prints"}


@pytest.fixture(scope="module")
def pair(pairs):
    return pairs.cached("python", MAIN)


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("case", CASES)
def test_both_clients_answer_and_log_the_same(pair, case, settings):
    ours, theirs = pair(**SETTINGS[settings]).both({"case": case}, lambda *one: normal(case, *one))
    assert ours == theirs, f"ours: {ours}\ntheirs: {theirs}"


def normal(case, error, payload, lines):
    """Without the frames of the clients themselves, whose files are at different places and differ in their lines."""
    lines = list(shown(lines))
    if case in TWO_STREAMS:
        lines.sort()
    return error, ric.steady(json.dumps(payload if not isinstance(payload, dict) else without_frames(payload))), lines


# The clients, and what calls them.
CLIENT = re.compile(r'^\s*File "(/var/task/ric/|/var/runtime/|/var/zygote/|<frozen runpy>)')

# The interpreter's own warning, on the other stream: with the client's file, and at times too late for the log of the call.
NEVER_AWAITED = "RuntimeWarning: "


def without_frames(told):
    frames = told.get("stackTrace")
    return {**told, "stackTrace": [frame for frame in frames if not CLIENT.match(frame)]} if frames else told


def shown(lines):
    source = False
    for line in lines:
        if line.startswith('{"timestamp"'):
            yield json.dumps(without_frames(json.loads(line)))
        elif CLIENT.match(line) or NEVER_AWAITED in line:
            source = True
        elif not (source and re.match(r"\s{2}\s*\S", line)):
            source = False
            yield line


BROKEN = {
    "a module that isn't there": ("nope.handler", MAIN),
    "a module in a folder that isn't there": ("no/such/nope.handler", MAIN),
    "a module that imports what isn't there": ("main.handler", "import nope\n"),
    "a module that fails to import a name": ("main.handler", "from json import nope\n"),
    "a module that fails": ("main.handler", "def down():\n    raise LookupError('at import')\ndown()\n"),
    "a module that can't be parsed": ("main.handler", "import os\ndef handler(:\n    pass\n"),
    "a module that isn't indented": ("main.handler", "def handler(event, context):\nreturn 1\n"),
    "a module that prints and logs": ("main.handler", "import logging\nprint('loading')\nlogging.error('one\\ntwo')\nnope\n"),
    "a module that exits": ("main.handler", "import sys\nsys.exit('a reason')\n"),
    "a handler that isn't there": ("main.nope", MAIN),
    "a handler without a module": ("handler", MAIN),
    "a handler that can't be called": ("main.CASES", MAIN),
    "a built-in module": ("sys.exit", MAIN),
    "a module below a built-in one": ("time.main.handler", MAIN),
    "a handler with one argument": ("main.handler", "def handler(event):\n    pass\n"),
    "a handler that is an object": ("main.handler", "class A:\n    def __call__(self, e, c):\n        return [e]\nhandler = A()\n"),
    "a coroutine": ("main.handler", "async def handler(event, context):\n    return 1\n"),
    "a deeper module": ("a/b/main.handler", ""),
    "a deeper module with dots": ("a.b.main.handler", ""),
}


@pytest.mark.parametrize("settings", ("text", "json"))
@pytest.mark.parametrize("what", BROKEN)
def test_both_clients_say_the_same_of_what_cannot_be_loaded(pairs, what, settings):
    handler, source = BROKEN[what]
    files = {"main.py": source, "a/b/main.py": "def handler(event, context):\n    return __name__\n"}
    pair = pairs.make("python", files, ric.DEFAULT["python"], handler, **SETTINGS[settings])
    ours, theirs = pair.both({}, lambda *one: normal(what, *one))
    assert ours == theirs, f"ours: {ours}\ntheirs: {theirs}"


CLIENTS = {
    "all": {"custom": {"a": 1}, "env": {"b": "2"}, "client": {"app_title": "title", "app_package_name": "package"}},
    "nothing": {},
    "a trace": {"custom": None, "w3c": {"traceparent": "00-1-2-01", "baggage": 7, "own": "x"}},
    "odd": {"client": {}, "more": [1]},
}


@pytest.mark.parametrize("what", CLIENTS)
@pytest.mark.parametrize("case", ("context_of_the_client", "context_in_words"))
def test_both_clients_tell_the_same_of_the_caller(pair, what, case):
    context = base64.b64encode(json.dumps(CLIENTS[what]).encode()).decode()
    ours, theirs = pair().both({"case": case}, lambda *one: normal(case, *one), ClientContext=context)
    assert ours == theirs, f"ours: {ours}\ntheirs: {theirs}"


def test_calls_without_an_event_are_the_same(pair):
    ours, theirs = pair().both(None, lambda *one: normal("none", *one))
    assert ours == theirs and ours[0] == "Unhandled", f"ours: {ours}\ntheirs: {theirs}"
