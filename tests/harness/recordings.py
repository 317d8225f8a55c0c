"""AWS's own answers, recorded by scenario (CONFORMANCE_DIR), and comparing ours with them."""

import functools
import json
import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from .clients import ACCOUNT, REGION

# What stands in recordings instead of something volatile: any value is right.
ANYTHING = {"datetime", "date", "timestamp", "code-sha256"}
TOKEN = re.compile(r"<([a-z0-9_-]+(?::\d+)?)>")
FIXED = {"<partition>": "aws", "<region>": REGION, "111111111111": ACCOUNT}


def scenarios(file):
    """{scenario: {label: answer}} of one recorded file; skips where the recordings aren't at hand."""
    folder = os.environ.get("CONFORMANCE_DIR")
    if not folder:
        pytest.skip("CONFORMANCE_DIR isn't set: AWS's recorded answers are not at hand")
    return _read(Path(folder) / "aws-recorded" / file)


@functools.cache
def _read(path):
    return {name.rsplit("::", 1)[-1]: answers for name, answers in json.loads(path.read_text()).items()}


def scenario(file, name):
    return scenarios(file)[name]


class Comparison:
    """Compares answers of one scenario; the same token must stand for the same value throughout it."""

    def __init__(self):
        self.bound = {}

    def check(self, recorded, ours, where="answer"):
        if isinstance(recorded, dict):
            assert isinstance(ours, dict), f"{where}: AWS gives an object, we {ours!r}"
            self._object(recorded, ours, where)
        elif isinstance(recorded, list):
            assert isinstance(ours, list) and len(ours) == len(recorded), f"{where}: AWS gives {recorded}, we {ours!r}"
            for n, (theirs, mine) in enumerate(zip(recorded, ours)):
                self.check(theirs, mine, f"{where}[{n}]")
        elif isinstance(recorded, str):
            self._text(recorded, ours, where)
        else:
            assert ours == recorded, f"{where}: AWS gives {recorded!r}, we {ours!r}"

    def _object(self, recorded, ours, where):
        for name, theirs in recorded.items():
            if name == "ResponseMetadata":
                assert ours[name]["HTTPStatusCode"] == theirs["HTTPStatusCode"], f"{where}: the HTTP status"
                continue
            assert name in ours, f"{where}: AWS gives {name}, we only {sorted(ours)}"
            self.check(theirs, ours[name], f"{where}.{name}")

    def _text(self, recorded, ours, where):
        if recorded in ANYTHING or TOKEN.fullmatch(recorded) and not isinstance(ours, str):
            return
        for token, value in FIXED.items():
            recorded = recorded.replace(token, value)
        pattern, names = self._pattern(recorded)
        found = re.fullmatch(pattern, str(ours), re.DOTALL)
        assert found, f"{where}: AWS says {recorded!r}, we {ours!r}"
        for name, value in zip(names, found.groups()):
            assert self.bound.setdefault(name, value) == value, f"{where}: {name} was {self.bound[name]!r}, now {value!r}"

    def _pattern(self, recorded):
        """A pattern with a group for each numbered token, and those tokens' names."""
        names, parts, at = [], [], 0
        for token in TOKEN.finditer(recorded):
            numbered = ":" in token.group(1)
            parts += [re.escape(recorded[at : token.start()]), "(.+?)" if numbered else ".+?"]
            names += [token.group(1)] if numbered else []
            at = token.end()
        return "".join([*parts, re.escape(recorded[at:])]), names


def answered(call, **params):
    """Answer or error of a boto3 call, in the form recordings have: a dictionary with ResponseMetadata."""
    from botocore.exceptions import ClientError

    try:
        answer = call(**params)
    except ClientError as err:
        return err.response
    if "Payload" in answer:
        text = answer["Payload"].read().decode()
        answer["Payload"] = json.loads(text) if text.startswith(("{", "[")) else text
    return answer


def played(file, name, *volatile):
    """The answers of a scenario, and the comparison with ours. Of these members every value is right: chance of AWS's."""
    return without(scenario(file, name), set(volatile)), Comparison().check


def without(answer, names):
    if isinstance(answer, dict):
        return {name: "datetime" if name in names else without(value, names) for name, value in answer.items()}
    return [without(one, names) for one in answer] if isinstance(answer, list) else answer


def with_body(answer):
    """The answer to a read with its body as text, as recordings have it."""
    if hasattr(answer.get("Body"), "read"):
        answer["Body"] = answer["Body"].read().decode()
    return answer


def of_xml(text):
    """A document of XML as recordings have it: {name: {child: ...}}, texts at the ends."""
    root = ElementTree.fromstring(text)
    return {_bare(root.tag): _inside(root)}


def _inside(element):
    inside = {}
    for child in element:
        inside[_bare(child.tag)] = _inside(child)
    return inside or element.text


def _bare(tag):
    return tag.rpartition("}")[2]
