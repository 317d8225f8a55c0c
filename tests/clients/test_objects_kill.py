"""kill -9 in the middle of uploads: nothing of them is seen, and nothing of them is left on the disk."""

import os
import socket

from harness import signing
from harness.buckets import make_bucket
from harness.clients import Clients
from harness.wait import wait_until

MIB = 1 << 20
CLIENTS = 4


def blobs(platform):
    """The files that hold bytes, begun or whole."""
    return {path for path in (platform.data / "blobs").rglob("*") if path.is_file() and path.stat().st_size > 9}


def unnamed(platform):
    """How many files without a name it is writing into."""
    found = 0
    for one in os.scandir(f"/proc/{platform.process.pid}/fd"):
        try:
            about = os.stat(one.path)
            found += str(platform.data) in os.readlink(one.path) and about.st_nlink == 0 and about.st_size > 0
        except FileNotFoundError:
            pass  # Closed meanwhile.
    return found


def begin(platform, path, query=""):
    """An upload of 8 MiB, of which half has been sent."""
    host = f"127.0.0.1:{platform.port}"
    headers = signing.headers("s3", "PUT", path, host=host, query=query, payload="UNSIGNED-PAYLOAD")
    target = f"{path}?{query}" if query else path
    lines = [f"PUT {target} HTTP/1.1", f"Host: {host}", f"Content-Length: {8 * MIB}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    client = socket.create_connection(("127.0.0.1", platform.port), timeout=60)
    client.sendall("\r\n".join([*lines, "", ""]).encode() + b"a" * (4 * MIB))
    return client


def test_what_was_being_uploaded_is_gone(fresh):
    platform = fresh().start()
    s3 = Clients(platform.url).boto("s3")
    bucket = make_bucket(s3)
    s3.put_object(Bucket=bucket, Key="whole", Body=b"b" * MIB)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    before = blobs(platform)
    open = [begin(platform, f"/{bucket}/k{n}") for n in range(CLIENTS)]
    open.append(begin(platform, f"/{bucket}/parts", f"partNumber=1&uploadId={upload}"))
    begun = lambda: unnamed(platform) + len(blobs(platform) - before) >= len(open)
    wait_until(begun, 60, "bytes of every upload on the disk")
    platform.kill()
    # Where files need names, those of the dead have some, and are old when the next one starts.
    for left in blobs(platform) - before:
        os.utime(left, (0, 0))
    for client in open:
        client.close()
    platform.start()
    wait_until(lambda: blobs(platform) == before, 60, "what was left behind being removed")
    s3 = Clients(platform.url).boto("s3")
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["whole"]
    assert s3.get_object(Bucket=bucket, Key="whole")["Body"].read() == b"b" * MIB
    assert "Parts" not in s3.list_parts(Bucket=bucket, Key="parts", UploadId=upload)
