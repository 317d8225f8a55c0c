//! AWS's wire protocols over the tables that the api crates hold: awsJson 1.0 and 1.1, restJson, restXml, awsQuery,
//! rpcv2Cbor and event streams; decoding, validation and encoding, both ways.
//!
//! It must never know a single service: what is particular to one stands in its [`model::ServiceModel`]. No I/O here.
//! Start reading at [`model`], then [`value::Value`], then [`service::Service`].

mod body;
mod cbor;
pub mod codec;
pub mod codes;
pub mod convert;
pub mod eventstream;
mod failure;
pub mod fuzz;
pub mod http;
mod json;
#[doc(hidden)]
pub mod macros;
pub mod model;
mod query;
mod rest;
pub mod service;
pub mod streaming;
mod text;
mod time;
pub mod typed;
pub mod validate;
pub mod value;
mod xml;

pub use body::{ByteStream, Pieces, Trailers};
pub use codec::{Call, decode, encode, encode_error, encode_event, encode_head, encode_last, find, protocol_of, read};
pub use convert::{FromValue, IntoValue};
pub use model::{Operation, ServiceModel, Shape};
pub use service::Service;
pub use streaming::Streaming;
pub use value::Value;

/// What the expansions of [`record!`], [`string_enum!`] and [`event_stream!`] name; not for use by hand.
#[doc(hidden)]
pub mod generated {
    pub use crate::body::ByteStream;
    pub use bytes::Bytes;
    pub use serde_json::Value as Document;
    pub use std::collections::BTreeMap;
    pub use updraft_kernel::UnixMillis;
}
