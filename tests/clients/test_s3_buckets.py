"""S3's buckets and their configurations through real clients: boto3 and the AWS CLI, and the XML that they don't show."""

import json

import pytest

from harness import raw, signing
from harness.buckets import make_bucket
from harness.clients import error_of as whole_error_of
from harness.names import unique

NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


def error_of(call, **params):
    return whole_error_of(call, **params)[0]


@pytest.fixture
def s3(clients):
    return clients.boto("s3")


@pytest.fixture
def bucket(s3):
    return make_bucket(s3)


def test_a_bucket_from_its_making_to_its_end(s3):
    name = unique("walk")
    made = s3.create_bucket(Bucket=name)
    assert (made["Location"], made["BucketArn"]) == (f"/{name}", f"arn:aws:s3:::{name}")
    assert s3.head_bucket(Bucket=name)["BucketRegion"] == "us-east-1"
    listed = s3.list_buckets(Prefix=name)
    assert [bucket["Name"] for bucket in listed["Buckets"]] == [name]
    assert len(listed["Owner"]["ID"]) == 64
    assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] is None
    s3.delete_bucket(Bucket=name)
    assert error_of(s3.head_bucket, Bucket=name) == "404"
    assert error_of(s3.delete_bucket, Bucket=name) == "NoSuchBucket"
    assert error_of(s3.create_bucket, Bucket="Not_A_Name") == "InvalidBucketName"


def test_buckets_of_other_regions_and_accounts(clients, s3, bucket):
    far = make_bucket(s3, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert s3.get_bucket_location(Bucket=far)["LocationConstraint"] == "eu-west-1"
    assert s3.head_bucket(Bucket=far)["BucketRegion"] == "eu-west-1"
    stranger = clients.other("111111111111").boto("s3")
    assert error_of(stranger.head_bucket, Bucket=bucket) == "403"
    assert error_of(stranger.create_bucket, Bucket=bucket) == "BucketAlreadyExists"
    assert error_of(stranger.get_bucket_tagging, Bucket=bucket) == "AccessDenied"
    assert bucket not in [found["Name"] for found in stranger.list_buckets()["Buckets"]]


def test_pages_of_buckets(s3):
    prefix = unique("pages")
    names = [make_bucket(s3, f"{prefix}-{n}") for n in range(5)]
    pages = s3.get_paginator("list_buckets").paginate(Prefix=prefix, PaginationConfig={"PageSize": 2})
    pages = [[bucket["Name"] for bucket in page["Buckets"]] for page in pages]
    assert pages == [names[:2], names[2:4], names[4:]]


def test_the_xml_is_awss(platform, bucket):
    get = lambda path, query="": signing.send(platform, "s3", "GET", path, query=query)
    answer = get(f"/{bucket}", "location=")
    assert answer.text.endswith(f"<LocationConstraint {NAMESPACE}></LocationConstraint>"), answer.text
    answer = get("/")
    assert f"<ListAllMyBucketsResult {NAMESPACE}>" in answer.text
    answer = get(f"/{bucket}", "cors=")
    assert answer.status == 404
    assert f"<BucketName>{bucket}</BucketName>" in answer.text and "<RequestId>" in answer.text


@pytest.mark.parametrize("body", [b"", b"<Tagging>", b"<Tagging><TagSet><Tag><Key>k</Key></Tag></TagSet></Tagging>"])
def test_what_no_client_would_send(platform, bucket, body):
    answer = signing.send(platform, "s3", "PUT", f"/{bucket}", body=body, query="tagging=")
    expected = "MalformedXML" if body else "MissingRequestBodyError"
    assert answer.status == 400 and f"<Code>{expected}</Code>" in answer.text, answer.text


def test_configurations_come_back_as_they_were_put(s3, bucket):
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "a", "Value": "1"}]})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == [{"Key": "a", "Value": "1"}]
    rules = [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}}]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == rules
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": False}
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"] == block
    cors = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 60}]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": cors})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == cors
    policy = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = {"Version": "2012-10-17", "Statement": [policy]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == policy
    assert s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"] == {"IsPublic": False}
    s3.delete_bucket(Bucket=bucket)
    make_bucket(s3, bucket)
    for left in (s3.get_bucket_tagging, s3.get_bucket_cors, s3.get_bucket_policy):
        assert error_of(left, Bucket=bucket).startswith("NoSuch"), "a bucket made anew has nothing of the former one"
    new = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert new == {name: True for name in block}, "nothing in a new bucket can be made public"


def test_acls_count_where_the_owner_is_not_enforced(s3, bucket):
    assert error_of(s3.put_bucket_acl, Bucket=bucket, ACL="public-read") == "AccessControlListNotSupported"
    controls = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=controls)
    assert error_of(s3.put_bucket_acl, Bucket=bucket, ACL="public-read") == "AccessDenied", "it is blocked"
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    acl = s3.get_bucket_acl(Bucket=bucket)
    user, group = acl["Grants"]
    assert user["Grantee"] == {"ID": acl["Owner"]["ID"], "Type": "CanonicalUser"}
    assert group["Grantee"] == {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    policy = {"Grants": acl["Grants"], "Owner": acl["Owner"]}
    s3.put_bucket_acl(Bucket=bucket, AccessControlPolicy=policy)
    assert s3.get_bucket_acl(Bucket=bucket)["Grants"] == acl["Grants"]


def test_the_cli(clients):
    def aws(*args):
        done = clients.run(["aws", *args])
        assert done.returncode == 0, done.stderr
        return done.stdout

    name = unique("cli")
    aws("s3", "mb", f"s3://{name}")
    assert name in aws("s3", "ls")
    put = ["put-bucket-versioning", "--bucket", name, "--versioning-configuration", "Status=Enabled"]
    aws("s3api", *put)
    assert clients.cli("s3api", "get-bucket-versioning", "--bucket", name) == {"Status": "Enabled"}
    aws("s3", "rb", f"s3://{name}")
    assert name not in aws("s3", "ls")


def asked(platform, bucket, method, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return raw.request(platform.url, method, f"/{bucket}/key", None, headers)


def test_a_page_asks_before_it_asks(platform, s3, bucket):
    page = "https://page.example"
    answer = asked(platform, bucket, "OPTIONS", origin=page, access_control_request_method="PUT")
    assert answer.status == 403 and "CORS is not enabled for this bucket." in answer.text
    rule = {"AllowedOrigins": [page], "AllowedMethods": ["GET", "PUT"], "AllowedHeaders": ["x-amz-*"], "MaxAgeSeconds": 60}
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rule]})
    wanted = {"access_control_request_method": "PUT", "access_control_request_headers": "X-Amz-Acl"}
    answer = asked(platform, bucket, "OPTIONS", origin=page, **wanted)
    told = {name.lower(): value for name, value in answer.headers.items()}
    assert answer.status == 200
    assert told["access-control-allow-origin"] == page
    assert told["access-control-allow-methods"] == "GET, PUT"
    assert told["access-control-allow-headers"] == "x-amz-acl"
    assert told["access-control-max-age"] == "60"
    assert asked(platform, bucket, "OPTIONS", origin="https://other.example", **wanted).status == 403
    assert asked(platform, bucket, "OPTIONS").status == 400
    answer = asked(platform, bucket, "GET", origin=page)
    told = {name.lower(): value for name, value in answer.headers.items()}
    assert told["access-control-allow-origin"] == page, "errors are told to pages too"


def test_a_body_that_is_not_what_was_meant(s3, bucket):
    tagging = {"TagSet": [{"Key": "a", "Value": "1"}]}
    wrong = "CY9rzUYh03PK3k6DJie09g=="
    code, message, status = whole_error_of(s3.put_bucket_tagging, Bucket=bucket, Tagging=tagging, ContentMD5=wrong)
    assert (code, status) == ("BadDigest", 400), message
    code = error_of(s3.put_bucket_tagging, Bucket=bucket, Tagging=tagging, ContentMD5="x")
    assert code == "InvalidDigest"
