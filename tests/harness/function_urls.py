"""Functions' own URLs: made, called by host and by path, and read piece by piece."""

import http.client
import time
from urllib.parse import urlencode, urlsplit

from . import raw, signing
from .clients import REGION


class FunctionUrl:
    """The URL of one function."""

    def __init__(self, platform, function, **settings):
        self.platform, self.function = platform, function
        settings = {"AuthType": "NONE", **settings}
        self.config = function.client.create_function_url_config(FunctionName=function.name, **settings)
        self.url = self.config["FunctionUrl"]
        self.host = urlsplit(self.url).netloc
        self.id = self.host.split(".")[0]

    def call(self, method="GET", path="/", body=None, headers=None, query=None, host=None):
        """By host name, as a browser would."""
        path += f"?{urlencode(query, doseq=True)}" if query else ""
        return raw.request(self.platform.url, method, path, body, headers, host=host or self.host)

    def call_by_path(self, method="GET", path="/", **options):
        return raw.request(self.platform.url, method, f"/_aws/lambda-url/{self.id}{path}", **options)

    def call_signed(self, method="GET", path="/", body=b"", service="lambda", **options):
        headers = signing.headers(service, method, path, body, host=self.host, **options)
        return self.call(method, path, body or None, headers)

    def update(self, **settings):
        return self.function.client.update_function_url_config(FunctionName=self.function.name, **settings)

    def open(self, method="GET", path="/", seconds=60.0):
        """A response whose body isn't read yet, and its connection."""
        connection = http.client.HTTPConnection("127.0.0.1", self.platform.port, timeout=seconds)
        connection.request(method, path, headers={"Host": self.host})
        return connection.getresponse(), connection

    def pieces(self, method="GET", path="/"):
        """(seconds since the first, bytes) of every piece, as they come."""
        response, connection = self.open(method, path)
        try:
            first = None
            while piece := response.read1():
                first = first or time.monotonic()
                yield time.monotonic() - first, piece
        finally:
            connection.close()


def host_of(url_id, domain, region=REGION):
    return f"{url_id}.lambda-url.{region}.{domain}"
