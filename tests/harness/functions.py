"""Making Lambda functions out of a few lines of source."""

import base64
import io
import json
import zipfile

from .clients import ROLE
from .names import unique

# What each language's functions are created with.
RUNTIMES = {
    "python": ("python3.13", "main.handler", "main.py"),
    "node": ("nodejs22.x", "main.handler", "main.mjs"),
    "provided": ("provided.al2023", "anything", "bootstrap"),
}


def zipped(files):
    """A zip of {name: text or bytes}; every file is executable, as `bootstrap` must be."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o755 << 16
            archive.writestr(info, content)
    return buffer.getvalue()


class Function:
    """One function on a platform."""

    def __init__(self, clients, name):
        self.clients, self.name = clients, name
        self.client = clients.boto("lambda")

    def invoke(self, payload=None, **extra):
        """(status, function error, decoded payload) of a synchronous call."""
        answer = self.client.invoke(FunctionName=self.name, Payload=json.dumps(payload), **extra)
        body = answer["Payload"].read()
        return answer["StatusCode"], answer.get("FunctionError"), json.loads(body) if body else None

    def invoke_with_log(self, payload=None):
        """(function error, decoded payload, the log's tail)"""
        answer = self.client.invoke(FunctionName=self.name, Payload=json.dumps(payload), LogType="Tail")
        tail = base64.b64decode(answer["LogResult"]).decode(errors="replace")
        return answer.get("FunctionError"), json.loads(answer["Payload"].read() or b"null"), tail

    @property
    def arn(self):
        return self.client.get_function_configuration(FunctionName=self.name)["FunctionArn"]


def create(clients, source, language="python", files=None, **settings):
    """Creates a function and waits until it is active. `source` is the text of its main file, where `files` have none."""
    runtime, handler, main = RUNTIMES[language]
    client = clients.boto("lambda")
    package = {**({} if source is None else {main: source}), **(files or {})}
    name = settings.pop("FunctionName", None) or unique(f"f-{language}")
    request = {"Runtime": runtime, "Handler": handler, "Role": ROLE, "Timeout": 10, "MemorySize": 256, **settings}
    client.create_function(FunctionName=name, Code={"ZipFile": zipped(package)}, **request)
    client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    return Function(clients, name)
