"""Buckets as tests make and compare them."""

import json

from .names import unique


def make_bucket(s3, name=None, **params):
    name = name or unique("bucket")
    s3.create_bucket(Bucket=name, **params)
    return name


def open_to_all(s3, bucket, *actions):
    """Everybody may read what is in it and list it, or do what is said."""
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": list(actions or ("s3:GetObject", "s3:ListBucket")),
        "Resource": [f"arn:aws:s3:::{bucket}/*"] + ([] if actions else [f"arn:aws:s3:::{bucket}"]),
    }
    s3.delete_public_access_block(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
