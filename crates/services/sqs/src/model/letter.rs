//! What somebody wants to be sent, and AWS's words where it can't be.

use std::collections::BTreeMap;

use updraft_api_sqs::errors as code;
use updraft_api_sqs::types::{MessageAttributeValue, MessageSystemAttributeValue};
use updraft_kernel::AwsError;
use updraft_kernel::ports::{AttributeContent, QueueAttribute};

use super::attribute;
use super::queue::{Fifo, Queue};
use crate::errors::{invalid_parameter, invalid_value};
use crate::refusals::missing;

/// The largest message, and the largest batch, in bytes.
pub(crate) const MOST: usize = 1 << 20;

/// A message to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) body: String,
    pub(crate) attributes: BTreeMap<String, QueueAttribute>,
    pub(crate) trace: Option<String>,
    /// In seconds; else the queue's.
    pub(crate) delay: Option<u32>,
    pub(crate) group: Option<String>,
    pub(crate) deduplication: Option<String>,
}

/// As `SendMessage` and the entries of `SendMessageBatch` have it.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) body: String,
    pub(crate) delay: Option<i32>,
    pub(crate) attributes: Option<BTreeMap<String, MessageAttributeValue>>,
    pub(crate) system: Option<BTreeMap<String, MessageSystemAttributeValue>>,
    pub(crate) deduplication: Option<String>,
    pub(crate) group: Option<String>,
}

impl Letter {
    /// # Errors
    /// If no queue would take it.
    pub(crate) fn read(written: Written) -> Result<Self, AwsError> {
        let Written { body, delay, attributes, system, deduplication, group } = written;
        if body.is_empty() {
            return Err(missing("MessageBody"));
        }
        check_text(&body)?;
        check_id("MessageGroupId", group.as_deref())?;
        check_id("MessageDeduplicationId", deduplication.as_deref())?;
        Ok(Self {
            body,
            attributes: attribute::read_all(attributes.unwrap_or_default())?,
            trace: attribute::read_trace(system.unwrap_or_default())?,
            delay: delay.map(checked_delay).transpose()?,
            group,
            deduplication,
        })
    }

    /// In bytes, as AWS counts. What the system sends along isn't counted.
    pub(crate) fn size(&self) -> usize {
        let of = |(name, value): (&String, &QueueAttribute)| {
            let content = match &value.content {
                AttributeContent::Text(text) => text.len(),
                AttributeContent::Binary(bytes) => bytes.len(),
            };
            name.len() + value.data_type.len() + content
        };
        self.body.len() + self.attributes.iter().map(of).sum::<usize>()
    }

    /// Whether it is too large for the queue: how many bytes it may have.
    pub(crate) fn too_large_for(&self, queue: &Queue) -> Option<u32> {
        let most = queue.settings.max_size;
        (self.size() > usize::try_from(most).unwrap_or(MOST)).then_some(most)
    }

    /// # Errors
    /// If a queue of this kind doesn't take it.
    pub(crate) fn suits(&self, queue: &Queue) -> Result<(), AwsError> {
        match &queue.settings.fifo {
            Some(_) => match self.delay {
                // AWS: zero is taken, and the queue's delay is kept.
                None | Some(0) => Ok(()),
                Some(delay) => Err(not_of_this_type(&delay.to_string(), "DelaySeconds")),
            },
            None => match &self.deduplication {
                Some(id) => Err(not_of_this_type(id, "MessageDeduplicationId")),
                None => Ok(()),
            },
        }
    }

    /// Group and deduplication id of a FIFO queue's message.
    ///
    /// # Errors
    /// [`Lacks`] one of them.
    pub(crate) fn ids(&self, fifo: &Fifo) -> Result<(String, String), Lacks> {
        let group = self.group.clone().ok_or(Lacks::Group)?;
        let id = match &self.deduplication {
            Some(id) => id.clone(),
            None if fifo.by_content => attribute::sha256(&self.body),
            None => return Err(Lacks::Deduplication),
        };
        Ok((group, id))
    }

    /// From when on it can be seen, in milliseconds from now.
    pub(crate) fn delay(&self, queue: &Queue) -> u64 {
        let own = self.delay.filter(|_| queue.settings.fifo.is_none());
        u64::from(own.unwrap_or(queue.settings.delay)) * 1000
    }
}

/// What a message for a FIFO queue lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lacks {
    Group,
    Deduplication,
}

impl Lacks {
    pub(crate) fn of_one(self) -> AwsError {
        match self {
            Self::Group => missing("MessageGroupId"),
            Self::Deduplication => self.of_batch(),
        }
    }

    /// AWS: within a batch the missing group has another code.
    pub(crate) fn of_batch(self) -> AwsError {
        invalid_parameter(match self {
            Self::Group => "The request must contain the parameter MessageGroupId.",
            Self::Deduplication => {
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided \
                 explicitly"
            }
        })
    }
}

fn not_of_this_type(value: &str, parameter: &str) -> AwsError {
    invalid_value(value, parameter, "The request include parameter that is not valid for this queue type")
}

fn checked_delay(delay: i32) -> Result<u32, AwsError> {
    let legal = u32::try_from(delay).ok().filter(|delay| *delay <= 900);
    legal.ok_or_else(|| invalid_value(&delay.to_string(), "DelaySeconds", "DelaySeconds must be >= 0 and <= 900"))
}

/// # Errors
/// If it is there, and can't be one.
pub(crate) fn check_id(parameter: &str, id: Option<&str>) -> Result<(), AwsError> {
    let legal = |id: &str| (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    match id {
        Some(id) if !legal(id) => {
            let reason =
                format!("{parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length");
            Err(invalid_value(id, parameter, &reason))
        }
        _ => Ok(()),
    }
}

/// # Errors
/// If there is a character in it that XML can't hold.
pub(crate) fn check_text(text: &str) -> Result<(), AwsError> {
    let legal = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..);
    // Most texts are plain, which is seen without taking them apart.
    let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r'));
    if plain || text.chars().all(legal) {
        return Ok(());
    }
    let message = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to \
                   #xFFFD | #x10000 to #x10FFFF";
    Err(AwsError::new(&code::INVALID_MESSAGE_CONTENTS, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(body: &str) -> Written {
        let (delay, attributes, system, deduplication, group) = (None, None, None, None, None);
        Written { body: body.to_owned(), delay, attributes, system, deduplication, group }
    }

    fn refused(written: Written) -> String {
        Letter::read(written).unwrap_err().to_string()
    }

    #[test]
    fn bodies_are_text_that_xml_can_hold() {
        assert!(Letter::read(written("a\t\n\r\u{10FFFF}\u{FFFD}")).is_ok());
        for bad in ["\0", "a\u{b}", "\u{FFFE}", "\u{1F}"] {
            assert!(refused(written(bad)).starts_with("InvalidMessageContents"), "{bad:?}");
        }
        assert!(refused(written("")).contains("MessageBody"));
    }

    #[test]
    fn both_sides_of_each_boundary() {
        let delayed = |seconds| Letter::read(Written { delay: Some(seconds), ..written("b") });
        assert_eq!(delayed(900).unwrap().delay, Some(900));
        assert_eq!(delayed(0).unwrap().delay, Some(0));
        for bad in [-1, 901] {
            let message = delayed(bad).unwrap_err();
            assert!(message.message().ends_with("Reason: DelaySeconds must be >= 0 and <= 900."), "{message}");
        }
        let grouped = |group: &str| Letter::read(Written { group: Some(group.to_owned()), ..written("b") });
        assert!(grouped(&"a".repeat(128)).is_ok() && grouped("!~").is_ok());
        for bad in ["", " ", "é", &"a".repeat(129)] {
            assert!(grouped(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_size_counts_body_and_attributes() {
        let value = MessageAttributeValue {
            data_type: "String".into(),
            string_value: Some("four".into()),
            ..Default::default()
        };
        let attributes = Some(BTreeMap::from([("ab".to_owned(), value)]));
        let letter = Letter::read(Written { attributes, ..written("é") }).unwrap();
        assert_eq!(letter.size(), 2 + 2 + 6 + 4);
    }
}
