"""Scenarios recorded from AWS's S3, done again here: rules of lifecycles, who is told what, and configurations beside."""

import datetime
import json

from harness import queues, signing
from harness.buckets import make_bucket
from harness.clients import ACCOUNT, REGION
from harness.names import unique
from harness.recordings import answered, of_xml, played

MAIN, API, SQS = "s3/test_s3.json", "s3/test_s3_api.json", "s3/test_s3_notifications_sqs.json"


def test_a_region_that_isnt_meant(platform, clients, s3):
    told, check = played(MAIN, "test_bucket_constraint_aws_global[us-west-1]")
    place = {"LocationConstraint": "aws-global"}
    west = clients.other("test", region="us-west-1").boto("s3")
    made = answered(west.create_bucket, Bucket=unique("place"), CreateBucketConfiguration=place)
    check(told["aws-global-constraint"], made)
    told, check = played(MAIN, "test_create_bucket_aws_global", "HostId", "RequestId")
    told["xml-error-create-bucket"]["Error"]["Region"] = REGION
    error = told["xml-error-create-bucket"]["Error"]
    error["Message"] = error["Message"].replace("<us_east_1_region>", REGION)
    answer = signing.send(platform, "s3", "PUT", f"/{unique('global')}", region="aws-global")
    check(told["xml-error-create-bucket"], of_xml(answer.text))


def test_a_bucket_elsewhere(clients):
    told, check = played(MAIN, "test_region_header_exists_outside_us_east_1")
    s3 = clients.other("test", region="us-west-2").boto("s3")
    bucket = make_bucket(s3, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    told["head_bucket"]["BucketRegion"] = "us-west-2"
    check(told["head_bucket"], s3.head_bucket(Bucket=bucket))
    check(told["list_objects_v2"], s3.list_objects_v2(Bucket=bucket))


def test_a_bucket_is_asked_from_elsewhere(clients, s3, bucket):
    told, check = played(MAIN, "test_bucket_operation_between_regions")
    other = clients.other("test", region="us-west-2").boto("s3")
    site = {"IndexDocument": {"Suffix": "index.html"}}
    check(told["put-website-config-region-1"], s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=site))
    check(told["get-website-config-region-2"], other.get_bucket_website(Bucket=bucket))
    rules = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
    check(told["put-cors-config-region-1"], s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=rules))
    check(told["get-cors-config-region-2"], other.get_bucket_cors(Bucket=bucket))


def test_a_bucket_without_tags(s3):
    for label, tags in (("empty", []), ("none", None)):
        name, (told, compare) = unique("tags"), played(API, "test_create_bucket_with_empty_tags")
        made = s3.create_bucket(Bucket=name, CreateBucketConfiguration={"Tags": tags})
        compare(told[f"create-bucket-with-{label}-tags"], made)
        compare(told["get-bucket-tags"], answered(s3.get_bucket_tagging, Bucket=name))


def test_a_policy_is_deleted(s3, bucket):
    told, check = played(MAIN, "test_delete_bucket_policy")
    check(told["delete-bucket-policy"], s3.delete_bucket_policy(Bucket=bucket))
    check(told["get-bucket-policy-no-such-bucket-policy"], answered(s3.get_bucket_policy, Bucket=bucket))
    told, check = played(MAIN, "test_get_bucket_policy_invalid_account_id[aa000000000$]")
    get = answered(s3.get_bucket_policy, Bucket=bucket, ExpectedBucketOwner="aa000000000$")
    check(told["get-bucket-policy-invalid-bucket-owner"], get)


def test_who_owns_a_policys_bucket(s3, bucket):
    told, check = played(MAIN, "test_put_bucket_policy_expected_bucket_owner")
    who = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    statement = {"Effect": "Allow", "Principal": who, "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    put = lambda owner: answered(s3.put_bucket_policy, Bucket=bucket, Policy=policy, ExpectedBucketOwner=owner)
    check(told["put-bucket-policy-with-expected-bucket-owner-error"], put("000000000002"))
    check(told["put-bucket-policy-with-expected-bucket-owner"], put(ACCOUNT))


def test_metrics(s3, bucket):
    told, check = played(API, "test_get_bucket_metrics_configuration_not_exist")
    put = lambda id, prefix: s3.put_bucket_metrics_configuration(
        Bucket=bucket, Id=id, MetricsConfiguration={"Id": id, "Filter": {"Prefix": prefix}}
    )
    get = lambda id: answered(s3.get_bucket_metrics_configuration, Bucket=bucket, Id=id)
    check(told["get_bucket_metrics_configuration"], get("gone"))
    told, check = played(API, "test_list_bucket_metrics_configurations")
    for id in ("one", "two"):
        put(id, "logs/prefix")
    check(told["list_bucket_metrics_configurations"], s3.list_bucket_metrics_configurations(Bucket=bucket))
    told, check = played(API, "test_overwrite_bucket_metrics_configuration")
    over = put("one", "logs/new-prefix")
    # AWS: 204 where a model says 200.
    check(told["overwrite_bucket_metrics_configuration"], over)
    check(told["get_bucket_metrics_configuration"], get("one"))
    told, check = played(API, "test_delete_metrics_configuration")
    delete = s3.delete_bucket_metrics_configuration(Bucket=bucket, Id="two")
    check(told["delete_bucket_metrics_configuration"], delete)
    check(told["get_bucket_metrics_configuration"], get("two"))


DATES = ("Expiration", "ETag", "ChecksumCRC32")


def ruled(s3, bucket, *rules):
    rules = [{"Status": "Enabled", "Expiration": {"Days": 7}, **rule} for rule in rules]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    return s3.get_bucket_lifecycle_configuration(Bucket=bucket)


def read(s3, bucket, key):
    answer = s3.get_object(Bucket=bucket, Key=key)
    answer["Body"] = answer["Body"].read().decode()
    return answer


def test_a_rule_with_a_date(s3, bucket):
    told, check = played(MAIN, "test_bucket_lifecycle_configuration_date")
    day = datetime.datetime(2035, 1, 1, tzinfo=datetime.timezone.utc)
    rules = ruled(s3, bucket, {"ID": "rule_number_one", "Filter": {}, "Expiration": {"Date": day}})
    check(told["get-bucket-lifecycle-conf"], rules)


def test_when_an_object_expires(s3, bucket):
    told, check = played(MAIN, "test_bucket_lifecycle_configuration_object_expiry", *DATES)
    check(told["get-bucket-lifecycle-conf"], ruled(s3, bucket, {"ID": "rule_number_one", "Filter": {"Prefix": ""}}))
    s3.put_object(Bucket=bucket, Key="k", Body=b"test")
    check(told["head-object-expiry"], s3.head_object(Bucket=bucket, Key="k"))
    check(told["get-object-expiry"], read(s3, bucket, "k"))


def test_when_objects_of_some_sizes_expire(s3, bucket):
    told, check = played(MAIN, "test_bucket_lifecycle_object_size_rules", *DATES)
    larger = {"ID": "rule_one", "Filter": {"ObjectSizeGreaterThan": 20}}
    smaller = {"ID": "rule_two", "Filter": {"ObjectSizeLessThan": 10}}
    check(told["get-bucket-lifecycle-conf"], ruled(s3, bucket, larger, smaller))
    for label, size in (("match-rule-1", 21), ("match-rule-2", 9), ("no-match", 15)):
        put = s3.put_object(Bucket=bucket, Key="k", Body=b"a" * size)
        check(told[f"put-object-{label}"], put)
        assert ("Expiration" in put) == (label != "no-match")


def test_when_objects_with_tags_expire(s3, bucket):
    told, check = played(MAIN, "test_bucket_lifecycle_tag_rules", *DATES)
    one, two = {"Key": "testlifecycle", "Value": "positive"}, {"Key": "testlifecycletwo", "Value": "positive-two"}
    rules = ruled(
        s3, bucket, {"ID": "rule_one", "Filter": {"Tag": one}}, {"ID": "rule_two", "Filter": {"And": {"Tags": [one, two]}}}
    )
    check(told["get-bucket-lifecycle-conf"], rules)
    for label, tags in (
        ("match-both-rules", "testlifecycle=positive&testlifecycletwo=positive-two"),
        ("match-rule-1", "testlifecycle=positive"),
        ("no-match", "testlifecycle=negative"),
        ("no-tags", ""),
    ):
        put = s3.put_object(Bucket=bucket, Key="k", Body=b"test", **({"Tagging": tags} if tags else {}))
        check(told[f"put-object-{label}"], put)
        assert ("Expiration" in put) == label.startswith("match")
        check(told[f"get-object-{label}"], read(s3, bucket, "k"))


def test_rules_for_markers(s3, bucket):
    told, check = played(MAIN, "test_lifecycle_expired_object_delete_marker", *DATES)
    rule = {"ID": "rule-marker", "Filter": {}, "Expiration": {"ExpiredObjectDeleteMarker": True}}
    check(told["get-bucket-lifecycle-conf"], ruled(s3, bucket, rule))
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"test")
    check(told["put-object"], put)
    check(told["head-object"], s3.head_object(Bucket=bucket, Key="k"))
    assert "Expiration" not in put


def test_what_was_there_before_a_rule(s3, bucket):
    told, check = played(MAIN, "test_object_expiry_after_bucket_lifecycle_configuration", *DATES)
    put = lambda key: s3.put_object(Bucket=bucket, Key=key, Body=b"test")
    check(told["put-object-before"], put("before"))
    check(told["get-bucket-lifecycle-conf"], ruled(s3, bucket, {"ID": "rule3", "Filter": {}}))
    check(told["put-object-after"], put("after"))
    check(told["head-object-expiry-before"], s3.head_object(Bucket=bucket, Key="before"))
    check(told["head-object-expiry-after"], s3.head_object(Bucket=bucket, Key="after"))


class Heard:
    """A queue that a bucket tells of what happens in it."""

    def __init__(self, clients, bucket, *events, **more):
        self.sqs, self.s3 = clients.boto("sqs"), clients.boto("s3")
        self.bucket, self.url = bucket, queues.create(self.sqs)
        self.arn = queues.arn(self.sqs, self.url)
        self.listen({"Id": unique("id"), "QueueArn": self.arn, "Events": list(events), **more})

    def listen(self, *queues):
        self.s3.put_bucket_notification_configuration(
            Bucket=self.bucket, NotificationConfiguration={"QueueConfigurations": list(queues)}
        )

    def records(self, wanted):
        records = []
        while len(records) < wanted:  # Besides: the events that only test.
            for body in queues.heard(self.sqs, self.url, 1):
                records += body.get("Records", [])
        return {"messages": sorted(records, key=lambda one: (one["s3"]["object"]["key"], one["eventTime"]))}


# AWS's numbers of requests and of principals, and the order of messages, which a queue needn't keep.
TOLD = ("eventTime", "responseElements", "sequencer", "sourceIPAddress", "principalId", "configurationId", "eTag")


def test_who_is_told_of_objects(clients, bucket):
    told, check = played(SQS, "test_object_created_put", *TOLD)
    heard = Heard(clients, bucket, "s3:ObjectCreated:*")
    for n, body in enumerate((b"something", b"something else")):
        heard.s3.put_object(Bucket=bucket, Key=f"my_key_{n}", Body=body)
    check(told["receive_messages"], heard.records(2))
    told, check = played(SQS, "test_key_encoding", *TOLD)
    heard.s3.put_object(Bucket=bucket, Key="a@b", Body=b"something")
    check(told["receive_messages"], heard.records(1))


def test_who_is_told_of_copies(clients, bucket):
    told, check = played(SQS, "test_object_created_copy", *TOLD)
    heard = Heard(clients, bucket, "s3:ObjectCreated:Copy")
    heard.s3.put_object(Bucket=bucket, Key="k", Body=b"something")
    heard.s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k")
    check(told["receive_messages"], heard.records(1))


def test_who_is_told_of_what_is_deleted(clients, bucket):
    told, check = played(SQS, "test_delete_objects", *TOLD)
    heard = Heard(clients, bucket, "s3:ObjectRemoved:*")
    for n in range(3):
        heard.s3.put_object(Bucket=bucket, Key=f"key-{n}", Body=b"something")
    heard.s3.delete_object(Bucket=bucket, Key="key-0")
    heard.s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "key-1"}, {"Key": "key-2"}]})
    check(told["receive_messages"], heard.records(3))


def test_who_is_told_of_tags(clients, bucket):
    heard = Heard(clients, bucket, "s3:ObjectTagging:*")
    of = {"Bucket": bucket, "Key": "k"}
    heard.s3.put_object(**of, Body=b"something")
    told, check = played(SQS, "test_object_tagging_put_event", *TOLD)
    heard.s3.put_object_tagging(**of, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    records = heard.records(1)
    check(told["receive_messages"], records)
    assert "sequencer" not in records["messages"][0]["s3"]["object"]
    told, check = played(SQS, "test_object_tagging_delete_event", *TOLD)
    heard.s3.delete_object_tagging(**of)
    check(told["receive_messages"], heard.records(1))


def test_who_is_told_of_some_keys(clients, bucket):
    told, check = played(SQS, "test_notifications_with_filter", *TOLD)
    rules = lambda *pairs: {"Key": {"FilterRules": [{"Name": name, "Value": value} for name, value in pairs]}}
    both = rules(("Prefix", "testupload/"), ("Suffix", "testfile.txt"))
    heard = Heard(clients, bucket, "s3:ObjectCreated:*", "s3:ObjectRemoved:Delete", Filter=both)
    shown = lambda: heard.s3.get_bucket_notification_configuration(Bucket=bucket)
    name = heard.arn.rsplit(":", 1)[1]
    told = json.loads(json.dumps(told).replace("<queue>", name).replace("<bucket>", bucket))
    first = {"Id": "first", "QueueArn": heard.arn, "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"], "Filter": both}
    heard.listen(first, {"Id": "id0002", "QueueArn": heard.arn, "Events": ["s3:ObjectTagging:*"], "Filter": both})
    check(told["config"], shown())
    heard.s3.put_object(Bucket=bucket, Key="testupload/dir1/other.txt", Body=b"a")
    heard.s3.put_object(Bucket=bucket, Key="testupload/dir1/testfile.txt", Body=b"a" * 32)
    (record,) = heard.records(1)["messages"]
    check(told["message"], record)
    plain = {"Id": "id123456", "QueueArn": heard.arn, "Events": ["s3:ObjectCreated:*"]}
    heard.listen(plain)
    check(told["config_updated"], shown())
    heard.listen({**plain, "Filter": rules(("Prefix", "testupload/"))})
    check(told["config_updated_filter"], shown())
    heard.listen()
    empty = shown()
    check(told["config_empty"], empty)
    assert "QueueConfigurations" not in empty


def test_a_filter_of_nothing(clients, bucket):
    told, check = played(SQS, "test_filter_rules_empty_value")
    suffix = {"Key": {"FilterRules": [{"Name": "Suffix", "Value": ""}]}}
    heard = Heard(clients, bucket, "s3:ObjectCreated:*", Filter=suffix)
    shown = heard.s3.get_bucket_notification_configuration(Bucket=bucket)
    queue = told["bucket_notification_configuration"]["QueueConfigurations"][0]
    queue["QueueArn"] = heard.arn
    check(told["bucket_notification_configuration"], shown)
