"""Names no other test uses, so that tests can share one platform."""

import itertools
import os

_count = itertools.count(1)


def unique(stem):
    return f"{stem}-{os.getpid()}-{next(_count)}"
