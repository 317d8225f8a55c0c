//! [`Value`]: what every protocol decodes into and encodes from.

use bytes::Bytes;
use serde_json::Value as Document;
use updraft_kernel::UnixMillis;

use crate::body::ByteStream;

/// A value of some shape. It knows no names of members: the shape does.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// An explicit null, or nothing: as a member it is the same as being absent.
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    Blob(Bytes),
    Timestamp(UnixMillis),
    List(Vec<Value>),
    /// In the order of the wire.
    Map(Vec<(String, Value)>),
    /// The members present, by their index in the shape, in the order of the wire.
    Structure(Vec<(u16, Value)>),
    Document(Document),
    /// Bytes that come in their own time; only ever the member that is a whole HTTP body.
    Stream(ByteStream),
}

impl Value {
    /// The member of that index, of a structure.
    #[must_use]
    pub fn member(&self, index: u16) -> Option<&Value> {
        match self {
            Self::Structure(fields) => fields.iter().find(|(at, _)| *at == index).map(|(_, value)| value),
            _ => None,
        }
    }

    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// A structure without members.
    #[must_use]
    pub fn empty() -> Self {
        Self::Structure(Vec::new())
    }
}
