"""The command line as a person sees it: the real binary, on a pseudo-terminal or not."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
from dataclasses import dataclass

from .platform import binary, environment
from .wait import wait_until

# What colours and the like are written as.
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
ROWS, COLUMNS = 50, 200


@dataclass
class Done:
    """How a command ended. On a terminal everything is in `out`."""

    code: int
    out: str
    err: str = ""

    @property
    def plain(self):
        return without_colours(self.out)


def without_colours(text):
    return ESCAPES.sub("", text).replace("\r\n", "\n")


class CommandLine:
    """Runs `updraft …` against one platform."""

    def __init__(self, url, **settings):
        self.settings = {"UPDRAFT_ENDPOINT": url, **settings}

    def env(self, settings):
        return {**environment(), "TERM": "xterm-256color", **self.settings, **settings}

    def run(self, *args, stdin=None, seconds=60, **settings):
        """To its end, with pipes."""
        done = subprocess.run(
            [str(binary()), *map(str, args)],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=seconds,
            env=self.env(settings),
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def shown(self, *args, seconds=60, **settings):
        """To its end, on a terminal."""
        return self.started(*args, **settings).ended(seconds)

    def started(self, *args, cwd=None, **settings):
        """On a terminal, still running."""
        return Terminal([str(binary()), *map(str, args)], self.env(settings), cwd)


def heed_interrupts():
    """Shells start what runs in the background with Ctrl-C ignored, and so would be whatever the tests start."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """A command with a terminal of its own; all it prints is kept."""

    def __init__(self, command, env, cwd=None):
        self.screen = b""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        streams = {"stdin": slave, "stdout": slave, "stderr": slave}
        self.process = subprocess.Popen(
            command, **streams, env=env, cwd=cwd, start_new_session=True, preexec_fn=heed_interrupts
        )
        os.close(slave)
        self.reader = threading.Thread(target=self._read, args=(master,), daemon=True)
        self.reader.start()

    def _read(self, master):
        while True:
            try:
                read = os.read(master, 1 << 16)
            except OSError:  # what a terminal's end looks like on Linux
                read = b""
            if not read:
                os.close(master)
                return
            self.screen += read

    @property
    def out(self):
        return self.screen.decode(errors="replace")

    @property
    def plain(self):
        return without_colours(self.out)

    def await_text(self, text, seconds=30.0, after=0):
        """Waits until `text` is on the screen, behind its first `after` characters; where it ends."""
        try:
            wait_until(lambda: text in self.plain[after:], seconds, f"{text!r} on the screen")
        except AssertionError as error:
            raise AssertionError(f"{error}; it shows\n{self.plain}") from None
        return self.plain.index(text, after) + len(text)

    def interrupt(self):
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def ended(self, seconds=60.0):
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"still running after {seconds} s; it shows\n{self.plain}") from None
        self.reader.join(10)
        return Done(code, self.out)

    def stop(self):
        """For the end of a test."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
