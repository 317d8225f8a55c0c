"""Writes a golden data folder: what today's updraft leaves on disk. By hand, once for each new format, never again for
an old one; the file's name holds the format. From the repository's root, with the venv's Python:

    PYTHONPATH=tests python tests/golden/write.py tests/golden/data-1.zip
"""

import sys
import tempfile
import zipfile
from pathlib import Path

from harness import functions
from harness.clients import Clients
from harness.golden import ECHO, FAILING, fill, waits
from harness.platform import Platform
from harness.wait import wait_until


def main(target):
    with tempfile.TemporaryDirectory() as folder:
        platform = Platform(folder).start()
        try:
            clients = Clients(platform.url)
            functions.create(clients, ECHO, FunctionName="echo")
            functions.create(clients, FAILING, FunctionName="failing")
            fill(clients)
            wait_until(lambda: waits(clients), 30, "the first attempt of the call that fails")
        finally:
            platform.terminate()
        pack(platform.data, target)


def pack(data, target):
    """What is a cache, or an installation's own, stays out."""
    with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(data.rglob("*")):
            inside = path.relative_to(data)
            if path.is_file() and inside.parts[0] not in ("code", "secret"):
                archive.write(path, inside)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
