"""Stations at work, each in a thread of its own."""

import threading
import time

from .calls import Unsure

# A station that finds nobody there looks again after this long: real clients do, and a tight loop would help nobody.
PAUSE = 0.02


class Crowd:
    """`stays`: who loses an answer goes on (with the next node); otherwise it stops until the next `start`."""

    def __init__(self, stations, stays=False):
        self.stations, self.stays = stations, stays
        self.halt = threading.Event()
        self.failures = []
        self.threads = []
        self.steps = 0

    def start(self):
        self.halt.clear()
        self.threads = [threading.Thread(target=self._work, args=(one,), daemon=True) for one in self.stations]
        for thread in self.threads:
            thread.start()

    def let_work(self, seconds):
        """The load's own time; ends early where a station has failed."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.failures:
            self.halt.wait(min(0.05, max(0.0, until - time.monotonic())))
        self.raise_failure()

    def stop(self, seconds=60):
        self.halt.set()
        for thread in self.threads:
            thread.join(seconds)
            assert not thread.is_alive(), "a client hangs"
        self.raise_failure()

    def raise_failure(self):
        if self.failures:
            raise self.failures[0]

    def _work(self, station):
        while not self.halt.is_set():
            try:
                station.step()
                self.steps += 1
            except Unsure:
                if not self.stays:
                    return
                self.halt.wait(PAUSE)
            except BaseException as failure:  # noqa: BLE001 - handed to the test's own thread
                self.failures.append(failure)
                return
