"""Invocations that stay where they are until they are told to go on, so that something can happen meanwhile."""

import contextlib
import os
import signal
import threading
import time

from harness import raw
from harness.clients import Clients
from harness.wait import wait_until
from sandbox.lab import host

# For functions: says where it is, and waits. A signal that is sent before is not lost.
STAY = """
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
def stay(word, context=None):
    print("at", word, getattr(context, "aws_request_id", "-"), os.readlink("/proc/self/ns/pid"), flush=True)
    signal.sigwait({signal.SIGUSR1})
"""


def lines(platform, name):
    """What a function has printed so far."""
    answer = raw.request(platform.url, path=f"/_updraft/logs?group=/aws/lambda/{name}")
    return [line["message"] for line in answer.json()["lines"]]


class Stay:
    """A place in a function's code where it waits."""

    def __init__(self, platform, name, word, since=0):
        self.platform, self.word = platform, word

        def found():
            at = [line.split() for line in lines(platform, name) if line.startswith(f"at {word} ")]
            return at[since:]

        self.request_id, self.pid_namespace = wait_until(found, 60, f"`at {word}` in the log of {name}")[0][2:4]

    def init(self):
        return host.sandbox_of(self.pid_namespace)[0]

    def inside(self):
        return host.sandbox_of(self.pid_namespace)[1]

    def go(self):
        for pid in self.inside():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGUSR1)

    def share_of_a_core(self):
        """What its processes use of a processor, from now to their end."""
        began, used, samples = time.monotonic(), host.seconds_of(self.inside()), []

        def over():
            inside = self.inside()
            if inside:
                samples.append((time.monotonic(), host.seconds_of(inside)))
            return not inside

        wait_until(over, 30, "their end")
        # The last of them may miss some that have ended.
        at, seconds = max(samples, key=lambda sample: sample[1])
        return (seconds - used) / (at - began)


class Call(threading.Thread):
    """An invocation of its own, and how it ended: (status, function error, payload), or an exception."""

    def __init__(self, function, event=None):
        super().__init__(daemon=True)
        self.function, self.event = function, event
        self.told = self.failure = None
        self.start()

    def run(self):
        own = type(self.function)(Clients(self.function.clients.url), self.function.name)
        try:
            self.told = own.invoke(self.event)
        except Exception as err:
            self.failure = err

    def result(self, seconds=60):
        self.join(seconds)
        assert not self.is_alive(), "the call is still under way"
        if self.failure:
            raise self.failure
        return self.told
