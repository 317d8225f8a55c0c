"""Scenarios recorded from AWS's S3, done again here: objects as they are written, read, copied and tagged."""

import datetime

import pytest

from harness import signing
from harness.buckets import make_bucket
from harness.names import unique
from harness.recordings import answered, of_xml, played, with_body

MAIN, API = "s3/test_s3.json", "s3/test_s3_api.json"
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def versioned(s3):
    name = make_bucket(s3)
    version(s3, name, "Enabled")
    return name


def version(s3, bucket, status):
    return s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})


def get(s3, **params):
    return with_body(answered(s3.get_object, ChecksumMode="ENABLED", **params))


def listed(s3, bucket):
    return s3.list_objects_v2(Bucket=bucket)


KEYS = ["a/%F0%9F%98%80/", "file%2Fname", "test key//", "test key/", "test%percent", "test@key/"]


@pytest.mark.parametrize("key", KEYS)
def test_keys_of_all_kinds(s3, bucket, key):
    told, check = played(MAIN, f"test_put_get_object_special_character[{key}]")
    of = {"Bucket": bucket, "Key": key}
    check(told["put-object-special-char"], s3.put_object(**of, Body=b"test"))
    check(told["list-object-special-char"], listed(s3, bucket))
    check(told["get-object-special-char"], get(s3, **of))
    check(told["del-object-special-char"], s3.delete_object(**of))


def test_copies_of_keys_of_all_kinds(s3, bucket):
    told, check = played(MAIN, "test_copy_object_special_character")
    to = make_bucket(s3)
    for key in (label.removeprefix("copy-object-special-char-") for label in told if label.startswith("copy-")):
        put = s3.put_object(Bucket=bucket, Key=key, Body=b"test")
        check(told[f"put-object-src-special-char-{key}"], put)
        copy = s3.copy_object(Bucket=to, Key=key, CopySource={"Bucket": bucket, "Key": key})
        check(told[f"copy-object-special-char-{key}"], copy)
    check(told["list-object-copy-dest-special-char"], listed(s3, to))


def test_keys_of_one_letter_and_a_slash(s3, bucket):
    told, check = played(MAIN, "test_put_get_object_single_character_trailing_slash")
    for key in ("a/", "t/", "u/"):
        of = {"Bucket": bucket, "Key": key}
        check(told[f"put-object-single-char-{key}"], s3.put_object(**of, Body=b"test"))
        check(told[f"get-object-single-char-{key}"], get(s3, **of))
    check(told["list-objects-single-char"], listed(s3, bucket))


def test_keys_that_begin_with_a_slash(s3, bucket):
    told, check = played(MAIN, "test_object_with_slashes_in_key[False]", "ETag")
    for key, body in (("/foo", b"foobar"), ("bar", b"barfoo"), ("/bar/foo/", b"test")):
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    check(told["list-objects-slashes"], listed(s3, bucket))


def test_keys_that_look_encoded(s3, bucket):
    told, check = played(MAIN, "test_url_encoded_key[False]", "ETag")
    for key, size in (("test@key/", 16), ("test%40key/", 12), ("test%40key", 24)):
        s3.put_object(Bucket=bucket, Key=key, Body=b"a" * size)
    check(told["list-object-encoded-char"], listed(s3, bucket))
    told, check = played(MAIN, "test_delete_objects_encoding", "ETag")
    bucket, keys = make_bucket(s3), {"a%2Fb": 16, "a/%F0%9F%98%80": 21}
    for key, size in keys.items():
        s3.put_object(Bucket=bucket, Key=key, Body=b"a" * size)
    check(told["list-objects-before-delete"], listed(s3, bucket))
    deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]})
    deleted["Deleted"].sort(key=lambda one: one["Key"])
    check(told["deleted-resp"], deleted)
    check(told["list-objects"], listed(s3, bucket))


@pytest.mark.parametrize(
    ("name", "key", "body"),
    [
        ("test_put_and_get_object_with_utf8_key", "Ā0Ä", b"abc123"),
        ("test_put_and_get_object_with_hash_prefix", "#key-with-hash-prefix", b"test 123"),
    ],
)
def test_keys_with_other_letters(s3, bucket, name, key, body):
    told, check = played(MAIN, name, "Body", "ETag", "ChecksumCRC32")
    check(told["put-object"], s3.put_object(Bucket=bucket, Key=key, Body=body))
    check(told["get-object"], get(s3, Bucket=bucket, Key=key))


def test_what_is_said_of_an_object(s3, bucket):
    told, check = played(MAIN, "test_put_and_get_object_with_content_language_disposition", "Body")
    of = {"Bucket": bucket, "Key": "k"}
    said = {"CacheControl": "no-cache", "ContentLanguage": "de", "ContentDisposition": 'attachment; filename="foo.jpg"'}
    put = s3.put_object(**of, Body=b"abc123", **said)
    check(told["put-object"], put)
    got = get(s3, **of)
    check(told["get-object"], got)
    for label, answer in (("put-object-headers", put), ("get-object-headers", got)):
        theirs = told[label]["HTTPHeaders"]
        ours = answer["ResponseMetadata"]["HTTPHeaders"]
        assert set(theirs) - {"server"} <= set(ours)
        same = {name for name in theirs if name.startswith(("content", "cache", "x-amz-c", "x-amz-s", "etag", "accept"))}
        assert {name: ours[name] for name in same} == {name: theirs[name] for name in same}


def test_metadata_in_other_letters(s3, bucket):
    told, check = played(MAIN, "test_metadata_header_character_decoding")
    of = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**of, Body=b"foo", Metadata={"TEST_META_1": "foo", "__meta_2": "bar"})
    check(told["head-object"], s3.head_object(**of))


def test_headers_instead_of_its_own(s3, bucket):
    told, check = played(MAIN, "test_s3_get_object_header_overrides")
    of = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**of, Body=b"something")
    instead = {
        "ResponseCacheControl": "max-age=74",
        "ResponseContentDisposition": 'attachment; filename="foo.jpg"',
        "ResponseContentEncoding": "identity",
        "ResponseContentLanguage": "de-DE",
        "ResponseContentType": "image/jpeg",
        "ResponseExpires": "Wed, 21 Oct 2015 07:28:00 GMT",
    }
    check(told["get-object"], get(s3, **of, **instead))


def test_ranges(s3, bucket):
    told, check = played(MAIN, "test_range_header_body_length", "Body")
    of = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**of, Body=b"a" * 2048)
    check(told["get-object"], get(s3, **of, Range="bytes=0-1023"))
    check(told["get-object-2"], get(s3, **of, Range="bytes=1024-2047"))


@pytest.mark.parametrize("given", ["DEEP_ARCHIVE-False", "GLACIER_IR-True", "STANDARD_IA-True"])
def test_storage_classes(s3, bucket, given):
    told, check = played(MAIN, f"test_put_object_storage_class[{given}]")
    of = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**of, Body=b"body-test", StorageClass=given.split("-")[0])
    attributes = s3.get_object_attributes(**of, ObjectAttributes=["StorageClass"])
    check(told["get-object-storage-class"], attributes)
    check(told["get-object"], get(s3, **of))


@pytest.mark.parametrize("call", ["head_object"])
def test_conditions_on_reading(s3, bucket, call):
    told, check = played(MAIN, f"test_s3_get_object_preconditions[{call}]")
    of = {"Bucket": bucket, "Key": "k"}
    etag = s3.put_object(**of, Body=b"data")["ETag"]
    at = s3.head_object(**of)["LastModified"]
    read = lambda **condition: answered(getattr(s3, call), **of, **condition)
    check(told["precondition-if-match"], read(IfMatch='"other"'))
    check(told["precondition-if-unmodified-since"], read(IfUnmodifiedSince=at - HOUR))
    check(told["precondition-if-unmodified-since-is-object"], read(IfUnmodifiedSince=at))
    check(told["precondition-if-none-match"], read(IfNoneMatch=etag))
    check(told["copy-precondition-if-modified-since"], read(IfModifiedSince=at))
    check(told["precondition-if-modified-since-is-object"], read(IfModifiedSince=at))
    check(told["etag-missing-quotes"], read(IfNoneMatch=etag.strip('"')))
    check(told["obj-ignore-future-modified-since"], read(IfModifiedSince=at + 24 * HOUR))
    check(told["obj-success"], read(IfMatch=etag, IfUnmodifiedSince=at - HOUR))
    told, check = played(MAIN, "test_precondition_failed_error")
    check(told["get-object-if-match"], answered(s3.get_object, **of, IfMatch='"not good etag"'))


def test_conditions_on_writing(s3, bucket, versioned):
    for name, place in (("test_put_object_if_none_match", bucket), ("test_put_object_if_none_match_versioned_bucket", versioned)):
        told, check = played(API, name)
        of = {"Bucket": place, "Key": "test-precondition"}
        put = lambda: answered(s3.put_object, **of, IfNoneMatch="*")
        check(told["put-obj"], put())
        check(told["put-obj-if-none-match"], put())
        check(told["del-obj"], s3.delete_object(**of))
        check(told["put-obj-after-del"], put())
    check(told["list-object-versions"], s3.list_object_versions(Bucket=versioned))


def test_conditions_on_copying(s3, bucket):
    told, check = played(API, "test_copy_object_if_match", "ETag", "ChecksumCRC32")
    s3.put_object(Bucket=bucket, Key="source", Body=b"copy")
    etag = s3.put_object(Bucket=bucket, Key="there", Body=b"test")["ETag"]
    copy = lambda key="there", **condition: answered(
        s3.copy_object, Bucket=bucket, Key=key, CopySource=f"{bucket}/source", **condition
    )
    check(told["copy-obj-if-match-fail-no-object"], copy("non-existent-key", IfMatch=etag))
    check(told["copy-obj-if-match-fail-wrong-etag"], copy(IfMatch='"other"'))
    check(told["copy-obj-if-match"], copy(IfMatch=etag))
    told, check = played(API, "test_copy_object_if_none_match_in_place")
    check(told["copy-obj-if-none-match-fail"], copy("source", IfNoneMatch="*", MetadataDirective="REPLACE"))
    told, check = played(API, "test_copy_object_precondition_write_validation")
    check(told["copy-obj-both"], copy(IfMatch=etag, IfNoneMatch="*"))
    check(told["copy-obj-if-match-star"], copy(IfMatch="*"))
    check(told["copy-obj-none-match-etag"], copy(IfNoneMatch=etag))


def test_what_is_put_over_a_suspended_version(s3, versioned):
    told, check = played(API, "test_put_object_on_suspended_bucket")
    of = {"Bucket": versioned, "Key": "test-version"}
    versions = lambda: s3.list_object_versions(Bucket=versioned)
    for n in range(3):
        check(told[f"put-object-{n}"], s3.put_object(**of, Body=f"test-version-{n}"))
    check(told["list-enabled"], versions())
    version(s3, versioned, "Suspended")
    check(told["list-suspended"], versions())
    check(told["put-object-suspended"], s3.put_object(**of, Body=b"test-version-suspended"))
    check(told["list-suspended-after-put"], versions())
    check(told["put-object-suspended-overwrite"], s3.put_object(**of, Body=b"test-version-suspended"))
    check(told["list-suspended-after-overwrite"], versions())
    check(told["get-object-current"], get(s3, **of))


def test_versions_where_there_are_none(s3, bucket):
    told, check = played(API, "test_get_object_with_version_unversioned_bucket")
    of = {"Bucket": bucket, "Key": "k"}
    check(told["put-object"], s3.put_object(**of, Body=b"test-version"))
    asked = told["get-obj-with-version"]["Error"]["ArgumentValue"]
    check(told["get-obj-with-version"], get(s3, **of, VersionId=asked))
    check(told["get-obj-with-null-version"], get(s3, **of, VersionId="null"))


def test_what_was_deleted_is_gone(s3, versioned):
    told, check = played(MAIN, "test_get_object_after_deleted_in_versioned_bucket")
    of = {"Bucket": versioned, "Key": "my-key"}
    s3.put_object(**of, Body=b"abcdefgh")
    check(told["get-object"], get(s3, **of))
    s3.delete_object(**of)
    check(told["get-object-after-delete"], get(s3, **of))


def test_deleting_several_versions(s3, versioned):
    told, check = played(MAIN, "test_delete_keys_in_versioned_bucket")
    of = {"Bucket": versioned, "Key": "test-key-versioned"}
    ids = [s3.put_object(**of, Body=body)["VersionId"] for body in (b"something", b"something-v2")]
    delete = lambda *versions: s3.delete_objects(
        Bucket=versioned,
        Delete={"Objects": [{"Key": of["Key"], **({"VersionId": one} if one else {})} for one in versions]},
    )
    check(told["list-objects-v2"], listed(s3, versioned))
    marked = delete(None)
    check(told["delete-object"], marked)
    check(told["list-object-version"], s3.list_object_versions(Bucket=versioned))
    gone = delete(*reversed(ids))
    gone["Deleted"].sort(key=lambda one: ids.index(one["VersionId"]))
    check(told["delete-object-version"], gone)
    check(told["list-objects-v2-after-delete"], listed(s3, versioned))
    check(told["list-object-version-after-delete"], s3.list_object_versions(Bucket=versioned))
    check(told["delete-object-delete-marker"], delete(marked["Deleted"][0]["DeleteMarkerVersionId"]))


def test_a_version_is_deleted_by_its_id(s3, versioned):
    told, check = played(MAIN, "test_s3_delete_object_with_version_id", "ETag")
    check(told["get_bucket_versioning"], s3.get_bucket_versioning(Bucket=versioned))
    one, two = "aws/s3/testkey1.txt", "aws/s3/testkey2.txt"
    id = s3.put_object(Bucket=versioned, Key=one, Body=b"a" * 960)["VersionId"]
    s3.put_object(Bucket=versioned, Key=two, Body=b"b" * 960)
    check(told["delete_objects"], s3.delete_objects(Bucket=versioned, Delete={"Objects": [{"Key": one, "VersionId": id}]}))
    check(told["list_object_versions_after_delete"], s3.list_object_versions(Bucket=versioned))
    version(s3, versioned, "Suspended")
    check(told["get_bucket_versioning_suspended"], s3.get_bucket_versioning(Bucket=versioned))


def test_attributes(s3, versioned):
    told, check = played(MAIN, "test_get_object_attributes_versioned", "ETag", "ChecksumCRC32")
    of = {"Bucket": versioned, "Key": "key-attrs-versioned"}
    about = lambda *wanted, **more: answered(s3.get_object_attributes, **of, ObjectAttributes=list(wanted), **more)
    first = s3.put_object(**of, Body=b"a" * 7)
    check(told["put-obj-v1"], first)
    check(told["put-obj-v2"], s3.put_object(**of, Body=b"version 2"))
    check(told["object-attrs"], about("StorageClass", "ETag", "ObjectSize", "Checksum"))
    old = about("StorageClass", "ETag", "ObjectSize", VersionId=first["VersionId"])
    check(told["get-object-attrs-v1"], old)
    check(told["delete-key"], s3.delete_object(**of))
    check(told["deleted-object-attrs"], about("StorageClass", "ETag", "ObjectSize"))


def test_attributes_with_spaces_between(platform, s3, bucket):
    told, check = played(MAIN, "test_get_object_attributes_with_space", "@xmlns", "ETag", "ChecksumSHA256")
    s3.put_object(Bucket=bucket, Key="k", Body=b"a" * 9, ChecksumAlgorithm="SHA256")
    for label, between in (("with", ", "), ("without", ",")):
        wanted = {"x-amz-object-attributes": between.join(("ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"))}
        answer = signing.send(platform, "s3", "GET", f"/{bucket}/k", query="attributes=", extra=wanted)
        ours = of_xml(answer.text)
        ours["GetObjectAttributesResponse"]["@xmlns"] = ""
        check(told[f"get-attrs-{label}-whitespace"], ours)


def test_tags(s3, bucket):
    told, check = played(API, "test_put_object_with_tags")
    of = {"Bucket": bucket, "Key": "k"}
    tags = lambda: {"TagSet": sorted(s3.get_object_tagging(**of)["TagSet"], key=lambda one: one["Key"])}
    theirs = lambda label: {"TagSet": sorted(told[label]["TagSet"], key=lambda one: one["Key"])}
    put = lambda tagging: s3.put_object(**of, Body=b"test-tagging", Tagging=tagging)
    check(told["put-object"], put("tag1=tag1&tag2=tag2&tag="))
    check(theirs("get-object-tags"), tags())
    check(told["put-object-tags"], s3.put_object_tagging(**of, Tagging={"TagSet": [{"Key": "tag3", "Value": "tag3"}]}))
    check(theirs("get-object-tags-override"), tags())
    check(told["head-obj"], s3.head_object(**of))
    check(told["get-obj"], get(s3, **of))
    put("wrongquery&wrongagain")
    check(theirs("get-object-tags-wrong-format-qs"), tags())
    put("key1&&&key2")
    check(theirs("get-object-tags-wrong-format-qs-2"), tags())


def test_tags_are_counted(s3, bucket):
    told, check = played(API, "test_head_object_with_tags")
    of = {"Bucket": bucket, "Key": "k"}
    put = lambda: s3.put_object(**of, Body=b"test-tagging", Tagging="tag1=tag1&tag2=tag2&tag=")
    check(told["put-object"], put())
    check(told["head-obj-after-create"], s3.head_object(**of))
    one = {"TagSet": [{"Key": "tag3", "Value": "tag3"}]}
    check(told["put-object-tags"], s3.put_object_tagging(**of, Tagging=one))
    check(told["head-obj-after-tagging"], s3.head_object(**of))
    put()
    check(told["head-obj-after-overwrite"], s3.head_object(**of))
    s3.delete_object_tagging(**of)
    check(told["head-obj-after-removal"], s3.head_object(**of))


def test_no_tags(s3, bucket):
    told, check = played(MAIN, "test_put_object_tagging_empty_list")
    of = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**of, Body=b"something")
    tags = lambda: s3.get_object_tagging(**of)
    check(told["created-object-tags"], tags())
    s3.put_object_tagging(**of, Tagging={"TagSet": [{"Key": "tag1", "Value": "tag1"}, {"Key": "tag2", "Value": ""}]})
    check(told["updated-object-tags"], tags())
    s3.put_object_tagging(**of, Tagging={"TagSet": []})
    check(told["deleted-object-tags"], tags())
    told, check = played(API, "test_put_object_tagging_none_value")
    check(told["put-none-tag-set"], s3.put_object_tagging(**of, Tagging={"TagSet": None}))
    check(told["get-object-tags-none"], tags())
    told, check = played(MAIN, "test_delete_object_tagging")
    s3.put_object(**of, Body=b"something", Tagging="tag1=tag1")
    first = get(s3, **of)
    assert first.pop("TagCount") == 1
    check(told["get-obj"], first)
    s3.delete_object_tagging(**of)
    check(told["get-obj-after-tag-deletion"], get(s3, **of))


def test_copies_say_new_things(s3, bucket):
    told, check = played(MAIN, "test_s3_copy_metadata_replace")
    about = {"ContentType": "application/json", "ContentLanguage": "en-US", "Metadata": {"key": "value"}}
    check(told["put_object"], s3.put_object(Bucket=bucket, Key="k", Body=b'{"key": "value"}', **about))
    check(told["head_object"], s3.head_object(Bucket=bucket, Key="k"))
    new = {"MetadataDirective": "REPLACE", "ContentType": "image/jpg", "Metadata": {"another-key": "value"}}
    check(told["copy_object"], s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k", **new))
    head = s3.head_object(Bucket=bucket, Key="copy")
    check(told["head_object_copy"], head)
    assert "ContentLanguage" not in head
    told, check = played(MAIN, "test_s3_copy_md5")
    s3.put_object(Bucket=bucket, Key="k", Body=b"something")
    check(told["copy-obj"], s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k"))


def test_copies_onto_themselves(s3, bucket):
    told, check = played(MAIN, "test_s3_copy_object_in_place")
    of = {"Bucket": bucket, "Key": "k"}
    about = {"ContentType": "application/json", "Metadata": {"key": "value"}}
    attributes = lambda: s3.get_object_attributes(**of, ObjectAttributes=["StorageClass"])
    copy = lambda **new: answered(s3.copy_object, **of, CopySource=f"{bucket}/k", **new)
    check(told["put_object"], s3.put_object(**of, Body=b'{"key": "value"}', **about))
    check(told["head_object"], s3.head_object(**of))
    check(told["object-attrs"], attributes())
    check(told["copy-object-in-place-no-change"], copy())
    check(told["copy-object-in-place-with-acl"], copy(ACL="private"))
    moved = copy(ChecksumAlgorithm="SHA256", StorageClass="STANDARD")
    check(told["copy-object-in-place-with-storage-class"], moved)
    check(told["object-attrs-after-copy"], attributes())
    told, check = played(MAIN, "test_s3_copy_object_in_place_storage_class")
    check(told["put-object"], s3.put_object(**of, Body=b"test"))
    check(told["object-attrs"], attributes())
    check(told["head-object"], s3.head_object(**of))
    check(told["copy-object-in-place-with-storage-class"], copy(StorageClass="STANDARD"))
    check(told["object-attrs-after-copy"], attributes())


def test_copies_onto_themselves_where_versions_are_suspended(s3, bucket):
    told, check = played(MAIN, "test_s3_copy_object_in_place_suspended_only", "Body")
    of = {"Bucket": bucket, "Key": "k"}
    about = {"ContentType": "application/json", "Metadata": {"key": "value"}}
    copy = lambda: s3.copy_object(**of, CopySource=f"{bucket}/k", MetadataDirective="REPLACE")
    check(told["put_object"], s3.put_object(**of, Body=b'{"key": "value"}', **about))
    check(told["head_object"], s3.head_object(**of))
    check(told["copy-in-place-non-versioned"], copy())
    check(told["head-object-copied"], s3.head_object(**of))
    check(told["get-object-copied"], get(s3, **of))
    version(s3, bucket, "Suspended")
    for label, given in (("", {}), ("-twice", {})):
        check(told[f"copy-in-place-versioned-suspended{label}"], copy())
    check(told["head-object-copied-suspended"], s3.head_object(**of))
    check(told["get-object-copied-suspended"], get(s3, **of))


def test_tags_of_copies(s3, bucket):
    told, check = played(MAIN, "test_s3_copy_tagging_directive[None]")
    check(told["put-object"], s3.put_object(Bucket=bucket, Key="k", Body=b"test", Tagging="key1=value1"))
    tags = lambda key: s3.get_object_tagging(Bucket=bucket, Key=key)
    check(told["get-object-tag"], tags("k"))
    copy = lambda key, **new: s3.copy_object(Bucket=bucket, Key=key, CopySource=f"{bucket}/k", **new)
    check(told["copy-object"], copy("one", Tagging="key2=value2"))
    check(told["get-copy-object-tag"], tags("one"))
    check(told["copy-object-tag-empty"], copy("two"))
    check(told["get-copy-object-tag-empty"], tags("two"))


@pytest.mark.parametrize("directive", ["COPY", "None", "REPLACE"])
def test_tags_of_copies_of_versions(s3, versioned, directive):
    told, check = played(MAIN, f"test_s3_copy_tagging_directive_versioned[{directive}]")
    given = {} if directive == "None" else {"TaggingDirective": directive}
    of = {"Bucket": versioned, "Key": "k"}
    first = s3.put_object(**of, Body=b"test", Tagging="key1=value1")
    check(told["put-object"], first)
    check(told["put-object-v2"], s3.put_object(**of, Body=b"test-v2", Tagging="key1=value1-v2"))
    tags = lambda key, **more: s3.get_object_tagging(Bucket=versioned, Key=key, **more)
    check(told["get-object-tag"], tags("k"))
    check(told["get-object-tag-v1"], tags("k", VersionId=first["VersionId"]))
    newest, oldest = f"{versioned}/k", f"{versioned}/k?versionId={first['VersionId']}"
    for label, source, new in (
        ("", newest, {"Tagging": "key2=value2"}),
        ("-tag-empty", newest, {}),
        ("-v1", oldest, {"Tagging": "key2=value2"}),
        ("-tag-empty-v1", oldest, {}),
    ):
        key = f"copy{label}"
        copy = s3.copy_object(Bucket=versioned, Key=key, CopySource=source, **given, **new)
        check(told[f"copy-object{label}"], copy)
        after = {"": "tag", "-tag-empty": "tag-empty", "-v1": "tag-v1", "-tag-empty-v1": "tag-empty-v1"}[label]
        check(told[f"get-copy-object-{after}"], tags(key))


def test_sizes_that_are_large(s3, bucket):
    told, check = played(MAIN, "test_upload_big_file", "ETag", "ChecksumCRC32")
    for n in (1, 2):
        of = {"Bucket": bucket, "Key": f"key{n}"}
        check(told[f"put_object_key{n}"], s3.put_object(**of, Body=bytes([n]) * 10_000_000))
        check(told[f"head_object_key{n}"], s3.head_object(**of))


def test_bodies_that_look_like_more(s3, bucket):
    told, check = played(MAIN, "test_upload_file_with_xml_preamble")
    of = {"Bucket": bucket, "Key": "k"}
    s3.put_object(**of, Body=told["get_object"]["Body"])
    check(told["get_object"], get(s3, **of))
    told, check = played(MAIN, "test_s3_upload_download_gzip", "Body", "ETag", "ChecksumCRC32")
    check(told["put-object"], s3.put_object(**of, Body=b"a" * 41, ContentEncoding="gzip"))
    check(told["get-object"], get(s3, **of))


def test_buckets_that_hold_something(s3, bucket, versioned):
    told, check = played(API, "test_delete_bucket_with_objects")
    s3.put_object(Bucket=bucket, Key="k", Body=b"a")
    check(told["delete-with-obj"], answered(s3.delete_bucket, Bucket=bucket))
    check(told["delete-obj"], s3.delete_object(Bucket=bucket, Key="k"))
    check(told["delete-bucket"], s3.delete_bucket(Bucket=bucket))
    told, check = played(API, "test_delete_versioned_bucket_with_objects")
    of = {"Bucket": versioned, "Key": "k"}
    put, marker = s3.put_object(**of, Body=b"a"), s3.delete_object(**of)
    delete = lambda: answered(s3.delete_bucket, Bucket=versioned)
    check(told["delete-with-obj-and-delete-marker"], delete())
    check(told["delete-obj-by-version"], s3.delete_object(**of, VersionId=put["VersionId"]))
    check(told["delete-with-only-delete-marker"], delete())
    check(told["delete-marker-by-version"], s3.delete_object(**of, VersionId=marker["VersionId"]))
    check(told["success-delete-bucket"], delete())


def test_buckets_that_arent_there(clients, s3):
    told, check = played(MAIN, "test_bucket_does_not_exist")
    gone = unique("gone")
    check(told["list_object"], answered(s3.list_objects, Bucket=gone))
    told, check = played(API, "test_bucket_tagging_exc")
    check(told["delete-no-bucket-tags"], answered(s3.delete_bucket_tagging, Bucket=gone))
    check(told["get-no-bucket-tags"], answered(s3.get_bucket_tagging, Bucket=gone))
    check(told["put-no-bucket-tags"], answered(s3.put_bucket_tagging, Bucket=gone, Tagging={"TagSet": []}))
    told, check = played(API, "test_get_object_lock_configuration_exc")
    check(told["get-lock-config-bucket-not-exists"], answered(s3.get_object_lock_configuration, Bucket=gone))
    told, check = played("s3/test_s3_notifications_sns.json", "test_bucket_not_exist")
    put = answered(s3.put_bucket_notification_configuration, Bucket=gone, NotificationConfiguration={})
    check(told["bucket_not_exists"], put)
