//! An XML document as a tree of elements, of bounded depth.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Elements inside each other: no real request of AWS comes near.
const MAX_DEPTH: usize = 64;

/// An element. Names are without their prefix.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Element {
    pub(super) name: String,
    /// Names as written, with their prefix.
    pub(super) attributes: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

/// The root of a document; `None` if it is no well-formed XML, or too deep.
pub(super) fn parse(body: &str) -> Option<Element> {
    let mut reader = Reader::from_str(body);
    let mut open: Vec<Element> = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                if open.len() >= MAX_DEPTH {
                    return None;
                }
                open.push(element(&tag)?);
            }
            Event::Empty(tag) => {
                if let Some(root) = finish(&mut open, element(&tag)?) {
                    return Some(root);
                }
            }
            Event::End(_) => {
                let done = open.pop()?;
                if let Some(root) = finish(&mut open, done) {
                    return Some(root);
                }
            }
            Event::Text(text) => append(&mut open, &text),
            Event::CData(data) => append(&mut open, &data),
            Event::GeneralRef(name) => {
                append(&mut open, &entity(&name)?);
            }
            // AWS: no document type, so that no entity can be defined.
            Event::DocType(_) | Event::Eof => return None,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

/// Hands an element to the one around it, or back if it is the root.
fn finish(open: &mut [Element], done: Element) -> Option<Element> {
    match open.last_mut() {
        Some(parent) => {
            parent.children.push(done);
            None
        }
        None => Some(done),
    }
}

fn append(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn element(tag: &BytesStart) -> Option<Element> {
    let name = tag.local_name().into_inner().to_owned();
    let mut attributes = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.ok()?;
        let key = attribute.key.into_inner().to_owned();
        attributes.push((key, unescaped(&attribute.value)?));
    }
    Some(Element { name, attributes, ..Element::default() })
}

fn unescaped(text: &str) -> Option<String> {
    quick_xml::escape::unescape(text).ok().map(std::borrow::Cow::into_owned)
}

/// What `&name;` stands for.
fn entity(name: &str) -> Option<String> {
    unescaped(&format!("&{name};"))
}
