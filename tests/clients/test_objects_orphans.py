"""kill -9 during uploads, completes and deletes: what was acknowledged is whole, and what was replaced leaves the disk."""

import contextlib
import os
import threading

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from harness.buckets import make_bucket
from harness.clients import Clients
from harness.wait import wait_until

# Above what lies in the store, so that each is a file.
SIZE = 100_000
WRITERS = 4
KEYS = 5
ROUNDS = 3
ENOUGH = 25


class Writer(threading.Thread):
    """Works on keys of its own until the platform is gone; knows what each key may stand for."""

    def __init__(self, platform, bucket, number, may_be):
        super().__init__()
        self.s3 = Clients(platform.url).boto("s3")
        self.bucket, self.number, self.may_be, self.done = bucket, number, may_be, 0

    def run(self):
        acts = (self.put, self.complete, self.put, self.delete)
        with contextlib.suppress(BotoCoreError, ClientError):
            while True:
                key = f"w{self.number}-k{self.done % KEYS}"
                body = None if acts[self.done % len(acts)] == self.delete else os.urandom(SIZE)
                self.may_be[key] = [*self.may_be.get(key, [None]), body]
                acts[self.done % len(acts)](key, body)
                self.may_be[key] = [body]
                self.done += 1

    def put(self, key, body):
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)

    def complete(self, key, body):
        upload = {"Bucket": self.bucket, "Key": key}
        upload["UploadId"] = self.s3.create_multipart_upload(**upload)["UploadId"]
        part = self.s3.upload_part(**upload, PartNumber=1, Body=body)["ETag"]
        self.s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]})

    def delete(self, key, _body):
        self.s3.delete_object(Bucket=self.bucket, Key=key)


def files(platform):
    """Those that hold bytes."""
    return [path for path in (platform.data / "blobs").rglob("*") if path.is_file() and path.stat().st_size > 9]


def killed_at_work(platform, bucket, may_be):
    writers = [Writer(platform, bucket, number, may_be) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    wait_until(lambda: all(writer.done >= ENOUGH for writer in writers), 60, "every writer to have done something")
    platform.kill()
    for writer in writers:
        writer.join(60)


def kept(s3, bucket):
    listed = s3.list_objects_v2(Bucket=bucket).get("Contents", [])
    return {one["Key"]: s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read() for one in listed}


def given_up(platform, s3, bucket):
    """What was begun is aborted; time passes, by which what was replaced or deleted is removed."""
    for begun in s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []):
        s3.abort_multipart_upload(Bucket=bucket, Key=begun["Key"], UploadId=begun["UploadId"])
    platform.advance(2 * 86_400)


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_only_what_was_under_way_can_be_left_to_the_sweeper(fresh, round_):
    """The sweeper goes by real time, an hour of it, for which nothing here waits."""
    platform, may_be = fresh(f"round-{round_}").start(), {}
    bucket = make_bucket(Clients(platform.url).boto("s3"))
    killed_at_work(platform, bucket, may_be)
    s3 = Clients(platform.start().url).boto("s3")
    found = kept(s3, bucket)
    for key, bodies in may_be.items():
        assert found.get(key) in bodies, f"{key} is neither what was acknowledged nor what was being done"
    given_up(platform, s3, bucket)
    most = len(found) + WRITERS
    wait_until(lambda: len(found) <= len(files(platform)) <= most, 60, "one file of each object, and of each writer")
    assert kept(s3, bucket) == found
