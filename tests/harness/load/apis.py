"""HTTP APIs made with route, integration and stage in one call, renamed and deleted: whole, or not there."""

import itertools

from .ledger import ABSENT, Ledger

MOST = 4


class Apis:
    def __init__(self, calls, chance, stem):
        self.calls, self.chance, self.stem = calls, chance, stem
        self.ledger = Ledger()  # description by name
        self.ids = {}
        self.numbers = itertools.count(1)

    def prepare(self):
        pass

    def step(self):
        sure = [name for name in self.ledger.names() if name in self.ids]
        if len(sure) < MOST:
            return self.create()
        name = self.chance.choice(sure)
        return self.chance.choice((self.describe, self.describe, self.delete))(name)

    def create(self):
        name, text = f"{self.stem}-{next(self.numbers)}", "new"
        target = "arn:aws:lambda:us-east-1:000000000000:function:any"
        self.ledger.attempt(name, text)
        made = self.calls(
            "apigatewayv2", "create_api", Name=name, ProtocolType="HTTP", Target=target, Description=text
        )
        self.ids[name] = made["ApiId"]
        self.ledger.acknowledge(name, text)

    def describe(self, name):
        text = f"text {next(self.numbers)}"
        self.ledger.attempt(name, text)
        self.calls("apigatewayv2", "update_api", ApiId=self.ids[name], Description=text)
        self.ledger.acknowledge(name, text)

    def delete(self, name):
        self.ledger.attempt(name, ABSENT)
        self.calls("apigatewayv2", "delete_api", ApiId=self.ids[name])
        self.ledger.acknowledge(name, ABSENT)

    def check(self):
        pages = self.calls.pages("apigatewayv2", "get_apis")
        mine = [api for page in pages for api in page["Items"] if api["Name"].startswith(f"{self.stem}-")]
        self.ids = {api["Name"]: api["ApiId"] for api in mine}
        assert len(self.ids) == len(mine), f"made twice: {[api['Name'] for api in mine]}"
        for api in mine:
            self.check_whole(api["ApiId"])
        self.ledger.settle({api["Name"]: api["Description"] for api in mine})
        self.ledger.acknowledged = {name: self.ledger.acknowledged[name] for name in self.ids}

    def check_whole(self, api_id):
        parts = [self.items(part, api_id) for part in ("get_routes", "get_integrations", "get_stages")]
        assert [len(part) for part in parts] == [1, 1, 1], f"an API half made: {parts}"
        (route,), (integration,), (stage,) = parts
        assert route["Target"] == f"integrations/{integration['IntegrationId']}"
        assert (route["RouteKey"], stage["StageName"]) == ("$default", "$default")

    def items(self, operation, api_id):
        return self.calls("apigatewayv2", operation, ApiId=api_id)["Items"]

    def acknowledged(self):
        return self.ledger.count
