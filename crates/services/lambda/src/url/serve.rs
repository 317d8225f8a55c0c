//! Serving requests to functions' own URLs.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::HeaderValue;
use serde_json::{Value, json};
use updraft_kernel::ports::{HttpDataPlane, HttpRequest, HttpResponse, InvocationType, InvokeOutcome};
use updraft_kernel::{AwsError, BoxFuture, Ctx, Identity, Principal, RngExt};
use updraft_proxy::cors::is_preflight;
use updraft_proxy::event::Event;
use updraft_proxy::{Received, text, trace_id};

use super::access::{self, Denied};
use super::answer::{Refusal, of_payload};
use super::live::{self, Live};
use super::streamed;
use crate::Lambda;
use crate::call::Call;
use crate::errors::request_too_large;
use crate::model::payload::SYNC_LIMIT;
use crate::model::url::Mode;

const DEFAULT: &str = "$default";
const TRACE: &str = "x-amzn-trace-id";

impl HttpDataPlane for Lambda {
    fn serve<'a>(&'a self, cx: &'a Ctx, request: HttpRequest) -> BoxFuture<'a, Option<HttpResponse>> {
        Box::pin(async move { Some(self.serve_url(cx, &request).await) })
    }
}

impl Lambda {
    async fn serve_url(&self, cx: &Ctx, request: &HttpRequest) -> HttpResponse {
        let trace = request.headers.get(TRACE).map_or_else(|| trace_id(cx), text);
        let mut response = match live::find(self, &request.id).await {
            Ok(Some(live)) => self.respond(cx, &live, request, &trace).await,
            Ok(None) => Refusal::Denied(Denied::Forbidden).response(&cx.request_id),
            Err(error) => {
                tracing::error!(source = ?error, url = request.id, "a function URL can't be read");
                Refusal::Lambda(error).response(&cx.request_id)
            }
        };
        let told = format!("{trace};Parent={};Sampled=0;Lineage=1:{}:0", hex(cx, 16), hex(cx, 8));
        for (name, value) in [("x-amzn-requestid", cx.request_id.as_str()), (TRACE, &told)] {
            if let Ok(value) = HeaderValue::from_str(value) {
                response.headers.insert(name, value);
            }
        }
        response
    }

    async fn respond(&self, cx: &Ctx, live: &Live, request: &HttpRequest, trace: &str) -> HttpResponse {
        let answer = || async {
            let answered = self.answer(cx, live, request, trace).await;
            answered.unwrap_or_else(|refusal| refusal.response(&cx.request_id))
        };
        let Some(cors) = &live.row.cors else { return answer().await };
        if is_preflight(&request.method, &request.headers) {
            return HttpResponse { status: 200, headers: cors.preflight(&request.headers), body: Bytes::new().into() };
        }
        let mut response = answer().await;
        cors.apply(&request.headers, &mut response.headers);
        response
    }

    async fn answer(&self, cx: &Ctx, live: &Live, request: &HttpRequest, trace: &str) -> Result<HttpResponse, Refusal> {
        let enforced = self.settings.enforce_resource_policy;
        let caller = access::check(live, &request.signer, enforced).map_err(Refusal::Denied)?;
        let received = Received { request, at: cx.now(), trace_id: trace.to_owned(), counts_nothing: false };
        let payload = event(cx, live, &received, caller.as_deref())?;
        let call = Call {
            target: live.target.clone(),
            kind: InvocationType::RequestResponse,
            payload,
            client_context: None,
            tail: false,
            trace: Some(trace.to_owned()),
            request_id: cx.request_id.as_str().to_owned(),
            source: None,
            caller: live.target.id.account.clone(),
            execution_name: None,
        };
        match live.row.mode {
            Mode::Buffered => buffered(self.call(call).await?),
            Mode::Streamed => match self.stream(call).await? {
                (Some(answer), _) => streamed::respond(answer).await,
                // Nobody asked by HTTP only whether they may.
                (None, _) => Err(Refusal::BadGateway),
            },
        }
    }
}

fn buffered(outcome: InvokeOutcome) -> Result<HttpResponse, Refusal> {
    match outcome.function_error {
        None => of_payload(&outcome.payload),
        Some(_) => Err(Refusal::BadGateway),
    }
}

fn hex(cx: &Ctx, digits: usize) -> String {
    cx.rng.text("0123456789abcdef", digits)
}

fn event(cx: &Ctx, live: &Live, received: &Received<'_>, caller: Option<&Identity>) -> Result<Bytes, AwsError> {
    let (id, none) = (&live.target.id, BTreeMap::new());
    let event = Event {
        received,
        // AWS: of a URL that is open to everybody, nobody's account calls.
        account: if caller.is_some() { id.account.as_str() } else { "anonymous" },
        domain: received.domain(format!("{}.lambda-url.{}.localhost", live.row.id, id.region)),
        path: received.request.raw_path.clone(),
        route_key: DEFAULT,
        stage: DEFAULT,
        request_id: cx.request_id.as_str(),
        authorizer: caller.map(|caller| json!({ "iam": iam(caller, id.region.partition()) })),
        path_parameters: &none,
        stage_variables: &none,
    };
    let event = Bytes::from(event.json().to_string());
    if event.len() > SYNC_LIMIT {
        return Err(request_too_large("InvokeFunction", SYNC_LIMIT));
    }
    Ok(event)
}

fn iam(caller: &Identity, partition: &str) -> Value {
    let id = match &caller.principal {
        Principal::User { id, .. } => id.clone(),
        Principal::AssumedRole { role_id, session, .. } => format!("{role_id}:{session}"),
        Principal::Root | Principal::Service(_) | Principal::Anonymous => caller.account.as_str().to_owned(),
    };
    json!({
        "accessKey": caller.access_key_id,
        "accountId": caller.account.as_str(),
        "callerId": id,
        "cognitoIdentity": null,
        "principalOrgId": null,
        "userArn": caller.arn(partition),
        "userId": id,
    })
}
