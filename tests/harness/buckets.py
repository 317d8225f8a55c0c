"""Buckets as tests make and compare them."""

from .names import unique


def make_bucket(s3, name=None, **params):
    name = name or unique("bucket")
    s3.create_bucket(Bucket=name, **params)
    return name
