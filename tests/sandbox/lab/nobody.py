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
DOES_NOT_HOLD = {
    "memory-bomb": "only single processes are limited",
    "memory-bomb-via-tmpfs": "/tmp is limited in size, but not counted",
    "memfd-bomb": "files in memory are counted by nobody",
    "cpu-spin-share": "there is no processor quota",
    "test_more_memory_is_more_processor": "there is no processor quota",
    "test_what_the_kernel_counts_by_user": "everything is the one user's who runs the platform",
    "test_what_the_network_holds": "what the network holds is counted by nobody",
}
# What depends on how the host isolates; the rest is the platform's own, whoever runs it.
ABOUT_ISOLATION = (
    "test_extensions",
    "test_faults",
    "test_files",
    "test_internet",
    "test_internet_attacks",
    "test_kernel",
    "test_leaks",
    "test_network",
    "test_processes",
    "test_provisioned",
    "test_resources",
)


class Nobody:
    """Starts it so, and knows what its functions run on."""

    def __init__(self):
        version = "import sys; print('python%d.%d' % sys.version_info[:2])"
        self.runtime = subprocess.run([PYTHON, "-c", version], capture_output=True, text=True, check=True).stdout.strip()

    def platform(self, folder, programs):
        """Nothing that it needs may lie where only root looks: the program is copied."""
        platform = Platform(folder, settings=self._settings(folder, programs), prefix=self.prefix())
        platform.program = shutil.copy(binary(), folder / "updraft")
        for own in (platform.data, folder / "home"):
            own.mkdir()
            os.chown(own, ID, ID)
        return platform

    @staticmethod
    def prefix():
        return "setpriv", "--reuid", str(ID), "--regid", str(ID), "--clear-groups"

    @staticmethod
    def _settings(folder, programs):
        programs = str(programs)
        own = {"HOME": str(folder / "home"), "PATH": "/usr/bin:/bin", "UPDRAFT_PYTHON": PYTHON}
        return {**own, "UPDRAFT_PYTHON_SDK": programs, "UPDRAFT_NODE_SDK": programs, "BAIT": PLATFORM_MARK}
