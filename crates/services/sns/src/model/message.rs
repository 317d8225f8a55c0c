//! What is published: one message, and the rules it must keep.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use updraft_kernel::AwsError;

use super::attribute::{self, Attributes};
use super::topic::Topic;
use crate::errors::{as_it_is, invalid};

/// One message on its way. Lies in the outbox.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Notification {
    /// A UUID.
    pub(crate) id: String,
    /// What everybody gets whom nothing else is meant for.
    pub(crate) text: String,
    /// What is meant for one protocol (`sqs`) or platform (`GCM`), where the message has a structure.
    pub(crate) by_protocol: BTreeMap<String, String>,
    pub(crate) subject: Option<String>,
    pub(crate) attributes: Attributes,
    pub(crate) group: Option<String>,
    pub(crate) deduplication: Option<String>,
    /// `SequenceNumber`, of topics that are first-in-first-out.
    pub(crate) sequence: Option<String>,
}

impl Notification {
    pub(crate) fn text_for(&self, protocol: &str) -> &str {
        self.by_protocol.get(protocol).unwrap_or(&self.text)
    }
}

/// As `Publish` and each entry of `PublishBatch` say it; attributes are checked already.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) message: String,
    pub(crate) subject: Option<String>,
    pub(crate) structure: Option<String>,
    pub(crate) attributes: Attributes,
    pub(crate) deduplication: Option<String>,
    pub(crate) group: Option<String>,
}

impl Draft {
    /// In bytes, as it counts towards the topic's limit.
    pub(crate) fn size(&self) -> usize {
        self.message.len() + attribute::size(&self.attributes)
    }

    /// What the message itself must keep.
    ///
    /// # Errors
    /// What it doesn't.
    pub(crate) fn check(&self, max_size: usize) -> Result<(), AwsError> {
        if self.message.is_empty() {
            return Err(invalid("Empty message"));
        }
        if self.subject.as_deref().is_some_and(|subject| !is_subject(subject)) {
            return Err(invalid("Subject"));
        }
        if self.size() > max_size {
            return Err(invalid("Message too long"));
        }
        Ok(())
    }

    /// What the kind of topic asks for beside the message.
    ///
    /// # Errors
    /// If something is missing, or isn't for this kind.
    pub(crate) fn check_for(&self, topic: &Topic) -> Result<(), AwsError> {
        let tag = |name: &str, value: &Option<String>| match value {
            Some(value) if !is_tag(value) => Err(invalid(format_args!(
                "{name} Reason: {name} can only include alphanumeric and punctuation characters. 1 to 128 in length"
            ))),
            _ => Ok(()),
        };
        if !topic.is_fifo() && self.deduplication.is_some() {
            let what = "MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is \
                        not valid for this topic type";
            return Err(invalid(what));
        }
        if topic.is_fifo() && self.group.is_none() {
            return Err(invalid("The MessageGroupId parameter is required for FIFO topics"));
        }
        tag("MessageGroupId", &self.group)?;
        tag("MessageDeduplicationId", &self.deduplication)?;
        if topic.is_fifo() && self.deduplication.is_none() && !topic.by_content() {
            let what = "The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId \
                        provided explicitly";
            return Err(invalid(what));
        }
        Ok(())
    }

    /// # Errors
    /// If it has a structure, and isn't of it.
    pub(crate) fn into_notification(self, id: String, fifo: bool) -> Result<Notification, AwsError> {
        let by_content = || updraft_kernel::hex(&Sha256::digest(self.message.as_bytes()));
        let deduplication = fifo.then(|| self.deduplication.clone().unwrap_or_else(by_content));
        let (text, by_protocol) = match self.structure.as_deref() {
            Some("json") => taken_apart(&self.message)?,
            None | Some("") => (self.message, BTreeMap::new()),
            Some(_) => return Err(invalid("MessageStructure")),
        };
        let Self { subject, attributes, group, .. } = self;
        Ok(Notification { id, text, by_protocol, subject, attributes, group, deduplication, sequence: None })
    }
}

/// The default, and what is meant for one protocol only. AWS: what isn't text is ignored, and of keys that are there
/// twice the last one counts.
fn taken_apart(message: &str) -> Result<(String, BTreeMap<String, String>), AwsError> {
    let parsed: Value = serde_json::from_str(message)
        .map_err(|why| invalid("Message Structure - JSON message body failed to parse").because(why))?;
    let texts = parsed.as_object().into_iter().flatten();
    let mut by_protocol: BTreeMap<String, String> =
        texts.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect();
    let text = by_protocol
        .remove("default")
        .ok_or_else(|| invalid("Message Structure - No default entry in JSON message body"))?;
    Ok((text, by_protocol))
}

fn is_subject(subject: &str) -> bool {
    !subject.is_empty() && subject.chars().count() <= 100 && !subject.chars().any(char::is_control)
}

/// Of a group, or to tell duplicates by.
fn is_tag(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// # Errors
/// If nobody can be called by it.
pub(crate) fn check_phone(number: &str) -> Result<(), AwsError> {
    let digits = number.strip_prefix('+').unwrap_or(number);
    let legal = (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if legal { Ok(()) } else { Err(as_it_is(format!("Invalid SMS endpoint: {number}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(draft: &Draft) -> String {
        draft.check(10).unwrap_err().message().to_owned()
    }

    #[test]
    fn a_message_is_there_and_small_enough() {
        let of = |message: &str| Draft { message: message.to_owned(), ..Draft::default() };
        assert!(of("0123456789").check(10).is_ok());
        assert_eq!(refusal(&of("0123456789a")), "Invalid parameter: Message too long");
        assert_eq!(refusal(&of("")), "Invalid parameter: Empty message");
    }

    #[test]
    fn a_subject_is_one_line_of_a_hundred_characters() {
        for subject in ["x", "\u{e9}", &"x".repeat(100)] {
            assert!(is_subject(subject), "{subject}");
        }
        for subject in ["", "a\nb", &"x".repeat(101)] {
            assert!(!is_subject(subject), "{subject}");
        }
    }

    #[test]
    fn a_structure_has_a_default_and_what_isnt_text_is_ignored() {
        let (text, rest) = taken_apart(r#"{"default":"a","default":"d","sqs":"s","http":1}"#).unwrap();
        assert_eq!((text.as_str(), rest), ("d", BTreeMap::from([("sqs".to_owned(), "s".to_owned())])));
        for (message, words) in [("{", "failed to parse"), (r#"{"default":{}}"#, "No default"), ("[]", "No default")] {
            assert!(taken_apart(message).unwrap_err().message().contains(words), "{message}");
        }
    }
}
