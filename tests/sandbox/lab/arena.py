"""The place of the attacks: a platform, an attacker, a neighbour, and a host that is watched."""

import base64
import re
import subprocess

from harness import functions
from harness.clients import Clients
from harness.names import unique
from harness.platform import Platform, environment, free_port
from harness.wait import wait_until
from sandbox.lab import host
from sandbox.lab.bait import INSIDE, PLATFORM_MARK, Bait

# Where functions see the folder of programs.
SDK_INSIDE = "/var/lang/sdk"

NEIGHBOUR = """
import os, time, uuid
TOKEN, SECRET = str(uuid.uuid4()), os.environ["SECRET"]
count = 0
open("/tmp/neighbour-secret", "w").write(SECRET)
def handler(event, context):
    global count
    count += 1
    if event:
        time.sleep(event.get("seconds", 0))
    told = {"token": TOKEN, "count": count, "tmp": sorted(os.listdir("/tmp")), "secret": open("/tmp/neighbour-secret").read()}
    return {**told, "echo": event, "pid": os.readlink("/proc/self/ns/pid"), "net": os.readlink("/proc/self/ns/net")}
"""


NODE = "export const handler = async () => 1;"
PROVIDED = """#!/usr/bin/env python3
import http.client
while True:
    api = http.client.HTTPConnection("127.0.0.1:9001")
    api.request("GET", "/2018-06-01/runtime/invocation/next")
    call = api.getresponse()
    call.read()
    api.request("POST", "/2018-06-01/runtime/invocation/" + call.headers["Lambda-Runtime-Aws-Request-Id"] + "/response", b"1")
    api.getresponse().read()
"""
# How often in a row nothing has changed.
SETTLED = 20


def attacker_files():
    return {path.name: path.read_bytes() for path in INSIDE.glob("*.py")}


class Neighbour:
    """A function that must not notice anything."""

    def __init__(self, arena):
        self.secret = unique("neighbours-secret")
        self.one = arena.create(NEIGHBOUR, Environment={"Variables": {"SECRET": self.secret}}, Timeout=60)
        self.first = self.ask()

    def ask(self, event=None):
        status, error, told = self.one.invoke(event)
        assert (status, error) == (200, None), told
        return told

    def check(self):
        """It answers, from the same instance, and nobody has called it or written to its files."""
        told = self.ask()
        for name in ("token", "tmp", "pid", "net"):
            assert told[name] == self.first[name], f"the neighbour's {name} was {self.first[name]} and is {told[name]}"
        assert told["secret"] == self.secret
        assert told["count"] == self.first["count"] + 1, "somebody else called the neighbour"
        self.first = told


class Arena:
    """Holds everything; one for all attacks."""

    def __init__(self, folder, user=None):
        self.folder, self.user = folder, user
        self.bait = Bait(folder)
        self.platform = user.platform(folder, self.bait.programs.folder) if user else own_platform(folder, self.bait)
        self.rows, self.level = doctor(self.platform)
        # Whatever doesn't hold then has to be seen, not passed over.
        # What is prepared after many starts would look like something that they left behind.
        self.platform.extra = ["--prepared-most", "0", *([] if self.level == "full" else ["--allow-weak-sandbox"])]
        self.platform.start()
        self.clients = Clients(self.platform.url)
        self.runtime = user.runtime if user else "python3.13"
        self.attacker = self.create((INSIDE / "main.py").read_text(), files=attacker_files(), Timeout=30, MemorySize=512)
        self.neighbour = Neighbour(self)
        self.usual = self._warmed_up()

    def _warmed_up(self):
        """What there is when nobody does anything: what is kept ready of each kind of function has been made by then."""
        for language, source in (("node", NODE), ("provided", PROVIDED)):
            one = self.create(source, language)
            assert one.invoke() == (200, None, 1)
            one.client.delete_function(FunctionName=one.name)
        self.attacker.invoke({"bomb": "response", "bytes": 1})
        self.end(self.attacker)
        return self.settled()

    def settled(self):
        """The traces, once they are the same for a while."""
        seen = []

        def same():
            seen.append(self.traces())
            return len(seen) >= SETTLED and len({str(one.counted) for one in seen[-SETTLED:]}) == 1 and seen[-1]

        return wait_until(same, 30, "that the platform comes to rest")

    def create(self, source, language="python", **settings):
        if language == "python":
            settings.setdefault("Runtime", self.runtime)
        return functions.create(self.clients, source, language, **settings)

    def sibling(self, function, **settings):
        """Another attacker, with other settings; `function` makes and deletes it."""
        return function((INSIDE / "main.py").read_text(), files=attacker_files(), **{"Timeout": 30, **settings})

    def told(self):
        return {
            **self.bait.told(self.platform),
            "platform": self.platform.process.pid,
            "code_file": self.code_of(self.neighbour.one),
            "code_name": "main.py",
            "tmp_name": "neighbour-secret",
        }

    def inside(self):
        """What differs inside: where the function's own things are."""
        return {
            **self.told(),
            "inside": True,
            "endpoint": ["127.0.0.1", 4566],
            "init": 1,
            "mounted": ["/proc", "/tmp", "/", "/proc/kallsyms"],
            "native": f"{SDK_INSIDE}/native",
            "capable": f"{SDK_INSIDE}/cat",
            "programs": {"the init": 1, "the runtime": "self"},
            "runtime_port": 9001,
            "scratch": "/tmp",
            "setuid": f"{SDK_INSIDE}/id",
            "task": "/var/task",
        }

    def outside(self, scratch):
        """The same for the control."""
        programs = self.bait.programs
        return {
            **self.told(),
            "inside": False,
            "endpoint": ["127.0.0.1", self.platform.port],
            "init": self.bait.victim.pid,
            "platform": self.bait.victim.pid,
            "mounted": ["/proc"],
            "native": str(programs.folder / "native"),
            "capable": str(programs.capable),
            "runtime_port": free_port(),
            "scratch": str(scratch),
            "setuid": str(programs.setuid),
        }

    def code_of(self, function):
        """Where a function's main file lies unpacked on the host."""
        digest = function.client.get_function_configuration(FunctionName=function.name)["CodeSha256"]
        found = list((self.platform.data / "code").rglob(f"{base64.b64decode(digest).hex()}/main.py"))
        assert found, "the neighbour's code isn't where it was expected"
        return str(found[0])

    def attempt(self, name, **more):
        """{part: how it went} of an attempt made inside a function."""
        event = {"attempt": name, "bait": {**self.inside(), **more}}
        status, error, told = self.attacker.invoke(event)
        assert (status, error) == (200, None), told
        return told["parts"]

    def bomb(self, name, **event):
        """(function error, answer) of an attempt at more than one's share."""
        _, error, told = self.attacker.invoke({"bomb": name, "native": f"{SDK_INSIDE}/native", **event})
        return error, told

    def end(self, function):
        """Ends a function's instances, as a change of its settings does."""
        function.client.update_function_configuration(FunctionName=function.name, Description=unique("again"))

    def traces(self):
        return host.Traces(self.platform)

    def await_nothing_left(self):
        def left():
            beyond = self.traces().beyond(self.usual)
            return True if not beyond else left.__dict__.update(seen=beyond)

        try:
            wait_until(left, 20, "that nothing is left")
        except AssertionError:
            raise AssertionError(f"left behind: {left.seen}") from None

    def stop(self):
        self.platform.stop()
        self.bait.end()


def own_platform(folder, bait):
    """As whoever runs the tests."""
    programs = str(bait.programs.folder)
    settings = {"UPDRAFT_PYTHON_SDK": programs, "UPDRAFT_NODE_SDK": programs, "BAIT": PLATFORM_MARK}
    return Platform(folder, settings=settings)


def doctor(platform):
    """{capability: whether it was found} and the level, as `updraft doctor` says to whoever runs the platform."""
    command = [*platform.prefix, str(platform.program), "doctor"]
    env = {**environment(), **platform.settings}
    text = subprocess.run(command, capture_output=True, text=True, timeout=60, env=env).stdout.partition("\nruntimes")[0]
    rows = {name: mark == "✓" for mark, name in re.findall(r"^  (\S) (\S+) ", text, re.M)}
    return rows, re.search(r"level: (\S+)", text).group(1)
