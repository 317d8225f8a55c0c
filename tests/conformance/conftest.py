"""What the recorded scenarios of S3 are played with."""

import pytest

from harness.buckets import make_bucket


@pytest.fixture
def s3(clients):
    """A client that sends what it is told, also what AWS refuses."""
    return clients.boto("s3", parameter_validation=False)


@pytest.fixture
def bucket(s3):
    return make_bucket(s3)
