//! The tables: what an api crate states about its service. Facts only, `const`-built, never changed at run time.

mod build;
mod operation;
mod pattern;

use updraft_kernel::ErrorCode;

pub use build::{
    blob, boolean, document, double, element, integer, list, long, map, member, string, structure, timestamp,
};
pub use operation::operation;
pub use pattern::Pattern;

pub use crate::rest::Routes;

/// One service, as its public model describes it.
#[derive(Debug)]
pub struct ServiceModel {
    /// The house's name of it, that of its crates: `dynamodb`.
    pub name: &'static str,
    /// AWS's id of it: `DynamoDB`.
    pub service_id: &'static str,
    /// The service in a signature's credential scope; not unique (`apigateway`, `dynamodb`).
    pub signing_name: &'static str,
    /// The first label of its host names: `monitoring` for CloudWatch.
    pub endpoint_prefix: &'static str,
    /// What `X-Amz-Target` says before the dot; empty where the service has no JSON-RPC.
    pub target_prefix: &'static str,
    pub api_version: &'static str,
    /// The first is the one the model prefers.
    pub protocols: &'static [Protocol],
    /// `1.0` or `1.1`; empty where it does not apply.
    pub json_version: &'static str,
    pub xml_namespace: &'static str,
    /// Whether answers carry `x-amzn-query-error` for clients of the old query protocol.
    pub query_compatible: bool,
    /// Whether the service has one endpoint for all regions.
    pub global: bool,
    /// What stands before the code in `__type`, with its `#`; empty for most services.
    pub error_namespace: &'static str,
    pub style: Style,
    /// What a violated constraint is answered with, if not with `ValidationException`.
    pub validation: Option<&'static ErrorCode>,
    /// Ordered by name.
    pub operations: &'static [Operation],
    /// Every shape, ordered by name.
    pub shapes: &'static [&'static Shape],
    /// Every error the service's operations can answer, ordered by shape name.
    pub errors: &'static [ErrorShape],
    /// The operations by their templates, for REST.
    pub routes: Routes,
}

impl ServiceModel {
    /// The operation of that name.
    #[must_use]
    pub fn operation(&self, name: &str) -> Option<&'static Operation> {
        let at = self.operations.binary_search_by(|op| op.name.cmp(name)).ok()?;
        self.operations.get(at)
    }

    /// The shape of that name.
    #[must_use]
    pub fn shape(&self, name: &str) -> Option<&'static Shape> {
        let at = self.shapes.binary_search_by(|shape| shape.name.cmp(name)).ok()?;
        self.shapes.get(at).copied()
    }

    /// The shape of the error that `code` stands for, where the model knows it.
    #[must_use]
    pub fn error(&self, code: &ErrorCode) -> Option<&'static ErrorShape> {
        self.errors.iter().find(|error| error.code.name == code.name)
    }

    #[must_use]
    pub fn speaks(&self, protocol: Protocol) -> bool {
        self.protocols.contains(&protocol)
    }
}

/// A wire protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// awsJson, 1.0 or 1.1 by [`ServiceModel::json_version`].
    Json,
    RestJson,
    RestXml,
    Query,
    /// rpcv2Cbor.
    Cbor,
}

/// How a service words its refusals, which model and protocol don't say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As most do.
    Plain,
    /// As DynamoDB and its streams do.
    DynamoDb,
    /// As the first API Gateway does.
    ApiGateway,
    /// As SQS does.
    Sqs,
    /// As S3 does.
    S3,
}

/// An error of the model.
#[derive(Debug)]
pub struct ErrorShape {
    pub code: &'static ErrorCode,
    pub shape: &'static Shape,
}

/// One operation.
#[derive(Debug)]
pub struct Operation {
    pub name: &'static str,
    /// Its place in [`ServiceModel::operations`].
    pub index: u16,
    pub meta: OpMeta,
    /// Whether a service of the house answers it; if not, it is refused with `NotImplemented`.
    pub implemented: bool,
    pub method: &'static str,
    /// The path template with labels in braces, and literal query parameters.
    pub uri: &'static str,
    /// The status of success.
    pub status: u16,
    pub input: Option<&'static Shape>,
    pub output: Option<&'static Shape>,
    pub errors: &'static [&'static Shape],
    /// The element around the output in XML answers of the query protocol.
    pub result_wrapper: &'static str,
    /// The element around the input in restXml, where it is not the payload member that names it.
    pub input_wrapper: &'static str,
    /// What a client puts before the host name: `sync-`.
    pub host_prefix: &'static str,
    /// The content type of an answer whose body is one member of bytes.
    pub payload_type: &'static str,
    /// Whether requests need no signature.
    pub unsigned: bool,
    /// Whether another operation has replaced it.
    pub deprecated: bool,
    /// The member of the output that is a stream of events.
    pub event_stream: Option<u16>,
}

impl Operation {
    /// The member of the input that is the whole body and comes as a stream.
    #[must_use]
    pub fn streamed_input(&self) -> Option<u16> {
        let payload = self.input?.payload?;
        let member = self.input?.members.get(usize::from(payload))?;
        (member.streaming && member.shape.kind == Kind::Blob).then_some(payload)
    }

    /// The shape of all its events, for an operation that answers in events.
    #[must_use]
    pub fn events(&self) -> Option<&'static Shape> {
        let member = self.output?.members.get(usize::from(self.event_stream?))?;
        Some(member.shape)
    }
}

/// What the layers around an operation ask about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpMeta {
    /// The action a policy must allow: `dynamodb:PutItem`.
    pub action: &'static str,
    /// Whether it changes nothing, as its verb says.
    pub read_only: bool,
}

/// What kind of value a shape describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Structure,
    List,
    Map,
    Text,
    Integer,
    Long,
    Double,
    Boolean,
    Blob,
    Timestamp,
    /// Any JSON.
    Document,
}

/// One shape.
#[derive(Debug)]
pub struct Shape {
    pub name: &'static str,
    pub kind: Kind,
    /// Of a structure its members; of a list its element; of a map its key and value.
    pub members: &'static [Member],
    /// Length of text, blob, list and map; value of numbers.
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub pattern: Option<&'static Pattern>,
    /// The values allowed; empty if any is. Of a list, those of its elements.
    pub values: &'static [&'static str],
    /// How refusals say it, where that isn't what the model tells.
    pub wording: Option<&'static Wording>,
    /// The member that is the whole HTTP body.
    pub payload: Option<u16>,
    pub timestamp: Option<TimestampFormat>,
    /// The element's name in XML, where the shape gives one.
    pub xml_name: &'static str,
    pub namespace: Option<Namespace>,
    pub flattened: bool,
    pub sensitive: bool,
    /// Exactly one member may be set.
    pub union: bool,
    pub event_stream: bool,
}

/// What refusals say of a shape otherwise than the model.
#[derive(Debug)]
pub struct Wording {
    /// The values that are listed; empty: those that are allowed.
    pub listed: &'static [&'static str],
    /// Of a list: whether it is said that its elements may not be null.
    pub not_null: bool,
}

/// A member of a structure, the element of a list, or the key or value of a map.
#[derive(Debug)]
pub struct Member {
    /// The name in the model.
    pub name: &'static str,
    /// The name on the wire.
    pub wire: &'static str,
    pub shape: &'static Shape,
    pub location: Location,
    pub namespace: Option<Namespace>,
    pub required: bool,
    /// Filled by clients when left out.
    pub idempotency: bool,
    pub flattened: bool,
    pub attribute: bool,
    pub streaming: bool,
    pub host_label: bool,
    pub event_payload: bool,
    pub event_header: bool,
}

impl Member {
    #[must_use]
    pub fn is_in_body(&self) -> bool {
        self.location == Location::Body
    }
}

/// Where in an HTTP message a member travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    Body,
    Header,
    /// A map of all headers beginning with the wire name.
    Headers,
    Query,
    Uri,
    Status,
}

/// How a timestamp is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampFormat {
    Epoch,
    Iso8601,
    Rfc822,
}

/// An XML namespace; the prefix may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Namespace {
    pub prefix: &'static str,
    pub uri: &'static str,
}
