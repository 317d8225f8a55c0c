//! Tags: what they may be, and whose they are.

use std::collections::BTreeMap;

use updraft_api_events::types::Tag;
use updraft_kernel::{Arn, AwsError, Ctx};
use updraft_store::Tx;

use crate::access;
use crate::errors::{not_valid, too_many, validation};
use crate::keys::{BusKey, RuleKey};
use crate::model::bus::Bus;
use crate::model::name::{BusId, RuleId};
use crate::model::rule::Rule;

const MOST: usize = 50;

/// Those that are there, and these.
///
/// # Errors
/// If one of them can't be a tag, or there are too many.
pub(crate) fn tags_of(
    given: Vec<Tag>,
    mut tags: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, AwsError> {
    for Tag { key, value } in given {
        if key.starts_with("aws:") {
            return Err(validation("Tag keys with the prefix aws: are reserved."));
        }
        tags.insert(key, value);
    }
    if tags.len() > MOST { Err(too_many()) } else { Ok(tags) }
}

/// Something that has tags.
#[derive(Debug)]
pub(crate) enum Tagged {
    Bus(BusId, Bus),
    Rule(RuleId, Rule),
}

impl Tagged {
    /// # Errors
    /// If there is nothing of that ARN that could have any.
    pub(crate) async fn find(tx: &mut Tx, cx: &Ctx, arn: &str) -> Result<Self, AwsError> {
        let arn = Arn::parse(arn).map_err(|_| not_valid("ResourceARN"))?;
        if let Some(id) = BusId::of_arn(&arn) {
            let bus = access::bus(tx, cx, &id).await?;
            return Ok(Self::Bus(id, bus));
        }
        let id = RuleId::of_arn(&arn).ok_or_else(|| not_valid("ResourceARN"))?;
        let rule = access::rule(tx, cx, &id).await?;
        Ok(Self::Rule(id, rule))
    }

    pub(crate) fn tags(&mut self) -> &mut BTreeMap<String, String> {
        match self {
            Self::Bus(_, bus) => &mut bus.tags,
            Self::Rule(_, rule) => &mut rule.tags,
        }
    }

    /// # Errors
    /// If the row can't be encoded.
    pub(crate) fn put(&self, tx: &mut Tx) -> Result<(), AwsError> {
        match self {
            Self::Bus(id, bus) => tx.put_row(&BusKey(id), bus)?,
            Self::Rule(id, rule) => tx.put_row(&RuleKey(id), rule)?,
        }
        Ok(())
    }
}
