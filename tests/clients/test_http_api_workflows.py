"""HTTP APIs that start executions of Step Functions, without a function between."""

import json
import urllib.request

import pytest

from harness.workflows import Execution, Machine, of


@pytest.fixture
def apis(clients):
    return clients.boto("apigatewayv2")


@pytest.fixture
def states(clients):
    return clients.boto("stepfunctions", inject_host_prefix=False)


def route(apis, api, key, subtype, **parameters):
    integration = apis.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationSubtype=f"StepFunctions-{subtype}",
        PayloadFormatVersion="1.0", RequestParameters=parameters,
    )["IntegrationId"]
    apis.create_route(ApiId=api, RouteKey=key, Target=f"integrations/{integration}")


@pytest.fixture
def api(apis):
    api = apis.create_api(Name="workflows", ProtocolType="HTTP")
    apis.create_stage(ApiId=api["ApiId"], StageName="$default", AutoDeploy=True)
    return api["ApiId"]


def post(clients, api, path, body):
    request = urllib.request.Request(
        f"{clients.url}/_aws/execute-api/{api}{path}", data=json.dumps(body).encode(),
        headers={"content-type": "application/json"}, method="POST",
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.loads(response.read())


def test_an_api_answers_what_an_express_workflow_gives(clients, apis, states, api):
    double = of(A={"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.input.n * 2 %}", "End": True})
    machine = Machine(states, double, type="EXPRESS")
    route(apis, api, "POST /double", "StartSyncExecution", StateMachineArn=machine.arn, Input="$request.body")
    said = post(clients, api, "/double", {"n": 21})
    assert (said["status"], json.loads(said["output"])) == ("SUCCEEDED", 42)
    assert said["billingDetails"]["billedMemoryUsedInMB"] == 64
    assert isinstance(said["startDate"], float)


def test_an_api_starts_and_stops_an_execution(clients, apis, states, api):
    machine = Machine(states, of(W={"Type": "Wait", "Seconds": 86400, "End": True}))
    route(apis, api, "POST /start", "StartExecution", StateMachineArn=machine.arn, Input="$request.body.order")
    route(apis, api, "POST /stop", "StopExecution", ExecutionArn="$request.body.execution", Error="Gone", Cause="asked")
    started = post(clients, api, "/start", {"order": {"id": 1}})["executionArn"]
    execution = Execution(states, started)
    assert json.loads(execution.describe()["input"]) == {"id": 1}
    post(clients, api, "/stop", {"execution": started})
    said = execution.describe()
    assert (said["status"], said["error"], said["cause"]) == ("ABORTED", "Gone", "asked")
