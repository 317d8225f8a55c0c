"""What AWS's SDK for Python looks up in files whenever a process makes its first client, looked up ahead of time.

The first session of a process that asks for a file gets what was read ahead, as its own; whoever asks next reads it, as
ever. So sessions share nothing that they don't share elsewhere.
"""

import functools
import os

# Those whose clients functions make most.
SERVICES = ("dynamodb", "s3", "sqs", "sns", "lambda", "events", "stepfunctions", "secretsmanager", "ssm")


def prepare(folder):
    """`folder`: the SDK's, which doesn't change. What lies elsewhere is looked up when it is asked for."""
    import boto3
    from botocore.loaders import JSONFileLoader, Loader

    keep_listings(Loader, folder)
    files = files_read(JSONFileLoader, lambda: make_clients(boto3))
    serve_files(JSONFileLoader, [path for path in files if path.startswith(folder)])


def make_clients(boto3):
    # Nobody's: nothing is signed with them, and nothing is sent.
    keys = {"aws_access_key_id": "none", "aws_secret_access_key": "none", "region_name": "us-east-1"}
    for service in SERVICES:
        boto3.session.Session(**keys).client(service)


def files_read(loader, make):
    """The files that making something reads."""
    read, files = loader.load_file, {}

    def load_file(self, file_path):
        files[file_path] = True
        return read(self, file_path)

    loader.load_file = load_file
    try:
        make()
    finally:
        loader.load_file = read
    return list(files)


def serve_files(loader, files):
    read = loader.load_file
    ready = {path: read(loader(), path) for path in files}

    @functools.wraps(read)
    def load_file(self, file_path):
        return ready.pop(file_path) if file_path in ready else read(self, file_path)

    loader.load_file = load_file


def keep_listings(loader, folder):
    """Which services there are: some hundred folders are looked into for it."""
    look, kept = loader.list_available_services, {}

    @functools.wraps(look)
    def list_available_services(self, type_name):
        places = tuple(path for path in self.search_paths if os.path.isdir(path))
        if not all(place.startswith(folder) for place in places):
            return look(self, type_name)
        if (type_name, places) not in kept:
            kept[type_name, places] = tuple(look(self, type_name))
        return list(kept[type_name, places])

    loader.list_available_services = list_available_services
