//! Quick create.

use updraft_api_apigatewayv2::ApiGatewayV2 as _;
use updraft_api_apigatewayv2::types::{
    CreateApiInput, GetIntegrationsInput, GetRoutesInput, GetStagesInput, UpdateApiInput,
};

use crate::support::{FUNCTION, OTHER, http_api, said, world};

fn with_target(target: &str) -> CreateApiInput {
    CreateApiInput { target: Some(target.to_owned()), ..http_api("quick") }
}

#[tokio::test]
async fn a_target_makes_an_api_that_serves_everything() {
    let api = world();
    let id = api.service.create_api(&api.cx(), with_target(FUNCTION)).await.unwrap().api_id.unwrap();
    let routes = GetRoutesInput { api_id: id.clone(), ..GetRoutesInput::default() };
    let routes = api.service.get_routes(&api.cx(), routes).await.unwrap().items.unwrap();
    assert_eq!((routes[0].route_key.as_str(), routes[0].api_gateway_managed), ("$default", Some(true)));
    let integrations = GetIntegrationsInput { api_id: id.clone(), ..GetIntegrationsInput::default() };
    let integrations = api.service.get_integrations(&api.cx(), integrations).await.unwrap().items.unwrap();
    assert_eq!(integrations[0].integration_uri.as_deref(), Some(FUNCTION));
    assert_eq!(integrations[0].payload_format_version.as_deref(), Some("2.0"));
    let stages = GetStagesInput { api_id: id.clone(), ..GetStagesInput::default() };
    let stages = api.service.get_stages(&api.cx(), stages).await.unwrap().items.unwrap();
    assert_eq!((stages[0].stage_name.as_str(), stages[0].auto_deploy), ("$default", Some(true)));
    assert_eq!(api.ask(&id, "PATCH /any/thing").await, (200, "ok".to_owned()));
}

#[tokio::test]
async fn its_target_and_its_route_can_be_changed() {
    let api = world();
    let id = api.service.create_api(&api.cx(), with_target(FUNCTION)).await.unwrap().api_id.unwrap();
    let change = UpdateApiInput {
        api_id: id.clone(),
        target: Some(OTHER.to_owned()),
        route_key: Some("GET /only".into()),
        ..UpdateApiInput::default()
    };
    api.service.update_api(&api.cx(), change).await.unwrap();
    assert_eq!(api.ask(&id, "GET /other").await.0, 404);
    assert_eq!(api.ask(&id, "GET /only").await.0, 200);
    assert_eq!(api.functions.calls.lock()[0].function.resource, "function:g");
}

#[tokio::test]
async fn what_cant_be_a_target_leaves_nothing_behind() {
    let api = world();
    let url = api.service.create_api(&api.cx(), with_target("https://example.com")).await;
    assert_eq!(said(url).0, "NotImplemented");
    assert_eq!(said(api.service.create_api(&api.cx(), with_target("nonsense")).await).0, "BadRequestException");
    let all = api.service.get_apis(&api.cx(), Default::default()).await.unwrap();
    assert_eq!(all.items.unwrap(), []);
}
