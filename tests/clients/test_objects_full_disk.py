"""A disk that fills up: uploads are refused, what was acknowledged stays, and what is deleted makes room again."""

import os
import shutil
import subprocess

import pytest

from harness.buckets import make_bucket
from harness.clients import Clients, error_of
from harness.platform import Platform
from harness.wait import wait_until

MIB = 1 << 20
SIZE = 192
# What is left to objects, of which two have room in it.
ROOM = 11 * MIB
PIECE = 4 * MIB


@pytest.fixture
def small(tmp_path):
    """A platform whose data has a file system of its own, of so many MiB."""
    if os.geteuid() != 0:
        pytest.skip("a file system is mounted by root only")
    platform = Platform(tmp_path)
    platform.data.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "updraft-small", str(platform.data)]
    done = subprocess.run(mount, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"a file system can't be mounted here: {done.stderr.strip()}")
    try:
        yield platform.start()
    finally:
        platform.stop()
        subprocess.run(["umount", "--lazy", str(platform.data)], check=True)


def free(platform):
    return shutil.disk_usage(platform.data).free


def crowd_out(platform):
    """Something else fills the disk."""
    with (platform.data / "something-else").open("wb") as other:
        os.posix_fallocate(other.fileno(), 0, free(platform) - ROOM)


def test_a_full_disk(small):
    s3 = Clients(small.url).boto("s3")
    bucket = make_bucket(s3)
    crowd_out(small)
    full = ("ServiceUnavailable", 503)
    kept = {f"{n}": bytes([n]) * PIECE for n in range(2)}
    for key, body in kept.items():
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    room = free(small)
    assert room < PIECE

    for key in ("2", "0"):
        assert error_of(s3.put_object, Bucket=bucket, Key=key, Body=b"x" * PIECE)[::2] == full
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    about = {"Bucket": bucket, "Key": "parts", "UploadId": upload}
    assert error_of(s3.upload_part, PartNumber=1, Body=b"x" * PIECE, **about)[::2] == full
    assert error_of(s3.copy_object, Bucket=bucket, Key="copy", CopySource=f"{bucket}/0")[::2] == full
    assert "Parts" not in s3.list_parts(**about)
    wait_until(lambda: free(small) >= room - MIB, 30, "the space of what was refused being given back")

    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == list(kept)
    assert all(s3.get_object(Bucket=bucket, Key=key)["Body"].read() == body for key, body in kept.items())
    s3.delete_object(Bucket=bucket, Key="0")
    wait_until(lambda: free(small) >= PIECE + MIB, 30, "the space of what was deleted being given back")
    s3.put_object(Bucket=bucket, Key="2", Body=b"y" * PIECE)
    small.kill()
    small.start()
    there = {"1": kept["1"], "2": b"y" * PIECE}
    assert all(s3.get_object(Bucket=bucket, Key=key)["Body"].read() == body for key, body in there.items())
