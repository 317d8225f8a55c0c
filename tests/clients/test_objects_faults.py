"""Uploads that go wrong: cut off, mis-summed, given up, slow. Nothing of them is seen, and their space is given back."""

import base64
import hashlib
import re
import socket
import threading
import zlib

import pytest

from harness import raw, signing
from harness.buckets import make_bucket
from harness.clients import Clients, error_of
from harness.platform import Platform
from harness.wait import wait_until

MIB = 1 << 20
CHUNKS = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
WAS = b"what was there before"


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A platform whose blobs nobody else writes, so that they can be counted."""
    platform = Platform(tmp_path_factory.mktemp("faults")).start()
    yield platform
    platform.stop()


@pytest.fixture(scope="module")
def s3(own):
    return Clients(own.url).boto("s3")


@pytest.fixture
def bucket(own, s3):
    """With one object, which must be as it was at the end, beside nothing."""
    name = make_bucket(s3)
    s3.put_object(Bucket=name, Key="k", Body=WAS)
    before = blobs(own)
    yield name
    assert s3.get_object(Bucket=name, Key="k")["Body"].read() == WAS
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=name)["Contents"]] == ["k"]
    wait_until(lambda: blobs(own) == before, 30, "the space of what failed being given back")
    assert own.alive()


def blobs(platform):
    """The files that hold bytes, begun or whole."""
    return {path for path in (platform.data / "blobs").rglob("*") if path.is_file() and path.stat().st_size > 9}


def head_of(own, bucket, body, length=None, **about):
    """The head of a signed upload over `k`."""
    path, host = f"/{bucket}/k", f"127.0.0.1:{own.port}"
    headers = signing.headers("s3", "PUT", path, body, host=host, **about)
    lines = [f"PUT {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode()


def put(own, bucket, body, key="k", query="", **about):
    path = f"/{bucket}/{key}"
    headers = signing.headers("s3", "PUT", path, body, host=f"127.0.0.1:{own.port}", query=query, **about)
    return raw.request(own.url, "PUT", f"{path}?{query}" if query else path, body, headers)


def code_of(answer):
    found = re.search(r"<Code>(\w+)</Code>", answer.text)
    return answer.status, found and found[1]


@pytest.mark.parametrize("size", (100, 3 * MIB))
def test_a_body_that_ends_too_early(own, bucket, size):
    body = b"x" * size
    answer = raw.send(own.port, head_of(own, bucket, body, size + 10) + body, half_close=True)
    assert raw.status_of(answer) in (0, 400), answer[:300]


@pytest.mark.parametrize("size", (100, 3 * MIB))
def test_a_client_that_goes_away(own, bucket, size):
    with socket.create_connection(("127.0.0.1", own.port), timeout=30) as line:
        line.sendall(head_of(own, bucket, b"x" * size, 2 * size) + b"x" * size)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def chunked(body, *trailers):
    lines = [b"%x\r\n%s\r\n" % (len(body), body)] if body else []
    return b"".join([*lines, b"0\r\n", *(line + b"\r\n" for line in trailers), b"\r\n"])


def sum_of(body):
    return base64.b64encode(zlib.crc32(body).to_bytes(4, "big"))


@pytest.mark.parametrize("size", (100, 3 * MIB))
def test_chunks_that_break_off(own, bucket, size):
    body = b"x" * size
    whole = chunked(body, b"x-amz-checksum-crc32:" + sum_of(body))
    extra = {"x-amz-decoded-content-length": str(size), "x-amz-trailer": "x-amz-checksum-crc32"}
    for cut in (5, len(whole) // 2, len(whole) - 40):
        answer = put(own, bucket, whole[:cut], payload=CHUNKS, extra=extra)
        assert code_of(answer) == (400, "IncompleteBody"), (cut, answer.text)


@pytest.mark.parametrize("size", (100, 3 * MIB))
def test_trailers_that_lie(own, bucket, size):
    body = b"x" * size
    extra = {"x-amz-decoded-content-length": str(size), "x-amz-trailer": "x-amz-checksum-crc32"}
    wrong = chunked(body, b"x-amz-checksum-crc32:" + sum_of(b"other"))
    assert code_of(put(own, bucket, wrong, payload=CHUNKS, extra=extra)) == (400, "BadDigest")
    none = put(own, bucket, chunked(body), payload=CHUNKS, extra=extra)
    assert none.status == 400, none.text
    longer = extra | {"x-amz-decoded-content-length": str(size + 1)}
    right = chunked(body, b"x-amz-checksum-crc32:" + sum_of(body))
    assert put(own, bucket, right, payload=CHUNKS, extra=longer).status == 400


WIDTHS = {"CRC32": 4, "CRC32C": 4, "CRC64NVME": 8, "SHA1": 20, "SHA256": 32}


@pytest.mark.parametrize("algorithm", WIDTHS)
def test_sums_that_are_not_those_of_the_bytes(own, s3, bucket, algorithm):
    header = f"x-amz-checksum-{algorithm.lower()}"
    for size in (100, 3 * MIB):
        wrong = base64.b64encode(b"\1" * WIDTHS[algorithm]).decode()
        answer = put(own, bucket, b"x" * size, extra={header: wrong})
        assert code_of(answer) == (400, "BadDigest"), answer.text
        assert f"The {algorithm} you specified did not match the calculated checksum." in answer.text
    short = put(own, bucket, b"x", extra={header: "AA=="})
    assert code_of(short) == (400, "InvalidRequest") and f"Value for {header} header is invalid." in short.text
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm=algorithm)["UploadId"]
    part = put(own, bucket, b"x" * MIB, query=f"partNumber=1&uploadId={upload}", extra={header: wrong})
    assert code_of(part) == (400, "BadDigest"), part.text
    assert "Parts" not in s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)


def test_a_content_md5_that_lies(own, bucket):
    for size in (0, 100, 3 * MIB):
        wrong = base64.b64encode(hashlib.md5(b"other").digest()).decode()
        answer = put(own, bucket, b"x" * size, extra={"content-md5": wrong})
        assert code_of(answer) == (400, "BadDigest"), answer.text
        assert "The Content-MD5 you specified did not match what we received." in answer.text
    for bad in ("AAAA", "?", base64.b64encode(b"1" * 15).decode()):
        assert code_of(put(own, bucket, b"x", extra={"content-md5": bad})) == (400, "InvalidDigest")


def test_a_body_that_is_not_what_was_signed(own, bucket):
    for size in (100, 3 * MIB):
        answer = put(own, bucket, b"x" * size, payload=hashlib.sha256(b"other").hexdigest())
        assert code_of(answer) == (400, "XAmzContentSHA256Mismatch")


def test_slow_clients_keep_nobody_waiting(own, s3):
    """Some send their bodies in drops, and some take theirs so; others are served meanwhile."""
    bucket, body, lines = make_bucket(s3), b"x" * MIB, []
    s3.put_object(Bucket=bucket, Key="large", Body=b"y" * 8 * MIB)
    slow = [s3.get_object(Bucket=bucket, Key="large")["Body"] for _ in range(4)]
    for _ in range(8):
        lines.append(socket.create_connection(("127.0.0.1", own.port), timeout=60))
        lines[-1].sendall(head_of(own, bucket, body))
    for drop in range(10):
        for line in lines:
            line.sendall(body[drop * 1000 : (drop + 1) * 1000])
        assert all(stream.read(1000) == b"y" * 1000 for stream in slow)
        s3.put_object(Bucket=bucket, Key=f"quick-{drop}", Body=b"z")
    assert error_of(s3.head_object, Bucket=bucket, Key="k")[2] == 404, "nobody has sent all of it"
    for line in lines:
        threading.Thread(target=line.sendall, args=(body[10_000:],), daemon=True).start()
    for line in lines:
        assert line.recv(1 << 16).startswith(b"HTTP/1.1 200 ")
        line.close()
    assert all(stream.read() == b"y" * (8 * MIB - 10_000) for stream in slow)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body


def test_who_wants_to_be_asked_for_nothing_is_told_not_to_go_on(own, s3):
    """The AWS CLI asks before it sends, also where there is nothing to send, and mistakes the answer's end for its own."""
    bucket = make_bucket(s3)
    head = head_of(own, bucket, b"").replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")
    answer = raw.send(own.port, head)
    assert answer.startswith(b"HTTP/1.1 200 ") and b"\r\nconnection: close\r\n" in answer.lower()
