//! Message attributes: what may be in them, and how much they count.

use std::collections::BTreeMap;

use updraft_api_sns::types::MessageAttributeValue;
use updraft_kernel::AwsError;
use updraft_kernel::ports::{AttributeContent, QueueAttribute};

use crate::errors::invalid_value;

pub(crate) type Attributes = BTreeMap<String, QueueAttribute>;

/// # Errors
/// What is wrong with one of them.
pub(crate) fn checked(given: Option<BTreeMap<String, MessageAttributeValue>>) -> Result<Attributes, AwsError> {
    given.unwrap_or_default().into_iter().map(checked_one).collect()
}

fn checked_one((name, value): (String, MessageAttributeValue)) -> Result<(String, QueueAttribute), AwsError> {
    check_name(&name)?;
    let MessageAttributeValue { data_type, string_value, binary_value } = value;
    let field = match data_type.split('.').next().unwrap_or_default() {
        "String" | "Number" => "String",
        "Binary" => "Binary",
        _ => {
            return Err(invalid_value(format!(
                "The message attribute '{name}' has an invalid message attribute type, the set of supported type \
                 prefixes is Binary, Number, and String."
            )));
        }
    };
    let other = if field == "String" { binary_value.is_some() } else { string_value.is_some() };
    let content = match field {
        "String" => string_value.filter(|text| !text.is_empty()).map(AttributeContent::Text),
        _ => binary_value.filter(|bytes| !bytes.is_empty()).map(|bytes| AttributeContent::Binary(bytes.to_vec())),
    };
    let Some(content) = content else {
        return Err(invalid_value(match other {
            true => format!("The message attribute '{name}' with type '{data_type}' must use field '{field}'."),
            false => format!(
                "The message attribute '{name}' must contain non-empty message attribute value for message attribute \
                 type '{data_type}'."
            ),
        }));
    };
    check_number(&name, &data_type, &content)?;
    Ok((name, QueueAttribute { data_type, content }))
}

fn check_number(name: &str, data_type: &str, content: &AttributeContent) -> Result<(), AwsError> {
    match content {
        AttributeContent::Text(text)
            if data_type.starts_with("Number") && !text.trim().parse().is_ok_and(f64::is_finite) =>
        {
            Err(invalid_value(format!("Could not cast message attribute '{name}' value to number.")))
        }
        _ => Ok(()),
    }
}

fn check_name(name: &str) -> Result<(), AwsError> {
    if name.len() >= 256 {
        return Err(invalid_value("Length of message attribute name must be less than 256 bytes.".to_owned()));
    }
    let legal = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if let Some(bad) = name.chars().find(|c| !legal(c)) {
        return Err(invalid_value(format!(
            "Invalid non-alphanumeric character '#x{:X}' was found in the message attribute name. Can only include \
             alphanumeric characters, hyphens, underscores, or dots.",
            u32::from(bad)
        )));
    }
    if name.starts_with('.') {
        let message = "Invalid message attribute name starting with character '.' was found.";
        return Err(invalid_value(message.to_owned()));
    }
    if name.ends_with('.') {
        let message = "Invalid message attribute name ending with character '.' was found.";
        return Err(invalid_value(message.to_owned()));
    }
    if name.contains("..") {
        return Err(invalid_value("Message attribute name can not have successive '.' character.".to_owned()));
    }
    Ok(())
}

/// In bytes, as they count towards a message's size.
pub(crate) fn size(attributes: &Attributes) -> usize {
    let one = |(name, attribute): (&String, &QueueAttribute)| {
        let content = match &attribute.content {
            AttributeContent::Text(text) => text.len(),
            AttributeContent::Binary(bytes) => bytes.len(),
        };
        name.len() + attribute.data_type.len() + content
    };
    attributes.iter().map(one).sum()
}
