"""AWS's own runtime interface clients beside ours: the same code in two functions, and what both do."""

import base64
import functools
import json
import re
import sys
import sysconfig
from pathlib import Path

import pytest

from . import functions
from .platform import JS, ROOT

CASES = JS.parent / "ric"
BUILT = ROOT / "target/ric/node_modules"
MISSING = "run `cargo xtask test --only clients`, which installs and builds it"

# Run in place of our clients, in the same environment and by the same interpreter.
PYTHON = """#!/bin/sh
export PYTHONPATH=/var/task:/var/task/ric
exec "$1" -m awslambdaric "$_HANDLER"
"""
NODE = """#!/bin/sh
exec "$1" --no-warnings {client}
"""
# What the file of AWS's image does: its package only has a program that says more.
CLASSIC = 'import { run } from "/var/task/ric/3/index.mjs";\nawait run("/var/task", process.env._HANDLER);\n'


@functools.cache
def python_client():
    """awslambdaric and what it imports, as installed from PyPI."""
    site = Path(sysconfig.get_path("purelib"))
    names = ("awslambdaric", "simplejson", "snapshot_restore_py")
    wanted = [path for name in names for path in (site / name).rglob("*")] + list(site.glob("runtime_client*.so"))
    files = {f"ric/{path.relative_to(site)}": path.read_bytes() for path in wanted if path.is_file() and path.suffix != ".pyc"}
    if not any(name.startswith("ric/runtime_client") for name in files):
        pytest.fail(f"awslambdaric isn't installed for {sys.executable}: {MISSING}")
    return {**files, "ric/python": PYTHON.encode()}


@functools.cache
def node_client():
    """Both of AWS's clients for Node. Their native parts have the same source, and are built once."""
    native = BUILT / "aws-lambda-ric/rapid-client.node"
    if not native.is_file():
        pytest.skip(f"{native} isn't there: {MISSING}, where cmake, a C++ compiler and Node's headers are")
    return {
        "ric/classic.mjs": CLASSIC.encode(),
        "ric/classic": NODE.format(client="/var/task/ric/classic.mjs").encode(),
        "ric/modern": NODE.format(client="/var/task/ric/4/index.mjs").encode(),
        "ric/package.json": b'{"type": "module"}',
        "ric/3/index.mjs": (BUILT / "aws-lambda-ric-3/dist/index.mjs").read_bytes(),
        "ric/3/rapid-client.node": native.read_bytes(),
        "ric/4/index.mjs": (BUILT / "aws-lambda-ric/index.mjs").read_bytes(),
        "ric/4/rapid-client.node": native.read_bytes(),
    }


class Pair:
    """One package, called through AWS's client and through ours."""

    def __init__(self, theirs, ours):
        self.theirs, self.ours = theirs, ours

    def both(self, event, normal, **extra):
        """What each answers and logs, in a form in which they can be compared."""
        return tuple(normal(*called(one, event, **extra)) for one in (self.ours, self.theirs))


class Pairs:
    """Makes pairs on one platform."""

    def __init__(self, clients):
        self.clients = clients

    def make(self, language, files, runtime, handler="main.handler", **settings):
        wrapper = "classic" if language == "node" and runtime != "nodejs24.x" else CLIENTS[language][1]
        request = {"files": files, "Runtime": runtime, "Handler": handler, "Timeout": 20, **settings}
        ours = functions.create(self.clients, None, language, **request)
        variables = {**settings.get("Environment", {}).get("Variables", {}), "AWS_LAMBDA_EXEC_WRAPPER": f"/var/task/ric/{wrapper}"}
        request |= {"Environment": {"Variables": variables}, "files": {**files, **CLIENTS[language][0]()}}
        return Pair(functions.create(self.clients, None, language, **request), ours)

    def cached(self, language, source):
        """Makes pairs of one source, one for each settings."""
        made = {}

        def pair(runtime=DEFAULT[language], name="main", **settings):
            key = json.dumps([runtime, name, settings], sort_keys=True)
            if key not in made:
                files = {f"{name}.{SUFFIX[language]}": source}
                made[key] = self.make(language, files, runtime, **settings)
            return made[key]

        return pair


CLIENTS = {"python": (python_client, "python"), "node": (node_client, "modern")}
# Python: that of the tests, for which its native part is installed.
DEFAULT = {"python": f"python3.{sys.version_info.minor}", "node": "nodejs22.x"}
SUFFIX = {"python": "py", "node": "mjs"}


def called(function, event, **extra):
    """(error, decoded payload, the log's lines) of one call."""
    answer = function.client.invoke(FunctionName=function.name, Payload=json.dumps(event), LogType="Tail", **extra)
    body = answer["Payload"].read()
    log = base64.b64decode(answer["LogResult"]).decode(errors="replace")
    return answer.get("FunctionError"), read(steady(body.decode(), function.name)), lines_of(log, function.name)


def read(body):
    try:
        return json.loads(body)
    except ValueError:
        return body


# What the platform itself says, whatever the format.
PLATFORM = re.compile(r'^(START|END|REPORT|INIT_START|INIT_REPORT) |^\{"time":.*"type":"platform\.')
VOLATILE = [
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z"), "<time>"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<id>"),
    # Where AWS's image has it, and ours says it is.
    (re.compile(r"- /var/task/ric/[34]/index.mjs"), "- /var/runtime/index.mjs"),
    (re.compile(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}[^\"\s]*"), "<trace>"),
    (re.compile(r"0x[0-9a-f]+"), "<address>"),
    # How deep the stack is at which a handler is called.
    (re.compile(r"line repeated \d+ more"), "line repeated <n> more"),
    (re.compile(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}"), "<stream>"),
]


def steady(text, name=None):
    """Without what differs from call to call."""
    text = text.replace(name, "<name>") if name else text
    for pattern, word in VOLATILE:
        text = pattern.sub(word, text)
    return text


def lines_of(log, name):
    return [steady(line, name) for line in log.splitlines() if not PLATFORM.match(line)]
