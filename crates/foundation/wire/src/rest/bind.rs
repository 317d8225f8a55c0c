//! From the parts of a request to the input.

use bytes::Bytes;
use updraft_kernel::AwsError;
use updraft_kernel::error::code;

use super::Labels;
use crate::http::Request;
use crate::json::read;
use crate::model::{Kind, Location, Member, Operation, Protocol, ServiceModel, Shape};
use crate::{Value, text, xml};

/// The input: what the body holds, and what stands elsewhere.
pub(crate) fn decode(
    model: &ServiceModel,
    protocol: Protocol,
    op: &'static Operation,
    labels: &Labels,
    request: &Request,
) -> Result<Value, AwsError> {
    let Some(shape) = op.input else { return Ok(Value::empty()) };
    let mut fields = body(model, protocol, shape, request.body)?;
    let query = text::pairs(request.query).ok_or_else(malformed)?;
    for (index, member) in shape.indexed() {
        let found = match member.location {
            Location::Body | Location::Status => None,
            Location::Uri => label(member, labels)?,
            // AWS: in S3, a number of which nothing is said (`max-parts=`) is as good as none.
            Location::Query if protocol == Protocol::RestXml && is_empty_number(member, &query) => None,
            Location::Query => parameter(op, member, &query)?,
            Location::Header => header(member, request)?,
            Location::Headers => prefixed(member, request),
        };
        fields.extend(found.map(|value| (index, value)));
    }
    Ok(Value::Structure(fields))
}

fn malformed() -> AwsError {
    AwsError::new(&code::SERIALIZATION, "")
}

type Fields = Vec<(u16, Value)>;

fn body(model: &ServiceModel, protocol: Protocol, shape: &'static Shape, body: &Bytes) -> Result<Fields, AwsError> {
    let payload = shape.payload.and_then(|index| Some((index, shape.members.get(usize::from(index))?)));
    if let Some((index, member)) = payload {
        let value = whole(model, protocol, member, body)?;
        return Ok(value.map(|value| (index, value)).into_iter().collect());
    }
    if body.is_empty() || shape.body_members().next().is_none() {
        return Ok(Fields::new());
    }
    match document(model, protocol, shape, body)? {
        Value::Structure(fields) => Ok(fields),
        _ => Ok(Fields::new()),
    }
}

/// The member that is the whole body.
fn whole(
    model: &ServiceModel,
    protocol: Protocol,
    member: &'static Member,
    body: &Bytes,
) -> Result<Option<Value>, AwsError> {
    if body.is_empty() {
        return Ok(None);
    }
    match member.shape.kind {
        Kind::Blob => Ok(Some(Value::Blob(body.clone()))),
        Kind::Text => {
            let text = std::str::from_utf8(body).map_err(|_| malformed())?;
            Ok(Some(Value::Text(text.to_owned())))
        }
        _ => document(model, protocol, member.shape, body).map(Some),
    }
}

fn document(model: &ServiceModel, protocol: Protocol, shape: &'static Shape, body: &[u8]) -> Result<Value, AwsError> {
    match protocol {
        Protocol::RestXml => xml::read(shape, body),
        _ => read::body(model.style, shape, body),
    }
}

fn label(member: &'static Member, labels: &Labels) -> Result<Option<Value>, AwsError> {
    let found = labels.iter().find(|(name, _)| *name == member.wire);
    found.map(|(_, text)| scalar(member.shape, text)).transpose()
}

fn scalar(shape: &'static Shape, text: &str) -> Result<Value, AwsError> {
    text::parse(shape, text).ok_or_else(|| {
        let kind = format!("{:?}", shape.kind);
        AwsError::new(&code::SERIALIZATION, format!("STRING_VALUE can not be converted to {kind}"))
    })
}

fn is_empty_number(member: &'static Member, query: &[(String, String)]) -> bool {
    let number = matches!(member.shape.kind, Kind::Integer | Kind::Long);
    number && query.iter().any(|(name, value)| name == member.wire && value.is_empty())
}

fn parameter(
    op: &'static Operation,
    member: &'static Member,
    query: &[(String, String)],
) -> Result<Option<Value>, AwsError> {
    let mut values = query.iter().filter(|(name, _)| name == member.wire).map(|(_, value)| value);
    match (member.shape.kind, member.shape.members) {
        (Kind::List, [element]) => {
            let items: Vec<Value> = values.map(|text| scalar(element.shape, text)).collect::<Result<_, _>>()?;
            Ok((!items.is_empty()).then_some(Value::List(items)))
        }
        (Kind::Map, [_, value_of]) => Ok(unnamed(op, value_of.shape, query)),
        _ => values.next().map(|text| scalar(member.shape, text)).transpose(),
    }
}

/// A map of all parameters that neither the template nor another member names; `None` if there are none.
fn unnamed(op: &'static Operation, value_of: &'static Shape, query: &[(String, String)]) -> Option<Value> {
    let members = op.input.map(|shape| shape.members).unwrap_or_default();
    let template = op.uri.split_once('?').map_or("", |(_, query)| query);
    let named = |name: &str| {
        members.iter().any(|member| member.location == Location::Query && member.wire == name)
            || template.split('&').any(|part| part.split('=').next() == Some(name))
    };
    let mut entries: Vec<(String, Value)> = Vec::new();
    for (name, text) in query.iter().filter(|(name, _)| !named(name)) {
        let value = Value::Text(text.clone());
        let earlier = entries.iter_mut().find(|(found, _)| found == name).map(|(_, value)| value);
        match (value_of.kind, earlier) {
            (Kind::List, Some(Value::List(items))) => items.push(value),
            (Kind::List, _) => entries.push((name.clone(), Value::List(vec![value]))),
            (_, None) => entries.push((name.clone(), value)),
            (_, Some(_)) => {}
        }
    }
    (!entries.is_empty()).then_some(Value::Map(entries))
}

fn header(member: &'static Member, request: &Request) -> Result<Option<Value>, AwsError> {
    let Some(text) = request.headers.get(member.wire) else { return Ok(None) };
    let text = std::str::from_utf8(text.as_bytes()).map_err(|_| malformed())?;
    match (member.shape.kind, member.shape.members) {
        (Kind::List, [element]) => {
            let all = request.headers.get_all(member.wire).iter().filter_map(|value| value.to_str().ok());
            let parts = all.flat_map(|value| value.split(',')).map(str::trim).filter(|part| !part.is_empty());
            let items = parts.map(|part| scalar(element.shape, part)).collect::<Result<_, _>>()?;
            Ok(Some(Value::List(items)))
        }
        _ => scalar(member.shape, text).map(Some),
    }
}

/// A map of the headers that begin with the member's name; `None` if there are none.
fn prefixed(member: &'static Member, request: &Request) -> Option<Value> {
    let prefix = member.wire.to_ascii_lowercase();
    let entry = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        let key = name.as_str().strip_prefix(&prefix)?.to_owned();
        Some((key, Value::Text(String::from_utf8_lossy(value.as_bytes()).into_owned())))
    };
    let entries: Vec<(String, Value)> = request.headers.iter().filter_map(entry).collect();
    (!entries.is_empty()).then_some(Value::Map(entries))
}
