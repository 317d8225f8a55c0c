//! APIs themselves.

use updraft_api_apigatewayv2::ApiGatewayV2 as _;
use updraft_api_apigatewayv2::types::{
    Cors, CreateApiInput, DeleteApiInput, DeleteCorsConfigurationInput, GetApiInput, GetApisInput, ProtocolType,
    UpdateApiInput,
};

use crate::support::{http_api, said, world};

#[tokio::test]
async fn an_api_is_created_read_changed_and_deleted() {
    let api = world();
    let cx = api.cx();
    let made = api.service.create_api(&cx, http_api("products")).await.unwrap();
    let id = made.api_id.clone().unwrap();
    assert_eq!(id.len(), 10);
    assert!(id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{id}");
    assert_eq!(made.api_endpoint.unwrap(), format!("http://{id}.execute-api.localhost:4566"));
    assert_eq!(made.route_selection_expression.unwrap(), "$request.method $request.path");
    assert_eq!(made.created_date, Some(cx.now()));
    assert_eq!(made.protocol_type, Some(ProtocolType::Http));

    let change = UpdateApiInput {
        api_id: id.clone(),
        name: Some("goods".into()),
        description: Some("d".into()),
        ..UpdateApiInput::default()
    };
    api.service.update_api(&cx, change).await.unwrap();
    let read = api.service.get_api(&cx, GetApiInput { api_id: id.clone() }).await.unwrap();
    assert_eq!((read.name.as_deref(), read.description.as_deref()), (Some("goods"), Some("d")));

    api.service.delete_api(&cx, DeleteApiInput { api_id: id.clone() }).await.unwrap();
    let gone = ("NotFoundException", format!("Invalid API identifier specified 000000000000:{id}"));
    assert_eq!(said(api.service.get_api(&cx, GetApiInput { api_id: id.clone() }).await), gone);
    assert_eq!(said(api.service.delete_api(&cx, DeleteApiInput { api_id: id }).await), gone);
}

#[tokio::test]
async fn websocket_apis_are_refused_until_they_are_built() {
    let api = world();
    let input = CreateApiInput { protocol_type: ProtocolType::Websocket, ..http_api("ws") };
    assert_eq!(said(api.service.create_api(&api.cx(), input).await).0, "NotImplemented");
}

#[tokio::test]
async fn apis_are_listed_in_pages_and_by_account_and_region() {
    let api = world();
    for n in 0..3 {
        api.service.create_api(&api.cx(), http_api(&format!("a{n}"))).await.unwrap();
    }
    let list = |token| GetApisInput { max_results: Some("2".into()), next_token: token };
    let first = api.service.get_apis(&api.cx(), list(None)).await.unwrap();
    let second = api.service.get_apis(&api.cx(), list(first.next_token)).await.unwrap();
    assert_eq!((first.items.unwrap().len(), second.items.unwrap().len()), (2, 1));
    assert_eq!(second.next_token, None);

    let mut elsewhere = api.cx();
    elsewhere.region = updraft_kernel::Region::parse("eu-west-1").unwrap();
    assert_eq!(api.service.get_apis(&elsewhere, list(None)).await.unwrap().items.unwrap(), []);
}

#[tokio::test]
async fn a_cors_configuration_is_kept_until_it_is_deleted() {
    let api = world();
    let cors = Cors { allow_origins: Some(vec!["*".into()]), max_age: Some(60), ..Cors::default() };
    let input = CreateApiInput { cors_configuration: Some(cors.clone()), ..http_api("a") };
    let id = api.service.create_api(&api.cx(), input).await.unwrap().api_id.unwrap();
    let read =
        async || api.service.get_api(&api.cx(), GetApiInput { api_id: id.clone() }).await.unwrap().cors_configuration;
    assert_eq!(read().await, Some(cors));
    let input = DeleteCorsConfigurationInput { api_id: id.clone() };
    api.service.delete_cors_configuration(&api.cx(), input).await.unwrap();
    assert_eq!(read().await, None);
}
