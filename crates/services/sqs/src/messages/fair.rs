//! Where the messages of each group of a standard queue lie, so that those of quiet groups are found however much of the
//! noisy ones is before them: each group in a range of its own, and for each group a *hint* at or before the moment at which
//! its first message can be seen. Receives that don't need it leave the hints as they are, for what they take moves only
//! further back; so a hint may be too early, which costs whoever needs it a look.

use std::collections::HashSet;
use std::sync::Arc;

use bytes::Bytes;
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::{Key, KeyRange, Result as StoreResult, ScanOptions, Tx};

use super::desk::Claims;
use super::look::Hand;
use super::place::Spot;
use super::take::meet;
use crate::keys::messages::{of_hint, of_tenant};
use crate::model::message::{Address, Hinted, Mark};

/// Hints that are read at a time, and how often: noisy groups are passed by, of which there are fewer than ten.
const HINTS: usize = 64;
const PAGES: usize = 4;

/// A message is placed among its group's.
pub(super) async fn comes(tx: &mut Tx, spot: &Spot, group: &str, at: (UnixMillis, Address)) -> StoreResult<()> {
    let (visible, address) = at;
    tx.put_row(&spot.rows.tenant(group, visible, address), &Mark)?;
    hint_by(tx, spot, group, visible).await
}

/// A message can be seen at another moment, perhaps an earlier one.
pub(super) async fn moves(
    tx: &mut Tx,
    spot: &Spot,
    group: &str,
    (before, visible, address): (UnixMillis, UnixMillis, Address),
) -> StoreResult<()> {
    tx.delete_row(&spot.rows.tenant(group, before, address));
    comes(tx, spot, group, (visible, address)).await
}

/// A message of the group was removed; whether it was the last. Groups without messages have no hints.
pub(super) async fn leaves(tx: &mut Tx, spot: &Spot, group: &str) -> StoreResult<bool> {
    // Mostly there are others; then what is sent to the group meanwhile doesn't matter.
    let options = ScanOptions::limit(1).from_head().untracked();
    let was_last = tx.raw().scan(spot.rows.tenants(group), options).await?.rows.is_empty();
    if was_last {
        hint_anew(tx, spot, group).await?;
    }
    Ok(was_last)
}

/// The hint is where the first message is, if there is one. Conflicts with whoever sends one that is before it.
async fn hint_anew(tx: &mut Tx, spot: &Spot, group: &str) -> StoreResult<()> {
    let page = tx.raw().scan(spot.rows.tenants(group), ScanOptions::limit(1).from_head()).await?;
    let first = page.rows.first().map(|(key, _)| of_tenant(key)).transpose()?;
    let before = tx.row(&spot.rows.tenant_hint(group)).await?;
    put_hint(tx, spot, group, (before, first.map(|(visible, _)| visible)))
}

async fn hint_by(tx: &mut Tx, spot: &Spot, group: &str, visible: UnixMillis) -> StoreResult<()> {
    let before = tx.row(&spot.rows.tenant_hint(group)).await?;
    match before {
        Some(hinted) if hinted.at <= visible => Ok(()),
        _ => put_hint(tx, spot, group, (before, Some(visible))),
    }
}

fn put_hint(
    tx: &mut Tx,
    spot: &Spot,
    group: &str,
    (before, at): (Option<Hinted>, Option<UnixMillis>),
) -> StoreResult<()> {
    let rows = &spot.rows;
    if before.map(|hinted| hinted.at) == at {
        return Ok(());
    }
    if let Some(before) = before {
        tx.delete_row(&rows.hint(before.at, group));
    }
    match at {
        Some(at) => {
            tx.put_row(&rows.hint(at, group), &Mark)?;
            tx.put_row(&rows.tenant_hint(group), &Hinted { at })
        }
        None => {
            tx.delete_row(&rows.tenant_hint(group));
            Ok(())
        }
    }
}

/// Takes from groups that aren't noisy, the one first that has waited longest.
pub(super) async fn take(
    hand: &mut Hand<'_>,
    claims: &mut Claims<'_, Address>,
    noisy: &HashSet<Arc<str>>,
) -> Result<(), AwsError> {
    let mut range = hand.spot.rows.hints_by(hand.now);
    for page in 0..PAGES {
        let options = ScanOptions::limit(HINTS).untracked();
        let options = if page == 0 { options.from_head() } else { options };
        let page = hand.tx.raw().scan(range.clone(), options).await?;
        for (key, _) in &page.rows {
            let (_, group) = of_hint(key)?;
            if hand.wants() == 0 {
                return Ok(());
            }
            if !noisy.contains(group.as_str()) {
                from_group(hand, claims, &group).await?;
            }
        }
        match page.rows.last().filter(|_| page.more) {
            Some((last, _)) => range = KeyRange::after(range, last),
            None => break,
        }
    }
    Ok(())
}

async fn from_group(hand: &mut Hand<'_>, claims: &mut Claims<'_, Address>, group: &str) -> Result<(), AwsError> {
    let wants = hand.wants();
    let options = ScanOptions::limit(wants + claims.taken()).from_head().untracked();
    let page = hand.tx.raw().scan(hand.spot.rows.tenants(group), options).await?;
    let mut found: Vec<(Bytes, Address)> = Vec::with_capacity(page.rows.len());
    for (key, _) in page.rows {
        let (visible, address) = of_tenant(&key)?;
        if visible > hand.now {
            break;
        }
        found.push((hand.spot.rows.visible(visible, address).encode(), address));
    }
    let any = !found.is_empty();
    let mine = claims.take(found.into_iter(), wants, |(_, address)| address);
    let none_is_free = any && mine.is_empty();
    meet(hand, claims, mine).await?;
    if none_is_free {
        // Others have them in hand, and see to the hint.
        return Ok(());
    }
    Ok(hint_anew(&mut hand.tx, &hand.spot, group).await?)
}
