//! Carries out, line by line, what roundtrip.py asks of the codecs: `decode` a request, `encode` an output, `fail`.

use std::error::Error;
use std::io::{BufRead as _, stdin};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Map, Value as Json, json};
use updraft_kernel::{AwsError, RequestId};
use updraft_wire::http::{Request, Response};
use updraft_wire::model::Protocol;
use updraft_wire::{Call, ServiceModel, Value, encode, encode_error, find, read, typed};

static MODELS: [&ServiceModel; 20] = [
    &updraft_api_apigateway::MODEL,
    &updraft_api_apigatewayv2::MODEL,
    &updraft_api_cloudformation::MODEL,
    &updraft_api_cloudwatch::MODEL,
    &updraft_api_dynamodb::MODEL,
    &updraft_api_dynamodbstreams::MODEL,
    &updraft_api_events::MODEL,
    &updraft_api_iam::MODEL,
    &updraft_api_kms::MODEL,
    &updraft_api_lambda::MODEL,
    &updraft_api_logs::MODEL,
    &updraft_api_pipes::MODEL,
    &updraft_api_s3::MODEL,
    &updraft_api_scheduler::MODEL,
    &updraft_api_secretsmanager::MODEL,
    &updraft_api_sns::MODEL,
    &updraft_api_sqs::MODEL,
    &updraft_api_ssm::MODEL,
    &updraft_api_states::MODEL,
    &updraft_api_sts::MODEL,
];

type Outcome = Result<Json, Box<dyn Error>>;

fn main() -> Result<(), Box<dyn Error>> {
    for line in stdin().lock().lines() {
        let task: Json = serde_json::from_str(&line?)?;
        let answer = carry_out(&task).unwrap_or_else(|error| json!({ "error": error.to_string() }));
        println!("{answer}");
    }
    Ok(())
}

fn carry_out(task: &Json) -> Outcome {
    let model = MODELS.into_iter().find(|model| model.name == task["service"]).ok_or("no such service")?;
    match task["do"].as_str() {
        Some("decode") => decode(model, task),
        Some("encode") => encoded(model, task),
        _ => failed(model, task),
    }
}

/// Which operation the request means, and its input.
fn decode(model: &'static ServiceModel, task: &Json) -> Outcome {
    let mut headers = HeaderMap::new();
    for (name, value) in task["headers"].as_object().ok_or("no headers")? {
        let value = HeaderValue::from_bytes(text(value)?.as_bytes())?;
        headers.insert(HeaderName::from_bytes(name.as_bytes())?, value);
    }
    let method: Method = text(&task["method"])?.parse()?;
    let body = Bytes::from(STANDARD.decode(text(&task["body"])?)?);
    let (path, query) = (text(&task["path"])?, text(&task["query"])?);
    let request = Request { method: &method, path, query, headers: &headers, body: &body };
    let call = find(model, &request)?;
    let input = read(&call, &request)?;
    let Some(shape) = call.op.input else { return Ok(json!({ "op": call.op.name, "value": {} })) };
    let value = typed::to_json(shape, &input);
    if typed::from_json(shape, &value)? != input {
        return Err("the typed form does not lead back".into());
    }
    Ok(json!({ "op": call.op.name, "value": value }))
}

/// The response that an output makes.
fn encoded(model: &'static ServiceModel, task: &Json) -> Outcome {
    let op = model.operation(text(&task["op"])?).ok_or("no such operation")?;
    let output = op.output.map(|shape| typed::from_json(shape, &task["value"])).transpose()?;
    let call = Call::new(model, protocol(model, task)?, op);
    parts(&encode(&call, &output.unwrap_or_else(Value::empty), &RequestId::new("the-request")))
}

/// The response that an error makes.
fn failed(model: &'static ServiceModel, task: &Json) -> Outcome {
    let found = model.errors.iter().find(|error| error.shape.name == task["shape"]).ok_or("no such error")?;
    let error = AwsError::new(found.code, text(&task["message"])?.to_owned());
    parts(&encode_error(model, protocol(model, task)?, None, &error, &RequestId::new("the-request")))
}

fn protocol(model: &ServiceModel, task: &Json) -> Result<Protocol, Box<dyn Error>> {
    let wanted = match text(&task["protocol"])? {
        "json" => Protocol::Json,
        "rest-json" => Protocol::RestJson,
        "rest-xml" => Protocol::RestXml,
        "query" => Protocol::Query,
        _ => Protocol::Cbor,
    };
    if model.speaks(wanted) { Ok(wanted) } else { Err("not a protocol of this service".into()) }
}

fn parts(response: &Response) -> Outcome {
    let header = |(name, value): (&HeaderName, &HeaderValue)| {
        (name.to_string(), Json::String(String::from_utf8_lossy(value.as_bytes()).into_owned()))
    };
    let headers: Map<String, Json> = response.headers.iter().map(header).collect();
    Ok(json!({ "status": response.status, "headers": headers, "body": STANDARD.encode(&response.body) }))
}

fn text(value: &Json) -> Result<&str, Box<dyn Error>> {
    value.as_str().ok_or_else(|| "a text was expected".into())
}
