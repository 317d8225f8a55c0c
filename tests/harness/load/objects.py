"""Objects of one bucket: put small and large, put over, in parts, copied, deleted one by one and many at once. What is found
has the ETag and the bytes that were acknowledged."""

import hashlib
import itertools
import random

from .calls import Refused
from .ledger import ABSENT, Ledger

KEYS = 24
PART = 5 << 20
# Bytes lie in the store up to 16 KiB, and in files of their own above.
SIZES = (0, 100, 16 << 10, (16 << 10) + 1, 200_000)
PIECE = 1 << 20


class Objects:
    """A value is the number that the bytes are made of, and how many they are; in parts of which size, if in any."""

    def __init__(self, calls, chance, name):
        self.calls, self.chance, self.bucket = calls, chance, name
        self.ledger = Ledger()
        self.numbers = itertools.count(1)

    def prepare(self):
        self.calls("s3", "create_bucket", Bucket=self.bucket)

    def step(self):
        kinds = (self.put, self.put, self.put, self.in_parts, self.copy, self.delete, self.delete_many, self.look)
        self.chance.choice(kinds)()

    def any_key(self):
        return f"key-{self.chance.randrange(KEYS)}"

    def put(self):
        value = (next(self.numbers), self.chance.choice(SIZES), None)
        self.change(self.any_key(), value, "put_object", Body=bytes_of(value))

    def in_parts(self):
        """Rarely: parts are large."""
        if self.chance.random() < 0.7:
            return self.put()
        key, value = self.any_key(), (next(self.numbers), PART + 1000, PART)
        upload = self.calls("s3", "create_multipart_upload", Bucket=self.bucket, Key=key)["UploadId"]
        about, body, parts = {"Bucket": self.bucket, "Key": key, "UploadId": upload}, bytes_of(value), []
        for number, at in enumerate(range(0, len(body), PART), 1):
            part = self.calls("s3", "upload_part", PartNumber=number, Body=body[at : at + PART], **about)
            parts.append({"PartNumber": number, "ETag": part["ETag"]})
        self.change(key, value, "complete_multipart_upload", UploadId=upload, MultipartUpload={"Parts": parts})

    def copy(self):
        key = self.any_key()
        # Onto itself nothing is copied.
        there = [name for name in self.ledger.names() if name != key]
        if not there:
            return self.put()
        source = self.chance.choice(there)
        number, size, _ = self.ledger.acknowledged[source]
        # A copy is one piece, also of what came in parts.
        self.change(key, (number, size, None), "copy_object", CopySource={"Bucket": self.bucket, "Key": source})

    def delete(self):
        self.change(self.any_key(), ABSENT, "delete_object")

    def delete_many(self):
        keys = sorted({self.any_key() for _ in range(3)})
        for key in keys:
            self.ledger.attempt(key, ABSENT)
        about = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
        answer = self.calls("s3", "delete_objects", Bucket=self.bucket, Delete=about)
        assert "Errors" not in answer, answer["Errors"]
        for key in keys:
            self.ledger.acknowledge(key, ABSENT)

    def change(self, key, value, operation, **params):
        self.ledger.attempt(key, value)
        self.calls("s3", operation, Bucket=self.bucket, Key=key, **params)
        self.ledger.acknowledge(key, value)

    def look(self):
        """Under load too, what is read is whole: one of those that it may be, to the last byte."""
        key = self.any_key()
        value = self.read(key)
        assert value in self.ledger.may_be(key), f"{key}: read {value}, may be {self.ledger.may_be(key)}"

    def read(self, key):
        try:
            answer = self.calls("s3", "get_object", Bucket=self.bucket, Key=key)
        except Refused as refused:
            assert refused.code == "NoSuchKey", refused
            return ABSENT
        return self.value_of(key, answer["ETag"].strip('"'), self.calls.whole(answer["Body"]))

    def value_of(self, key, etag, body):
        for value in self.ledger.may_be(key):
            if value is not ABSENT and value[1] == len(body) and etag_of(value) == etag:
                assert bytes_of(value) == body, f"{key}: its bytes aren't those of its ETag"
                return value
        return ("unknown", etag, len(body))

    def check(self):
        pages = self.calls.pages("s3", "list_objects_v2", Bucket=self.bucket, MaxKeys=7)
        listed = {one["Key"]: (one["ETag"].strip('"'), one["Size"]) for page in pages for one in page.get("Contents", [])}
        found = {key: self.read(key) for key in listed}
        for key, value in found.items():
            assert value is not ABSENT and listed[key][1] == value[1], f"{key} is listed as {listed[key]}, and is {value}"
        self.ledger.settle(found)
        self.abort_uploads()

    def abort_uploads(self):
        """Of what was cut off; they would only fill the disk."""
        answer = self.calls("s3", "list_multipart_uploads", Bucket=self.bucket)
        for upload in answer.get("Uploads", []):
            about = {"Bucket": self.bucket, "Key": upload["Key"], "UploadId": upload["UploadId"]}
            self.calls("s3", "abort_multipart_upload", **about)

    def acknowledged(self):
        return self.ledger.count


def bytes_of(value):
    number, size, _ = value
    piece = random.Random(number).randbytes(min(size, PIECE))
    return (piece * (size // PIECE + 1))[:size]


def etag_of(value):
    body, part = bytes_of(value), value[2]
    if part is None:
        return hashlib.md5(body).hexdigest()
    sums = [hashlib.md5(body[at : at + part]).digest() for at in range(0, len(body), part)]
    return f"{hashlib.md5(b''.join(sums)).hexdigest()}-{len(sums)}"
