//! Conditions on reading and on writing.

use updraft_kernel::{AwsError, UnixMillis};

use super::errors::{no_such_key, not_implemented, not_modified, precondition_failed};
use super::row::Object;
use super::table::Found;

/// Under which a read is answered.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OfRead<'a> {
    pub(crate) if_match: Option<&'a str>,
    pub(crate) if_none_match: Option<&'a str>,
    pub(crate) if_modified_since: Option<UnixMillis>,
    pub(crate) if_unmodified_since: Option<UnixMillis>,
}

/// Whether a header's list of tags has this one; quotes may be missing.
fn has(list: &str, etag: &str) -> bool {
    list.split(',')
        .map(|one| one.trim().trim_start_matches("W/").trim_matches('"'))
        .any(|one| one == "*" || one == etag)
}

/// Dates in headers are of whole seconds.
fn seconds(at: UnixMillis) -> i64 {
    at.0.div_euclid(1000)
}

impl OfRead<'_> {
    /// # Errors
    /// If a condition doesn't hold. Tags come before dates, and where both are there, dates don't count.
    pub(crate) fn check(&self, object: &Object, (at, now): (UnixMillis, UnixMillis)) -> Result<(), AwsError> {
        match self.failed(object, (at, now)) {
            None => Ok(()),
            Some("If-None-Match" | "If-Modified-Since") => Err(not_modified(&object.etag)),
            Some(condition) => Err(precondition_failed(condition)),
        }
    }

    /// The same for the source of a copy, of which nothing is "not modified".
    ///
    /// # Errors
    /// If a condition doesn't hold.
    pub(crate) fn check_source(&self, object: &Object, times: (UnixMillis, UnixMillis)) -> Result<(), AwsError> {
        let name = |condition| match condition {
            "If-Match" => "x-amz-copy-source-If-Match",
            "If-None-Match" => "x-amz-copy-source-If-None-Match",
            "If-Modified-Since" => "x-amz-copy-source-If-Modified-Since",
            _ => "x-amz-copy-source-If-Unmodified-Since",
        };
        self.failed(object, times).map_or(Ok(()), |condition| Err(precondition_failed(name(condition))))
    }

    fn failed(&self, object: &Object, (at, now): (UnixMillis, UnixMillis)) -> Option<&'static str> {
        match self.if_match {
            Some(list) if !has(list, &object.etag) => return Some("If-Match"),
            Some(_) => {}
            None if self.if_unmodified_since.is_some_and(|since| seconds(at) > seconds(since)) => {
                return Some("If-Unmodified-Since");
            }
            None => {}
        }
        match self.if_none_match {
            Some(list) if has(list, &object.etag) => Some("If-None-Match"),
            Some(_) => None,
            None => {
                // AWS: dates that are still to come mean nothing.
                let since = self.if_modified_since.filter(|since| *since <= now)?;
                (seconds(at) <= seconds(since)).then_some("If-Modified-Since")
            }
        }
    }
}

/// Under which something may be written.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OfWrite<'a> {
    pub(crate) if_match: Option<&'a str>,
    pub(crate) if_none_match: Option<&'a str>,
}

impl OfWrite<'_> {
    pub(crate) fn any(&self) -> bool {
        self.if_match.is_some() || self.if_none_match.is_some()
    }

    /// The header that has the condition.
    pub(crate) fn name(&self) -> &'static str {
        if self.if_match.is_some() { "If-Match" } else { "If-None-Match" }
    }

    /// # Errors
    /// If it isn't one that AWS takes.
    pub(crate) fn parse(&self) -> Result<(), AwsError> {
        if self.if_none_match.is_some_and(|value| value != "*") {
            return Err(not_implemented("If-None-Match")
                .with("additionalMessage", "We don't accept the provided value of If-None-Match header for this API"));
        }
        if self.if_match == Some("*") {
            return Err(not_implemented("If-Match")
                .with("additionalMessage", "We don't accept the provided value of If-Match header for this API"));
        }
        if self.if_match.is_some() && self.if_none_match.is_some() {
            return Err(not_implemented("If-Match,If-None-Match")
                .with("additionalMessage", "Multiple conditional request headers present in the request"));
        }
        Ok(())
    }

    /// # Errors
    /// If it doesn't hold for what is there.
    pub(crate) fn check(&self, key: &str, latest: Option<&Found>) -> Result<(), AwsError> {
        let object = latest.and_then(|latest| latest.version.object.as_ref());
        if self.if_none_match.is_some() && object.is_some() {
            return Err(precondition_failed("If-None-Match"));
        }
        match (self.if_match, object) {
            (Some(_), None) => Err(no_such_key(key)),
            (Some(list), Some(object)) if !has(list, &object.etag) => Err(precondition_failed("If-Match")),
            _ => Ok(()),
        }
    }
}

/// Under which something may be deleted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OfDelete<'a> {
    pub(crate) if_match: Option<&'a str>,
}

impl OfDelete<'_> {
    pub(crate) fn any(&self) -> bool {
        self.if_match.is_some()
    }

    /// # Errors
    /// If it doesn't hold for what is there.
    pub(crate) fn check(&self, key: &str, latest: Option<&Found>) -> Result<(), AwsError> {
        let Some(list) = self.if_match else { return Ok(()) };
        let latest = latest.ok_or_else(|| no_such_key(key))?;
        match &latest.version.object {
            Some(object) if has(list, &object.etag) => Ok(()),
            // A marker has no tag, and isn't an object.
            _ => Err(precondition_failed("If-Match")),
        }
    }
}
