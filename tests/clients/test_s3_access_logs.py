"""Server access logs: what was asked of a bucket, as lines in objects of another, five minutes later."""

import json
import re
import urllib.request

import pytest

from harness.buckets import make_bucket
from harness.clients import ACCOUNT, Clients, error_of
from harness.raw import request

FIELDS = (
    "owner bucket time ip requester request operation key target status error sent size took turned referer agent "
    "version host_id signature cipher authenticated host tls access_point acl region"
).split()


@pytest.fixture
def own(fresh):
    return fresh().start()


def advance(platform, by):
    body = json.dumps({"advance": by})
    answer = request(platform.url, "POST", "/_updraft/clock", body, {"content-type": "application/json"})
    assert answer.status == 200, answer.text


def let_in(s3, target, source):
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{target}/*",
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}, "ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{source}"}},
    }
    s3.put_bucket_policy(Bucket=target, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def records(s3, target, prefix=""):
    """Every line that was delivered, by its fields, in the order in which they were asked."""
    lines = []
    for found in s3.list_objects_v2(Bucket=target, Prefix=prefix).get("Contents", []):
        lines += s3.get_object(Bucket=target, Key=found["Key"])["Body"].read().decode().splitlines()
    split = [re.findall(r'"[^"]*"|\[[^]]*\]|\S+', line) for line in lines]
    assert all(len(fields) == len(FIELDS) for fields in split), split
    return [dict(zip(FIELDS, fields)) for fields in split]


def test_what_is_asked_is_logged(own):
    s3 = Clients(own.url).boto("s3")
    source, target = make_bucket(s3), make_bucket(s3)
    let_in(s3, target, source)
    s3.put_bucket_logging(
        Bucket=source,
        BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": "of/"}},
    )
    s3.put_object(Bucket=source, Key="a b/é.txt", Body=b"0123456789")
    part = s3.get_object(Bucket=source, Key="a b/é.txt", Range="bytes=0-3")
    assert part["Body"].read() == b"0123"
    assert error_of(s3.get_object, Bucket=source, Key="none")[0] == "NoSuchKey"
    s3.copy_object(Bucket=source, Key="copy", CopySource={"Bucket": source, "Key": "a b/é.txt"})
    link = s3.generate_presigned_url("get_object", Params={"Bucket": source, "Key": "copy"})
    assert urllib.request.urlopen(link).read() == b"0123456789"
    nobody = request(own.url, "GET", f"/{source}/copy", headers={"user-agent": "nobody"})
    assert nobody.status == 403
    s3.list_objects_v2(Bucket=source)
    s3.delete_objects(Bucket=source, Delete={"Objects": [{"Key": "copy"}, {"Key": "a b/é.txt"}]})
    assert not s3.list_objects_v2(Bucket=target).get("Contents"), "not at once"
    advance(own, "5m")
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket=target)["Contents"]]
    assert len(keys) == 1 and re.fullmatch(r"of/\d{4}(-\d\d){5}-[0-9A-F]{16}", keys[0]), keys
    told = records(s3, target)
    short = [(one["operation"], one["key"], one["status"], one["error"]) for one in told]
    key = "a%2520b/%25C3%25A9.txt"
    assert sorted(short) == sorted([
        ("REST.PUT.LOGGING_STATUS", "-", "200", "-"),
        ("REST.PUT.OBJECT", key, "200", "-"),
        ("REST.GET.OBJECT", key, "206", "-"),
        ("REST.GET.OBJECT", "none", "404", "NoSuchKey"),
        ("REST.COPY.OBJECT", "copy", "200", "-"),
        ("REST.COPY.OBJECT_GET", key, "200", "-"),
        ("REST.GET.OBJECT", "copy", "200", "-"),
        ("REST.GET.OBJECT", "copy", "403", "AccessDenied"),
        ("REST.GET.BUCKET", "-", "200", "-"),
        ("REST.POST.MULTI_OBJECT_DELETE", "-", "200", "-"),
        ("BATCH.DELETE.OBJECT", "copy", "204", "-"),
        ("BATCH.DELETE.OBJECT", "a%20b/%C3%A9.txt", "204", "-"),
    ]), short
    owner = s3.list_buckets()["Owner"]["ID"]
    assert {(one["owner"], one["bucket"], one["region"]) for one in told} == {(owner, source, "us-east-1")}
    put = next(one for one in told if one["operation"] == "REST.PUT.OBJECT")
    got = next(one for one in told if one["status"] == "206")
    assert (put["size"], put["sent"], put["requester"], put["authenticated"]) == ("10", "-", owner, "AuthHeader")
    assert (got["size"], got["sent"], got["signature"]) == ("10", "4", "SigV4")
    assert got["request"] == part["ResponseMetadata"]["HTTPHeaders"]["x-amz-request-id"]
    refused = next(one for one in told if one["status"] == "403")
    assert (refused["requester"], refused["agent"], refused["authenticated"]) == ("-", '"nobody"', "-")
    assert "QueryString" in {one["authenticated"] for one in told if one["key"] == "copy"}


def test_logs_are_parted_and_only_where_they_are_let_in(own):
    s3 = Clients(own.url).boto("s3")
    source, target = make_bucket(s3), make_bucket(s3)
    status = {
        "TargetBucket": target,
        "TargetPrefix": "p/",
        "TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}},
    }
    s3.put_bucket_logging(Bucket=source, BucketLoggingStatus={"LoggingEnabled": status})
    s3.put_object(Bucket=source, Key="lost", Body=b"")
    advance(own, "10m")
    assert not s3.list_objects_v2(Bucket=target).get("Contents"), "no policy lets it in"
    let_in(s3, target, source)
    s3.put_object(Bucket=source, Key="kept", Body=b"")
    advance(own, "10m")
    [found] = s3.list_objects_v2(Bucket=target)["Contents"]
    pattern = rf"p/{ACCOUNT}/us-east-1/{source}/\d{{4}}/\d\d/\d\d/\d{{4}}-\d\d-\d\d-00-00-00-[0-9A-F]{{16}}"
    assert re.fullmatch(pattern, found["Key"]), found["Key"]
    assert [one["key"] for one in records(s3, target)] == ["kept"]
    s3.put_bucket_logging(Bucket=source, BucketLoggingStatus={})
    s3.put_object(Bucket=source, Key="more", Body=b"")
    advance(own, "10m")
    assert "more" not in {one["key"] for one in records(s3, target)}


def test_what_waits_survives_a_kill(own):
    s3 = Clients(own.url).boto("s3")
    source, target = make_bucket(s3), make_bucket(s3)
    let_in(s3, target, source)
    s3.put_bucket_logging(
        Bucket=source,
        BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": ""}},
    )
    s3.put_object(Bucket=source, Key="before", Body=b"")
    # What was asked before is written when the clock answers.
    advance(own, "1s")
    own.kill()
    own.start()
    advance(own, "10m")
    s3 = Clients(own.url).boto("s3")
    assert [one["key"] for one in records(s3, target)] == ["-", "before"]


def test_visits_preflights_and_what_rules_do_are_logged(own):
    s3 = Clients(own.url).boto("s3")
    source, target = make_bucket(s3), make_bucket(s3)
    let_in(s3, target, source)
    s3.put_object(Bucket=source, Key="index.html", Body=b"<p>hello</p>")
    s3.put_object(Bucket=source, Key="old/a b", Body=b"123")
    s3.create_multipart_upload(Bucket=source, Key="torn")
    s3.delete_public_access_block(Bucket=source)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{source}/*"}
    s3.put_bucket_policy(Bucket=source, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    s3.put_bucket_website(Bucket=source, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    rules = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://a.example"]}]
    s3.put_bucket_cors(Bucket=source, CORSConfiguration={"CORSRules": rules})
    expires = {"ID": "e", "Status": "Enabled", "Filter": {"Prefix": "old/"}, "Expiration": {"Days": 1}}
    aborts = {"ID": "a", "Status": "Enabled", "Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket=source, LifecycleConfiguration={"Rules": [expires, aborts]})
    status = {"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": ""}}
    s3.put_bucket_logging(Bucket=source, BucketLoggingStatus=status)
    site = f"/_aws/s3-website/{source}"
    assert request(own.url, "GET", f"{site}/?x=1", headers={"user-agent": "browser"}).text == "<p>hello</p>"
    assert request(own.url, "GET", f"{site}/none").status == 403
    asks = {"origin": "https://a.example", "access-control-request-method": "GET"}
    assert request(own.url, "OPTIONS", f"/{source}/index.html", headers=asks).status == 200
    assert request(own.url, "OPTIONS", f"/{source}/index.html", headers={**asks, "origin": "https://b"}).status == 403
    advance(own, "73h")
    told = records(s3, target)
    visit = next(one for one in told if one["operation"] == "WEBSITE.GET.OBJECT" and one["status"] == "200")
    assert (visit["key"], visit["sent"], visit["size"], visit["requester"]) == ("index.html", "12", "12", "-")
    assert (visit["target"], visit["agent"]) == ('"GET /?x=1 HTTP/1.1"', '"browser"')
    refused = next(one for one in told if one["operation"] == "WEBSITE.GET.OBJECT" and one["status"] == "403")
    assert (refused["key"], refused["error"]) == ("none", "AccessDenied")
    preflights = [(one["key"], one["status"], one["error"]) for one in told if one["operation"] == "REST.OPTIONS.PREFLIGHT"]
    assert sorted(preflights) == [("index.html", "200", "-"), ("index.html", "403", "AccessForbidden")]
    rules = {one["operation"]: one for one in told if one["operation"].startswith("S3.")}
    assert sorted(rules) == ["S3.DELETE.UPLOAD", "S3.EXPIRE.OBJECT"]
    expired = rules["S3.EXPIRE.OBJECT"]
    assert (expired["key"], expired["size"], expired["requester"], expired["ip"]) == ("old/a%20b", "3", "AmazonS3", "-")
    assert (expired["target"], expired["status"], expired["took"]) == ('"-"', "-", "-")
    assert rules["S3.DELETE.UPLOAD"]["key"] == "torn"
