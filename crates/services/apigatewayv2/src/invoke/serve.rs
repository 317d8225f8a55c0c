//! [`HttpApis`]: serving requests.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use updraft_kernel::ports::{DispatchPort, EventTargetPort, FunctionPort, HttpDataPlane, HttpRequest, HttpResponse};
use updraft_kernel::{Arn, AwsError, BoxFuture, Clock, Ctx, Rng, RngExt};
use updraft_proxy::cors::is_preflight;
use updraft_proxy::{Received, trace_id};
use updraft_store::Store;

use crate::invoke::answer::Refusal;
use crate::invoke::context::Incoming;
use crate::invoke::function::invoke;
use crate::invoke::live::{Cache, Live};
use crate::invoke::service;
use crate::invoke::throttle::Throttle;
use crate::ports::CalledApis;

const REQUEST_ID: HeaderName = HeaderName::from_static("apigw-requestid");

/// AWS's largest body of a request to an HTTP API.
const MAX_BODY: usize = 10 << 20;

/// The requests to HTTP APIs.
#[derive(Debug)]
pub struct HttpApis {
    store: Arc<dyn Store>,
    functions: Arc<dyn FunctionPort>,
    dispatch: Arc<dyn DispatchPort>,
    cache: Cache,
    throttle: Throttle,
}

impl HttpApis {
    #[must_use]
    pub fn new(store: Arc<dyn Store>, functions: Arc<dyn FunctionPort>, dispatch: Arc<dyn DispatchPort>) -> Self {
        Self { store, functions, dispatch, cache: Cache::default(), throttle: Throttle::default() }
    }

    /// For rules and pipes, which call APIs by their ARNs.
    #[must_use]
    pub fn event_target(self: &Arc<Self>, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Arc<dyn EventTargetPort> {
        Arc::new(CalledApis { apis: Arc::clone(self), clock, rng })
    }

    /// Whether there is the API that an ARN of a call names.
    pub(crate) async fn has(&self, arn: &Arn) -> Result<bool, AwsError> {
        let id = arn.resource.split('/').next().unwrap_or_default();
        let live = self.cache.load(&*self.store, id).await?;
        Ok(live.is_some_and(|live| live.account.as_str() == arn.account && live.region.as_str() == arn.region))
    }

    async fn answer(&self, cx: &Ctx, request: &HttpRequest) -> Option<HttpResponse> {
        let live = match self.cache.load(&*self.store, &request.id).await {
            Ok(live) => live?,
            Err(err) => return Some(unreadable(&err, &request.id).into()),
        };
        let id = request_id(&*cx.rng);
        let mut response = self.respond(cx, &live, request, &id).await;
        if let Ok(id) = HeaderValue::try_from(id) {
            response.headers.insert(REQUEST_ID, id);
        }
        Some(response)
    }

    async fn respond(&self, cx: &Ctx, live: &Live, request: &HttpRequest, id: &str) -> HttpResponse {
        // AWS: an API whose own address is off isn't there; REST APIs say 403.
        if live.api.disable_execute_api_endpoint {
            return Refusal::NotFound.into();
        }
        let Some(cors) = &live.api.cors else {
            return self.route(cx, live, request, id).await.unwrap_or_else(HttpResponse::from);
        };
        if is_preflight(&request.method, &request.headers) {
            return HttpResponse { status: 204, headers: cors.preflight(&request.headers), body: Bytes::new().into() };
        }
        let mut response = self.route(cx, live, request, id).await.unwrap_or_else(HttpResponse::from);
        cors.apply(&request.headers, &mut response.headers);
        response
    }

    async fn route(&self, cx: &Ctx, live: &Live, request: &HttpRequest, id: &str) -> Result<HttpResponse, Refusal> {
        let (stage, path) = live.stage(&request.raw_path).ok_or(Refusal::NotFound)?;
        let (route, variables) = stage.router.find(&request.method, path).ok_or(Refusal::NotFound)?;
        if request.body.len() > MAX_BODY {
            return Err(Refusal::RequestEntityTooLarge);
        }
        let at = cx.now();
        if !self.throttle.admits(&live.api.api_id, &stage.row, &route.key, at) {
            return Err(Refusal::TooManyRequests);
        }
        let received = Received { request, at, trace_id: trace_id(cx), counts_nothing: true };
        let incoming = Incoming {
            received,
            account: live.account.as_str(),
            route_key: &route.key,
            stage: &stage.row.stage_name,
            stage_variables: &stage.row.stage_variables,
            variables,
            request_id: id,
        };
        match route.integration.as_deref().and_then(|row| Some((row, row.service.as_ref()?))) {
            Some(of) => service::call(&*self.dispatch, cx, live, of, &incoming).await,
            None => invoke(&*self.functions, cx, live, route, &incoming).await,
        }
    }
}

impl HttpDataPlane for HttpApis {
    fn serve<'a>(&'a self, cx: &'a Ctx, request: HttpRequest) -> BoxFuture<'a, Option<HttpResponse>> {
        Box::pin(async move { self.answer(cx, &request).await })
    }
}

/// The store's own troubles pass, and a client may try again.
fn unreadable(err: &AwsError, api: &str) -> Refusal {
    tracing::error!(source = ?err, api, "an API can't be read");
    if err.code().status == 503 { Refusal::ServiceUnavailable } else { Refusal::InternalServerError }
}

/// Of the form of AWS's: fifteen letters and digits, and `=`.
fn request_id(rng: &dyn Rng) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    rng.text(ALPHABET, 15) + "="
}
