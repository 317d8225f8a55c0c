//! `FilterPolicy`: which messages a subscription wants.

use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use updraft_expr::filter_policy::{Attribute, FilterPolicy, Scope};
use updraft_kernel::ports::AttributeContent;

use super::attribute::Attributes;
use super::message::Notification;
use super::subscription::Subscription;

/// The policy as it is to be kept and shown; empty: everything is wanted.
///
/// # Errors
/// What is wrong with it, in AWS's words.
pub(crate) fn checked(policy: &str, body: bool) -> Result<String, String> {
    let parsed = FilterPolicy::parse(policy, scope(body)).map_err(|why| told(policy, why.to_string()))?;
    Ok(if parsed.is_empty() { String::new() } else { policy.to_owned() })
}

/// AWS: what isn't JSON at all is told in a parser's words, and not shown again.
fn told(policy: &str, why: String) -> String {
    if serde_json::from_str::<IgnoredAny>(policy).is_ok() {
        return why;
    }
    let hidden = "REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled)";
    format!("failed to parse JSON. {}", why.replace(&format!("(String)\"{policy}\""), hidden))
}

fn scope(body: bool) -> Scope {
    if body { Scope::MessageBody } else { Scope::MessageAttributes }
}

/// Why a message isn't wanted, as CloudWatch is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Why {
    Attributes,
    NoAttributes,
    /// A list among them is none.
    InvalidAttributes,
    Body,
    /// It is no JSON object.
    InvalidBody,
}

/// What a subscription wants. Made once for all messages of a publication.
#[derive(Debug)]
pub(crate) struct Filter {
    policy: Option<FilterPolicy>,
    body: bool,
}

impl Filter {
    /// A policy that can't be read any more lets nothing pass that it didn't mean to.
    pub(crate) fn of(row: &Subscription) -> Option<Self> {
        let body = row.filters_body();
        let policy = row.attribute("FilterPolicy").map(|text| FilterPolicy::parse(text, scope(body)));
        Some(Self { policy: policy.transpose().ok()?, body })
    }

    /// Why a message isn't wanted.
    pub(crate) fn why(&self, message: &Notification, protocol: &str) -> Why {
        if self.body {
            let body: Result<Map<String, Value>, _> = serde_json::from_str(message.text_for(protocol));
            return if body.is_ok() { Why::Body } else { Why::InvalidBody };
        }
        let is_list = |one: &Attribute<'_>| one.data_type == "String.Array";
        let bad = |one: Attribute<'_>| is_list(&one) && serde_json::from_str::<Vec<IgnoredAny>>(one.value).is_err();
        match message.attributes.is_empty() {
            true => Why::NoAttributes,
            false if texts(&message.attributes).any(bad) => Why::InvalidAttributes,
            false => Why::Attributes,
        }
    }

    pub(crate) fn takes(&self, message: &Notification, protocol: &str) -> bool {
        match &self.policy {
            None => true,
            Some(policy) if self.body => policy.matches_body(message.text_for(protocol)),
            Some(policy) => policy.matches_attributes(texts(&message.attributes)),
        }
    }
}

fn texts(attributes: &Attributes) -> impl Iterator<Item = Attribute<'_>> {
    attributes.iter().filter_map(|(name, attribute)| match &attribute.content {
        AttributeContent::Text(value) => Some(Attribute { name, data_type: &attribute.data_type, value }),
        AttributeContent::Binary(_) => None,
    })
}
