"""Runs attempts: the same inside a function and, as the control, on the host.

An attempt is a function of the bait (what there is to be had, and where) that answers its parts: a name for each, and
what to try. A part goes through if it returns something true. It is tried in a process of its own, so that whatever it
does to itself ends with it.
"""

import errno
import json
import os
import select
import signal

# No part waits for anything: this is for one that hangs.
PATIENCE = 20

ATTEMPTS = {}


class Absent(Exception):
    """This kernel or machine doesn't have what the part is about."""


class Refused(Exception):
    """Turned away by something other than the kernel."""


def attempt(function):
    ATTEMPTS[function.__name__.replace("_", "-")] = function
    return function


def run(name, bait):
    """{part: how it went}"""
    return {part: apart(tried) for part, tried in ATTEMPTS[name](bait).items()}


def apart(tried):
    """Tries in a child process."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        os.write(writer, told(tried).encode()[:60000])
        os.kill(os.getpid(), signal.SIGKILL)
    os.close(writer)
    said = heard(reader)
    if said is None:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return said or (f"killed by {signal.Signals(os.WTERMSIG(status)).name}" if said == "" else "hangs")


def heard(reader):
    """What the child wrote; nothing if it died before, and None if it lives on without a word."""
    ready, _, _ = select.select([reader], [], [], PATIENCE)
    said = os.read(reader, 65536).decode() if ready else None
    os.close(reader)
    return said


def told(tried):
    try:
        got = tried()
    except Absent as err:
        return f"absent: {err}"
    except Refused as err:
        return f"refused: {err}"
    except OSError as err:
        return f"refused: {errno.errorcode.get(err.errno) or type(err).__name__}"
    except BaseException as err:
        return f"refused: {type(err).__name__} {err}"
    return f"through: {got!r}" if got else "refused: nothing"


def main(argv):
    """The control: `main.py NAME BAIT`."""
    print(json.dumps(run(argv[1], json.loads(argv[2]))))
