//! Events of payload format 1.0, as REST APIs send them. Members without a value are null.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::invoke::context::Incoming;

pub(crate) fn event(incoming: &Incoming<'_>) -> Value {
    let (headers, query) = (incoming.received.headers(), incoming.received.query());
    let (body, is_base64) = incoming.received.body().unzip();
    json!({
        "version": "1.0",
        "resource": incoming.resource(),
        "path": incoming.path(),
        "httpMethod": incoming.received.request.method.as_str(),
        "headers": last(&headers),
        "multiValueHeaders": headers,
        "queryStringParameters": or_null(&query, last),
        "multiValueQueryStringParameters": or_null(&query, |query| json!(query)),
        "requestContext": context(incoming),
        "pathParameters": or_null(&incoming.variables, |variables| json!(variables)),
        "stageVariables": or_null(incoming.stage_variables, |variables| json!(variables)),
        "body": body,
        "isBase64Encoded": is_base64.unwrap_or(false),
    })
}

fn context(incoming: &Incoming<'_>) -> Value {
    json!({
        "accountId": incoming.account,
        "apiId": incoming.received.request.id,
        "domainName": incoming.domain(),
        "domainPrefix": incoming.domain_prefix(),
        "extendedRequestId": incoming.request_id,
        "httpMethod": incoming.received.request.method.as_str(),
        "identity": identity(incoming),
        "path": incoming.path(),
        "protocol": incoming.received.request.protocol,
        "requestId": incoming.request_id,
        "requestTime": incoming.received.time(),
        "requestTimeEpoch": incoming.received.at.0,
        "resourceId": incoming.route_key,
        "resourcePath": incoming.resource(),
        "stage": incoming.stage,
    })
}

fn identity(incoming: &Incoming<'_>) -> Value {
    json!({
        "accessKey": null,
        "accountId": null,
        "caller": null,
        "cognitoAmr": null,
        "cognitoAuthenticationProvider": null,
        "cognitoAuthenticationType": null,
        "cognitoIdentityId": null,
        "cognitoIdentityPoolId": null,
        "principalOrgId": null,
        "sourceIp": incoming.received.request.source_ip.to_string(),
        "user": null,
        "userAgent": incoming.received.user_agent(),
        "userArn": null,
    })
}

fn last(all: &BTreeMap<String, Vec<String>>) -> Value {
    let last = |(name, values): (&String, &Vec<String>)| Some((name.clone(), Value::from(values.last()?.clone())));
    all.iter().filter_map(last).collect::<Map<_, _>>().into()
}

fn or_null<V>(all: &BTreeMap<String, V>, value: impl FnOnce(&BTreeMap<String, V>) -> Value) -> Value {
    if all.is_empty() { Value::Null } else { value(all) }
}
