//! What the protocols' error answers have in common.

use serde_json::{Map, Value as Document};
use updraft_kernel::{AwsError, Fault};

use crate::http::Response;
use crate::model::{ServiceModel, Style};

/// The error as a JSON text: `__type` if `typed`, the message under the name its shape gives it, further members.
pub(crate) fn json_body(model: &ServiceModel, error: &AwsError, typed: bool) -> Vec<u8> {
    let mut body = Map::new();
    if typed {
        body.insert("__type".to_owned(), Document::String(type_name(model, error)));
    }
    if !error.message().is_empty() {
        body.insert(message_member(model, error).to_owned(), Document::String(error.message().to_owned()));
    }
    for (member, value) in error.members() {
        body.insert((*member).to_owned(), value.clone());
    }
    Document::Object(body).to_string().into_bytes()
}

/// The code with the namespace it has in this service.
pub(crate) fn type_name(model: &ServiceModel, error: &AwsError) -> String {
    let name = error.code().name;
    let namespace = match name {
        // AWS: these come from the framework under DynamoDB, each from another part of it.
        "ValidationException" if model.style == Style::DynamoDb => "com.amazon.coral.validate#",
        _ if model.error(error.code()).is_some() => model.error_namespace,
        _ if model.style == Style::DynamoDb => "com.amazon.coral.service#",
        _ => "",
    };
    format!("{namespace}{name}")
}

/// `message` or `Message`, as the error's shape has it.
pub(crate) fn message_member(model: &ServiceModel, error: &AwsError) -> &'static str {
    let shape = model.error(error.code()).map(|found| found.shape);
    let member = shape.and_then(|shape| shape.members.iter().find(|m| m.name.eq_ignore_ascii_case("message")));
    match member {
        Some(member) => member.wire,
        // AWS: the one error of the framework that writes it so.
        None if error.code().name == "SerializationException" => "Message",
        None => "message",
    }
}

/// The code and fault that clients of the older query protocol know, where the service once spoke it.
pub(crate) fn query_error(model: &ServiceModel, error: &AwsError, response: &mut Response) {
    if model.query_compatible {
        let code = error.code().query_code.unwrap_or(error.code().name);
        response.set("x-amzn-query-error", &format!("{code};{}", fault(error)));
    }
}

pub(crate) fn fault(error: &AwsError) -> &'static str {
    match error.code().fault {
        Fault::Sender => "Sender",
        Fault::Receiver => "Receiver",
    }
}
