"""Functions in Java: a client that stands in for AWS's, and packages, compiled by the host's javac."""

import functools
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from .platform import JS

SOURCES = JS.parent / "java"


def compiled(name, into):
    """Compiles one of the sources into a folder of classes."""
    javac = shutil.which("javac")
    if javac is None:
        pytest.skip("there is no javac to compile Java functions with (Debian: apt install openjdk-17-jdk-headless)")
    done = subprocess.run([javac, "-d", into, SOURCES / name], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return Path(into)


@functools.cache
def package():
    """The files of the function."""
    with tempfile.TemporaryDirectory() as folder:
        classes = compiled("Shop.java", folder)
        return {str(path.relative_to(classes)): path.read_bytes() for path in classes.rglob("*.class")}


def stand_in(folder):
    """A folder with the jar that stands in for AWS's client."""
    classes = compiled("AWSLambda.java", folder / "classes")
    jars = folder / "jars"
    jars.mkdir()
    jar = jars / "aws-lambda-java-runtime-interface-client-0.jar"
    subprocess.run([shutil.which("jar"), "--create", "--file", jar, "-C", classes, "."], check=True, timeout=120)
    return jars
