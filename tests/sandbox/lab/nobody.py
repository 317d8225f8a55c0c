"""The platform, run by somebody without any rights: what holds then?"""

import os
import shutil
import subprocess

from harness.platform import Platform, binary
from sandbox.lab.bait import PLATFORM_MARK

ID = 65534
# An interpreter that everybody may run.
PYTHON = "/usr/bin/python3"

# What doesn't hold there, and why: as `updraft doctor` says at the level `no-cgroup`.
DOES_NOT_HOLD = {}


class Nobody:
    """Starts it so, and knows what its functions run on."""

    def __init__(self):
        version = "import sys; print('python%d.%d' % sys.version_info[:2])"
        self.runtime = subprocess.run([PYTHON, "-c", version], capture_output=True, text=True, check=True).stdout.strip()

    def platform(self, folder, bait):
        """Nothing that it needs may lie where only root looks: the program is copied."""
        platform = Platform(folder, extra=["--allow-weak-sandbox"], settings=self._settings(folder, bait), prefix=self._prefix())
        platform.program = shutil.copy(binary(), folder / "updraft")
        for own in (platform.data, folder / "home"):
            own.mkdir()
            os.chown(own, ID, ID)
        return platform

    @staticmethod
    def _prefix():
        return "setpriv", "--reuid", str(ID), "--regid", str(ID), "--clear-groups"

    @staticmethod
    def _settings(folder, bait):
        programs = str(bait.programs.folder)
        own = {"HOME": str(folder / "home"), "PATH": "/usr/bin:/bin", "UPDRAFT_PYTHON": PYTHON}
        return {**own, "UPDRAFT_PYTHON_SDK": programs, "UPDRAFT_NODE_SDK": programs, "BAIT": PLATFORM_MARK}
