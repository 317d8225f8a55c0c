"""Objects through boto3 and the AWS CLI: bytes both ways, keys of all kinds, versions, parts, signed links."""

import filecmp
import hashlib
import random
import urllib.error
import urllib.request

import pytest
from boto3.s3.transfer import TransferConfig

from harness import raw, signing
from harness.clients import error_of
from harness.names import unique

MIB = 1 << 20


@pytest.fixture(scope="module")
def s3(clients):
    return clients.boto("s3")


@pytest.fixture
def bucket(s3):
    name = unique("bucket")
    s3.create_bucket(Bucket=name)
    return name


def noise(size, seed=0):
    return random.Random(seed).randbytes(size)


def file_of(path, size, seed=0):
    path.write_bytes(noise(size, seed))
    return path


@pytest.mark.parametrize("size", (0, 1, 16 << 10, (16 << 10) + 1, 3 * MIB))
def test_bytes_come_back(s3, bucket, size):
    body = noise(size, size)
    put = s3.put_object(Bucket=bucket, Key="k", Body=body, ContentType="text/x", Metadata={"a": "b"})
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == body
    assert (got["ContentType"], got["Metadata"], got["ContentLength"]) == ("text/x", {"a": "b"}, size)
    assert got["ChecksumCRC32"] == put["ChecksumCRC32"]
    head = s3.head_object(Bucket=bucket, Key="k")
    assert (head["ContentLength"], head["ETag"]) == (size, put["ETag"])


@pytest.mark.parametrize("algorithm", ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"))
def test_checksums_behind_the_bytes(s3, bucket, algorithm, tmp_path):
    if algorithm in ("CRC32C", "CRC64NVME"):
        pytest.importorskip("awscrt")
    with file_of(tmp_path / "f", MIB).open("rb") as body:
        put = s3.put_object(Bucket=bucket, Key="k", Body=body, ChecksumAlgorithm=algorithm)
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got[f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"]
    assert len(got["Body"].read()) == MIB


def test_a_body_that_is_not_what_was_signed_is_not_kept(platform, s3, bucket):
    path = f"/{bucket}/k"
    signed = signing.headers("s3", "PUT", path, b"other", host=f"127.0.0.1:{platform.port}")
    answer = raw.request(platform.url, "PUT", path, b"bytes", signed)
    assert answer.status == 400 and "<Code>XAmzContentSHA256Mismatch</Code>" in answer.text
    assert error_of(s3.head_object, Bucket=bucket, Key="k")[2] == 404


@pytest.mark.parametrize("key", ("a b+c", "a//b/", "../x/./y", "é/😀", "a%2Fb", "q?x=1&y#z", "~-_.*'()", "/lead"))
def test_keys_are_kept_as_they_are(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": key})
    s3.delete_object(Bucket=bucket, Key=key)
    assert [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["copy"]


def test_a_bucket_may_stand_in_the_host(platform, s3, bucket):
    s3.put_object(Bucket=bucket, Key="a/k", Body=b"bytes")
    named = urllib.request.Request(f"{platform.url}/a/k", headers={"Host": f"{bucket}.s3.localhost"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(named)
    assert refused.value.code == 403 and b"<Code>AccessDenied</Code>" in refused.value.read()


def test_signed_links(clients, bucket):
    s3 = clients.boto("s3", signature_version="s3v4")
    put = s3.generate_presigned_url("put_object", {"Bucket": bucket, "Key": "k"})
    with urllib.request.urlopen(urllib.request.Request(put, data=b"bytes", method="PUT")) as answer:
        assert answer.status == 200
    with urllib.request.urlopen(s3.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "k"})) as answer:
        assert answer.read() == b"bytes"


def test_parts_and_ranges(s3, bucket, tmp_path):
    path = file_of(tmp_path / "f", 17 * MIB + 5)
    s3.upload_file(str(path), bucket, "k", Config=TransferConfig(multipart_chunksize=5 * MIB))
    assert s3.head_object(Bucket=bucket, Key="k")["ETag"].endswith('-4"')
    s3.download_file(bucket, "k", str(tmp_path / "g"), Config=TransferConfig(multipart_chunksize=5 * MIB))
    assert filecmp.cmp(path, tmp_path / "g", shallow=False)
    part = s3.get_object(Bucket=bucket, Key="k", Range=f"bytes={5 * MIB - 2}-{5 * MIB + 1}")
    assert part["Body"].read() == path.read_bytes()[5 * MIB - 2 : 5 * MIB + 2]
    assert part["ResponseMetadata"]["HTTPStatusCode"] == 206


def test_versions(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    ids = [s3.put_object(Bucket=bucket, Key="k", Body=body)["VersionId"] for body in (b"1", b"2")]
    marker = s3.delete_object(Bucket=bucket, Key="k")
    assert marker["DeleteMarker"] is True
    assert error_of(s3.get_object, Bucket=bucket, Key="k")[0] == "NoSuchKey"
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=ids[0])["Body"].read() == b"1"
    told = s3.list_object_versions(Bucket=bucket)
    assert [one["VersionId"] for one in told["Versions"]] == ids[::-1]
    s3.delete_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"2"


def test_lambda_takes_its_code_from_a_bucket(clients, s3, bucket):
    from harness.clients import ROLE
    from harness.functions import zipped

    s3.put_object(Bucket=bucket, Key="code.zip", Body=zipped({"main.py": "def handler(event, context):\n    return 7\n"}))
    client, name = clients.boto("lambda"), unique("from-bucket")
    code = {"S3Bucket": bucket, "S3Key": "code.zip"}
    client.create_function(FunctionName=name, Runtime="python3.13", Handler="main.handler", Role=ROLE, Code=code)
    client.get_waiter("function_active_v2").wait(FunctionName=name)
    assert client.invoke(FunctionName=name)["Payload"].read() == b"7"


def test_a_key_that_is_no_text(platform, bucket):
    answer = signing.send(platform, "s3", "GET", f"/{bucket}/%AE%8A-")
    assert answer.status == 400 and "<Code>InvalidURI</Code>" in answer.text, answer.text
