//! XML both ways, led by the shape: for restXml and for the answers of the query protocol.

mod read;
mod tree;
mod write;

use updraft_kernel::AwsError;

pub(crate) use write::Writer;

use crate::Value;
use crate::model::Shape;

/// A whole body as a value of the shape; the root's name is not looked at, as in AWS.
pub(crate) fn read(shape: &'static Shape, body: &[u8]) -> Result<Value, AwsError> {
    read::body(shape, body)
}

/// A document of one root element.
pub(crate) fn document(namespace: &str, root: &str, shape: &'static Shape, value: &Value) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.declaration();
    writer.root(root, namespace, shape, value);
    writer.into_bytes()
}
