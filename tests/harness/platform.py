"""The real binary: started on a free port, watched, stopped, killed."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path

from . import raw
from .wait import wait_until

ROOT = Path(__file__).resolve().parents[2]
JS = ROOT / "tests" / "clients" / "js"


def binary():
    return Path(os.environ.get("UPDRAFT_BIN", ROOT / "target" / "debug" / "updraft"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment():
    """Only what the platform needs from ours, and where the SDKs for functions are."""
    kept = {name: value for name, value in os.environ.items() if name.startswith("UPDRAFT_") and name != "UPDRAFT_BIN"}
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "UPDRAFT_PYTHON": os.path.realpath(sys.executable),
        "UPDRAFT_PYTHON_SDK": sysconfig.get_path("purelib"),
        "UPDRAFT_NODE_SDK": str(JS),
        **kept,
    }


class Platform:
    """One running `updraft start`."""

    def __init__(self, folder, port=None, extra=(), settings=None, prefix=()):
        """`settings`: more of the environment. `prefix`: the program, with its arguments, that starts ours."""
        self.folder = Path(folder)
        self.data = self.folder / "data"
        self.port = port or free_port()
        self.extra = list(extra)
        self.settings, self.prefix = settings or {}, list(prefix)
        self.log = self.folder / "updraft.log"
        self.process = None
        # Of all its processes, one after the other.
        self.pids = []
        self.program = binary()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self, seconds=30.0):
        self.spawn()
        return self.await_ready(seconds)

    def await_ready(self, seconds=30.0):
        wait_until(self._ready_or_dead, seconds, "the platform's health")
        if self.process.poll() is not None:
            raise AssertionError(f"updraft ended with {self.process.returncode}:\n{self.tail()}")
        return self

    def spawn(self):
        """Starts the process without waiting for anything."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = [*self.prefix, str(self.program), "start", "--listen", f"127.0.0.1:{self.port}", "--data", str(self.data), *self.extra]
        with self.log.open("ab") as log:
            env = {**environment(), **self.settings}
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env)
        self.pids.append(self.process.pid)
        return self.process

    def _ready_or_dead(self):
        return self.process.poll() is not None or self.healthy()

    def healthy(self):
        try:
            with urllib.request.urlopen(f"{self.url}/_updraft/health", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def advance(self, seconds, within=120):
        """Moves the platform's time on; returns when everything that fell due has run, which takes so long at most."""
        body = json.dumps({"advance": f"{seconds}s"})
        answer = raw.request(self.url, "POST", "/_updraft/clock", body, {"content-type": "application/json"}, seconds=within)
        assert answer.status == 200, answer.text

    def now(self):
        """The platform's time."""
        answer = raw.request(self.url, "GET", "/_updraft/clock")
        return datetime.fromisoformat(answer.json()["now"].replace("Z", "+00:00"))

    def terminate(self, seconds=30.0):
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def kill(self):
        """SIGKILL: what power loss looks like to a process."""
        self.process.kill()
        self.process.wait(30)

    def dies_after(self, seconds):
        """SIGKILL after a moment, or as soon as it has ended by itself."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def stop(self):
        """For the end of a test: gently, then not."""
        if self.process is None or self.process.poll() is not None:
            return
        try:
            self.terminate(15)
        except subprocess.TimeoutExpired:
            self.kill()

    def alive(self):
        return self.process.poll() is None

    def tail(self, lines=40):
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


@contextlib.contextmanager
def watched(folder, what="the platform", **options):
    """A running platform that must still be alive in the end, and never have panicked."""
    platform = Platform(folder, **options).start()
    yield platform
    alive, tail = platform.alive(), platform.tail()
    platform.stop()
    assert alive, f"{what} died:\n{tail}"
    assert "panicked at" not in platform.log.read_text(errors="replace"), f"{what} panicked; see its log"



def run_updraft(*args, seconds=30.0):
    """Runs the binary with other arguments, to its end."""
    return subprocess.run(
        [str(binary()), *map(str, args)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        env=environment(),
    )
