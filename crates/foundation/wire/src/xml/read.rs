//! From XML to [`Value`].

use updraft_kernel::AwsError;

use super::tree::{Element, parse};
use super::write::{element_name, flat_name};
use crate::model::{Kind, Member, Shape};
use crate::{Value, codes, text};

pub(super) fn body(shape: &'static Shape, body: &[u8]) -> Result<Value, AwsError> {
    let root = std::str::from_utf8(body).ok().and_then(parse);
    root.and_then(|root| value(shape, &root)).ok_or_else(|| {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        AwsError::new(&codes::MALFORMED_XML, message)
    })
}

fn value(shape: &'static Shape, element: &Element) -> Option<Value> {
    match shape.kind {
        Kind::Structure => structure(shape, element),
        Kind::List => {
            let name = element_name(shape);
            list(shape, element.children.iter().filter(|child| child.name == name))
        }
        Kind::Map => map(shape, element.children.iter().filter(|child| child.name == "entry")),
        _ => text::parse(shape, &element.text),
    }
}

fn structure(shape: &'static Shape, element: &Element) -> Option<Value> {
    let mut fields = Vec::new();
    for (index, member) in shape.body_members() {
        if let Some(value) = field(member, element)? {
            fields.push((index, value));
        }
    }
    Some(Value::Structure(fields))
}

/// The member's value, if it is there: outside `None` is a value that cannot be read.
fn field(member: &'static Member, element: &Element) -> Option<Option<Value>> {
    if member.attribute {
        let found = element.attributes.iter().find(|(name, _)| name == member.wire);
        return found.map_or(Some(None), |(_, text)| text::parse(member.shape, text).map(Some));
    }
    let flattened = member.flattened || member.shape.flattened;
    let name = if member.shape.kind == Kind::List && flattened { flat_name(member) } else { member.wire };
    let mut found = element.children.iter().filter(|child| child.name == name).peekable();
    if found.peek().is_none() {
        return Some(None);
    }
    match member.shape.kind {
        Kind::List if flattened => list(member.shape, found).map(Some),
        Kind::Map if flattened => map(member.shape, found).map(Some),
        _ => found.next().map(|child| value(member.shape, child)),
    }
}

fn list<'e>(shape: &'static Shape, elements: impl Iterator<Item = &'e Element>) -> Option<Value> {
    let element_of = shape.members.first()?;
    elements.map(|element| value(element_of.shape, element)).collect::<Option<_>>().map(Value::List)
}

fn map<'e>(shape: &'static Shape, entries: impl Iterator<Item = &'e Element>) -> Option<Value> {
    let [key_of, value_of] = shape.members else { return None };
    let entry = |entry: &Element| {
        let child = |name: &str| entry.children.iter().find(|child| child.name == name);
        Some((child(key_of.wire)?.text.clone(), value(value_of.shape, child(value_of.wire)?)?))
    };
    entries.map(entry).collect::<Option<_>>().map(Value::Map)
}
