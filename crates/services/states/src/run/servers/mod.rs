//! Tasks that call servers: `http:invoke` and `apigateway:invoke`.

mod answer;
mod form;
mod task;
mod wanted;

use std::net::{IpAddr, Ipv4Addr};

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use serde_json::{Value, json};
use updraft_asl::run::Failed;
use updraft_kernel::Ctx;
use updraft_kernel::ports::{HttpBody, HttpRequest, Signer};

use self::wanted::Wanted;
use crate::StepFunctions;

pub(crate) use task::{Exchange, exchange};

/// Calls a server anywhere, by a connection.
pub(super) async fn http(svc: &StepFunctions, arguments: &Value) -> Result<Value, Failed> {
    exchange(svc, arguments).await.and_then(|exchange| exchange.answered())
}

/// Calls an HTTP API of this platform.
pub(super) async fn api(svc: &StepFunctions, cx: &Ctx, arguments: &Value) -> Result<Value, Failed> {
    let request = api_request(cx, arguments).map_err(Failed::runtime)?;
    let Some(response) = svc.parts.http_apis.serve(cx, request).await else {
        // AWS: so answers the host name of an API that isn't there.
        return Err(failed_api(403, json!({ "message": "Forbidden" }).to_string()));
    };
    let body = whole(response.body).await;
    if response.status >= 400 {
        return Err(failed_api(response.status, String::from_utf8_lossy(&body).into_owned()));
    }
    Ok(answer::shown(response.status, &response.headers, &body))
}

fn failed_api(status: u16, cause: String) -> Failed {
    Failed { error: Some(format!("ApiGateway.{status}")), cause: Some(cause) }
}

/// What there is of a body: one that breaks off is what came.
async fn whole(body: HttpBody) -> Bytes {
    match body {
        HttpBody::Whole(bytes) => bytes,
        HttpBody::Pieces(mut pieces) => {
            let mut all = BytesMut::new();
            while let Some(Ok(piece)) = pieces.next().await {
                all.extend_from_slice(&piece);
            }
            all.freeze()
        }
    }
}

fn api_request(cx: &Ctx, arguments: &Value) -> Result<HttpRequest, String> {
    let wanted = Wanted::of(arguments)?;
    let host = wanted.text("ApiEndpoint")?.to_owned();
    let id = host.split('.').next().unwrap_or_default().to_owned();
    let stage = arguments.get("Stage").and_then(Value::as_str).filter(|stage| *stage != "$default");
    let path = arguments.get("Path").and_then(Value::as_str).unwrap_or_default();
    let slash = if path.starts_with('/') || path.is_empty() { "" } else { "/" };
    let stage = stage.map(|stage| format!("/{stage}")).unwrap_or_default();
    let raw_path = format!("{stage}{slash}{path}");
    let signed = arguments.get("AuthType").and_then(Value::as_str) == Some("IAM_ROLE");
    let known = || Signer::Known { identity: cx.identity.clone(), region: cx.region.clone() };
    Ok(HttpRequest {
        id,
        method: wanted.method()?,
        raw_path: if raw_path.is_empty() { "/".to_owned() } else { raw_path },
        raw_query: wanted.query()?,
        headers: wanted.headers(&[("content-type", "application/json"), ("host", &host)])?,
        body: wanted.body(),
        source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        host,
        protocol: "HTTP/1.1",
        signer: if signed { known() } else { Signer::Nobody },
    })
}
