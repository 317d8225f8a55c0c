"""Websites in buckets, as browsers see them: without signatures, by host and by path."""

import pytest

from harness.buckets import make_bucket, open_to_all
from harness.raw import request


@pytest.fixture
def s3(clients):
    return clients.boto("s3")


def test_a_site_is_visited(platform, s3):
    bucket = make_bucket(s3)
    host = f"{bucket}.s3-website-us-east-1.amazonaws.com"
    assert "NoSuchWebsiteConfiguration" in request(platform.url, path="/", host=host).text
    rule = {"Condition": {"KeyPrefixEquals": "docs/"}, "Redirect": {"ReplaceKeyPrefixWith": "documents/"}}
    site = {
        "IndexDocument": {"Suffix": "index.html"},
        "ErrorDocument": {"Key": "error.html"},
        "RoutingRules": [rule],
    }
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=site)
    s3.put_object(Bucket=bucket, Key="index.html", Body=b"<h1>hello</h1>", ContentType="text/html")
    s3.put_object(Bucket=bucket, Key="error.html", Body=b"our own")
    s3.put_object(Bucket=bucket, Key="moved", Body=b"", WebsiteRedirectLocation="/index.html")
    s3.put_object(Bucket=bucket, Key="large", Body=b"x" * 3_000_000)
    assert request(platform.url, path="/", host=host).status == 403
    open_to_all(s3, bucket)
    page = request(platform.url, path="/", host=host)
    assert (page.status, page.text, page.headers["content-type"]) == (200, "<h1>hello</h1>", "text/html")
    assert request(platform.url, path=f"/_aws/s3-website/{bucket}/").text == "<h1>hello</h1>"
    head = request(platform.url, "HEAD", "/large", host=host)
    assert (head.status, head.headers["content-length"], head.text) == (200, "3000000", "")
    assert len(request(platform.url, path="/large", host=host).text) == 3_000_000
    missing = request(platform.url, path="/nowhere", host=host)
    assert (missing.status, missing.text, missing.headers["x-amz-error-code"]) == (404, "our own", "NoSuchKey")
    moved = request(platform.url, path="/moved", host=host)
    assert (moved.status, moved.headers["location"]) == (301, "/index.html")
    led = request(platform.url, path="/docs/a", host=host)
    assert (led.status, led.headers["location"]) == (301, f"http://{host}/documents/a")
    assert request(platform.url, "PUT", "/new", "x", host=host).status == 405


def test_a_site_may_be_another(platform, s3):
    bucket = make_bucket(s3)
    to = {"RedirectAllRequestsTo": {"HostName": "example.com", "Protocol": "https"}}
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=to)
    answer = request(platform.url, path="/a/b?c=d", host=f"{bucket}.s3-website.localhost")
    assert (answer.status, answer.headers["location"]) == (301, "https://example.com/a/b?c=d")
