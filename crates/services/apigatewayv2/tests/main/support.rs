//! The service in a world, and functions that answer what they are told to.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use parking_lot::Mutex;
use serde_json::{Value, json};
use updraft_api_apigatewayv2::ApiGatewayV2 as _;
use updraft_api_apigatewayv2::types::{
    CreateApiInput, CreateIntegrationInput, CreateRouteInput, CreateStageInput, IntegrationType, ProtocolType,
};
use updraft_apigatewayv2::{ApiGatewayV2, HttpApis};
use updraft_kernel::ports::{
    ApiCall, DispatchPort, FunctionPort, HttpDataPlane, HttpRequest, HttpResponse, InvokeOutcome, InvokeRequest, Signer,
};
use updraft_kernel::{AwsError, BoxFuture, Clock, Ctx};
use updraft_testkit::World;

pub(crate) const FUNCTION: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";
pub(crate) const OTHER: &str = "arn:aws:lambda:us-east-1:000000000000:function:g";

/// What a stub does when it is called.
#[derive(Clone, Debug)]
pub(crate) enum Script {
    Answer(&'static str),
    /// The function failed.
    Fail,
    /// The service refuses the call with this status.
    Refuse(&'static updraft_kernel::ErrorCode),
    /// Takes this long.
    Sleep(Duration),
}

/// Functions that remember how they were called.
#[derive(Debug)]
pub(crate) struct Stub {
    pub(crate) calls: Mutex<Vec<InvokeRequest>>,
    pub(crate) script: Mutex<Script>,
    clock: Arc<dyn Clock>,
}

impl Stub {
    pub(crate) fn event(&self) -> Value {
        serde_json::from_slice(&self.calls.lock().last().unwrap().payload).unwrap()
    }
}

impl FunctionPort for Stub {
    fn invoke<'a>(&'a self, _: &'a Ctx, request: InvokeRequest) -> BoxFuture<'a, Result<InvokeOutcome, AwsError>> {
        Box::pin(async move {
            self.calls.lock().push(request);
            let script = self.script.lock().clone();
            let (payload, function_error) = match script {
                Script::Answer(payload) => (payload, None),
                Script::Fail => (r#"{"errorMessage":"secret","statusCode":200}"#, Some("Unhandled")),
                Script::Refuse(code) => return Err(AwsError::new(code, "no")),
                Script::Sleep(span) => {
                    self.clock.pause(span).await;
                    (r#""late""#, None)
                }
            };
            let payload = Bytes::from_static(payload.as_bytes());
            let executed_version = "$LATEST".to_owned();
            Ok(InvokeOutcome { status: 200, payload, function_error, log_tail: None, executed_version })
        })
    }
}

/// The operations of services, which say what they were asked.
#[derive(Debug, Default)]
pub(crate) struct Services {
    pub(crate) calls: Mutex<Vec<ApiCall>>,
    /// The error that they answer, if any.
    pub(crate) refusal: Mutex<Option<AwsError>>,
}

impl DispatchPort for Services {
    fn call<'a>(&'a self, _: &'a Ctx, call: ApiCall) -> BoxFuture<'a, Result<Value, AwsError>> {
        self.calls.lock().push(call);
        let answer = json!({"ExecutionArn": "e", "StartDate": "2030-03-01T12:00:00Z"});
        let refusal = self.refusal.lock().take();
        Box::pin(std::future::ready(refusal.map_or(Ok(answer), Err)))
    }
}

/// The service, its requests' side, and the functions behind.
pub(crate) struct Api {
    pub(crate) services: Arc<Services>,
    pub(crate) world: World,
    pub(crate) service: ApiGatewayV2,
    pub(crate) requests: HttpApis,
    pub(crate) functions: Arc<Stub>,
}

pub(crate) fn world() -> Api {
    let world = World::new(updraft_store_mem::open().unwrap());
    let functions = Arc::new(Stub {
        calls: Mutex::default(),
        script: Mutex::new(Script::Answer(r#"{"statusCode":200,"body":"ok"}"#)),
        clock: world.clock(),
    });
    let service = ApiGatewayV2::new(Arc::clone(&world.store));
    let services = Arc::new(Services::default());
    let called = Arc::clone(&functions) as Arc<dyn FunctionPort>;
    let requests = HttpApis::new(Arc::clone(&world.store), called, services.clone());
    Api { services, world, service, requests, functions }
}

impl Api {
    pub(crate) fn cx(&self) -> Ctx {
        self.world.cx()
    }

    /// An empty API with the default stage, deployed automatically.
    pub(crate) async fn create(&self) -> String {
        let id = self.service.create_api(&self.cx(), http_api("a")).await.unwrap().api_id.unwrap();
        self.stage(&id, "$default").await;
        id
    }

    pub(crate) async fn stage(&self, api_id: &str, name: &str) {
        let input = CreateStageInput {
            api_id: api_id.to_owned(),
            stage_name: name.to_owned(),
            auto_deploy: Some(true),
            ..CreateStageInput::default()
        };
        self.service.create_stage(&self.cx(), input).await.unwrap();
    }

    /// An integration with the function `f`; its id.
    pub(crate) async fn integration(&self, api_id: &str, format: &str) -> String {
        let input = lambda(api_id, FUNCTION, format);
        self.service.create_integration(&self.cx(), input).await.unwrap().integration_id.unwrap()
    }

    /// A route to an integration; its id.
    pub(crate) async fn route(&self, api_id: &str, key: &str, integration_id: &str) -> String {
        let input = CreateRouteInput {
            api_id: api_id.to_owned(),
            route_key: key.to_owned(),
            target: Some(format!("integrations/{integration_id}")),
            ..CreateRouteInput::default()
        };
        self.service.create_route(&self.cx(), input).await.unwrap().route_id.unwrap()
    }

    /// An API with one route to `f`.
    pub(crate) async fn api_with(&self, key: &str, format: &str) -> String {
        let id = self.create().await;
        let integration = self.integration(&id, format).await;
        self.route(&id, key, &integration).await;
        id
    }

    pub(crate) async fn send(&self, request: HttpRequest) -> HttpResponse {
        self.requests.serve(&self.cx(), request).await.unwrap()
    }

    /// Sends `METHOD /path?query` without headers or body: the status and the body.
    pub(crate) async fn ask(&self, api_id: &str, line: &str) -> (u16, String) {
        let response = self.send(request(api_id, line)).await;
        (response.status, String::from_utf8(response.body.whole().unwrap().to_vec()).unwrap())
    }
}

pub(crate) fn http_api(name: &str) -> CreateApiInput {
    CreateApiInput { name: name.to_owned(), protocol_type: ProtocolType::Http, ..CreateApiInput::default() }
}

pub(crate) fn lambda(api_id: &str, uri: &str, format: &str) -> CreateIntegrationInput {
    CreateIntegrationInput {
        api_id: api_id.to_owned(),
        integration_type: IntegrationType::AwsProxy,
        integration_uri: Some(uri.to_owned()),
        payload_format_version: Some(format.to_owned()),
        ..CreateIntegrationInput::default()
    }
}

pub(crate) fn request(api_id: &str, line: &str) -> HttpRequest {
    let (method, target) = line.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    HttpRequest {
        id: api_id.to_owned(),
        method: method.parse().unwrap(),
        raw_path: path.to_owned(),
        raw_query: query.to_owned(),
        headers: HeaderMap::new(),
        body: Bytes::new(),
        source_ip: "127.0.0.1".parse().unwrap(),
        host: format!("{api_id}.execute-api.localhost:4566"),
        protocol: "HTTP/1.1",
        signer: Signer::Nobody,
    }
}

pub(crate) fn with_headers(mut request: HttpRequest, headers: &[(&'static str, &'static str)]) -> HttpRequest {
    for (name, value) in headers {
        request.headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    request
}

/// The error's code and message.
pub(crate) fn said<T: std::fmt::Debug>(result: Result<T, AwsError>) -> (&'static str, String) {
    let err = result.unwrap_err();
    (err.code().name, err.message().to_owned())
}
