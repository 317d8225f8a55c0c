//! What would have been sent to people: mail, messages to phones, notifications of apps. It is kept for them to read
//! instead. Implemented by `services/sns`; used by the admin surface.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::clock::UnixMillis;
use crate::error::AwsError;
use crate::{AccountId, BoxFuture, Region};

/// One message for somebody. Lies in the store, so it never changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posted {
    /// A UUID.
    pub id: String,
    pub at: UnixMillis,
    pub region: String,
    /// `email`, `email-json`, `sms` or `application`.
    pub channel: String,
    /// An address, a phone number, or the ARN of an app's endpoint.
    pub to: String,
    pub subject: Option<String>,
    pub text: String,
    /// The ARN of what it was published to; empty: to nobody but them.
    pub topic: String,
    /// What the reader can follow: what for, and the URL.
    pub links: BTreeMap<String, String>,
    /// What else was said: a sender, a platform.
    pub details: BTreeMap<String, String>,
}

pub trait PostboxPort: Send + Sync + fmt::Debug {
    /// The last ones of an account, the newest first.
    fn posted<'a>(&'a self, account: &'a AccountId, limit: usize) -> BoxFuture<'a, Result<Vec<Posted>, AwsError>>;

    /// A phone's owner answers that no more is wanted: what `STOP` does.
    fn opted_out<'a>(
        &'a self,
        account: &'a AccountId,
        region: &'a Region,
        number: &'a str,
    ) -> BoxFuture<'a, Result<(), AwsError>>;
}
