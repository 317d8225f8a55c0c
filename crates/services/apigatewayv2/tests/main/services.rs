//! Integrations that call Step Functions.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use updraft_api_apigatewayv2::ApiGatewayV2 as _;
use updraft_api_apigatewayv2::types::{
    CreateIntegrationInput, GetIntegrationInput, IntegrationType, UpdateIntegrationInput,
};
use updraft_kernel::AwsError;
use updraft_kernel::error::code;

use crate::support::{Api, request, world};

fn given(api_id: &str, subtype: &str, parameters: &[(&str, &str)]) -> CreateIntegrationInput {
    CreateIntegrationInput {
        api_id: api_id.to_owned(),
        integration_type: IntegrationType::AwsProxy,
        integration_subtype: Some(subtype.to_owned()),
        payload_format_version: Some("1.0".to_owned()),
        request_parameters: Some(owned(parameters)),
        ..CreateIntegrationInput::default()
    }
}

fn owned(parameters: &[(&str, &str)]) -> BTreeMap<String, String> {
    parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// An API whose `POST /{tenant}` starts an execution; its id, and the integration's.
async fn starting(api: &Api, parameters: &[(&str, &str)]) -> (String, String) {
    let id = api.create().await;
    let input = given(&id, "StepFunctions-StartExecution", parameters);
    let integration = api.service.create_integration(&api.cx(), input).await.unwrap().integration_id.unwrap();
    api.route(&id, "POST /{tenant}", &integration).await;
    (id, integration)
}

#[tokio::test]
async fn a_request_becomes_a_call_with_the_parameters_it_gives() {
    let api = world();
    let parameters = [
        ("StateMachineArn", "arn:aws:states:us-east-1:000000000000:stateMachine:${request.path.tenant}"),
        ("Input", "$request.body"),
        ("Name", "${request.header.x-name}-${request.querystring.n}-${request.body.order.id}"),
    ];
    let (id, integration) = starting(&api, &parameters).await;
    let body = r#"{"order":{"id":7}}"#;
    let mut sent = request(&id, "POST /blue?n=a%20b");
    sent.headers.insert("x-name", "N".parse().unwrap());
    sent.body = body.into();
    let response = api.send(sent).await;
    assert_eq!(response.status, 200);
    let said: Value = serde_json::from_slice(response.body.whole().unwrap()).unwrap();
    assert_eq!(said, json!({"executionArn": "e", "startDate": 1_898_596_800.0}));
    let call = api.services.calls.lock().pop().unwrap();
    assert_eq!((call.service.as_str(), call.operation.as_str()), ("sfn", "StartExecution"));
    let arn = "arn:aws:states:us-east-1:000000000000:stateMachine:blue";
    assert_eq!(call.input, json!({"StateMachineArn": arn, "Input": body, "Name": "N-a b-7"}));
    let told = GetIntegrationInput { api_id: id, integration_id: integration };
    let told = api.service.get_integration(&api.cx(), told).await.unwrap();
    assert_eq!(told.integration_subtype.as_deref(), Some("StepFunctions-StartExecution"));
    assert_eq!((told.request_parameters, told.integration_uri), (Some(owned(&parameters)), None));
}

#[tokio::test]
async fn a_refusal_is_the_services() {
    let api = world();
    let (id, _) = starting(&api, &[("StateMachineArn", "a")]).await;
    *api.services.refusal.lock() = Some(AwsError::new(&code::SERVICE_UNAVAILABLE, "later"));
    let response = api.send(request(&id, "POST /blue")).await;
    assert_eq!(response.status, code::SERVICE_UNAVAILABLE.status);
    let said: Value = serde_json::from_slice(response.body.whole().unwrap()).unwrap();
    assert_eq!(said["message"], "later");
}

#[tokio::test]
async fn what_cant_be_called_is_refused() {
    let api = world();
    let id = api.create().await;
    let wrong = [
        given(&id, "StepFunctions-StartExecution", &[("Input", "$request.body")]),
        given(&id, "StepFunctions-StartExecution", &[("StateMachineArn", "a"), ("Cause", "c")]),
        CreateIntegrationInput {
            payload_format_version: Some("2.0".to_owned()),
            ..given(&id, "StepFunctions-StartExecution", &[("StateMachineArn", "a")])
        },
    ];
    for input in wrong {
        let refused = api.service.create_integration(&api.cx(), input).await.unwrap_err();
        assert_eq!(refused.code().name, "BadRequestException");
    }
}

#[tokio::test]
async fn parameters_are_changed_one_by_one() {
    let api = world();
    let (id, integration) = starting(&api, &[("StateMachineArn", "a"), ("Name", "n")]).await;
    let input = UpdateIntegrationInput {
        api_id: id.clone(),
        integration_id: integration,
        request_parameters: Some(owned(&[("Name", ""), ("Input", "{}")])),
        ..UpdateIntegrationInput::default()
    };
    let told = api.service.update_integration(&api.cx(), input).await.unwrap();
    assert_eq!(told.request_parameters, Some(owned(&[("StateMachineArn", "a"), ("Input", "{}")])));
    api.send(request(&id, "POST /x")).await;
    let call = api.services.calls.lock().pop().unwrap();
    assert_eq!(call.input, json!({"StateMachineArn": "a", "Input": "{}"}));
}
