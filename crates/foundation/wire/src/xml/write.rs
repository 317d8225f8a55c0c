//! From [`Value`] to XML.

use crate::model::{Kind, Member, Namespace, Shape, TimestampFormat};
use crate::{Value, text};

/// Writes elements one after another; closing them in order is the caller's part.
#[derive(Debug, Default)]
pub(crate) struct Writer(String);

impl Writer {
    pub(crate) fn new() -> Self {
        Self(String::with_capacity(512))
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0.into_bytes()
    }

    pub(crate) fn declaration(&mut self) {
        self.0.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    }

    /// An opening tag, with a default namespace unless that is empty.
    pub(crate) fn open(&mut self, name: &str, namespace: &str) {
        self.begin(name);
        if !namespace.is_empty() {
            self.attribute("xmlns", namespace);
        }
        self.0.push('>');
    }

    pub(crate) fn close(&mut self, name: &str) {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
    }

    /// An element that holds only text.
    pub(crate) fn leaf(&mut self, name: &str, text: &str) {
        self.open(name, "");
        self.escaped(text);
        self.close(name);
    }

    /// The outermost element of a value.
    pub(crate) fn root(&mut self, name: &str, namespace: &str, shape: &'static Shape, value: &Value) {
        self.begin(name);
        if !namespace.is_empty() {
            self.attribute("xmlns", namespace);
        }
        self.content(name, shape, value);
    }

    /// The members of a structure, without an element around them.
    pub(crate) fn members(&mut self, shape: &'static Shape, value: &Value) {
        let Value::Structure(fields) = value else { return };
        for (index, value) in fields {
            let member = shape.members.get(usize::from(*index));
            if let Some(member) = member.filter(|member| member.is_in_body() && !member.attribute && !value.is_null()) {
                self.member(member, value);
            }
        }
    }

    fn member(&mut self, member: &'static Member, value: &Value) {
        let flattened = member.flattened || member.shape.flattened;
        match value {
            Value::List(items) if flattened => self.items(flat_name(member), member.shape, items),
            Value::Map(entries) if flattened => self.entries(flat_name(member), member.shape, entries),
            _ => self.element(member.wire, member.namespace, member.shape, value),
        }
    }

    fn items(&mut self, name: &str, shape: &'static Shape, items: &[Value]) {
        let Some(element) = shape.members.first() else { return };
        for item in items {
            self.element(name, element.namespace, element.shape, item);
        }
    }

    fn entries(&mut self, name: &str, shape: &'static Shape, entries: &[(String, Value)]) {
        let [key_of, value_of] = shape.members else { return };
        for (key, value) in entries {
            self.open(name, "");
            self.leaf(if key_of.wire.is_empty() { "key" } else { key_of.wire }, key);
            self.element(value_of.wire, value_of.namespace, value_of.shape, value);
            self.close(name);
        }
    }

    fn element(&mut self, name: &str, namespace: Option<Namespace>, shape: &'static Shape, value: &Value) {
        self.begin(name);
        if let Some(Namespace { prefix, uri }) = namespace.or(shape.namespace) {
            let xmlns = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
            self.attribute(&xmlns, uri);
        }
        self.content(name, shape, value);
    }

    /// What follows a tag that is still open: attributes, content, and the end.
    fn content(&mut self, name: &str, shape: &'static Shape, value: &Value) {
        self.attributes(shape, value);
        self.0.push('>');
        match value {
            Value::Structure(_) => self.members(shape, value),
            Value::List(items) => self.items(element_name(shape), shape, items),
            Value::Map(entries) => self.entries("entry", shape, entries),
            _ => {
                let text = text::write(shape, value, TimestampFormat::Iso8601).unwrap_or_default();
                self.escaped(&text);
            }
        }
        self.close(name);
    }

    fn attributes(&mut self, shape: &'static Shape, value: &Value) {
        let (Kind::Structure, Value::Structure(fields)) = (shape.kind, value) else { return };
        for (index, value) in fields {
            let member = shape.members.get(usize::from(*index)).filter(|member| member.attribute);
            let text = member.and_then(|member| text::write(member.shape, value, TimestampFormat::Iso8601));
            if let (Some(member), Some(text)) = (member, text) {
                self.attribute(member.wire, &text);
            }
        }
    }

    fn begin(&mut self, name: &str) {
        self.0.push('<');
        self.0.push_str(name);
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.0.push(' ');
        self.0.push_str(name);
        self.0.push_str("=\"");
        self.escaped(value);
        self.0.push('"');
    }

    fn escaped(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\r' => self.0.push_str("&#13;"),
                // XML 1.0 has no other control characters, not even as references.
                '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}' => self.0.push('\u{fffd}'),
                _ => self.0.push(c),
            }
        }
    }
}

/// What the elements of a list are called.
pub(super) fn element_name(shape: &'static Shape) -> &'static str {
    shape.members.first().map_or("member", |element| element.wire)
}

/// What the elements of a flattened list are called: the element's own name if it has one, else the list's. The entries
/// of a flattened map: the map's.
pub(super) fn flat_name(member: &'static Member) -> &'static str {
    match member.shape.members {
        [element] if element.wire != "member" => element.wire,
        [_, _] if !member.shape.xml_name.is_empty() => member.shape.xml_name,
        _ => member.wire,
    }
}

impl Shape {
    /// The name of the outermost element, where the shape is the whole document.
    pub(crate) fn xml_root(&self) -> &'static str {
        if self.xml_name.is_empty() { self.name } else { self.xml_name }
    }
}
