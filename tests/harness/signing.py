"""Signature Version 4 by hand, so that tests can sign what no SDK would send, at any time, with any key."""

import datetime
import hashlib
import hmac

from . import raw


def headers(service, method, path, body=b"", *, host, key="test", secret="test", region="us-east-1", at=None, extra=None, query="", payload=None):
    """The headers of a signed request. `path` has no query and needs no escaping; `query` is in canonical form; `payload`
    is what it says of its body, if not the body's own hash."""
    at = at or datetime.datetime.now(datetime.timezone.utc)
    stamp, day = at.strftime("%Y%m%dT%H%M%SZ"), at.strftime("%Y%m%d")
    digest = payload or hashlib.sha256(body).hexdigest()
    signed = {name.lower(): value for name, value in (extra or {}).items()}
    signed |= {"host": host, "x-amz-date": stamp, "x-amz-content-sha256": digest}
    names = ";".join(sorted(signed))
    canonical = "\n".join(
        [method, path, query, *(f"{name}:{signed[name].strip()}" for name in sorted(signed)), "", names, digest]
    )
    scope = f"{day}/{region}/{service}/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signature = hmac.new(_key(secret, day, region, service), text.encode(), hashlib.sha256).hexdigest()
    signed["authorization"] = f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={names}, Signature={signature}"
    del signed["host"]
    return signed


def signature(text, credential, secret="test"):
    """Of a text, such as a form's policy, under a credential `key/day/region/service/aws4_request`."""
    day, region, service = credential.split("/")[1:4]
    return hmac.new(_key(secret, day, region, service), text, hashlib.sha256).hexdigest()


def _key(secret, day, region, service):
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def send(platform, service, method="POST", path="/", body=b"", extra=None, **options):
    """Signs and sends one request."""
    host = f"127.0.0.1:{platform.port}"
    signed = headers(service, method, path, body, host=host, extra=extra, **options)
    target = f"{path}?{options['query']}" if options.get("query") else path
    return raw.request(platform.url, method, target, body if body or method != "GET" else None, signed)


def json_call(platform, operation, body, prefix="DynamoDB_20120810", service="dynamodb", **options):
    """One call of an awsJson 1.0 service with any bytes as its body."""
    extra = {"x-amz-target": f"{prefix}.{operation}", "content-type": "application/x-amz-json-1.0"}
    return send(platform, service, body=body, extra=extra | options.pop("extra", {}), **options)


def form_call(platform, body, service="sts", **options):
    """One call of a query service."""
    extra = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    return send(platform, service, body=body, extra=extra, **options)
