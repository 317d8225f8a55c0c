"""Node functions over AWS's own clients and over ours: the same code, told apart by nobody."""

import base64
import itertools
import json
import re

import pytest

from harness import ric

MAIN = (ric.CASES / "node_cases.mjs").read_text()
CALLBACKS = (ric.CASES / "node_callbacks.mjs").read_text()
RUNTIMES = ("nodejs22.x", "nodejs24.x")
SETTINGS = {
    "text": {},
    "json": {"LoggingConfig": {"LogFormat": "JSON"}},
    "json at trace": {"LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "TRACE"}},
}


def cases(source):
    return re.findall(r"^  (\w+): ", source, re.MULTILINE)


@pytest.fixture(scope="module")
def pair(pairs):
    return pairs.cached("node", MAIN)


@pytest.fixture(scope="module")
def calling_back(pairs):
    return pairs.cached("node", CALLBACKS)


def normal(error, payload, lines):
    """Without the frames of the clients themselves."""
    kept = itertools.takewhile(lambda line: not LAST_WORDS.match(line), lines)
    kept = [line_of(line) for line in kept if not CLIENT.match(line) and not TOO_EARLY.match(line)]
    return error, json.dumps(without_frames(payload)), kept


# The clients, what they are called by, and what Node's own message says of a frame of ours.
CLIENT = re.compile(r"^\s*at .*(/var/task/ric/|/var/runtime/|node:)")
# Where Node tells of an exception that nobody caught, after the client has: which ends when the platform has heard enough.
LAST_WORDS = re.compile(r"node:internal/|(file://)?/(var/task/ric|var/runtime)/")
# AWS's client for Node 24 asks for the next event before the end of a stream that failed is taken, and now and then is
# refused and asks again. Ours asks after it, on the same connection.
TOO_EARLY = re.compile(r"\[ERROR\] \[\d+\] LAMBDA_RUNTIME Failed to get next invocation. Http Response code: 403")
# And where the end of its stream isn't taken yet when it is refused, that ends it: then only the logs can be compared.
GIVEN_UP = "Runtime exited with error: exit status 1"
# The frames of clients within text.
WITHIN = re.compile(r"\n +at [^\n]*?(/var/task/ric/|/var/runtime/|node:)[^\n ]*")


def without_frames(told):
    if isinstance(told, list):
        return [without_frames(one) for one in told if not (isinstance(one, str) and CLIENT.match(one))]
    if isinstance(told, dict):
        return {name: without_frames(value) for name, value in told.items()}
    return WITHIN.sub("", told) if isinstance(told, str) else told


def line_of(line):
    head, brace, rest = line.partition("{")
    try:
        return head + json.dumps(without_frames(json.loads(brace + rest)))
    except ValueError:
        return line


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("case", cases(MAIN))
def test_both_clients_answer_and_log_the_same(pair, case, settings, runtime):
    ours, theirs = pair(runtime, **SETTINGS[settings]).both({"case": case}, normal)
    assert ours == theirs, f"ours: {ours}\ntheirs: {theirs}"


@pytest.mark.parametrize("case", cases(CALLBACKS))
def test_both_clients_take_the_same_callbacks(calling_back, case):
    ours, theirs = calling_back().both({"case": case}, normal)
    assert ours == theirs, f"ours: {ours}\ntheirs: {theirs}"


BROKEN = {
    "a module that isn't there": ("nope.handler", {}),
    "a module in a folder that isn't there": ("no/such/nope.handler", {}),
    "a module that imports what isn't there": ("main.handler", {"main.mjs": "import 'nope';\n"}),
    "a module that requires what isn't there": ("main.handler", {"main.cjs": "require('nope');\n"}),
    "a module that requires a file that isn't there": ("main.handler", {"main.js": "require('./nope');\n"}),
    "a module that imports a file that isn't there": ("main.handler", {"main.mjs": "import './nope.mjs';\n"}),
    "a module that fails": ("main.handler", {"main.mjs": "throw new RangeError('at import');\n"}),
    "a module that throws text": ("main.handler", {"main.js": "throw 'at require';\n"}),
    "a module that can't be parsed": ("main.handler", {"main.js": "exports.handler = async ( => 1;\n"}),
    "an ES module that can't be parsed": ("main.handler", {"main.mjs": "export const handler = async ( => 1;\n"}),
    "an ES module in a .js file": ("main.handler", {"main.js": "export const handler = async () => 1;\n"}),
    "a module that prints": ("main.handler", {"main.mjs": "console.log('loading'); console.error(new Error('e').message); nope();\n"}),
    "a module that exits": ("main.handler", {"main.js": "console.log('leaving'); process.exit(7);\n"}),
    "a handler that isn't there": ("main.nope", {"main.mjs": MAIN}),
    "a handler that is none": ("main.notAFunction", {"main.mjs": MAIN}),
    "a handler without a module": ("handler", {"main.mjs": MAIN}),
    "a handler above": ("../main.handler", {"main.mjs": MAIN}),
    "a nested handler": ("main.a.b.handler", {"main.js": "exports.a = { b: { handler: async () => 'nested' } };\n"}),
    "a default export": ("main.handler", {"main.mjs": "export default { handler: async () => 'by default' };\n"}),
    "a CommonJS module": ("main.handler", {"main.js": "exports.handler = async () => [typeof require, typeof module, __filename];\n"}),
    "a .cjs module": ("main.handler", {"main.cjs": "exports.handler = async () => __filename;\n"}),
    "a package of ES modules": (
        "main.handler",
        {"package.json": '{"type": "module"}', "main.js": "export const handler = async () => import.meta.url;\n"},
    ),
    "a package.json that is none": ("main.handler", {"package.json": "{", "main.js": "exports.handler = async () => 1;\n"}),
    "a deeper module": ("a/b/main.handler", {"a/b/main.mjs": "export const handler = async () => import.meta.url;\n"}),
    "a module of node_modules": ("pack.handler", {"node_modules/pack/index.js": "exports.handler = async () => __filename;\n"}),
    "a file without an extension": ("main.handler", {"main": "exports.handler = async () => 'none';\n"}),
    "a handler with three arguments": ("main.handler", {"main.mjs": "export const handler = async (a, b, c) => typeof c;\n"}),
    "a top level that waits": ("main.handler", {"main.mjs": "await new Promise((r) => setTimeout(r, 9));\nexport const handler = async () => 1;\n"}),
    "a streaming handler": (
        "main.handler",
        {"main.mjs": "export const handler = awslambda.streamifyResponse(async (e, s) => { s.write('a'); s.write({ b: 1 }); s.end(); });\n"},
    ),
    "a streaming handler that fails": (
        "main.handler",
        {"main.mjs": "export const handler = awslambda.streamifyResponse(async () => { throw new RangeError('no'); });\n"},
    ),
    "a streaming handler that fails at its end": (
        "main.handler",
        {"main.mjs": "export const handler = awslambda.streamifyResponse(async (e, s) => { s.end('x'); throw new Error('late'); });\n"},
    ),
    "a streaming handler that fails in between": (
        "main.handler",
        {"main.mjs": "export const handler = awslambda.streamifyResponse(async (e, s) => { s.write('x'); throw new Error('then'); });\n"},
    ),
    "a streaming handler that answers": (
        "main.handler",
        {"main.mjs": "export const handler = awslambda.streamifyResponse(async (e, s) => { s.end('x'); return 7; });\n"},
    ),
    "a streaming handler that isn't async": (
        "main.handler",
        {"main.mjs": "export const handler = awslambda.streamifyResponse((e, s) => { s.end('x'); });\n"},
    ),
}


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("settings", ("text", "json"))
@pytest.mark.parametrize("what", BROKEN)
def test_both_clients_say_the_same_of_what_is_to_be_loaded(pairs, what, settings, runtime):
    handler, files = BROKEN[what]
    ours, theirs = pairs.make("node", files or {"main.mjs": MAIN}, runtime, handler, **SETTINGS[settings]).both({}, normal)
    if "streaming" in what and runtime == "nodejs24.x" and GIVEN_UP in theirs[1]:
        ours, theirs = ours[2], theirs[2]
    assert ours == theirs, f"ours: {ours}\ntheirs: {theirs}"


CLIENTS = ({"custom": {"a": 1}, "env": {"b": "2"}, "client": {"app_title": "title"}}, {})


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("client", CLIENTS)
def test_both_clients_tell_the_same_of_the_caller(pair, client, runtime):
    context = base64.b64encode(json.dumps(client).encode()).decode()
    ours, theirs = pair(runtime).both({"case": "context_of_the_client"}, normal, ClientContext=context)
    assert ours == theirs, f"ours: {ours}\ntheirs: {theirs}"
