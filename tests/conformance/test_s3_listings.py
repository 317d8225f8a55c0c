"""Scenarios recorded from AWS's S3, done again here: pages of objects, versions, uploads and buckets."""

import pytest

from harness import signing
from harness.buckets import make_bucket
from harness.names import unique
from harness.recordings import answered, of_xml, played

MAIN, API, LISTS = "s3/test_s3.json", "s3/test_s3_api.json", "s3/test_s3_list_operations.json"


def put(s3, bucket, *keys, body=b"data"):
    return [s3.put_object(Bucket=bucket, Key=key, Body=body) for key in keys]


def enable(s3, bucket):
    return s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})


def listed(platform, bucket, query):
    """A listing as it is on the wire, without an encoding."""
    answer = signing.send(platform, "s3", "GET", f"/{bucket}", query=query)
    assert answer.status == 200, answer.text
    return of_xml(answer.text)


def test_pages_of_buckets(s3):
    told, check = played(LISTS, "test_list_buckets_with_max_buckets")
    prefix = unique("pages")
    for n in range(2):
        make_bucket(s3, f"{prefix}-{n}")
    check(told["list-objects-with-max-buckets"], s3.list_buckets(MaxBuckets=1, Prefix=prefix))


def test_pages_that_go_on_behind_folders(s3, bucket):
    told, check = played(LISTS, "test_list_objects_marker_common_prefixes", "ETag")
    keys = ("folder/aSubfolder/subFile1", "folder/aSubfolder/subFile2", "folder/file1", "folder/file2")
    put(s3, bucket, *keys, body=b"a" * 11)
    page = lambda **more: s3.list_objects(Bucket=bucket, Prefix="folder/", Delimiter="/", MaxKeys=1, **more)
    check(told["list-objects-all-keys"], s3.list_objects(Bucket=bucket))
    start = page()
    check(told["list-objects-start"], start)
    first = page(Marker=start["NextMarker"])
    check(told["list-objects-next-1"], first)
    check(told["list-objects-end"], page(Marker=first["NextMarker"]))
    check(told["list-objects-manual-first-file"], page(Marker=keys[0]))


@pytest.mark.parametrize("delimiter", ["%2F", ""])
def test_what_is_no_delimiter(platform, s3, bucket, delimiter):
    told, check = played(LISTS, f"test_list_objects_with_prefix[{delimiter}]", "ETag")
    put(s3, bucket, "test/foo/bar/123", body=b"a" * 11)
    page = s3.list_objects(Bucket=bucket, Prefix="test/", Delimiter=delimiter, MaxKeys=1, EncodingType="url")
    check(told["list-objects"], page)
    if "list-objects-no-encoding" in told:
        check(told["list-objects-no-encoding"], listed(platform, bucket, "delimiter=%2F&prefix=test"))


def test_more_than_a_page(s3, bucket):
    told, check = played(MAIN, "test_s3_put_more_than_1000_items", "ETag", "Contents")
    for n in range(1010):
        s3.put_object(Bucket=bucket, Key=f"test-key-{n}", Body=f"test-{n}")
    page = lambda **more: s3.list_objects(Bucket=bucket, Delimiter="/", **more)
    first = page()
    check(told["list-objects"], first)
    del told["list-objects-next_marker"]["Contents"]
    rest = page(Marker=first["NextMarker"])
    check(told["list-objects-next_marker"], rest)
    assert [one["Key"] for one in rest["Contents"]] == [f"test-key-{n}" for n in range(990, 1000)]


def test_encodings_that_are_none(platform, s3, bucket):
    told, check = played(LISTS, "test_list_ops_encoding_type_validation[list_objects]")
    refused = lambda value: answered(s3.list_objects, Bucket=bucket, EncodingType=value)
    check(told["list_objects-error-wrong-value"], refused("value"))
    empty = refused("")
    empty["Error"].setdefault("ArgumentValue", None)
    told["list_objects-error-empty-value"]["Error"]["ArgumentValue"] = empty["Error"]["ArgumentValue"]
    check(told["list_objects-error-empty-value"], empty)


def test_where_a_page_goes_on(clients, bucket):
    told, check = played(LISTS, "test_list_objects_v2_continuation_token_safe_chars", "ETag")
    s3 = clients.boto("s3", parameter_validation=False)
    keys = [f"date=2026-0{n}-01/" for n in (1, 2, 3, 5)] + ["a/%F0%9F%98%80/", "file%2Fname", "test key/", "test key//"]
    put(s3, bucket, *keys, "test%123", "test%123/", "test%percent", "test@key/", body=b"")
    page = lambda **more: s3.list_objects_v2(Bucket=bucket, **more)
    # Of our tokens the recording's stand-ins say nothing.
    for label in told:
        for name in ("ContinuationToken", "NextContinuationToken"):
            if name in told[label]:
                told[label][name] = "datetime"
    first = page(MaxKeys=5)
    check(told["list-objects-v2-max-5"], first)
    check(told["list-objects-v2-rest"], page(ContinuationToken=first["NextContinuationToken"]))
    after = {"StartAfter": "date=2026-02-01/", "MaxKeys": 2}
    told["list-objects-start-after"].pop("EncodingType", None)
    check(told["list-objects-start-after"], page(**after))
    check(told["list-objects-start-after-url-type"], page(**after, EncodingType="url"))
    check(told["list-objects-start-after-encoded"], page(StartAfter="date%3D2026-02-01/", MaxKeys=2))
    two = page(StartAfter="a/%F0%9F%98%80/", MaxKeys=2)
    check(told["list-objects-start-after-token"], page(ContinuationToken=two["NextContinuationToken"], MaxKeys=2))
    check(told["list-objects-continuation-token-2"], page(ContinuationToken=two["NextContinuationToken"], MaxKeys=2))


def test_versions_in_their_order(s3, bucket):
    told, check = played(MAIN, "test_get_bucket_versioning_order")
    versions = lambda: s3.list_object_versions(Bucket=bucket)
    check(told["list_object_versions_before"], versions())
    check(told["put_bucket_versioning"], enable(s3, bucket))
    check(told["get_bucket_versioning"], s3.get_bucket_versioning(Bucket=bucket))
    put(s3, bucket, "test", "test", "test2", body=b"body")
    check(told["list_object_versions"], versions())


def test_versions_where_there_are_none(s3, bucket):
    told, check = played(API, "test_list_object_versions_order_unversioned", "ETag", "ChecksumCRC32")
    versions = lambda: s3.list_object_versions(Bucket=bucket)
    check(told["list-empty"], versions())
    keys = ("b-test-object-2", "a-test-object-1", "c-test-object-3")
    for label, answer in zip(("put-object", "put-object-2", "put-object-3"), put(s3, bucket, *keys, body=b"a" * 13)):
        check(told[label], answer)
    check(told["list-object-versions"], versions())


def test_versions_by_prefix(platform, s3, bucket):
    told, check = played(LISTS, "test_list_objects_versions_with_prefix", "ETag")
    enable(s3, bucket)
    put(s3, bucket, "dir/test", "dir/test", "dir/subdir/test2", "dir/subdir/test2", body=b"a" * 15)
    for n, prefix in enumerate(("dir/", "dir/s", "dir/test", "dir/subdir", "dir/subdir/", "dir/subdir/test2"), 1):
        page = s3.list_object_versions(Bucket=bucket, Prefix=prefix, Delimiter="/")
        check(told[f"list-object-version-{n}"], page)
    plain = listed(platform, bucket, "delimiter=%2F&prefix=dir%2Fsubdir&versions=")
    check(told["list-objects-versions-no-encoding"], plain)


def test_pages_of_versions(s3, bucket):
    told, check = played(LISTS, "test_list_objects_versions_markers")
    enable(s3, bucket)
    keys = [f"test_{n}" for n in range(3)]
    ids = [one["VersionId"] for one in put(s3, bucket, *keys, body=b"version 1")]
    ids += [one["VersionId"] for one in put(s3, bucket, keys[2], body=b"version 2")]
    ids += [s3.delete_object(Bucket=bucket, Key=key)["VersionId"] for key in keys]
    ids += [one["VersionId"] for one in put(s3, bucket, *keys[:2], body=b"version 2")]
    check(told["version-order"], {"Versions": [{"VersionId": id} for id in ids]})
    page = lambda **more: answered(s3.list_object_versions, Bucket=bucket, **more)
    check(told["list-objects-versions-all"], page())
    five = page(MaxKeys=5)
    check(told["list-objects-versions-5"], five)
    marker, version = five["NextKeyMarker"], five["NextVersionIdMarker"]
    check(told["list-objects-next-key-empty"], page(MaxKeys=1, KeyMarker=""))
    check(told["list-objects-next-key-only"], page(MaxKeys=1, KeyMarker=marker))
    check(told["list-objects-both-markers"], page(MaxKeys=1, KeyMarker=marker, VersionIdMarker=version))
    check(told["list-objects-next-version-only"], page(MaxKeys=1, VersionIdMarker=version))
    check(told["list-objects-next-key-last"], page(MaxKeys=1, KeyMarker=keys[2]))
    last = page(MaxKeys=1, KeyMarker=keys[2], VersionIdMarker=ids[3])
    check(told["list-objects-last-key-last-version"], last)


def begin(s3, bucket, key):
    return s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]


CHANCE = ("Bucket", "Initiator", "Owner")


def test_pages_of_uploads(s3, bucket):
    told, check = played(LISTS, "test_list_multiparts_next_marker", *CHANCE)
    page = lambda **more: answered(s3.list_multipart_uploads, Bucket=bucket, **more)
    check(told["list-multiparts-empty"], page())
    keys = ["test_multipart_A", "test_multipart_B", "test_multipart_C"]
    ids = [begin(s3, bucket, key) for key in (keys[2], keys[1], keys[0], keys[0], keys[0])]
    check(told["upload-ids-order"], {"UploadIds": [{"UploadId": id} for id in ids]})
    check(told["list-multiparts-all"], page())
    first = page(MaxUploads=1)
    check(told["list-multiparts-max-1"], first)
    key, id = first["NextKeyMarker"], first["NextUploadIdMarker"]
    check(told["list-multiparts-next-key-empty"], page(MaxUploads=1, KeyMarker=""))
    check(told["list-multiparts-next-key-only"], page(MaxUploads=1, KeyMarker=key))
    check(told["list-multiparts-both-markers"], page(MaxUploads=1, KeyMarker=key, UploadIdMarker=id))
    check(told["list-multiparts-both-markers-2"], page(MaxUploads=1, KeyMarker=key, UploadIdMarker=ids[4]))
    check(told["list-multiparts-get-last-upload-no-truncate"], page(MaxUploads=1, KeyMarker=keys[1], UploadIdMarker=ids[1]))
    check(told["list-multiparts-wrong-id-for-key"], page(MaxUploads=1, KeyMarker=key, UploadIdMarker=ids[1]))
    check(told["list-multiparts-next-upload-only"], page(MaxUploads=1, UploadIdMarker=id))
    check(told["list-multiparts-next-key-last"], page(MaxUploads=1, KeyMarker=keys[2]))


def test_pages_of_uploads_that_go_on_behind_folders(s3, bucket):
    told, check = played(LISTS, "test_list_multipart_uploads_marker_common_prefixes", *CHANCE)
    keys = ("folder/aSubfolder/subFile1", "folder/aSubfolder/subFile2", "folder/file1", "folder/file2")
    for key in keys:
        begin(s3, bucket, key)
    page = lambda **more: s3.list_multipart_uploads(
        Bucket=bucket, Prefix="folder/", Delimiter="/", MaxUploads=1, **more
    )
    check(told["list-multiparts-start"], page())
    check(told["list-multiparts-manual-prefix"], page(KeyMarker="folder/aSubfolder/"))
    check(told["list-multiparts-manual-first-file"], page(KeyMarker=keys[0]))
