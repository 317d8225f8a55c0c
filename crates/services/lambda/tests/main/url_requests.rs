//! Requests to functions' own URLs.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use http::{HeaderMap, HeaderName, Method};
use serde_json::{Value, json};
use updraft_api_lambda::Lambda as _;
use updraft_api_lambda::types::{
    AddPermissionInput, Cors, CreateFunctionUrlConfigInput, FunctionUrlAuthType as Auth, InvokeMode,
    PutFunctionConcurrencyInput,
};
use updraft_kernel::error::code;
use updraft_kernel::ports::{
    FunctionErrorKind, HttpBody, HttpDataPlane, HttpRequest, HttpResponse, RunnerRefusal, Signer,
};
use updraft_kernel::{AccountId, AwsError, Identity, Principal, Region};
use updraft_lambda::Settings;

use crate::support::{Platform, outcome, platform, streamed};
use crate::urls::asked;

const HTTP: &str = "application/vnd.awslambda.http-integration-response";

/// A function `f` with a URL, and the URL's id.
async fn with_url(platform: &Platform, input: CreateFunctionUrlConfigInput) -> String {
    platform.create("f").await;
    let made = platform.lambda.create_function_url_config(&platform.cx(), input).await.unwrap();
    made.function_url.trim_start_matches("http://").split('.').next().unwrap().to_owned()
}

fn open() -> CreateFunctionUrlConfigInput {
    asked("f", Auth::None)
}

fn streaming() -> CreateFunctionUrlConfigInput {
    CreateFunctionUrlConfigInput { invoke_mode: Some(InvokeMode::ResponseStream), ..open() }
}

fn request(id: &str, line: &str) -> HttpRequest {
    let (method, target) = line.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    HttpRequest {
        id: id.to_owned(),
        method: method.parse().unwrap(),
        raw_path: path.to_owned(),
        raw_query: query.to_owned(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
        source_ip: "127.0.0.1".parse().unwrap(),
        host: format!("{id}.lambda-url.us-east-1.localhost:4566"),
        protocol: "HTTP/1.1",
        signer: Signer::Nobody,
    }
}

fn with(mut request: HttpRequest, headers: &[(&'static str, &'static str)]) -> HttpRequest {
    for (name, value) in headers {
        request.headers.append(HeaderName::from_static(name), value.parse().unwrap());
    }
    request
}

async fn send(platform: &Platform, request: HttpRequest) -> HttpResponse {
    platform.lambda.serve(&platform.cx(), request).await.unwrap()
}

/// All pieces of a body; the last may be what broke it off.
async fn pieces(body: HttpBody) -> Vec<io::Result<Bytes>> {
    match body {
        HttpBody::Whole(bytes) => vec![Ok(bytes)],
        HttpBody::Pieces(pieces) => pieces.collect().await,
    }
}

async fn text(response: HttpResponse) -> (u16, String) {
    let whole: Vec<Bytes> = pieces(response.body).await.into_iter().map(Result::unwrap).collect();
    (response.status, String::from_utf8(whole.concat()).unwrap())
}

fn event(platform: &Platform) -> Value {
    serde_json::from_slice(&platform.runner.calls.lock().last().unwrap().1.payload).unwrap()
}

#[tokio::test]
async fn a_request_is_an_event_as_aws_makes_them() {
    let platform = Platform::new();
    let id = with_url(&platform, open()).await;
    let mut sent = with(
        request(&id, "POST /a%20b/c?q=1&q=2&%C3%A4=x"),
        &[("host", "h"), ("content-type", "text/plain"), ("x-a", "1"), ("x-a", "2"), ("cookie", "a=1; b=2")],
    );
    sent.body = Bytes::from_static("bödy".as_bytes());
    let response = send(&platform, sent).await;
    let event = event(&platform);
    assert_eq!(event["version"], "2.0");
    assert_eq!((&event["routeKey"], &event["rawPath"]), (&json!("$default"), &json!("/a%20b/c")));
    assert_eq!(event["rawQueryString"], "q=1&q=2&%C3%A4=x");
    assert_eq!(event["queryStringParameters"], json!({ "q": "1,2", "ä": "x" }));
    assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
    assert_eq!((&event["headers"]["x-a"], &event["headers"]["content-length"]), (&json!("1,2"), &json!("5")));
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!("bödy"), &json!(false)));
    let context = &event["requestContext"];
    assert_eq!((&context["accountId"], &context["apiId"]), (&json!("anonymous"), &json!(id)));
    assert_eq!(context["domainName"], format!("{id}.lambda-url.us-east-1.localhost"));
    assert_eq!((&context["stage"], &context["http"]["path"]), (&json!("$default"), &json!("/a%20b/c")));
    assert!(context.get("authorizer").is_none() && event.get("pathParameters").is_none());
    let (_, invocation) = platform.runner.calls.lock().pop().unwrap();
    assert_eq!(response.headers["x-amzn-requestid"], invocation.request_id.as_str());
    assert_eq!(context["requestId"], invocation.request_id);
    let trace = invocation.trace_header.unwrap();
    let given = event["headers"]["x-amzn-trace-id"].as_str().unwrap();
    assert!(given.starts_with("Root=1-") && trace.starts_with(&format!("{given};Lineage=1:")), "{trace}");
    assert!(response.headers["x-amzn-trace-id"].to_str().unwrap().starts_with(given));
    platform.stop().await;
}

#[tokio::test]
async fn a_request_without_a_body_has_none() {
    let platform = Platform::new();
    let id = with_url(&platform, open()).await;
    send(&platform, request(&id, "GET /")).await;
    let event = event(&platform);
    assert!(event.get("body").is_none() && event.get("cookies").is_none());
    assert!(event.get("queryStringParameters").is_none() && event["headers"].get("content-length").is_none());
    platform.stop().await;
}

#[tokio::test]
async fn answers_are_responses() {
    let platform = Platform::new();
    let id = with_url(&platform, open()).await;
    let structured =
        r#"{"statusCode":201,"headers":{"X-A":"1"},"cookies":["a=1"],"body":"aGk=","isBase64Encoded":true}"#;
    for (payload, status, body) in [
        ("3", 200, "3"),
        ("true", 200, "true"),
        (r#"{"n":1}"#, 200, r#"{"n":1}"#),
        (structured, 201, "hi"),
        (r#"{"statusCode":200,"body":"b"}"#, 200, "b"),
        ("no JSON", 200, "no JSON"),
        (r#"{"statusCode":"?"}"#, 502, "Internal Server Error"),
    ] {
        platform.runner.plan(Ok(outcome(payload, None)));
        let response = send(&platform, request(&id, "GET /")).await;
        assert_eq!(response.headers["content-type"], "application/json", "{payload}");
        if payload == structured {
            assert_eq!(
                (&response.headers["x-a"], &response.headers["set-cookie"]),
                (&"1".parse().unwrap(), &"a=1".parse().unwrap())
            );
        }
        assert_eq!(text(response).await, (status, body.to_owned()), "{payload}");
    }
    platform.stop().await;
}

#[tokio::test]
async fn failures_have_awss_statuses() {
    let platform = Platform::new();
    let id = with_url(&platform, open()).await;
    let unknown = send(&platform, request("nobody", "GET /")).await;
    assert_eq!(unknown.headers["x-amzn-errortype"], "AccessDeniedException");
    assert_eq!(text(unknown).await, (403, r#"{"Message":"Forbidden"}"#.to_owned()));

    platform.runner.plan(Ok(outcome(r#"{"errorMessage":"secret"}"#, Some(FunctionErrorKind::Unhandled))));
    assert_eq!(text(send(&platform, request(&id, "GET /")).await).await, (502, "Internal Server Error".to_owned()));

    platform.runner.plan(Err(RunnerRefusal::Throttled("busy")));
    let throttled = send(&platform, request(&id, "GET /")).await;
    assert_eq!(throttled.headers["x-amzn-errortype"], "TooManyRequestsException");
    let (status, body) = text(throttled).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &body["message"], &body["Type"]), (429, &json!("Rate Exceeded."), &json!("User")));

    let input = PutFunctionConcurrencyInput { function_name: "f".into(), reserved_concurrent_executions: 0 };
    platform.lambda.put_function_concurrency(&platform.cx(), input).await.unwrap();
    assert_eq!(send(&platform, request(&id, "GET /")).await.status, 429, "switched off");
    platform.stop().await;
}

#[tokio::test]
async fn an_event_has_a_limit() {
    let platform = Platform::new();
    let id = with_url(&platform, open()).await;
    let of = |size: usize| {
        let mut sent = with(request(&id, "POST /"), &[("content-type", "application/octet-stream")]);
        sent.body = vec![0; size].into();
        sent
    };
    assert_eq!(send(&platform, of(4 << 20)).await.status, 200);
    let (status, body) = text(send(&platform, of(5 << 20)).await).await;
    assert_eq!(status, 413);
    assert!(body.contains("Request must be smaller than 6291456 bytes for the InvokeFunction operation"), "{body}");
    platform.stop().await;
}

#[tokio::test]
async fn a_url_may_ask_who_calls() {
    let platform = Platform::new();
    let id = with_url(&platform, asked("f", Auth::AwsIam)).await;
    let forbidden = (403, r#"{"Message":"Forbidden"}"#.to_owned());
    assert_eq!(text(send(&platform, request(&id, "GET /")).await).await, forbidden);

    let wrong = Signer::Refused(Arc::new(AwsError::new(&code::ACCESS_DENIED, "not so")));
    let (status, body) = text(send(&platform, HttpRequest { signer: wrong, ..request(&id, "GET /") }).await).await;
    assert_eq!((status, body.as_str()), (403, r#"{"message":"not so"}"#));

    let user = Identity {
        account: AccountId::local(),
        principal: Principal::User { name: "ada".into(), id: "AIDA".into() },
        access_key_id: "AKIA".into(),
    };
    let known =
        |region: &str| Signer::Known { identity: Arc::new(user.clone()), region: Region::parse(region).unwrap() };
    let elsewhere = HttpRequest { signer: known("eu-west-1"), ..request(&id, "GET /") };
    let (status, body) = text(send(&platform, elsewhere).await).await;
    assert!(status == 403 && body.contains("Credential should be scoped to a valid region"), "{body}");

    let signed = HttpRequest { signer: known("us-east-1"), ..request(&id, "GET /") };
    assert_eq!(send(&platform, signed).await.status, 200);
    let context = &event(&platform)["requestContext"];
    assert_eq!(context["accountId"], "000000000000");
    let iam = json!({
        "accessKey": "AKIA", "accountId": "000000000000", "callerId": "AIDA", "cognitoIdentity": null,
        "principalOrgId": null, "userArn": "arn:aws:iam::000000000000:user/ada", "userId": "AIDA",
    });
    assert_eq!(context["authorizer"], json!({ "iam": iam }));
    platform.stop().await;
}

#[tokio::test]
async fn where_policies_count_a_url_needs_one() {
    let platform = platform(Settings { enforce_resource_policy: true, ..Settings::default() });
    let id = with_url(&platform, open()).await;
    let grant = |sid: &str, action: &str| AddPermissionInput {
        function_name: "f".into(),
        statement_id: sid.into(),
        action: action.into(),
        principal: "*".into(),
        ..AddPermissionInput::default()
    };
    let ask = async || send(&platform, request(&id, "GET /")).await.status;
    assert_eq!(ask().await, 403);
    let url = AddPermissionInput { function_url_auth_type: Some(Auth::None), ..grant("a", "lambda:InvokeFunctionUrl") };
    platform.lambda.add_permission(&platform.cx(), url).await.unwrap();
    assert_eq!(ask().await, 403, "one action is not enough");
    let via = AddPermissionInput { invoked_via_function_url: Some(true), ..grant("b", "lambda:InvokeFunction") };
    platform.lambda.add_permission(&platform.cx(), via).await.unwrap();
    assert_eq!(ask().await, 200);
    platform.stop().await;
}

#[tokio::test]
async fn browsers_are_answered_by_the_url_itself() {
    let platform = Platform::new();
    let cors = Cors {
        allow_origins: Some(vec!["https://a.example".into()]),
        allow_methods: Some(vec!["GET".into()]),
        ..Cors::default()
    };
    let id = with_url(&platform, CreateFunctionUrlConfigInput { cors: Some(cors), ..open() }).await;
    let asking = [("origin", "https://a.example"), ("access-control-request-method", "GET")];
    let preflight = send(&platform, with(request(&id, "OPTIONS /"), &asking)).await;
    assert_eq!((preflight.status, &preflight.headers["access-control-allow-methods"]), (200, &"GET".parse().unwrap()));
    assert!(platform.runner.calls.lock().is_empty());
    let own = r#"{"statusCode":200,"headers":{"Access-Control-Allow-Origin":"*"}}"#;
    platform.runner.plan(Ok(outcome(own, None)));
    let answer = send(&platform, with(request(&id, "GET /"), &asking[..1])).await;
    assert_eq!(answer.headers["access-control-allow-origin"], "https://a.example");
    let plain = HttpRequest { method: Method::OPTIONS, ..request(&id, "GET /") };
    send(&platform, plain).await;
    assert_eq!(event(&platform)["requestContext"]["http"]["method"], "OPTIONS", "that is no preflight");
    platform.stop().await;
}

#[tokio::test]
async fn a_streamed_answer_goes_out_in_its_pieces() {
    let platform = Platform::new();
    let id = with_url(&platform, streaming()).await;
    let ended = || outcome("", None);
    platform.runner.streams.lock().push(streamed("text/html", &["one", "two"], ended()));
    let response = send(&platform, request(&id, "GET /")).await;
    assert_eq!((response.status, &response.headers["content-type"]), (200, &"text/html".parse().unwrap()));
    let got: Vec<Bytes> = pieces(response.body).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(got, ["one", "two"]);

    let head = ["{\"statusCode\":404,\"headers\":{\"x-a\":\"1\"}", "}\0\0\0\0", "\0\0\0\0no", "thing"];
    platform.runner.streams.lock().push(streamed(HTTP, &head, ended()));
    let response = send(&platform, request(&id, "GET /")).await;
    assert_eq!(response.headers["x-a"], "1");
    assert_eq!(text(response).await, (404, "nothing".to_owned()));

    platform.runner.plan(Ok(outcome(r#"{"statusCode":404}"#, None)));
    let (status, body) = text(send(&platform, request(&id, "GET /")).await).await;
    assert_eq!((status, body.as_str()), (200, r#"{"statusCode":404}"#), "who doesn't stream isn't interpreted");
    platform.stop().await;
}

#[tokio::test]
async fn a_streamed_answer_that_fails_is_a_502_or_breaks_off() {
    let platform = Platform::new();
    let id = with_url(&platform, streaming()).await;
    let failed = || outcome("{}", Some(FunctionErrorKind::Unhandled));
    for (kind, early) in [("text/plain", &[][..]), (HTTP, &[][..]), (HTTP, &["{\"statusCode\":200}"][..])] {
        platform.runner.streams.lock().push(streamed(kind, early, failed()));
        let answer = text(send(&platform, request(&id, "GET /")).await).await;
        assert_eq!(answer, (502, "Internal Server Error".to_owned()), "{kind} {early:?}");
    }
    platform.runner.streams.lock().push(streamed("text/plain", &["one"], failed()));
    let response = send(&platform, request(&id, "GET /")).await;
    assert_eq!(response.status, 200);
    let got = pieces(response.body).await;
    assert_eq!(got.len(), 2);
    assert!(got[0].as_ref().unwrap() == "one" && got[1].is_err());
    platform.stop().await;
}
