"""Calls to one platform or to several nodes of one, sorted by what is known of their outcome."""

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError
from urllib3.exceptions import HTTPError

from ..clients import Clients


class Unsure(Exception):
    """No answer, or one that leaves open whether it happened."""


class Refused(Exception):
    """It did not happen: the platform said so."""

    def __init__(self, error):
        super().__init__(str(error))
        self.code = error.response.get("Error", {}).get("Code")
        self.reasons = [one.get("Code") for one in error.response.get("CancellationReasons", [])]


class Calls:
    """One client. It stays with a node until that breaks, then goes on with the next."""

    def __init__(self, urls, chance, **config):
        self.nodes = [Clients(url) for url in urls]
        self.config = config
        self.at = chance.randrange(len(urls))
        self.unsure = 0
        self.refused_connections = 0

    def __call__(self, service, operation, **params):
        for _ in self.nodes:
            try:
                return getattr(self._client(service), operation)(**params)
            except EndpointConnectionError:
                # Nothing was sent: the next node may be asked without a second thought.
                self.refused_connections += 1
                self.go_on()
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
                    raise Refused(error) from error
                raise self._lost(error) from error
            except (BotoCoreError, OSError) as error:
                raise self._lost(error) from error
        raise Unsure("no node takes connections")

    def whole(self, stream):
        """The bytes of an answer that comes as a stream."""
        try:
            return stream.read()
        except (BotoCoreError, HTTPError, OSError) as error:
            raise self._lost(error) from error

    def create_table(self, name, **more):
        """Keyed by `id`, unless `more` says otherwise."""
        usual = {
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        }
        return self("dynamodb", "create_table", TableName=name, **{**usual, **more})

    def _client(self, service):
        return self.nodes[self.at].boto(service, **self.config)

    def _lost(self, error):
        self.unsure += 1
        self.go_on()
        return Unsure(f"{type(error).__name__}: {error}")

    def go_to(self, url):
        self.at = next(n for n, node in enumerate(self.nodes) if node.url == url)

    def go_on(self):
        self.at = (self.at + 1) % len(self.nodes)

    def warm_up(self, *services):
        """Makes the clients now: that is slow, and not safe in threads."""
        for node in self.nodes:
            for service in services:
                node.boto(service, **self.config)
        return self

    def pages(self, service, operation, **params):
        """All pages of a read, which nothing may disturb."""
        return self._client(service).get_paginator(operation).paginate(**params)
