"""Objects through clients that are nobody of ours and not boto3: the AWS SDK for JavaScript, MinIO's client, s3fs."""

import json

from harness.names import unique
from harness.platform import ROOT

ALGORITHMS = ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")
# Packages of their own: they want another botocore than ours.
STORAGE = ROOT / "target" / "storage"


def test_the_javascript_sdk(clients):
    steps = clients.node("s3.mjs", unique("js"))
    assert steps == {
        "text": ["hello", "text/x", {"a": "b c"}, '"5d41402abc4b2a76b9719d911017c592"'],
        "checksums": {algorithm: [True, True] for algorithm in ALGORITHMS},
        "upload": ['-3"', "1,2,3", True],
        "range": True,
        "aborted": "AbortError",
        "left": 0,
        "none": ["NoSuchKey", 404],
        "put": 200,
        "get": ["through a link", "text/y", "b"],
        "forged": 403,
        "pages": [["p/1", "p/2"], ["p/3", "p/q/"]],
        "deleted": ["p/1", "p/2", "nothing"],
        "taken": ["PreconditionFailed", 412],
        "missing": ["NotFound", 404],
        "typed": True,
        "versions": [True, "newer", "hello"],
    }


def walk(clients, script):
    """The JSON that a script of tests/clients/storage prints."""
    path = ROOT / "tests" / "clients" / "storage" / script
    done = clients.run(["env", f"PYTHONPATH={STORAGE}", "python", path, unique("storage")])
    assert done.returncode == 0, f"{script}: {done.stderr.strip()}"
    return json.loads(done.stdout)


def test_minios_client(clients):
    assert walk(clients, "with_minio.py") == {
        "made": [True, False],
        "large": ["-3", True, "b", True],
        "range": True,
        "listed": ["a b+é", "large"],
        "tags": {"k": "v"},
        "link": True,
        "versions": ["1", "2"],
        "deleted": [],
        "missing": "NoSuchKey",
        "full": "BucketNotEmpty",
    }


def test_a_file_system(clients):
    assert walk(clients, "with_s3fs.py") == {
        "large": [True, True],
        "read": True,
        "cat": {"0": "0", "1": "1", "2": "2"},
        "listed": ["d/0", "d/1", "d/2", "d/3", "d/large", "d/text", "e/a b+é", "e/copy"],
        "glob": ["d/0", "d/1", "d/2"],
        "walk": [[["d", "e"], []], [[], ["0", "1", "2", "3", "large", "text"]], [[], ["a b+é", "copy"]]],
        "about": {"colour": "red"},
        "left": [False, True],
        "gone": False,
        "missing": True,
    }
