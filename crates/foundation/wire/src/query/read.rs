//! From a form's pairs to [`Value`].

use std::collections::BTreeMap;

use updraft_kernel::AwsError;

use crate::model::{Kind, Member, Shape};
use crate::{Value, codes, text};

/// Dots in one key: no real request of AWS comes near.
const MAX_DEPTH: usize = 32;

/// What stands under one prefix.
#[derive(Debug, Default)]
struct Node<'a> {
    value: Option<&'a str>,
    children: BTreeMap<&'a str, Node<'a>>,
}

pub(super) fn form(shape: &'static Shape, pairs: &[(String, String)]) -> Result<Value, AwsError> {
    let mut root = Node::default();
    for (key, value) in pairs {
        if key.split('.').count() > MAX_DEPTH {
            return Err(malformed(key));
        }
        let leaf = key.split('.').fold(&mut root, |node, part| node.children.entry(part).or_default());
        leaf.value = Some(value);
    }
    value(shape, &root, "")
}

fn malformed(path: &str) -> AwsError {
    AwsError::new(&codes::MALFORMED_INPUT, format!("Invalid value for parameter {path}"))
}

fn value(shape: &'static Shape, node: &Node, path: &str) -> Result<Value, AwsError> {
    match (shape.kind, shape.members) {
        (Kind::Structure, _) => structure(shape, node, path),
        (Kind::List, [element]) => list(element, node.children.get(element.wire), path),
        (Kind::Map, [key, value]) => map(key, value, node.children.get("entry"), path),
        _ => text::parse(shape, node.value.unwrap_or_default()).ok_or_else(|| malformed(path)),
    }
}

fn structure(shape: &'static Shape, node: &Node, path: &str) -> Result<Value, AwsError> {
    let mut fields = Vec::new();
    for (index, member) in shape.indexed() {
        let flattened = member.flattened || member.shape.flattened;
        let name = if flattened { own_name(member) } else { member.wire };
        let Some(child) = node.children.get(name) else { continue };
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let value = match (member.shape.kind, member.shape.members) {
            (Kind::List, [element]) if flattened => list(element, Some(child), &path)?,
            (Kind::Map, [key, value]) if flattened => map(key, value, Some(child), &path)?,
            _ => value(member.shape, child, &path)?,
        };
        fields.push((index, value));
    }
    Ok(Value::Structure(fields))
}

/// AWS: a flattened list goes by the name of its elements, where they have one, and a flattened map by its own.
fn own_name(member: &'static Member) -> &'static str {
    match member.shape.members {
        [element] if element.wire != "member" => element.wire,
        [_, _] if !member.shape.xml_name.is_empty() => member.shape.xml_name,
        _ => member.wire,
    }
}

/// The elements by their numbers, which may have gaps. AWS: one alone needs no number.
fn list(element: &'static Member, node: Option<&Node>, path: &str) -> Result<Value, AwsError> {
    let alone = node.filter(|node| node.children.is_empty() && node.value.is_some_and(|value| !value.is_empty()));
    let items = alone.map_or_else(|| numbered(node, path), |node| Ok(vec![node]))?;
    items.into_iter().map(|item| value(element.shape, item, path)).collect::<Result<_, _>>().map(Value::List)
}

fn map(key_of: &'static Member, value_of: &'static Member, node: Option<&Node>, path: &str) -> Result<Value, AwsError> {
    let mut entries = Vec::new();
    // AWS: one alone needs no number.
    let alone = node.filter(|node| node.children.contains_key(key_of.wire));
    for entry in alone.map_or_else(|| numbered(node, path), |node| Ok(vec![node]))? {
        let key = entry.children.get(key_of.wire).and_then(|key| key.value);
        let (Some(key), Some(of)) = (key, entry.children.get(value_of.wire)) else { return Err(malformed(path)) };
        entries.push((key.to_owned(), value(value_of.shape, of, path)?));
    }
    Ok(Value::Map(entries))
}

fn numbered<'n>(node: Option<&'n Node<'n>>, path: &str) -> Result<Vec<&'n Node<'n>>, AwsError> {
    let children = node.into_iter().flat_map(|node| &node.children);
    let number = |text: &str| text.parse::<u32>().map_err(|_| malformed(path));
    let mut items: Vec<(u32, &Node)> =
        children.map(|(at, child)| Ok((number(at)?, child))).collect::<Result<_, AwsError>>()?;
    items.sort_by_key(|(at, _)| *at);
    Ok(items.into_iter().map(|(_, child)| child).collect())
}
