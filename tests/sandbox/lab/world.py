"""A platform on a machine of its own, behind which there is an internet; and what of it is visited."""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness import functions
from harness.clients import Clients
from harness.platform import Platform, environment, free_port
from harness.wait import wait_until
from sandbox.lab.arena import attacker_files
from sandbox.lab.bait import INSIDE

PROGRAM = Path(__file__).parent / "internet.py"


class World:
    """`options` are of the program that makes it, `extra` of the platform."""

    def __init__(self, folder, user, extra, options=()):
        self.folder, self.user, self.options = folder, user, options
        self.extra = ["--function-network", "internet", "--log", "warn,updraft_network=info", *extra]
        # What is tried here holds at any level.
        self.extra.append("--allow-weak-sandbox")
        (folder / "sdk" / "node_modules").mkdir(parents=True)
        self.platform = user.platform(folder, folder / "sdk") if user else Platform(folder)
        self.platform.port = free_port()
        self.platform.prefix = [*self._machine(self.platform.port), *self.platform.prefix]
        self.platform.extra = self.extra
        self.runtime = user.runtime if user else "python3.13"

    def _machine(self, port):
        return [sys.executable, "-S", "-E", str(PROGRAM), str(self.folder), str(port), *self.options, "--"]

    def start(self):
        self.platform.start()
        self.clients = Clients(self.platform.url)
        return self

    def doctor(self):
        """What `updraft doctor` says there: whether it is content, and its words."""
        who = self.user.prefix() if self.user else ()
        command = [*self._machine(free_port()), *who, str(self.platform.program), "doctor", *self.platform.extra]
        env = {**environment(), **self.platform.settings}
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=env)
        return done.returncode == 0, done.stdout + done.stderr

    def function(self, source=None, language="python", **settings):
        """Without a source, it makes the attempts of `inside`."""
        if source is None:
            source = (INSIDE / "main.py").read_text()
            settings = {"files": attacker_files(), "MemorySize": 512, "Timeout": 60, **settings}
        if language == "python":
            settings.setdefault("Runtime", self.runtime)
        return functions.create(self.clients, source, language, **settings)

    def await_said(self, words):
        """In the banner, which is complete once the machine was probed."""
        wait_until(lambda: words in self.platform.log.read_text(errors="replace"), 30, f"the banner: {words}")

    def visits(self):
        path = self.folder / "visits"
        return path.read_text().splitlines() if path.exists() else []


def why_not():
    """Why there can't be such a machine here."""
    if shutil.which("ip") is None:
        return "takes `ip` (iproute2)"
    if not os.path.exists("/dev/net/tun"):
        return "there is no /dev/net/tun"
    if os.geteuid() == 0:
        return None
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return "/dev/net/tun is root's"
    made = subprocess.run(["unshare", "--user", "--map-root-user", "--net", "true"], capture_output=True)
    return "takes root, or user namespaces for everybody" if made.returncode else None


@contextmanager
def world(user, *extra, options=()):
    """Not among pytest's own folders, which nobody else may enter."""
    if why := why_not():
        pytest.skip(why)
    with tempfile.TemporaryDirectory(prefix="updraft-world-") as folder:
        os.chmod(folder, 0o755)
        made = World(Path(folder), user, extra, options)
        try:
            yield made
        finally:
            alive = made.platform.process is None or made.platform.alive()
            made.platform.stop()
        assert alive, f"the platform died:\n{made.platform.tail()}"
        log = made.platform.log
        assert not log.exists() or "panicked at" not in log.read_text(errors="replace"), "the platform panicked"
