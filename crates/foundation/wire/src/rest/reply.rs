//! From the output to the parts of a response.

use bytes::Bytes;
use updraft_kernel::RequestId;

use crate::http::Response;
use crate::json::write;
use crate::model::{Kind, Location, Member, Operation, Protocol, ServiceModel, Shape, Style, TimestampFormat};
use crate::{Value, text, xml};

pub(crate) fn encode(
    model: &ServiceModel,
    protocol: Protocol,
    op: &Operation,
    output: &Value,
    id: &RequestId,
) -> Response {
    let mut response = Response::new(op.status);
    if let (Some(shape), Value::Structure(fields)) = (op.output, output) {
        response = Body { model, protocol, payload_type: op.payload_type }.of_output(response, shape, output);
        for (index, value) in fields {
            if let Some(member) = shape.members.get(usize::from(*index)) {
                place(&mut response, member, value);
            }
        }
        // The model has no status for answers that are a part of something (`GetObject`).
        if response.status == 200 && response.headers.contains_key(http::header::CONTENT_RANGE) {
            response.status = 206;
        }
    }
    identify(protocol, &mut response, id);
    response
}

/// Says which request this answers, and by S3's custom which host did.
pub(super) fn identify(protocol: Protocol, response: &mut Response, id: &RequestId) {
    match protocol {
        Protocol::RestXml => {
            response.set("x-amz-request-id", id.as_str());
            response.set("x-amz-id-2", id.as_str());
        }
        _ => response.set("x-amzn-RequestId", id.as_str()),
    }
}

fn place(response: &mut Response, member: &'static Member, value: &Value) {
    match (member.location, value) {
        (Location::Status, Value::Int(status)) => {
            response.status = u16::try_from(*status).unwrap_or(response.status);
        }
        (Location::Header, Value::List(items)) => {
            let Some(element) = member.shape.members.first() else { return };
            let texts: Vec<String> = items.iter().filter_map(|item| header_text(element.shape, item)).collect();
            response.set(member.wire, &texts.join(", "));
        }
        (Location::Header, _) => {
            if let Some(text) = header_text(member.shape, value) {
                response.set(member.wire, &text);
            }
        }
        (Location::Headers, Value::Map(entries)) => {
            for (key, value) in entries {
                if let Value::Text(text) = value {
                    response.set(&format!("{}{key}", member.wire), text);
                }
            }
        }
        _ => {}
    }
}

fn header_text(shape: &'static Shape, value: &Value) -> Option<String> {
    text::write(shape, value, TimestampFormat::Rfc822)
}

/// AWS: where S3's root has the name of its only member, it is that member (`GetBucketLocation`).
fn only_member(model: &ServiceModel, shape: &'static Shape) -> Option<(u16, &'static Member)> {
    let mut members = shape.body_members();
    let (first, more) = (members.next()?, members.next());
    let is_root = model.style == Style::S3 && more.is_none() && first.1.wire == shape.xml_root();
    is_root.then_some(first)
}

/// Makes bodies in one of the two protocols.
#[derive(Clone, Copy)]
struct Body<'a> {
    model: &'a ServiceModel,
    protocol: Protocol,
    payload_type: &'static str,
}

impl Body<'_> {
    fn of_output(self, response: Response, shape: &'static Shape, output: &Value) -> Response {
        if let Some(index) = shape.payload {
            let member = shape.members.get(usize::from(index));
            return match (member, output.member(index)) {
                (Some(member), Some(value)) => self.whole(response, member, value),
                _ => response,
            };
        }
        // AWS: an output without any member is still an object, one that is all headers isn't.
        let has_body = shape.members.is_empty() || shape.body_members().next().is_some();
        if let Some(only) = only_member(self.model, shape) {
            let value = output.member(only.0).cloned().unwrap_or(Value::Text(String::new()));
            return self.document(response, only.1.shape, only.1.wire, &value);
        }
        if has_body && response.status != 204 {
            self.document(response, shape, shape.xml_root(), output)
        } else {
            response
        }
    }

    /// The member that is the whole body.
    fn whole(self, response: Response, member: &'static Member, value: &Value) -> Response {
        match value {
            Value::Blob(bytes) => response.with_body(self.payload_type, bytes.clone()),
            Value::Stream(stream) => {
                let mut response = response.with_body(self.payload_type, Bytes::new());
                response.stream = Some(stream.clone());
                response
            }
            Value::Text(text) => response.with_body("text/plain", text.clone()),
            _ => self.document(response, member.shape, member.wire, value),
        }
    }

    fn document(self, response: Response, shape: &'static Shape, root: &str, value: &Value) -> Response {
        match self.protocol {
            Protocol::RestXml if shape.kind == Kind::Structure && shape.members.is_empty() => response,
            Protocol::RestXml => {
                response.with_body("application/xml", xml::document(self.model.xml_namespace, root, shape, value))
            }
            _ => response.with_body("application/json", write::to_vec(shape, value)),
        }
    }
}
