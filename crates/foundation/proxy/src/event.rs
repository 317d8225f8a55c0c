//! Events of payload format 2.0. Members without a value are left out.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::received::Received;

/// What an event says of a request.
#[derive(Debug)]
pub struct Event<'a> {
    pub received: &'a Received<'a>,
    pub account: &'a str,
    /// The name that the request was sent to, without the port.
    pub domain: String,
    pub path: String,
    pub route_key: &'a str,
    pub stage: &'a str,
    pub request_id: &'a str,
    pub authorizer: Option<Value>,
    pub path_parameters: &'a BTreeMap<String, String>,
    pub stage_variables: &'a BTreeMap<String, String>,
}

impl Event<'_> {
    #[must_use]
    pub fn json(&self) -> Value {
        let mut headers = self.received.headers();
        // AWS: cookies are members of their own, and aren't among the headers.
        let lines = headers.remove("cookie").unwrap_or_default();
        let cookies: Vec<&str> = lines.iter().flat_map(|line| split(line)).collect();
        let mut event = Map::new();
        let mut put = |name: &str, value: Value| event.insert(name.to_owned(), value);
        put("version", json!("2.0"));
        put("routeKey", json!(self.route_key));
        put("rawPath", json!(self.path));
        put("rawQueryString", json!(self.received.request.raw_query));
        if !cookies.is_empty() {
            put("cookies", json!(cookies));
        }
        put("headers", joined(headers));
        let query = self.received.query();
        if !query.is_empty() {
            put("queryStringParameters", joined(query));
        }
        put("requestContext", self.context());
        if !self.path_parameters.is_empty() {
            put("pathParameters", json!(self.path_parameters));
        }
        if !self.stage_variables.is_empty() {
            put("stageVariables", json!(self.stage_variables));
        }
        let body = self.received.body();
        let is_base64 = body.as_ref().is_some_and(|(_, is_base64)| *is_base64);
        if let Some((body, _)) = body {
            put("body", json!(body));
        }
        put("isBase64Encoded", json!(is_base64));
        Value::Object(event)
    }

    fn context(&self) -> Value {
        let Received { request, at, .. } = self.received;
        let mut context = json!({
            "accountId": self.account,
            "apiId": request.id,
            "domainName": self.domain,
            "domainPrefix": self.domain.split('.').next().unwrap_or_default(),
            "http": {
                "method": request.method.as_str(),
                "path": self.path,
                "protocol": request.protocol,
                "sourceIp": request.source_ip.to_string(),
                "userAgent": self.received.user_agent(),
            },
            "requestId": self.request_id,
            "routeKey": self.route_key,
            "stage": self.stage,
            "time": self.received.time(),
            "timeEpoch": at.0,
        });
        if let (Some(authorizer), Some(members)) = (&self.authorizer, context.as_object_mut()) {
            members.insert("authorizer".to_owned(), authorizer.clone());
        }
        context
    }
}

fn joined(all: BTreeMap<String, Vec<String>>) -> Value {
    all.into_iter().map(|(name, values)| (name, Value::from(values.join(",")))).collect::<Map<_, _>>().into()
}

fn split(line: &str) -> impl Iterator<Item = &str> {
    line.split(';').map(str::trim).filter(|cookie| !cookie.is_empty())
}
