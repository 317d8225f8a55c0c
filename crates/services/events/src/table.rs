//! Typed reads and writes over a transaction.

use bytes::Bytes;
use updraft_api_events::types::Target;
use updraft_kernel::{Arn, AwsError, Rng, RngExt};
use updraft_store::{Key, KeyRange, ScanOptions, Tx};

use crate::errors::{no_such, no_such_bus, no_such_rule};
use crate::keys::{ArchiveKey, BusKey, Generation, GenerationKey, ReplayKey, RuleKey, Scope, TargetKey, rule_name};
use crate::model::archive::{Archive, Replay};
use crate::model::bus::Bus;
use crate::model::name::{BusId, RuleId};
use crate::model::rule::Rule;

/// Rows read at once.
const PAGE: usize = 1000;

/// # Errors
/// If there is no such bus.
pub(crate) async fn bus(tx: &mut Tx, id: &BusId) -> Result<Bus, AwsError> {
    match tx.row(&BusKey(id)).await? {
        Some(bus) => Ok(bus),
        None if id.is_default() => Ok(Bus::untouched()),
        None => Err(no_such_bus(&id.name)),
    }
}

/// # Errors
/// If there is no such rule, or no such bus.
pub(crate) async fn rule(tx: &mut Tx, id: &RuleId) -> Result<Rule, AwsError> {
    match tx.row(&RuleKey(id)).await? {
        Some(rule) => Ok(rule),
        None => {
            bus(tx, &id.bus).await?;
            Err(no_such_rule(&id.name, &id.bus.name))
        }
    }
}

/// What the bus looks for is looked for anew from the commit on.
///
/// # Errors
/// If the row can't be encoded.
pub(crate) fn changed(tx: &mut Tx, bus: &BusId, rng: &dyn Rng) -> Result<(), AwsError> {
    Ok(tx.put_row(&GenerationKey(bus), &Generation(rng.u64()))?)
}

/// A rule's targets, by their ids.
///
/// # Errors
/// If the store fails.
pub(crate) async fn targets(tx: &mut Tx, rule: &RuleId) -> Result<Vec<Target>, AwsError> {
    let rows = all::<TargetKey<'_>>(tx, TargetKey::of_rule(rule)).await?;
    rows.into_iter().map(|(_, row)| row.read()).collect()
}

/// The targets of all of a bus's rules, with the rules' names, in their order.
///
/// # Errors
/// If the store fails.
pub(crate) async fn all_targets(tx: &mut Tx, bus: &BusId) -> Result<Vec<(String, Target)>, AwsError> {
    let rows = all::<TargetKey<'_>>(tx, TargetKey::of_bus(bus)).await?;
    rows.into_iter().map(|(key, row)| Ok((TargetKey::names(&key)?.0, row.read()?))).collect()
}

/// All of a bus's rules, by name.
///
/// # Errors
/// If the store fails.
pub(crate) async fn rules(tx: &mut Tx, bus: &BusId) -> Result<Vec<(String, Rule)>, AwsError> {
    let rows = all::<RuleKey<'_>>(tx, RuleKey::starting(bus, "")).await?;
    rows.into_iter().map(|(key, row)| Ok((rule_name(&key)?, row))).collect()
}

/// All rows of a range.
pub(crate) async fn all<K: Key>(tx: &mut Tx, mut range: KeyRange) -> Result<Vec<(Bytes, K::Row)>, AwsError> {
    let mut rows = Vec::new();
    loop {
        let page = tx.rows::<K>(range.clone(), ScanOptions::limit(PAGE)).await?;
        let next = page.resume().cloned();
        rows.extend(page.rows);
        match next {
            Some(last) => range = range.after(&last),
            None => return Ok(rows),
        }
    }
}

/// # Errors
/// If there is no such archive.
pub(crate) async fn archive(tx: &mut Tx, scope: Scope<'_>, name: &str) -> Result<Archive, AwsError> {
    tx.row(&ArchiveKey(scope, name)).await?.ok_or_else(|| no_such(format_args!("Archive {name}")))
}

/// # Errors
/// If there is no such replay.
pub(crate) async fn replay(tx: &mut Tx, scope: Scope<'_>, name: &str) -> Result<Replay, AwsError> {
    tx.row(&ReplayKey(scope, name)).await?.ok_or_else(|| no_such(format_args!("Replay {name}")))
}

/// As [`changed`], for the bus whose events are kept.
///
/// # Errors
/// If the row can't be encoded.
pub(crate) fn source_changed(tx: &mut Tx, archive: &Archive, rng: &dyn Rng) -> Result<(), AwsError> {
    match Arn::parse(&archive.source).ok().and_then(|arn| BusId::of_arn(&arn)) {
        Some(bus) => changed(tx, &bus, rng),
        None => Ok(()),
    }
}
