"""Scenarios recorded from AWS's S3, done again here: buckets, and how they are configured."""

import json

import pytest

from harness.buckets import make_bucket
from harness.names import unique
from harness.recordings import Comparison, answered, scenario

MAIN, API, CORS, LISTS, SQS = (
    f"s3/test_s3{name}.json" for name in ("", "_api", "_cors", "_list_operations", "_notifications_sqs")
)


@pytest.fixture
def bucket(s3):
    """In which AWS's accounts recorded with nothing blocked."""
    name = make_bucket(s3)
    s3.delete_public_access_block(Bucket=name)
    return name


def played(file, name):
    return scenario(file, name), Comparison().check


def test_a_bucket_that_holds_nothing(s3):
    told, check = played(MAIN, "test_create_bucket_head_bucket")
    name = unique("head")
    check(told["create_bucket"], s3.create_bucket(Bucket=name))
    check(told["head_bucket"], s3.head_bucket(Bucket=name))
    check(told["head_bucket_not_exist"], answered(s3.head_bucket, Bucket=unique("gone")))


@pytest.mark.parametrize("given", ["us-east-1-foo", "us-east-1-us-east-1", "eu-west-1-bar"])
def test_places_that_are_none(clients, given):
    told, check = played(MAIN, f"test_create_bucket_with_invalid_location_constraint[{given}]")
    ((label, answer),) = told.items()
    region = label.split("-location")[0]
    constraint = given.removeprefix(f"{region}-")
    s3 = clients.other("test", region=region).boto("s3")
    place = {"LocationConstraint": constraint}
    check(answer, answered(s3.create_bucket, Bucket=unique("place"), CreateBucketConfiguration=place))


def test_a_bucket_in_europe(s3):
    told, check = played(MAIN, "test_create_bucket_with_eu_location_constraint")
    name = make_bucket(s3, CreateBucketConfiguration={"LocationConstraint": "EU"})
    check(told["get-bucket-location"], s3.get_bucket_location(Bucket=name))
    check(told["list-bucket-response"], s3.list_buckets(Prefix=name))


def test_regions_that_are_none(s3):
    told, check = played(LISTS, "test_list_buckets_region_validation")
    check(told["bad-region"], answered(s3.list_buckets, BucketRegion="eu-east-1"))


@pytest.mark.parametrize("owner", ["0000000000020", "0000", "abcd"])
def test_owners_that_are_none(s3, bucket, owner):
    told, check = played(MAIN, f"test_put_bucket_policy_invalid_account_id[{owner}]")
    put = answered(s3.put_bucket_policy, Bucket=bucket, Policy="{}", ExpectedBucketOwner=owner)
    check(told["put-bucket-policy-invalid-bucket-owner"], put)


def shown(answer):
    """With the policy parsed, as recordings have it."""
    answer["Policy"] = json.loads(answer["Policy"])
    return answer


def policy_of(bucket):
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_policies(s3, bucket):
    told, check = played(API, "test_bucket_policy_crud")
    check(told["get-bucket-default-policy"], answered(s3.get_bucket_policy, Bucket=bucket))
    check(told["put-bucket-policy"], s3.put_bucket_policy(Bucket=bucket, Policy=policy_of(bucket)))
    check(told["get-bucket-policy"], shown(s3.get_bucket_policy(Bucket=bucket)))
    check(told["delete-bucket-policy"], s3.delete_bucket_policy(Bucket=bucket))
    check(told["get-bucket-policy-after-delete"], answered(s3.get_bucket_policy, Bucket=bucket))
    check(told["delete-bucket-policy-after-delete"], s3.delete_bucket_policy(Bucket=bucket))
    told, check = played(API, "test_bucket_policy_exc")
    for label, text in (("randomstring", "invalid json"), ("empty-json", "{}")):
        check(told[f"put-bucket-policy-{label}"], answered(s3.put_bucket_policy, Bucket=bucket, Policy=text))
    check(told["put-empty-bucket-policy"], answered(s3.put_bucket_policy, Bucket=bucket, Policy=""))


def test_whose_policy(s3, bucket):
    told, check = played(MAIN, "test_get_bucket_policy")
    policy = policy_of(bucket)
    check(told["get-bucket-policy-no-such-bucket-policy"], answered(s3.get_bucket_policy, Bucket=bucket))
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    check(told["get-bucket-policy"], shown(s3.get_bucket_policy(Bucket=bucket)))
    other = answered(s3.get_bucket_policy, Bucket=bucket, ExpectedBucketOwner="000000000002")
    check(told["get-bucket-policy-with-expected-bucket-owner-error"], other)


def test_ownership(s3):
    told, check = played(API, "test_crud_bucket_ownership_controls")
    bucket = make_bucket(s3)
    get = lambda: answered(s3.get_bucket_ownership_controls, Bucket=bucket)
    rules = lambda *names: {"Rules": [{"ObjectOwnership": name} for name in names]}
    put = lambda *names: answered(
        s3.put_bucket_ownership_controls, Bucket=bucket, OwnershipControls=rules(*names)
    )
    check(told["default-ownership"], get())
    check(told["put-ownership"], put("ObjectWriter"))
    check(told["get-ownership"], get())
    check(told["delete-ownership"], s3.delete_bucket_ownership_controls(Bucket=bucket))
    check(told["get-ownership-after-delete"], get())
    check(told["delete-ownership-after-delete"], s3.delete_bucket_ownership_controls(Bucket=bucket))
    told, check = played(API, "test_bucket_ownership_controls_exc")
    wrong = answered(s3.create_bucket, Bucket=unique("own"), ObjectOwnership="RandomValue")
    check(told["ownership-wrong-value-at-creation"], wrong)
    check(told["put-ownership-multiple-rules"], put("BucketOwnerPreferred", "ObjectWriter"))
    check(told["put-ownership-wrong-value"], put("RandomValue"))


def test_encryption(s3, bucket):
    told, check = played(API, "test_s3_default_bucket_encryption")
    check(told["default-bucket-encryption"], s3.get_bucket_encryption(Bucket=bucket))
    check(told["delete-bucket-encryption"], s3.delete_bucket_encryption(Bucket=bucket))
    told, check = played(API, "test_s3_default_bucket_encryption_exc")
    rule = lambda **default: {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
    put = lambda name, *rules: answered(
        s3.put_bucket_encryption, Bucket=name, ServerSideEncryptionConfiguration={"Rules": list(rules)}
    )
    aes = rule(SSEAlgorithm="AES256")
    gone = unique("gone")
    check(told["put-bucket-enc-no-bucket"], put(gone, aes))
    check(told["get-bucket-enc-no-bucket"], answered(s3.get_bucket_encryption, Bucket=gone))
    check(told["delete-bucket-enc-no-bucket"], answered(s3.delete_bucket_encryption, Bucket=gone))
    check(told["put-bucket-encryption-no-rules"], put(bucket))
    check(told["put-bucket-encryption-two-rules"], put(bucket, aes, aes))
    check(told["put-bucket-encryption-kms-with-aes"], put(bucket, rule(SSEAlgorithm="AES256", KMSMasterKeyID="k")))


def test_acceleration(s3, bucket):
    told, check = played(API, "test_bucket_acceleration_configuration_exc")
    put = lambda name, status: answered(
        s3.put_bucket_accelerate_configuration, Bucket=name, AccelerateConfiguration={"Status": status}
    )
    check(told["put-bucket-accelerate-config-lowercase"], put(bucket, "enabled"))
    check(told["put-bucket-accelerate-config-random"], put(bucket, "random"))
    check(told["put-bucket-accelerate-config-dot-bucket"], put(make_bucket(s3, f"{bucket}.dot"), "Enabled"))


def test_who_pays(s3, bucket):
    told, check = played(MAIN, "test_s3_request_payer")
    payer = {"Payer": "Requester"}
    put = s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration=payer)
    check(told["put-bucket-request-payment"], put)
    check(told["get-bucket-request-payment"], s3.get_bucket_request_payment(Bucket=bucket))


def test_cors(s3, bucket):
    told, check = played(CORS, "test_put_cors_invalid_rules")
    put = lambda rules: answered(s3.put_bucket_cors, Bucket=bucket, CORSConfiguration={"CORSRules": rules})
    rule = {"AllowedOrigins": ["*"], "AllowedMethods": ["GET", "MYMETHOD"]}
    check(told["put-cors-exc"], put([rule]))
    check(told["put-cors-exc-empty"], put([]))
    told, check = played(CORS, "test_delete_cors")
    check(told["delete-cors-before-set"], s3.delete_bucket_cors(Bucket=bucket))
    check(told["put-cors"], put([{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}]))
    check(told["get-cors"], s3.get_bucket_cors(Bucket=bucket))
    check(told["delete-cors"], s3.delete_bucket_cors(Bucket=bucket))
    check(told["get-cors-deleted"], answered(s3.get_bucket_cors, Bucket=bucket))


def test_metrics(s3, bucket):
    told, check = played(API, "test_delete_metrics_configuration_twice")
    configuration = {"Id": "m", "Filter": {"Prefix": "logs/prefix"}}
    s3.put_bucket_metrics_configuration(Bucket=bucket, Id="m", MetricsConfiguration=configuration)
    for label in told:
        check(told[label], answered(s3.delete_bucket_metrics_configuration, Bucket=bucket, Id="m"))


def test_tierings(s3, bucket):
    told, check = played(MAIN, "test_s3_intelligent_tier_config")
    tiers = [{"AccessTier": "ARCHIVE_ACCESS", "Days": 90}]
    one = lambda id, prefix: {"Id": id, "Filter": {"Prefix": prefix}, "Status": "Enabled", "Tierings": tiers}
    put = lambda id, prefix: s3.put_bucket_intelligent_tiering_configuration(
        Bucket=bucket, Id=id, IntelligentTieringConfiguration=one(id, prefix)
    )
    check(told["put_bucket_intelligent_tiering_configuration_1"], put("test1", "test1"))
    get = s3.get_bucket_intelligent_tiering_configuration(Bucket=bucket, Id="test1")
    check(told["get_bucket_intelligent_tiering_configuration_1"], get)
    put("test2", "test2")
    listed = lambda: s3.list_bucket_intelligent_tiering_configurations(Bucket=bucket)
    check(told["list_bucket_intelligent_tiering_configurations_1"], listed())
    put("test1", "testupdate")
    check(told["list_bucket_intelligent_tiering_configurations_2"], listed())
    delete = lambda name, id: answered(s3.delete_bucket_intelligent_tiering_configuration, Bucket=name, Id=id)
    delete(bucket, "test1")
    check(told["list_bucket_intelligent_tiering_configurations_3"], listed())
    check(told["delete_bucket_intelligent_tiering_configuration_err_1"], delete(unique("gone"), "test1"))
    check(told["delete_bucket_intelligent_tiering_configuration_err_2"], delete(bucket, "test1"))


def test_inventories(s3, bucket):
    told, check = played(MAIN, "test_s3_put_inventory_report_exceptions")

    def put(at="test", arn=f"arn:aws:s3:::{bucket}", **wrong):
        destination = {"Bucket": arn, "Format": wrong.pop("Format", "CSV")}
        configuration = {
            "Destination": {"S3BucketDestination": destination},
            "IsEnabled": True,
            "Id": "test",
            "IncludedObjectVersions": "All",
            "OptionalFields": ["Size"],
            "Schedule": {"Frequency": "Daily"},
        } | wrong
        return answered(
            s3.put_bucket_inventory_configuration, Bucket=bucket, Id=at, InventoryConfiguration=configuration
        )

    crud, same = played(MAIN, "test_s3_inventory_report_crud")
    same(crud["put-inventory-config"], put())
    same(crud["del-inventory-config"], s3.delete_bucket_inventory_configuration(Bucket=bucket, Id="test"))
    same(crud["list-inventory-config-after-del"], s3.list_bucket_inventory_configurations(Bucket=bucket))
    check(told["wrong-id"], put(at="other"))
    check(told["wrong-destination-arn"], put(arn=bucket))
    check(told["wrong-destination-format"], put(Format="WRONG"))
    check(told["wrong-object-versions"], put(IncludedObjectVersions="Wrong"))
    check(told["wrong-schedule-frequency"], put(Schedule={"Frequency": "Hourly"}))
    check(told["wrong-optional-field"], put(OptionalFields=["Size", "Wrong"]))


def test_acls_that_are_none(s3):
    told, check = played(MAIN, "test_s3_bucket_acl_exceptions")
    bucket = make_bucket(s3, ObjectOwnership="ObjectWriter")
    put = lambda **acl: answered(s3.put_bucket_acl, Bucket=bucket, **acl)
    check(told["put-bucket-canned-acl"], put(ACL="fake-acl"))
    check(told["put-bucket-empty"], put())
    check(told["put-bucket-grant-acl-fake-uri"], put(GrantWrite='uri="http://acs.amazonaws.com/groups/s3/FakeGroup"'))
    check(told["put-bucket-grant-acl-fake-key"], put(GrantWrite='fakekey="1234"'))
    check(told["put-bucket-grant-acl-wrong-id"], put(GrantWrite='id="wrong-id"'))
    check(told["put-bucket-two-type-acl"], put(ACL="public-read", GrantRead='uri="x"'))


def test_locks(s3, bucket):
    told, check = played(API, "test_put_object_lock_configuration_on_existing_bucket")
    put = lambda: answered(
        s3.put_object_lock_configuration, Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
    )
    get = lambda: answered(s3.get_object_lock_configuration, Bucket=bucket)
    version = lambda status: s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
    check(told["get-object-lock-existing-bucket-no-config"], get())
    check(told["put-object-lock-existing-bucket-no-versioning"], put())
    check(told["suspended-versioning"], version("Suspended"))
    check(told["put-object-lock-existing-bucket-versioning-disabled"], put())
    check(told["enabled-versioning"], version("Enabled"))
    check(told["put-object-lock-existing-bucket-enabled"], put())
    check(told["get-object-lock-existing-bucket-enabled"], get())


def test_websites(s3, bucket):
    told, check = played(MAIN, "test_crud_website_configuration")
    check(told["get-no-such-website-config"], answered(s3.get_bucket_website, Bucket=bucket))
    check(told["del-no-such-website-config"], s3.delete_bucket_website(Bucket=bucket))
    configuration = {"IndexDocument": {"Suffix": "index.html"}}
    put = s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=configuration)
    check(told["put-website-config"], put)
    check(told["get-website-config"], s3.get_bucket_website(Bucket=bucket))


def test_destinations_that_are_none(s3, bucket):
    told, check = played(SQS, "test_invalid_sqs_arn")

    def put(*arns, **more):
        one = lambda n, arn: {"Id": f"id{n}", "QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}
        filtered = lambda n: {"Filter": {"Key": {"FilterRules": [{"Name": "Prefix", "Value": f"{n}/"}]}}}
        queues = [one(n, arn) | (filtered(n) if len(arns) > 1 else {}) for n, arn in enumerate(arns)]
        configuration = {"QueueConfigurations": queues}
        return answered(
            s3.put_bucket_notification_configuration,
            Bucket=bucket,
            NotificationConfiguration=configuration,
            **more,
        )

    gone = "arn:aws:sqs:us-east-1:000000000000:my-queue"
    check(told["invalid_not_skip"], put("invalid-queue"))
    check(told["invalid_skip"], put("invalid-queue", SkipDestinationValidation=True))
    check(told["queue-does-not-exist"], put(gone))
    told, check = played(SQS, "test_multiple_invalid_sqs_arns")
    check(told["two-queue-arns-invalid"], put("invalid_arn", "invalid_arn_2"))
    check(told["one-queue-invalid-one-not-existent"], put(gone, "invalid_arn_2"))
    check(told["multiple-queues-do-not-exist"], put(gone, f"{gone}-2"))


def test_filters_that_are_none(s3, bucket):
    told, check = played(API, "test_bucket_notification_with_invalid_filter_rules")
    rules = {"Key": {"FilterRules": [{"Name": "INVALID", "Value": "N/A"}]}}
    arn = "arn:aws:sqs:us-east-1:000000000000:q"
    queue = {"Id": "i", "QueueArn": arn, "Events": ["s3:ObjectCreated:*"], "Filter": rules}
    configuration = {"QueueConfigurations": [queue]}
    put = answered(
        s3.put_bucket_notification_configuration, Bucket=bucket, NotificationConfiguration=configuration
    )
    check(told["invalid_filter_name"], put)


def test_lifecycles_that_are_none(s3, bucket):
    told, check = played(MAIN, "test_put_bucket_lifecycle_conf_exc")

    def put(**rule):
        rules = [{"ID": "r", "Filter": {}, "Status": "Enabled", "Expiration": {"Days": 7}} | rule]
        rules = [{name: value for name, value in rule.items() if value is not None} for rule in rules]
        return answered(
            s3.put_bucket_lifecycle_configuration, Bucket=bucket, LifecycleConfiguration={"Rules": rules}
        )

    tag = {"Key": "a", "Value": "1"}
    check(told["missing-filter"], put(Filter=None))
    check(told["expired-delete-marker-and-days"], put(Expiration={"Days": 1, "ExpiredObjectDeleteMarker": True}))
    check(told["missing-noncurrent-version-expiration-data"], put(NoncurrentVersionExpiration={}))
    check(told["duplicate-tag-keys"], put(Filter={"And": {"Tags": [tag, tag]}}))
    both = {"And": {"Prefix": "a", "Tags": [tag]}}
    check(told["wrong-filter-and-plus-prefix"], put(Filter=both | {"Prefix": "b"}))
    check(told["wrong-filter-and-and-object-size"], put(Filter=both | {"ObjectSizeGreaterThan": 1}))


def test_the_least_size_that_is_moved(s3, bucket):
    told, check = played(MAIN, "test_s3_transition_default_minimum_object_size")
    rules = [{"ID": "wholebucket", "Filter": {"Prefix": ""}, "Status": "Enabled", "Expiration": {"Days": 7}}]

    def put(**more):
        configuration = {"Rules": rules}
        return answered(
            s3.put_bucket_lifecycle_configuration, Bucket=bucket, LifecycleConfiguration=configuration, **more
        )

    get = lambda: s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    check(told["bad-value"], put(TransitionDefaultMinimumObjectSize="value"))
    check(told["default"], put())
    check(told["get-default"], get())
    check(told["varies-by-storage"], put(TransitionDefaultMinimumObjectSize="varies_by_storage_class"))
    check(told["get-varies-by-storage"], get())
    check(told["all-storage"], put(TransitionDefaultMinimumObjectSize="all_storage_classes_128K"))
    check(told["get-all-storage"], get())
