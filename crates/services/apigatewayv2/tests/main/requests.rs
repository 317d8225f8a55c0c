//! What a client is answered.

use std::time::Duration;

use updraft_api_apigatewayv2::ApiGatewayV2 as _;
use updraft_api_apigatewayv2::types::{Cors, DeleteApiInput, RouteSettings, UpdateApiInput, UpdateStageInput};
use updraft_kernel::ErrorCode;
use updraft_kernel::error::code::SERVICE_UNAVAILABLE;
use updraft_kernel::ports::{HttpDataPlane, HttpRequest};

use crate::support::{Script, request, with_headers, world};

static THROTTLED: ErrorCode = ErrorCode::sender("TooManyRequestsException", 429);
static NO_FUNCTION: ErrorCode = ErrorCode::sender("ResourceNotFoundException", 404);

fn message(text: &str) -> String {
    format!(r#"{{"message":"{text}"}}"#)
}

#[tokio::test]
async fn a_function_answers_through_its_route() {
    let api = world();
    let id = api.api_with("GET /pets/{name}", "2.0").await;
    let response = api.send(request(&id, "GET /pets/rex")).await;
    assert_eq!((response.status, response.body.whole()), (200, Some(&"ok".into())));
    assert_eq!(response.headers["content-type"], "text/plain;charset=UTF-8");
    assert_eq!(response.headers["apigw-requestid"].len(), 16);
    let call = api.functions.calls.lock()[0].clone();
    let (service, arn) = call.source.unwrap();
    assert_eq!(service, "apigateway.amazonaws.com");
    assert_eq!(arn.to_string(), format!("arn:aws:execute-api:us-east-1:000000000000:{id}/$default/GET/pets/{{name}}"));
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let api = world();
    let id = api.api_with("GET /pets", "2.0").await;
    assert_eq!(api.ask(&id, "GET /cats").await, (404, message("Not Found")));
    assert_eq!(api.ask(&id, "POST /pets").await, (404, message("Not Found")));
    assert!(api.requests.serve(&api.cx(), request("nosuchapi0", "GET /")).await.is_none());
    api.service.delete_api(&api.cx(), DeleteApiInput { api_id: id.clone() }).await.unwrap();
    assert!(api.requests.serve(&api.cx(), request(&id, "GET /pets")).await.is_none(), "a deleted API is gone at once");
}

#[tokio::test]
async fn failures_of_a_function_stay_its_own() {
    let api = world();
    let id = api.api_with("$default", "2.0").await;
    let failed = (500, message("Internal Server Error"));
    let wrong = (502, message("Internal Server Error"));
    let unavailable = (503, message("Service Unavailable"));
    for (script, expected) in [
        (Script::Fail, &failed),
        (Script::Answer("not json"), &wrong),
        (Script::Answer(r#"{"statusCode":"x"}"#), &wrong),
        (Script::Refuse(&NO_FUNCTION), &failed),
        (Script::Refuse(&THROTTLED), &unavailable),
        (Script::Refuse(&SERVICE_UNAVAILABLE), &unavailable),
    ] {
        *api.functions.script.lock() = script.clone();
        assert_eq!(&api.ask(&id, "GET /").await, expected, "{script:?}");
    }
}

#[tokio::test]
async fn a_function_has_thirty_seconds() {
    let api = world();
    let id = api.api_with("$default", "2.0").await;
    for (takes, status) in [(Duration::from_millis(29_999), 200), (Duration::from_millis(30_001), 503)] {
        *api.functions.script.lock() = Script::Sleep(takes);
        let seconds = async {
            for _ in 0..40_000 {
                api.world.clock.advance(Duration::from_millis(1));
                tokio::task::yield_now().await;
            }
        };
        let (asked, ()) = tokio::join!(api.ask(&id, "GET /"), seconds);
        assert_eq!(asked.0, status, "{takes:?}");
    }
}

#[tokio::test]
async fn a_body_has_ten_megabytes_at_most() {
    let api = world();
    let id = api.api_with("$default", "2.0").await;
    for (size, status) in [(10 << 20, 200), ((10 << 20) + 1, 413)] {
        let body = bytes::Bytes::from(vec![b'x'; size]);
        let response = api.send(HttpRequest { body, ..request(&id, "POST /") }).await;
        assert_eq!(response.status, status, "{size}");
    }
}

#[tokio::test]
async fn a_closed_endpoint_serves_nobody() {
    let api = world();
    let id = api.api_with("$default", "2.0").await;
    let close =
        UpdateApiInput { api_id: id.clone(), disable_execute_api_endpoint: Some(true), ..UpdateApiInput::default() };
    api.service.update_api(&api.cx(), close).await.unwrap();
    assert_eq!(api.ask(&id, "GET /").await, (404, message("Not Found")));
}

#[tokio::test]
async fn a_throttled_stage_says_so_until_time_passes() {
    let api = world();
    let id = api.api_with("$default", "2.0").await;
    let settings =
        RouteSettings { throttling_burst_limit: Some(1), throttling_rate_limit: Some(1.0), ..RouteSettings::default() };
    let limit = UpdateStageInput {
        api_id: id.clone(),
        stage_name: "$default".into(),
        default_route_settings: Some(settings),
        ..UpdateStageInput::default()
    };
    api.service.update_stage(&api.cx(), limit).await.unwrap();
    assert_eq!(api.ask(&id, "GET /").await.0, 200);
    assert_eq!(api.ask(&id, "GET /").await, (429, message("Too Many Requests")));
    api.world.clock.advance(Duration::from_secs(1));
    assert_eq!(api.ask(&id, "GET /").await.0, 200);
}

#[tokio::test]
async fn a_browser_is_told_what_it_may() {
    let api = world();
    let id = api.api_with("POST /pets", "2.0").await;
    let cors = Cors {
        allow_origins: Some(vec!["https://shop.example".into()]),
        allow_methods: Some(vec!["POST".into()]),
        allow_headers: Some(vec!["content-type".into()]),
        max_age: Some(60),
        ..Cors::default()
    };
    let configure = UpdateApiInput { api_id: id.clone(), cors_configuration: Some(cors), ..UpdateApiInput::default() };
    api.service.update_api(&api.cx(), configure).await.unwrap();

    let origin = ("origin", "https://shop.example");
    let ask = with_headers(request(&id, "OPTIONS /pets"), &[origin, ("access-control-request-method", "POST")]);
    let preflight = api.send(ask).await;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.headers["access-control-allow-origin"], "https://shop.example");
    assert_eq!(preflight.headers["access-control-allow-methods"], "POST");
    assert_eq!(api.functions.calls.lock().len(), 0, "the function isn't asked");

    let response = api.send(with_headers(request(&id, "POST /pets"), &[origin])).await;
    assert_eq!(response.headers["access-control-allow-origin"], "https://shop.example");
    let lost = api.send(with_headers(request(&id, "GET /none"), &[origin])).await;
    assert_eq!(lost.status, 404);
    assert_eq!(lost.headers["access-control-allow-origin"], "https://shop.example");
    let stranger = api.send(with_headers(request(&id, "POST /pets"), &[("origin", "https://other.example")])).await;
    assert!(!stranger.headers.contains_key("access-control-allow-origin"));
}
