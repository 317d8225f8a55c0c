"""Real, unmodified clients: boto3, the AWS CLI, the AWS SDK for JavaScript."""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import boto3
from botocore.config import Config

from .platform import JS

REGION = "us-east-1"
ACCOUNT = "000000000000"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"


class Clients:
    """Clients of one platform, with the conventional test/test credentials unless told otherwise."""

    def __init__(self, url, key="test", secret="test", region=REGION):
        self.url, self.key, self.secret, self.region = url, key, secret, region
        self.session = boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=region)

    @functools.cache
    def boto(self, service, **config):
        settings = {"retries": {"total_max_attempts": 1}, "read_timeout": 60, "connect_timeout": 10, **config}
        return self.session.client(service, endpoint_url=self.url, config=Config(**settings))

    def resource(self, service):
        return self.session.resource(service, endpoint_url=self.url)

    def other(self, key, secret="test", region=REGION):
        """The same platform, seen by somebody else."""
        return Clients(self.url, key, secret, region)

    def environment(self):
        return {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": os.environ.get("HOME", "/"),
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_PAGER": "",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }

    def run(self, command, seconds=90, **options):
        return subprocess.run(
            list(map(str, command)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            env=self.environment(),
            **options,
        )

    def cli(self, *args):
        """The AWS CLI; its JSON answer, or None where it prints nothing."""
        done = self.run(["aws", "--output", "json", *args])
        assert done.returncode == 0, f"aws {' '.join(map(str, args))}: {done.stderr.strip()}"
        return json.loads(done.stdout) if done.stdout.strip() else None

    def cli_fails(self, *args):
        """What the AWS CLI says when it is refused."""
        done = self.run(["aws", "--output", "json", *args])
        assert done.returncode != 0, f"aws {' '.join(map(str, args))} was to fail, and said {done.stdout.strip()}"
        return done.stderr.strip()

    def node(self, script, *args):
        """A script of tests/clients/js; the JSON it prints."""
        done = self.run(["node", JS / script, *args], cwd=JS)
        assert done.returncode == 0, f"{script}: {done.stderr.strip()}"
        return json.loads(done.stdout)


def error_of(call, *args, **kwargs):
    """Code, message and HTTP status of the error a boto3 call is answered with; fails where it succeeds."""
    from botocore.exceptions import ClientError

    try:
        answer = call(*args, **kwargs)
    except ClientError as err:
        error = err.response.get("Error", {})
        return error.get("Code"), error.get("Message"), err.response["ResponseMetadata"]["HTTPStatusCode"]
    raise AssertionError(f"expected an error, got {answer!r}")
