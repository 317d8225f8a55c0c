"""Making HTTP APIs and calling them, by host and by path."""

from urllib.parse import urlencode

from . import raw
from .clients import REGION
from .names import unique


class HttpApi:
    """One API with its `$default` stage."""

    def __init__(self, platform, clients, api_id, stage="$default"):
        self.platform, self.id, self.stage = platform, api_id, stage
        self.client = clients.boto("apigatewayv2")
        self.host = f"{api_id}.execute-api.localhost:{platform.port}"

    def call(self, method="GET", path="/", body=None, headers=None, query=None):
        """By host name, as a browser would."""
        path += f"?{urlencode(query, doseq=True)}" if query else ""
        return raw.request(self.platform.url, method, path, body, headers, host=self.host)

    def call_by_path(self, method="GET", path="/", stage=None, **options):
        """By path, for clients that can't resolve names below localhost."""
        stage = f"/{stage}" if stage else ""
        return raw.request(self.platform.url, method, f"/_aws/execute-api/{self.id}{stage}{path}", **options)

    def add_route(self, key, function, version="2.0"):
        integration = self.client.create_integration(
            ApiId=self.id, IntegrationType="AWS_PROXY", IntegrationUri=function.arn, PayloadFormatVersion=version
        )["IntegrationId"]
        self.client.create_route(ApiId=self.id, RouteKey=key, Target=f"integrations/{integration}")
        return integration


def create(platform, clients, routes=None, stage="$default", version="2.0", variables=None, **settings):
    """An API whose routes ({key: function}) are live when this returns."""
    client = clients.boto("apigatewayv2")
    api = HttpApi(platform, clients, client.create_api(Name=unique("api"), ProtocolType="HTTP", **settings)["ApiId"], stage)
    for key, function in (routes or {}).items():
        api.add_route(key, function, version)
        allow(function, api)
    client.create_stage(ApiId=api.id, StageName=stage, AutoDeploy=True, StageVariables=variables or {})
    return api


def allow(function, api):
    """The permission without which API Gateway may not invoke."""
    function.client.add_permission(
        FunctionName=function.name,
        StatementId=unique("api"),
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{REGION}:000000000000:{api.id}/*",
    )
