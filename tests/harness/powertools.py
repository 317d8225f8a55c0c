"""Powertools for AWS Lambda, packed into functions as it comes from PyPI and npm."""

import functools
import importlib.util
from pathlib import Path

import pytest

from . import functions, tables
from .platform import JS, ROOT

SOURCES = JS.parent / "powertools"
MODULES = ROOT / "target/powertools/node_modules"
PYTHON = ("aws_lambda_powertools", "aws_xray_sdk", "wrapt", "jmespath", "typing_extensions")
# For the interpreter of the tests, which needn't be the functions'.
COMPILED = (".pyc", ".so")
MISSING = "run `cargo xtask test --only clients`, which installs it"


@functools.cache
def _python():
    files = {}
    for name in PYTHON:
        found = importlib.util.find_spec(name)
        if found is None:
            pytest.fail(f"{name} isn't installed: {MISSING}")
        path = Path(found.origin)
        whole = path.parent.rglob("*") if path.name == "__init__.py" else [path]
        top = path.parent.parent if path.name == "__init__.py" else path.parent
        files |= {str(one.relative_to(top)): one.read_bytes() for one in whole if one.is_file() and one.suffix not in COMPILED}
    return files


@functools.cache
def _node():
    if not MODULES.is_dir():
        pytest.fail(f"{MODULES} isn't there: {MISSING}")
    wanted = (".js", ".mjs", ".cjs", ".json")
    files = (path for path in MODULES.rglob("*") if path.suffix in wanted and path.is_file())
    return {f"node_modules/{path.relative_to(MODULES)}": path.read_bytes() for path in files}


LANGUAGES = {"python": (_python, "main.py"), "node": (_node, "main.mjs")}


class Shop:
    """Functions of one language, one for each of the handlers in `tests/clients/powertools`, and their table."""

    def __init__(self, clients, language):
        self.clients, self.language = clients, language
        self.table = tables.create(clients)
        packages, main = LANGUAGES[language]
        self.files = {main: (SOURCES / main).read_text(), **packages()}

    @functools.cache
    def function(self, handler, **settings):
        variables = {"TABLE": self.table}
        return functions.create(
            self.clients,
            None,
            self.language,
            files=self.files,
            Handler=f"main.{handler}",
            Environment={"Variables": variables},
            Timeout=30,
            MemorySize=512,
            **settings,
        )
