"""Waiting without sleeping blindly."""

import time

STEP = 0.02


def wait_until(predicate, seconds=15.0, what="the condition"):
    """Returns the first true value of `predicate()`; fails after the deadline, with what it saw last."""
    deadline = time.monotonic() + seconds
    while True:
        seen = predicate()
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {seconds} s; seen last: {seen!r}")
        time.sleep(STEP)
