//! awsQuery: a form with `Action`, `Version` and the members' paths; answers in XML.

mod read;

use std::borrow::Cow;

use updraft_kernel::error::code;
use updraft_kernel::{AwsError, RequestId};

use crate::http::{Request, Response};
use crate::model::{Operation, ServiceModel, Shape, Style};
use crate::xml::Writer;
use crate::{Value, codes, failure, text};

/// Whether the request names its operation the way this protocol does.
pub(crate) fn is_query(request: &Request) -> bool {
    let is_form =
        request.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let named = |text: &str| text.split('&').any(|part| part.starts_with("Action="));
    named(request.query) || (is_form && std::str::from_utf8(request.body).is_ok_and(named))
}

pub(crate) fn operation(model: &'static ServiceModel, request: &Request) -> Result<&'static Operation, AwsError> {
    let pairs = pairs(request)?;
    let value = |name: &str| pairs.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
    let Some(action) = value("Action") else {
        return Err(AwsError::new(&codes::MISSING_ACTION, "Missing Action"));
    };
    model.operation(action).ok_or_else(|| {
        let version = value("Version").unwrap_or(model.api_version);
        let message = format!("Could not find operation {action} for version {version}");
        AwsError::new(&code::INVALID_ACTION, message)
    })
}

pub(crate) fn decode(shape: &'static Shape, request: &Request) -> Result<Value, AwsError> {
    read::form(shape, &pairs(request)?)
}

/// What stands in the URL and in the body.
fn pairs(request: &Request) -> Result<Vec<(String, String)>, AwsError> {
    let body = std::str::from_utf8(request.body).map(Cow::Borrowed).unwrap_or_default();
    let both = text::pairs(request.query).zip(text::pairs(&body));
    let (mut pairs, more) = both.ok_or_else(|| AwsError::new(&codes::MALFORMED_INPUT, ""))?;
    pairs.extend(more);
    Ok(pairs)
}

pub(crate) fn encode(model: &ServiceModel, op: &Operation, output: &Value, id: &RequestId) -> Response {
    let outer = format!("{}Response", op.name);
    let mut xml = Writer::new();
    xml.open(&outer, model.xml_namespace);
    if let Some(shape) = op.output {
        if op.result_wrapper.is_empty() {
            xml.members(shape, output);
        } else {
            xml.open(op.result_wrapper, "");
            xml.members(shape, output);
            xml.close(op.result_wrapper);
        }
    }
    xml.open("ResponseMetadata", "");
    xml.leaf("RequestId", id.as_str());
    xml.close("ResponseMetadata");
    xml.close(&outer);
    finish(Response::new(op.status), xml, id)
}

pub(crate) fn encode_error(model: &ServiceModel, error: &AwsError, id: &RequestId) -> Response {
    let mut xml = Writer::new();
    xml.open("ErrorResponse", model.xml_namespace);
    xml.open("Error", "");
    xml.leaf("Type", failure::fault(error));
    xml.leaf("Code", error.code().query_code.unwrap_or(error.code().name));
    xml.leaf("Message", error.message());
    for (name, value) in error.members() {
        xml.leaf(name, value.as_str().unwrap_or(&value.to_string()));
    }
    if model.style == Style::Sqs && !is_about_a_batch(error) {
        xml.leaf("Detail", "");
    }
    xml.close("Error");
    xml.leaf("RequestId", id.as_str());
    xml.close("ErrorResponse");
    finish(Response::new(error.code().status), xml, id)
}

/// AWS: the errors about a whole batch, alone of all of SQS's, have no `Detail`, which is empty everywhere else.
fn is_about_a_batch(error: &AwsError) -> bool {
    error.code().name.contains("Batch")
}

fn finish(response: Response, xml: Writer, id: &RequestId) -> Response {
    let mut response = response.with_body("text/xml", xml.into_bytes());
    response.set("x-amzn-RequestId", id.as_str());
    response
}
