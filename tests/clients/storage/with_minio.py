"""Walks through a bucket with MinIO's client and prints what it saw as JSON."""

import hashlib
import io
import json
import os
import sys
import urllib.request
from datetime import timedelta
from urllib.parse import urlsplit

from minio import Minio
from minio.commonconfig import CopySource, Tags
from minio.deleteobjects import DeleteObject
from minio.error import S3Error
from minio.versioningconfig import VersioningConfig

MIB = 1 << 20
bucket = sys.argv[1]
client = Minio(
    urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc,
    access_key=os.environ["AWS_ACCESS_KEY_ID"],
    secret_key=os.environ["AWS_SECRET_ACCESS_KEY"],
    region=os.environ["AWS_REGION"],
    secure=False,
)
steps = {}


def read(key, **about):
    answer = client.get_object(bucket_name=bucket, object_name=key, **about)
    try:
        return answer.read()
    finally:
        answer.close()
        answer.release_conn()


def code_of(call, *args, **about):
    try:
        call(*args, **about)
    except S3Error as refused:
        return refused.code
    return "no error"


client.make_bucket(bucket_name=bucket)
steps["made"] = [client.bucket_exists(bucket_name=bucket), client.bucket_exists(bucket_name=bucket + "-other")]
body = hashlib.sha256(b"seed").digest() * (12 * MIB // 32 + 1)
put = client.put_object(
    bucket_name=bucket, object_name="large", data=io.BytesIO(body), length=-1, part_size=5 * MIB, metadata={"a": "b"}
)
stat = client.stat_object(bucket_name=bucket, object_name="large")
steps["large"] = [put.etag[-2:], stat.size == len(body), stat.metadata["x-amz-meta-a"], read("large") == body]
steps["range"] = read("large", offset=5 * MIB - 1, length=2) == body[5 * MIB - 1 : 5 * MIB + 1]
client.copy_object(bucket_name=bucket, object_name="a b+é", source=CopySource(bucket_name=bucket, object_name="large"))
names = [one.object_name for one in client.list_objects(bucket_name=bucket, recursive=True)]
steps["listed"] = sorted(names)
tags = Tags.new_object_tags()
tags["k"] = "v"
client.set_object_tags(bucket_name=bucket, object_name="large", tags=tags)
steps["tags"] = dict(client.get_object_tags(bucket_name=bucket, object_name="large"))
link = client.presigned_get_object(bucket_name=bucket, object_name="a b+é", expires=timedelta(minutes=1))
with urllib.request.urlopen(link) as answer:
    steps["link"] = answer.read() == body
client.set_bucket_versioning(bucket_name=bucket, config=VersioningConfig("Enabled"))
first = client.put_object(bucket_name=bucket, object_name="v", data=io.BytesIO(b"1"), length=1).version_id
client.put_object(bucket_name=bucket, object_name="v", data=io.BytesIO(b"2"), length=1)
steps["versions"] = [read("v", version_id=first).decode(), read("v").decode()]
gone = [DeleteObject(name) for name in ("v", "large", "nothing")]
steps["deleted"] = [str(error) for error in client.remove_objects(bucket_name=bucket, delete_object_list=gone)]
steps["missing"] = code_of(client.stat_object, bucket_name=bucket, object_name="v")
steps["full"] = code_of(client.remove_bucket, bucket_name=bucket)
print(json.dumps(steps))
