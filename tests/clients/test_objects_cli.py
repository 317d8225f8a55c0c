"""Objects through the AWS CLI's own commands: buckets made and removed, files and folders both ways, parts, signed links."""

import filecmp
import os
import random
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from harness.buckets import make_bucket
from harness.clients import error_of
from harness.names import unique

MIB = 1 << 20
# The long form, which few runs have the time for: a file of so many MiB there and back.
LARGE = "LARGE_OBJECT_MIB"


@pytest.fixture(scope="module")
def s3(clients):
    return clients.boto("s3")


@pytest.fixture(scope="module")
def cli(clients, tmp_path_factory):
    """Runs `aws s3 …` with parts of 5 MiB for what is over 8, and answers what it printed."""
    config = tmp_path_factory.mktemp("aws") / "config"
    config.write_text("[default]\ns3 =\n  multipart_threshold = 8MB\n  multipart_chunksize = 5MB\n")

    def run(*args, **options):
        done = clients.run(["env", f"AWS_CONFIG_FILE={config}", "aws", "s3", *args], **options)
        assert done.returncode == 0, f"aws s3 {' '.join(map(str, args))}: {done.stdout}{done.stderr}"
        return done.stdout

    return run


@pytest.fixture
def bucket(s3):
    return make_bucket(s3)


def fill(path, size, seed=0):
    """A file of noise, a piece at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    chance = random.Random(f"{seed} {size}")
    with path.open("wb") as file:
        for at in range(0, size, MIB):
            file.write(chance.randbytes(min(MIB, size - at)))
    return path


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file())


def same(one, other):
    assert names(one) == names(other)
    return all(filecmp.cmp(one / name, other / name, shallow=False) for name in names(one))


def test_a_large_file_goes_there_and_back_in_parts(cli, s3, bucket, tmp_path):
    large = fill(tmp_path / "large", 24 * MIB + 3)
    cli("cp", large, f"s3://{bucket}/large", "--no-progress")
    assert s3.head_object(Bucket=bucket, Key="large")["ETag"].endswith('-5"')
    cli("cp", f"s3://{bucket}/large", f"s3://{bucket}/copy", "--no-progress")
    assert s3.head_object(Bucket=bucket, Key="copy")["ETag"].endswith('-5"')
    cli("mv", f"s3://{bucket}/copy", tmp_path / "back", "--no-progress")
    assert filecmp.cmp(large, tmp_path / "back", shallow=False)
    assert error_of(s3.head_object, Bucket=bucket, Key="copy")[2] == 404
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_a_stream_goes_there_and_back(clients, s3, bucket):
    script = 'head -c 9000000 /dev/zero | aws s3 cp - "$0" && aws s3 cp "$0" - | md5sum'
    done = clients.run(["sh", "-c", script, f"s3://{bucket}/zeros"])
    assert done.stdout.split()[0] == "1dfe5e6e4defff78eb0b5217313a6940", done.stderr
    assert s3.head_object(Bucket=bucket, Key="zeros")["ContentLength"] == 9_000_000


def test_folders_are_kept_alike(cli, bucket, tmp_path):
    here, back, there = tmp_path / "here", tmp_path / "back", f"s3://{bucket}/to"
    for n in range(12):
        fill(here / f"d{n % 3}" / f"file {n}+é.txt", 100 * n, n)
    assert cli("sync", here, there, "--no-progress").count("upload:") == 12
    (here / "d0" / "file 0+é.txt").unlink()
    fill(here / "d1" / "file 1+é.txt", 7)
    changed = cli("sync", here, there, "--delete", "--no-progress")
    assert sorted(line.split(":")[0] for line in changed.splitlines()) == ["delete", "upload"]
    cli("sync", there, back, "--no-progress")
    assert same(here, back)
    listed = cli("ls", f"s3://{bucket}", "--recursive", "--summarize")
    assert "Total Objects: 11" in listed and "to/d2/file 2+é.txt" in listed
    assert cli("ls", f"{there}/").split() == ["PRE", "d0/", "PRE", "d1/", "PRE", "d2/"]
    assert cli("rm", there, "--recursive", "--exclude", "*", "--include", "d1/*").count("delete:") == 4


def test_what_it_says_of_an_object_is_kept(cli, s3, bucket, tmp_path):
    page = fill(tmp_path / "page.html", 10)
    about = ("--metadata", "a=b", "--cache-control", "max-age=7", "--storage-class", "STANDARD_IA", "--acl", "bucket-owner-full-control")
    cli("cp", page, f"s3://{bucket}/page.html", *about)
    head = s3.head_object(Bucket=bucket, Key="page.html")
    assert (head["ContentType"], head["CacheControl"], head["Metadata"]) == ("text/html", "max-age=7", {"a": "b"})
    assert head["StorageClass"] == "STANDARD_IA"


@pytest.mark.parametrize("version", (2, 4))
def test_signed_links(clients, cli, s3, bucket, tmp_path, version):
    """In us-east-1 it signs in the older manner, unless it is told otherwise."""
    config = tmp_path / "config"
    config.write_text("[default]\ns3 =\n  signature_version = s3v4\n" if version == 4 else "")
    s3.put_object(Bucket=bucket, Key="a b+é", Body=b"bytes")
    command = ["env", f"AWS_CONFIG_FILE={config}", "aws", "s3", "presign", f"s3://{bucket}/a b+é", "--expires-in", "60"]
    link = clients.run(command).stdout.strip()
    assert ("X-Amz-Signature=" in link) == (version == 4), link
    with urllib.request.urlopen(link) as answer:
        assert answer.read() == b"bytes"
    with pytest.raises(urllib.error.HTTPError) as forged:
        urllib.request.urlopen(link.replace(bucket, unique("bucket")))
    assert b"<Code>SignatureDoesNotMatch</Code>" in forged.value.read()


def test_buckets_are_made_and_removed(clients, cli, s3):
    name = unique("bucket")
    cli("mb", f"s3://{name}")
    s3.put_object(Bucket=name, Key="k", Body=b"bytes")
    refused = clients.run(["aws", "s3", "rb", f"s3://{name}"])
    assert refused.returncode == 1 and "BucketNotEmpty" in refused.stderr
    cli("rb", "--force", f"s3://{name}")
    assert error_of(s3.head_bucket, Bucket=name)[2] == 404


@pytest.mark.skipif(LARGE not in os.environ, reason=f"{LARGE} isn't set: how many MiB go there and back")
@pytest.mark.timeout(3_600)
def test_a_very_large_file_goes_there_and_back(platform, clients, bucket, tmp_path):
    size = int(os.environ[LARGE]) * MIB
    large = fill(tmp_path / "large", size)
    began = time.monotonic()
    for args in ((large, f"s3://{bucket}/large"), (f"s3://{bucket}/large", tmp_path / "back")):
        clients.run(["aws", "s3", "cp", *args, "--no-progress"], seconds=1_500).check_returncode()
        print(f"{args[1]}: {time.monotonic() - began:.1f} s; the server's most: {peak(platform)}")
    assert filecmp.cmp(large, tmp_path / "back", shallow=False)


def peak(platform):
    status = Path(f"/proc/{platform.process.pid}/status").read_text()
    return next(line.split(":")[1].strip() for line in status.splitlines() if line.startswith("VmHWM"))
