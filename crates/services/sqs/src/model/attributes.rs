//! Attributes as they are set: from names and texts to [`Settings`].

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use updraft_kernel::AwsError;

use crate::errors::{invalid_attribute, invalid_attribute_because, two_encryptions, unknown_attribute};
use crate::model::policies;
use crate::model::queue::{Encryption, Fifo, Settings};

pub(crate) type Attributes = BTreeMap<String, String>;

/// AWS: what a queue has whose maker said nothing.
const MAX_SIZE: u32 = 1_048_576;

impl Settings {
    /// Those of a new queue.
    ///
    /// # Errors
    /// In AWS's words.
    pub(crate) fn create(given: &Attributes) -> Result<Self, AwsError> {
        let fifo = match given.get("FifoQueue").map(String::as_str) {
            None => false,
            Some("true") => true,
            // AWS: no other value is one, `false` included.
            Some(_) => return Err(unknown_attribute("FifoQueue")),
        };
        let mut settings = Self {
            visibility: 30,
            max_size: MAX_SIZE,
            retention: 345_600,
            delay: 0,
            wait: 0,
            redrive: None,
            redrive_allow: None,
            fifo: fifo.then_some(Fifo { by_content: false, per_group: false, limit_per_group: false }),
            policy: None,
            encryption: Encryption { key: None, reuse: None, managed: true },
        };
        settings.change(given)?;
        Ok(settings)
    }

    /// # Errors
    /// In AWS's words.
    pub(crate) fn change(&mut self, given: &Attributes) -> Result<(), AwsError> {
        for (name, value) in given {
            self.set(name, value)?;
        }
        self.encrypt(given)?;
        match &self.fifo {
            Some(fifo) if fifo.limit_per_group && !fifo.per_group => Err(invalid_attribute_because(
                "FifoThroughputLimit",
                "The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup",
            )),
            _ => Ok(()),
        }
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), AwsError> {
        match name {
            "VisibilityTimeout" => self.visibility = number(name, value, 0..=43_200)?,
            "MaximumMessageSize" => self.max_size = number(name, value, 1_024..=MAX_SIZE)?,
            "MessageRetentionPeriod" => self.retention = number(name, value, 60..=1_209_600)?,
            "DelaySeconds" => self.delay = number(name, value, 0..=900)?,
            "ReceiveMessageWaitTimeSeconds" => self.wait = number(name, value, 0..=20)?,
            "Policy" => self.policy = unless_empty(value, policies::policy)?,
            "RedrivePolicy" => self.redrive = unless_empty(value, policies::redrive)?,
            "RedriveAllowPolicy" => self.redrive_allow = unless_empty(value, policies::redrive_allow)?,
            "KmsMasterKeyId" | "KmsDataKeyReusePeriodSeconds" | "SqsManagedSseEnabled" => {}
            _ => return self.set_fifo(name, value),
        }
        Ok(())
    }

    /// What only first-in-first-out queues have.
    fn set_fifo(&mut self, name: &str, value: &str) -> Result<(), AwsError> {
        let fifo = self.fifo.as_mut().ok_or_else(|| unknown_attribute(name))?;
        match name {
            "FifoQueue" if value == "true" => {}
            "FifoQueue" => return Err(invalid_attribute_because(name, "Modifying queue type is not supported")),
            "ContentBasedDeduplication" => fifo.by_content = truth(name, value)?,
            "DeduplicationScope" => fifo.per_group = either(name, value, ["queue", "messageGroup"])?,
            "FifoThroughputLimit" => fifo.limit_per_group = either(name, value, ["perQueue", "perMessageGroupId"])?,
            _ => return Err(unknown_attribute(name)),
        }
        Ok(())
    }

    /// The three that depend on each other.
    fn encrypt(&mut self, given: &Attributes) -> Result<(), AwsError> {
        let managed =
            given.get("SqsManagedSseEnabled").map(|value| truth("SqsManagedSseEnabled", value)).transpose()?;
        let key = given.get("KmsMasterKeyId").map(|key| Some(key.clone()).filter(|key| !key.is_empty()));
        if let Some(value) = given.get("KmsDataKeyReusePeriodSeconds") {
            self.encryption.reuse = Some(number("KmsDataKeyReusePeriodSeconds", value, 60..=86_400)?);
        }
        match (key, managed) {
            (Some(Some(_)), Some(true)) => return Err(two_encryptions()),
            // AWS: the one that is turned on turns the other off.
            (Some(Some(key)), _) => {
                self.encryption.key = Some(key);
                self.encryption.managed = false;
            }
            (_, Some(true)) => self.encryption = Encryption { key: None, reuse: None, managed: true },
            (none, managed) => {
                if none.is_some() {
                    self.encryption.key = None;
                }
                self.encryption.managed = managed.unwrap_or(self.encryption.managed);
            }
        }
        Ok(())
    }
}

fn number(name: &str, value: &str, range: RangeInclusive<u32>) -> Result<u32, AwsError> {
    value.parse().ok().filter(|number| range.contains(number)).ok_or_else(|| invalid_attribute(name))
}

fn truth(name: &str, value: &str) -> Result<bool, AwsError> {
    match value.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(invalid_attribute(name)),
    }
}

/// Whether it is the second.
fn either(name: &str, value: &str, [first, second]: [&str; 2]) -> Result<bool, AwsError> {
    match value {
        _ if value == first => Ok(false),
        _ if value == second => Ok(true),
        _ => Err(invalid_attribute(name)),
    }
}

/// AWS: an empty text takes a setting away.
fn unless_empty<T>(value: &str, parse: fn(&str) -> Result<T, AwsError>) -> Result<Option<T>, AwsError> {
    if value.is_empty() { Ok(None) } else { parse(value).map(Some) }
}
