//! Errors of the REST protocols.

use serde_json::Value as Document;
use updraft_kernel::{AwsError, Fault, RequestId};

use super::reply::identify;
use crate::failure;
use crate::http::Response;
use crate::model::{Location, Member, Operation, Protocol, ServiceModel};
use crate::xml::Writer;

/// restJson: the code in a header, the rest in the body.
pub(crate) fn json_error(model: &ServiceModel, error: &AwsError, id: &RequestId) -> Response {
    let mut response = Response::new(error.code().status);
    response.set("x-amzn-ErrorType", error.code().name);
    let mut body = serde_json::Map::new();
    if let Some(kind) = member(model, error, "Type") {
        // AWS: errors that have this member say in it whose fault they are.
        let whose = if error.code().fault == Fault::Sender { "User" } else { "Service" };
        body.insert(kind.wire.to_owned(), Document::String(whose.to_owned()));
    }
    if !error.message().is_empty() {
        body.insert(failure::message_member(model, error).to_owned(), Document::String(error.message().to_owned()));
    }
    for (name, value) in error.members() {
        match member(model, error, name) {
            Some(member) if member.location == Location::Header => response.set(member.wire, &plain(value)),
            Some(member) => drop(body.insert(member.wire.to_owned(), value.clone())),
            None => drop(body.insert((*name).to_owned(), value.clone())),
        }
    }
    identify(Protocol::RestJson, &mut response, id);
    response.with_body("application/json", Document::Object(body).to_string())
}

fn member(model: &ServiceModel, error: &AwsError, name: &str) -> Option<&'static Member> {
    model.error(error.code())?.shape.members.iter().find(|member| member.name == name)
}

fn plain(value: &Document) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// S3's: a bare `Error`, and nothing at all in answer to HEAD.
pub(crate) fn xml_error(_model: &ServiceModel, op: Option<&Operation>, error: &AwsError, id: &RequestId) -> Response {
    let mut response = Response::new(error.code().status);
    identify(Protocol::RestXml, &mut response, id);
    if op.is_some_and(|op| op.method == "HEAD") {
        return response;
    }
    let mut xml = Writer::new();
    xml.declaration();
    xml.open("Error", "");
    xml.leaf("Code", s3_name(error));
    xml.leaf("Message", error.message());
    for (name, value) in error.members() {
        xml.leaf(name, &plain(value));
    }
    xml.leaf("RequestId", id.as_str());
    xml.leaf("HostId", id.as_str());
    xml.close("Error");
    response.with_body("application/xml", xml.into_bytes())
}

/// AWS: S3 has a name of its own for what is nobody's fault but its own.
fn s3_name(error: &AwsError) -> &'static str {
    match error.code().name {
        "InternalFailure" => "InternalError",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s3_says_internal_error() {
        assert_eq!(s3_name(&AwsError::internal("why")), "InternalError");
        assert_eq!(s3_name(&AwsError::unavailable("why")), "ServiceUnavailable");
    }
}
