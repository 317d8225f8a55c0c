"""What platforms of a test's own leave behind when they have ended, however they did."""

import os
import re
import signal

from harness.wait import wait_until
from sandbox.lab import host
from sandbox.lab.deaths import marked

UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# What a platform keeps for its next start.
KEPT = re.compile(rf"secret|code|code/code(/{UUID})?")


def helpers(program):
    """Processes of a program, wherever their parents are: the platforms, and their sandboxes' inits."""
    return marked(pid for pid in host.all_pids() if host.link(f"/proc/{pid}/exe") == os.path.realpath(program))


class Watch:
    """Over platforms that a test starts, kills and stops; from before the first of them."""

    def __init__(self, program):
        self.program = program
        self.before = helpers(program)

    def left(self, platforms, besides):
        """In words; `besides`: other platforms of the same program."""
        others = {pid for root in besides for pid in [root, *host.descendants(root)]}
        new = helpers(self.program) - self.before
        found = [f"process {pid}, {host.stat_of(pid)}" for pid, _ in new if pid not in others]
        for platform in platforms:
            # What one leaves that had to be killed is for the next to take away.
            killed = platform.process.returncode == -signal.SIGKILL
            found += [group for pid in platform.pids[: -1 if killed else None] for group in host.groups_made_by(pid)]
            found += [point for point in host.mounts(os.getpid()) if point.startswith(str(platform.folder))]
            found += [name for name in host.files(platform.data) if not KEPT.fullmatch(name)]
        return found

    def await_nothing_left(self, platforms, besides):
        seen = []

        def nothing():
            seen[:] = self.left(platforms, besides)
            return not seen

        try:
            wait_until(nothing, 20, "that nothing is left")
        except AssertionError:
            raise AssertionError(f"left behind: {seen}") from None
