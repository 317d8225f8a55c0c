//! The MD5s by which clients check that what they sent, or received, is what was meant.

use std::collections::BTreeMap;

use md5::{Digest, Md5};
use updraft_kernel::hex;
use updraft_kernel::ports::{AttributeContent, QueueAttribute};

pub(crate) fn of_body(body: &str) -> [u8; 16] {
    Md5::digest(body.as_bytes()).into()
}

/// Of attributes in the order of their names; `None` if there are none.
pub(crate) fn of_attributes<'a>(
    attributes: impl IntoIterator<Item = (&'a String, &'a QueueAttribute)>,
) -> Option<String> {
    let mut attributes = attributes.into_iter().peekable();
    attributes.peek()?;
    let mut md5 = Md5::new();
    for (name, attribute) in attributes {
        part(&mut md5, name.as_bytes());
        part(&mut md5, attribute.data_type.as_bytes());
        let (kind, value) = match &attribute.content {
            AttributeContent::Text(text) => (1, text.as_bytes()),
            AttributeContent::Binary(bytes) => (2, bytes.as_slice()),
        };
        md5.update([kind]);
        part(&mut md5, value);
    }
    Some(hex(&md5.finalize()))
}

/// The one system attribute that can be sent.
pub(crate) fn of_trace(header: &str) -> Option<String> {
    let content = AttributeContent::Text(header.to_owned());
    let attribute = QueueAttribute { data_type: "String".to_owned(), content };
    of_attributes(&BTreeMap::from([("AWSTraceHeader".to_owned(), attribute)]))
}

fn part(md5: &mut Md5, bytes: &[u8]) {
    md5.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    md5.update(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> QueueAttribute {
        QueueAttribute { data_type: "String".into(), content: AttributeContent::Text(value.into()) }
    }

    fn attributes(of: &[(&str, QueueAttribute)]) -> Option<String> {
        of_attributes(&of.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect::<BTreeMap<_, _>>())
    }

    /// As AWS answered them.
    #[test]
    fn known_digests() {
        assert_eq!(hex(&of_body("message-1")), "3d6b824fd8c1520e9a047d21fee6fb1f");
        assert_eq!(attributes(&[("MyAttribute", text("foobar"))]).unwrap(), "adb59cd4678ea5a855436b949cd07ab6");
        let three = [("Hello", text("There")), ("General", text("Kenobi")), ("Help.Me", text("Me"))];
        assert_eq!(attributes(&three).unwrap(), "4c360f3fdafd970e05fae2f149d997f5");
        assert_eq!(attributes(&three[..1]).unwrap(), "a311262e065454b75da111d535b8dacd");
        assert_eq!(attributes(&[]), None);
    }

    #[test]
    fn binary_and_text_are_told_apart() {
        let binary = QueueAttribute { data_type: "String".into(), content: AttributeContent::Binary(b"a".to_vec()) };
        assert_ne!(attributes(&[("a", binary)]), attributes(&[("a", text("a"))]));
    }
}
