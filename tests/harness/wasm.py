"""Functions that are WebAssembly components, made of the texts in tests/clients/wasm."""

import pytest
import wasmtime

from . import functions
from .platform import ROOT, run_updraft

TEXTS = ROOT / "tests" / "clients" / "wasm"

# What a handler answers that is to be the same as it came.
ECHO = "(call $ok (local.get $event) (local.get $event-size))"


def needed():
    """Skips where the binary doesn't run components."""
    if "this build runs them" not in run_updraft("doctor", "--allow-weak-sandbox", seconds=60).stdout:
        pytest.skip("updraft was built without the cargo feature wasm")


def assembled(text):
    return bytes(wasmtime.wat2wasm(text))


def handler(body, more="", data=""):
    """A bare handler. `body` pushes its result; `data` lies at 1024 in its memory; `more` are functions of its own."""
    text = (TEXTS / "handler.wat").read_text()
    return assembled(text.replace("%BODY%", body).replace("%FUNCTIONS%", more).replace("%DATA%", data))


def proxy(body="", authority="127.0.0.1:4566"):
    """A component that serves HTTP."""
    text = (TEXTS / "proxy.wat").read_text()
    return assembled(text.replace("%BODY%", body).replace("%AUTHORITY%", authority).replace("%SIZE%", str(len(authority))))


def create(clients, component, name="bootstrap", files=None, **settings):
    settings = {"MemorySize": 128, **settings}
    return functions.create(clients, None, "provided", {name: component, **(files or {})}, **settings)
