//! The way in and the way out: which operation a request means, its input, and the answer in the same protocol.

use bytes::Bytes;
use updraft_kernel::{AwsError, RequestId};

use crate::http::{Request, Response};
use crate::model::{Operation, Protocol, ServiceModel, Shape, Style};
use crate::rest::Labels;
use crate::{ByteStream, Value, cbor, eventstream, json, query, rest, validate};

/// The operation that a request means.
#[derive(Debug)]
pub struct Call {
    pub model: &'static ServiceModel,
    pub protocol: Protocol,
    pub op: &'static Operation,
    /// The parts of the path that the template names.
    labels: Labels,
}

impl Call {
    /// A call of an operation that is already known, to answer it in that protocol.
    #[must_use]
    pub fn new(model: &'static ServiceModel, protocol: Protocol, op: &'static Operation) -> Self {
        Self { model, protocol, op, labels: Labels::new() }
    }
}

/// The protocol of a request to a service that is already known: the one it shows, else the one the model prefers.
#[must_use]
pub fn protocol_of(model: &ServiceModel, request: &Request) -> Protocol {
    let shown = if request.headers.contains_key("smithy-protocol") {
        Some(Protocol::Cbor)
    } else if request.headers.contains_key("x-amz-target") {
        Some(Protocol::Json)
    } else if query::is_query(request) {
        Some(Protocol::Query)
    } else {
        None
    };
    let preferred = model.protocols.first().copied().unwrap_or(Protocol::Json);
    // AWS: SQS no longer lists the query protocol in its model, and still answers it.
    shown
        .filter(|shown| model.speaks(*shown) || (model.query_compatible && *shown == Protocol::Query))
        .unwrap_or(preferred)
}

/// Finds the operation of a request to a service that is already known.
///
/// # Errors
/// What the protocol answers to an operation it doesn't know.
pub fn find(model: &'static ServiceModel, request: &Request) -> Result<Call, AwsError> {
    let protocol = protocol_of(model, request);
    let (op, labels) = match protocol {
        Protocol::Json => (json::operation(model, request)?, Labels::default()),
        Protocol::Cbor => (cbor::operation(model, request)?, Labels::default()),
        Protocol::Query => (query::operation(model, request)?, Labels::default()),
        Protocol::RestJson | Protocol::RestXml => rest::operation(model, protocol, request)?,
    };
    Ok(Call { model, protocol, op, labels })
}

/// The input of a call, checked against everything the model says about it.
///
/// # Errors
/// `SerializationException` or its like for what cannot be read, `ValidationException` or its like for what is not
/// allowed.
pub fn decode(call: &Call, request: &Request) -> Result<Value, AwsError> {
    let input = read(call, request)?;
    validate::check(call.model, call.op, &input)?;
    Ok(input)
}

/// The same for an operation that takes its body as a stream ([`Operation::streamed_input`]), which is not in `request`.
///
/// # Errors
/// As [`decode`].
pub fn decode_streamed(call: &Call, request: &Request, body: ByteStream) -> Result<Value, AwsError> {
    let mut input = read(call, request)?;
    if let (Value::Structure(fields), Some(index)) = (&mut input, call.op.streamed_input()) {
        fields.push((index, Value::Stream(body)));
    }
    validate::check(call.model, call.op, &input)?;
    Ok(input)
}

/// The input of a call, of the right types and not yet checked any further.
///
/// # Errors
/// `SerializationException` or its like.
pub fn read(call: &Call, request: &Request) -> Result<Value, AwsError> {
    let Some(shape) = call.op.input else { return Ok(Value::empty()) };
    let mut input = match call.protocol {
        Protocol::Json => json::decode(call.model, shape, request.body),
        Protocol::Cbor => cbor::decode(shape, request.body),
        Protocol::Query => query::decode(shape, request),
        Protocol::RestJson | Protocol::RestXml => {
            rest::decode(call.model, call.protocol, call.op, &call.labels, request)
        }
    }?;
    if call.model.style == Style::Sqs {
        queue_of_path(shape, request, &mut input);
    }
    Ok(input)
}

/// AWS: what is sent to a queue's own URL means that queue, unless it names one.
fn queue_of_path(shape: &'static Shape, request: &Request, input: &mut Value) {
    let Value::Structure(fields) = input else { return };
    let Some((index, _)) = shape.indexed().find(|(_, member)| member.name == "QueueUrl") else { return };
    if fields.iter().any(|(at, _)| *at == index) || request.path.trim_matches('/').is_empty() {
        return;
    }
    let host = request.header("host").unwrap_or_default();
    fields.push((index, Value::Text(format!("http://{host}{}", request.path))));
}

/// The answer to a call that went well. `output` is of the operation's output shape.
#[must_use]
pub fn encode(call: &Call, output: &Value, id: &RequestId) -> Response {
    let (model, op) = (call.model, call.op);
    match call.protocol {
        Protocol::Json => json::encode(model, op, output, id),
        Protocol::Cbor => cbor::encode(op, output, id),
        Protocol::Query => query::encode(model, op, output, id),
        Protocol::RestJson | Protocol::RestXml => rest::encode(model, call.protocol, op, output, id),
    }
}

/// The beginning of an answer in events: everything but its body, and of the body what goes ahead of all events.
#[must_use]
pub fn encode_head(call: &Call, head: &Value, id: &RequestId) -> Response {
    let mut response = encode(call, head, id);
    let initial = call.op.output.and_then(|shape| eventstream::initial_response(call.protocol, shape, head));
    response.body = initial.map(|frame| frame.encode().into()).unwrap_or_default();
    response.set("content-type", eventstream::CONTENT_TYPE);
    response
}

/// One event of the answer.
///
/// # Errors
/// If it is no event of the operation's.
pub fn encode_event(call: &Call, event: &Value) -> Result<Bytes, AwsError> {
    let frame = call.op.events().and_then(|stream| eventstream::event(call.protocol, stream, event));
    frame.map(|frame| frame.encode().into()).ok_or_else(|| AwsError::internal("an event that its operation has not"))
}

/// What an answer in events ends with where it goes wrong.
#[must_use]
pub fn encode_last(call: &Call, error: &AwsError) -> Bytes {
    eventstream::error(call.model, call.protocol, call.op.events(), error).encode().into()
}

/// The answer to a call that went wrong, or that never became one: `op` is what is known of it.
#[must_use]
pub fn encode_error(
    model: &ServiceModel,
    protocol: Protocol,
    op: Option<&Operation>,
    error: &AwsError,
    id: &RequestId,
) -> Response {
    let mut response = match protocol {
        Protocol::Json => json::encode_error(model, error, id),
        Protocol::Cbor => cbor::encode_error(model, error, id),
        Protocol::Query => query::encode_error(model, error, id),
        Protocol::RestJson => rest::json_error(model, error, id),
        Protocol::RestXml => rest::xml_error(model, op, error, id),
    };
    for (name, value) in error.headers() {
        response.set(name, value);
    }
    response
}
