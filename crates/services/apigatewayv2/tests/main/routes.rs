//! Routes and integrations.

use updraft_api_apigatewayv2::ApiGatewayV2 as _;
use updraft_api_apigatewayv2::types::{
    AuthorizationType, CreateIntegrationInput, CreateRouteInput, DeleteIntegrationInput, DeleteRouteInput,
    GetIntegrationInput, GetRouteInput, IntegrationType, UpdateIntegrationInput, UpdateRouteInput,
};

use crate::support::{FUNCTION, OTHER, lambda, said, world};

fn route(api_id: &str, key: &str) -> CreateRouteInput {
    CreateRouteInput { api_id: api_id.to_owned(), route_key: key.to_owned(), ..CreateRouteInput::default() }
}

#[tokio::test]
async fn a_route_is_created_changed_and_deleted() {
    let api = world();
    let id = api.api_with("GET /pets", "2.0").await;
    assert_eq!(api.ask(&id, "GET /pets").await.0, 200);
    let made = api.service.create_route(&api.cx(), route(&id, "GET /cats")).await.unwrap();
    assert_eq!(made.authorization_type, Some(AuthorizationType::None));
    let route_id = made.route_id.unwrap();
    let change = UpdateRouteInput {
        api_id: id.clone(),
        route_id: route_id.clone(),
        route_key: Some("GET /dogs".into()),
        ..UpdateRouteInput::default()
    };
    assert_eq!(api.service.update_route(&api.cx(), change).await.unwrap().route_key.unwrap(), "GET /dogs");
    let delete = DeleteRouteInput { api_id: id.clone(), route_id: route_id.clone() };
    api.service.delete_route(&api.cx(), delete).await.unwrap();
    let read = api.service.get_route(&api.cx(), GetRouteInput { api_id: id, route_id }).await;
    assert_eq!(said(read).0, "NotFoundException");
}

#[tokio::test]
async fn a_route_key_is_taken_once() {
    let api = world();
    let id = api.api_with("GET /pets/{id}", "2.0").await;
    assert_eq!(
        said(api.service.create_route(&api.cx(), route(&id, "GET /pets/{id}")).await),
        ("ConflictException", "Route with key GET /pets/{id} already exists for this API".to_owned())
    );
    assert_eq!(said(api.service.create_route(&api.cx(), route(&id, "GET /pets/{pet}")).await).0, "ConflictException");
    assert_eq!(said(api.service.create_route(&api.cx(), route(&id, "pets")).await).0, "BadRequestException");
    assert_eq!(said(api.service.create_route(&api.cx(), route("none", "GET /")).await).0, "NotFoundException");
}

#[tokio::test]
async fn what_cant_be_enforced_is_not_accepted() {
    let api = world();
    let id = api.create().await;
    for kind in [AuthorizationType::Jwt, AuthorizationType::AwsIam, AuthorizationType::Custom] {
        let input = CreateRouteInput { authorization_type: Some(kind), ..route(&id, "GET /") };
        assert_eq!(said(api.service.create_route(&api.cx(), input).await).0, "NotImplemented");
    }
    let mapped = CreateIntegrationInput {
        request_parameters: Some([("overwrite:path".to_owned(), "/x".to_owned())].into()),
        ..lambda(&id, FUNCTION, "2.0")
    };
    assert_eq!(said(api.service.create_integration(&api.cx(), mapped).await).0, "NotImplemented");
    let aws = CreateIntegrationInput { integration_type: IntegrationType::Aws, ..lambda(&id, FUNCTION, "2.0") };
    assert!(said(api.service.create_integration(&api.cx(), aws).await).1.contains("may only be associated with proxy"));
}

#[tokio::test]
async fn a_target_must_be_an_integration_of_the_api() {
    let api = world();
    let id = api.create().await;
    for (target, code) in [("integrations/none", "NotFoundException"), ("none", "BadRequestException")] {
        let input = CreateRouteInput { target: Some(target.into()), ..route(&id, "GET /") };
        assert_eq!(said(api.service.create_route(&api.cx(), input).await).0, code);
    }
}

#[tokio::test]
async fn an_integration_in_use_stays() {
    let api = world();
    let id = api.create().await;
    let integration_id = api.integration(&id, "2.0").await;
    let route_id = api.route(&id, "GET /", &integration_id).await;
    let delete = || DeleteIntegrationInput { api_id: id.clone(), integration_id: integration_id.clone() };
    let message =
        format!("Cannot delete Integration because it is referenced by the following Routes with Ids: [{route_id}]");
    let refused = said(api.service.delete_integration(&api.cx(), delete()).await);
    assert_eq!(refused, ("ConflictException", message));
    let gone = DeleteRouteInput { api_id: id.clone(), route_id };
    api.service.delete_route(&api.cx(), gone).await.unwrap();
    api.service.delete_integration(&api.cx(), delete()).await.unwrap();
}

#[tokio::test]
async fn a_change_of_an_integration_is_seen_by_the_next_request() {
    let api = world();
    let id = api.create().await;
    let integration_id = api.integration(&id, "2.0").await;
    api.route(&id, "GET /", &integration_id).await;
    api.ask(&id, "GET /").await;
    let change = UpdateIntegrationInput {
        api_id: id.clone(),
        integration_id: integration_id.clone(),
        integration_uri: Some(OTHER.to_owned()),
        timeout_in_millis: Some(1_000),
        ..UpdateIntegrationInput::default()
    };
    api.service.update_integration(&api.cx(), change).await.unwrap();
    api.ask(&id, "GET /").await;
    let called: Vec<_> = api.functions.calls.lock().iter().map(|call| call.function.resource.clone()).collect();
    assert_eq!(called, ["function:f", "function:g"]);
    let read = GetIntegrationInput { api_id: id, integration_id };
    let read = api.service.get_integration(&api.cx(), read).await.unwrap();
    assert_eq!(read.timeout_in_millis, Some(1_000));
    assert_eq!(read.integration_method.as_deref(), Some("POST"));
}
