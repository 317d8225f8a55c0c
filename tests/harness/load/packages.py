"""Functions made, changed and deleted; their code must stay downloadable as it was acknowledged."""

import base64
import hashlib
import itertools
import urllib.request

from ..clients import ROLE
from ..functions import zipped
from .calls import Refused
from .ledger import ABSENT, Ledger

NAMES = 4


class Packages:
    def __init__(self, calls, chance, stem):
        self.calls, self.chance, self.stem = calls, chance, stem
        self.ledger = Ledger()
        self.values = itertools.count(1)

    def prepare(self):
        pass

    def step(self):
        name = f"{self.stem}-{self.chance.randrange(NAMES)}"
        if not self.ledger.is_sure(name):
            return self.look(name)
        there = self.ledger.acknowledged.get(name, ABSENT)
        if there is ABSENT:
            return self.create(name)
        kind = self.chance.choice((self.update_code, self.update_code, self.describe, self.delete))
        return kind(name, *there)

    def look(self, name):
        """Whether a call that was cut off came through isn't known yet; reading it must work either way."""
        try:
            self.calls("lambda", "get_function", FunctionName=name)
        except Refused as refused:
            assert refused.code == "ResourceNotFoundException", refused

    def create(self, name):
        code, package = self.package()
        text = f"{code}"
        settings = {"Runtime": "python3.13", "Handler": "main.handler", "Role": ROLE}
        self.change(name, (code, text), "create_function", Code={"ZipFile": package}, Description=text, **settings)

    def update_code(self, name, _, text):
        code, package = self.package()
        self.change(name, (code, text), "update_function_code", ZipFile=package)

    def describe(self, name, code, _):
        text = f"text {next(self.values)}"
        self.change(name, (code, text), "update_function_configuration", Description=text)

    def delete(self, name, *_):
        self.change(name, ABSENT, "delete_function")

    def change(self, name, value, operation, **params):
        self.ledger.attempt(name, value)
        self.calls("lambda", operation, FunctionName=name, **params)
        self.ledger.acknowledge(name, value)

    def package(self):
        """A package like no other, and its digest."""
        package = zipped({"main.py": f"def handler(event, context):\n    return {next(self.values)}\n"})
        return base64.b64encode(hashlib.sha256(package).digest()).decode(), package

    def check(self):
        pages = self.calls.pages("lambda", "list_functions")
        names = [one["FunctionName"] for page in pages for one in page["Functions"]]
        mine = [name for name in names if name.startswith(f"{self.stem}-")]
        self.ledger.settle({name: self.read(name) for name in mine})

    def read(self, name):
        answer = self.calls("lambda", "get_function", FunctionName=name)
        config = answer["Configuration"]
        with urllib.request.urlopen(answer["Code"]["Location"], timeout=30) as package:
            digest = base64.b64encode(hashlib.sha256(package.read()).digest()).decode()
        assert digest == config["CodeSha256"], f"{name}: its code isn't what was acknowledged"
        return config["CodeSha256"], config["Description"]

    def acknowledged(self):
        return self.ledger.count
