//! Message attributes, as they are sent and as they are asked for.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use updraft_api_sqs::types::{MessageAttributeValue, MessageSystemAttributeValue};
use updraft_kernel::ports::{AttributeContent, QueueAttribute};
use updraft_kernel::{AwsError, hex};

use super::letter::check_text;
use crate::errors::invalid_parameter;
use crate::refusals::no_lists;

/// AWS: a message has at most so many.
const MOST: usize = 10;
/// AWS: `String`, `Number` or `Binary`, and what is said behind it.
const LONGEST_TYPE: usize = 256;

/// # Errors
/// In AWS's words, of the first that isn't legal.
pub(crate) fn read_all(
    written: BTreeMap<String, MessageAttributeValue>,
) -> Result<BTreeMap<String, QueueAttribute>, AwsError> {
    if written.len() > MOST {
        let count = written.len();
        return Err(invalid_parameter(format!(
            "Number of message attributes [{count}] exceeds the allowed maximum [{MOST}]."
        )));
    }
    let one = |(name, value): (String, MessageAttributeValue)| {
        check_name(&name)?;
        let value = read(&name, value)?;
        Ok((name, value))
    };
    written.into_iter().map(one).collect()
}

fn read(name: &str, written: MessageAttributeValue) -> Result<QueueAttribute, AwsError> {
    let MessageAttributeValue { string_value, binary_value, data_type, .. } = written;
    if data_type.len() > LONGEST_TYPE {
        return Err(user(name, &format!("has a type that is longer than {LONGEST_TYPE} bytes.")));
    }
    let kind = data_type.split('.').next().unwrap_or_default();
    let content = match (kind, string_value, binary_value) {
        ("", ..) => return Err(user(name, "must contain a non-empty attribute type.")),
        ("String" | "Number", Some(text), _) if !text.is_empty() => AttributeContent::Text(text),
        ("Binary", _, Some(bytes)) if !bytes.is_empty() => AttributeContent::Binary(bytes.into()),
        ("String" | "Number" | "Binary", ..) => {
            return Err(user(name, &format!("must contain a non-empty value of type '{kind}'.")));
        }
        _ => {
            let message = format!(
                "The type of message (user) attribute '{name}' is invalid. You must use only the following supported \
                 type prefixes: Binary, Number, String."
            );
            return Err(invalid_parameter(message));
        }
    };
    if let AttributeContent::Text(text) = &content {
        check_text(text)?;
        if kind == "Number" && !is_number(text) {
            let message = format!("Can't cast the value of message (user) attribute '{name}' to a number.");
            return Err(invalid_parameter(message));
        }
    }
    Ok(QueueAttribute { data_type, content })
}

/// AWS: what is no number, or infinite, isn't one.
fn is_number(text: &str) -> bool {
    text.trim().parse().is_ok_and(f64::is_finite)
}

/// AWS: lists are in the model, and refused, even those without anything in them. `operation`: which is told.
///
/// # Errors
/// If there is one.
pub(crate) fn without_lists(
    attributes: Option<&BTreeMap<String, MessageAttributeValue>>,
    operation: &str,
) -> Result<(), AwsError> {
    let has = |value: &MessageAttributeValue| value.string_list_values.is_some() || value.binary_list_values.is_some();
    if attributes.is_some_and(|all| all.values().any(has)) {
        return Err(no_lists(operation));
    }
    Ok(())
}

fn user(name: &str, what: &str) -> AwsError {
    invalid_parameter(format!("The message (user) attribute '{name}' {what}"))
}

fn check_name(name: &str) -> Result<(), AwsError> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let dotted = name.starts_with('.') || name.ends_with('.') || name.contains("..");
    let lower = name.to_ascii_lowercase();
    let reserved = lower.starts_with("aws.") || lower.starts_with("amazon.");
    if (1..=256).contains(&name.len()) && name.bytes().all(legal) && !dotted && !reserved {
        return Ok(());
    }
    let message = format!(
        "Message (user) attribute name '{name}' is invalid. It can contain up to 256 characters of A-Z, a-z, 0-9, \
         underscore (_), hyphen (-) and period (.), must not start or end with a period or have periods in succession, \
         and must not start with AWS. or Amazon."
    );
    Err(invalid_parameter(message))
}

/// The one system attribute that can be sent.
///
/// # Errors
/// If it is another, or none of type `String`.
pub(crate) fn read_trace(written: BTreeMap<String, MessageSystemAttributeValue>) -> Result<Option<String>, AwsError> {
    let mut trace = None;
    for (name, value) in written {
        if name != "AWSTraceHeader" {
            return Err(invalid_parameter(format!("Message system attribute name '{name}' is invalid.")));
        }
        trace = value.string_value.filter(|text| value.data_type == "String" && !text.is_empty());
        if trace.is_none() {
            let message =
                format!("The message system attribute '{name}' must contain a non-empty value of type 'String'.");
            return Err(invalid_parameter(message));
        }
    }
    Ok(trace)
}

/// As it is given to whoever receives it.
pub(crate) fn shown(attribute: QueueAttribute) -> MessageAttributeValue {
    let (string_value, binary_value) = match attribute.content {
        AttributeContent::Text(text) => (Some(text), None),
        AttributeContent::Binary(bytes) => (None, Some(bytes.into())),
    };
    MessageAttributeValue { string_value, binary_value, data_type: attribute.data_type, ..Default::default() }
}

/// Whether `asked`, of `MessageAttributeNames`, means the attribute of this name.
pub(crate) fn asks_for(asked: &str, name: &str) -> bool {
    match asked.strip_suffix(".*") {
        Some(prefix) => name.starts_with(prefix),
        // AWS: a name that ends in an asterisk is a prefix, too.
        None => asked == "All" || asked == name || asked.strip_suffix('*').is_some_and(|p| name.starts_with(p)),
    }
}

/// By which content is told apart, in hexadecimal.
pub(crate) fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(data_type: &str, value: &str) -> MessageAttributeValue {
        MessageAttributeValue {
            data_type: data_type.to_owned(),
            string_value: Some(value.to_owned()),
            ..Default::default()
        }
    }

    fn one(name: &str, value: MessageAttributeValue) -> Result<BTreeMap<String, QueueAttribute>, AwsError> {
        read_all(BTreeMap::from([(name.to_owned(), value)]))
    }

    #[test]
    fn what_is_legal() {
        for (name, value) in [
            ("a", text("String", "v")),
            ("a.b-c_d", text("String.label", "v")),
            ("n", text("Number", "-1.5e3")),
            ("n", text("Number.int", "7")),
            (
                "b",
                MessageAttributeValue {
                    data_type: "Binary".into(),
                    binary_value: Some(vec![0].into()),
                    ..Default::default()
                },
            ),
        ] {
            assert!(one(name, value.clone()).is_ok(), "{name} {value:?}");
            assert_eq!(shown(one(name, value.clone()).unwrap().remove(name).unwrap()), value);
        }
    }

    #[test]
    fn what_is_not() {
        for (name, value) in [
            ("", text("String", "v")),
            ("a..b", text("String", "v")),
            (".a", text("String", "v")),
            ("AWS.a", text("String", "v")),
            ("amazon.a", text("String", "v")),
            ("ä", text("String", "v")),
            ("a", text("", "v")),
            ("a", text("Text", "v")),
            ("a", text(&format!("String.{}", "l".repeat(250)), "v")),
            ("a", text("String", "")),
            ("a", text("Binary", "v")),
            ("a", text("Number", "v")),
            ("a", text("Number", "NaN")),
            ("a", text("Number", "-inf")),
            ("a", text("Number", "1e400")),
            ("a", text("String", "\0")),
        ] {
            assert!(one(name, value.clone()).is_err(), "{name} {value:?}");
        }
        let many = |n: usize| read_all((0..n).map(|i| (i.to_string(), text("String", "v"))).collect());
        assert!(many(10).is_ok() && many(11).is_err());
    }

    #[test]
    fn names_ask_for_all_one_or_what_begins_so() {
        for (asked, name, is) in [
            ("All", "a", true),
            (".*", "a", true),
            ("Hel.*", "Hello", true),
            ("Hel.*", "Help.Me", true),
            ("Hel*", "Hello", true),
            ("Hello", "Hello", true),
            ("Hello", "Hell", false),
            ("AWS.", "a", false),
        ] {
            assert_eq!(asks_for(asked, name), is, "{asked} {name}");
        }
    }
}
