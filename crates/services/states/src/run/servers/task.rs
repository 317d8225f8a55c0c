//! `http:invoke`: a server that a connection lets in to.

use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use serde_json::Value;
use updraft_asl::run::Failed;
use updraft_kernel::Arn;
use updraft_kernel::ports::{ConnectionFailure, WebFailure, WebRequest, WebResponse};
use url::Url;

use super::answer;
use super::form::{Lists, form};
use super::wanted::{Wanted, misshapen};
use crate::StepFunctions;

/// AWS: so long a server may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request and what was answered.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// As the state has it.
    pub(crate) asked: WebRequest,
    /// With what the connection added.
    pub(crate) sent: WebRequest,
    pub(crate) answer: WebResponse,
}

impl Exchange {
    /// AWS: everything but success is a failure, named by the status.
    pub(crate) fn answered(&self) -> Result<Value, Failed> {
        let WebResponse { status, headers, body } = &self.answer;
        if (200..300).contains(status) {
            return Ok(answer::shown(*status, headers, body));
        }
        let said = String::from_utf8_lossy(body).into_owned();
        let cause = if said.is_empty() { answer::reason(*status).to_owned() } else { said };
        Err(Failed { error: Some(format!("States.Http.StatusCode.{status}")), cause: Some(cause) })
    }

    pub(crate) fn reason(&self) -> &'static str {
        answer::reason(self.answer.status)
    }
}

/// # Errors
/// If the request isn't one, or there is no answer.
pub(crate) async fn exchange(svc: &StepFunctions, arguments: &Value) -> Result<Exchange, Failed> {
    let (connection, asked) = request(arguments).map_err(Failed::runtime)?;
    let came = svc.parts.connections.send(connection, asked.clone()).await.map_err(failed)?;
    Ok(Exchange { asked, sent: came.sent, answer: came.answer })
}

fn failed(failure: ConnectionFailure) -> Failed {
    let (error, cause) = match failure {
        ConnectionFailure::Missing(why) => ("Events.ConnectionResource.ResourceNotFound", why),
        ConnectionFailure::Unauthorized(why) => ("Events.ConnectionResource.InvalidConnectionState", why),
        ConnectionFailure::NoToken(why) => ("Events.ConnectionResource.AuthError", why),
        ConnectionFailure::Web(WebFailure::Url(why)) => ("States.Runtime", why),
        ConnectionFailure::Web(failure) => ("States.Http.Socket", failure.to_string()),
        ConnectionFailure::Broken(error) => ("Events.ConnectionResource.InternalError", error.message().to_owned()),
    };
    Failed { error: Some(error.to_owned()), cause: Some(cause) }
}

fn request(arguments: &Value) -> Result<(Arn, WebRequest), String> {
    let wanted = Wanted::of(arguments)?;
    let method = wanted.method()?;
    let mut url = Url::parse(wanted.text("ApiEndpoint")?).map_err(|_| misshapen("ApiEndpoint"))?;
    let query = wanted.query()?;
    if !query.is_empty() {
        let whole = url.query().map_or_else(|| query.clone(), |there| format!("{there}&{query}"));
        url.set_query(Some(&whole));
    }
    let transform = arguments.get("Transform");
    let encoding = transform.and_then(|transform| transform.get("RequestBodyEncoding")).and_then(Value::as_str);
    let encoded = encoding == Some("URL_ENCODED");
    let body = match arguments.get("RequestBody") {
        Some(body) if encoded => form(body, lists(transform)?).into(),
        _ => wanted.body(),
    };
    let kind = if encoded { "application/x-www-form-urlencoded;charset=UTF-8" } else { "application/json" };
    let headers = headers(&wanted, kind)?;
    let connection = connection(arguments)?;
    Ok((connection, WebRequest { method, url: url.into(), headers, body, patience: PATIENCE }))
}

fn lists(transform: Option<&Value>) -> Result<Lists, String> {
    let options = transform.and_then(|transform| transform.get("RequestEncodingOptions"));
    let format = options.and_then(|options| options.get("ArrayFormat")).and_then(Value::as_str);
    Lists::of(format).ok_or_else(|| misshapen("ArrayFormat"))
}

/// What AWS doesn't let states say: it belongs to the connection or to HTTP itself.
const OURS: [&str; 9] =
    ["authorization", "connection", "content-length", "host", "te", "trailer", "transfer-encoding", "upgrade", "via"];

fn headers(wanted: &Wanted<'_>, kind: &str) -> Result<HeaderMap, String> {
    let mut headers = wanted.headers(&[("content-type", kind)])?;
    if headers.keys().any(|name| OURS.contains(&name.as_str())) {
        return Err(misshapen("Headers"));
    }
    headers.insert("user-agent", HeaderValue::from_static("Amazon|StepFunctions|HttpInvoke"));
    headers.insert("range", HeaderValue::from_static("bytes=0-262144"));
    Ok(headers)
}

fn connection(arguments: &Value) -> Result<Arn, String> {
    let by = ["Authentication", "InvocationConfig"].into_iter().find_map(|name| arguments.get(name));
    let by = by.ok_or_else(|| "The field 'Authentication' is required but was missing".to_owned())?;
    let arn = by.get("ConnectionArn").and_then(Value::as_str);
    let arn = arn.ok_or_else(|| "The field 'ConnectionArn' is required but was missing".to_owned())?;
    Arn::parse(arn).map_err(|_| misshapen("ConnectionArn"))
}
