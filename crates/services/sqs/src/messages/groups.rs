//! Receiving from a FIFO queue: each group from its front, and nothing of it while its front is in flight.
//!
//! Where groups are to be looked at is told by hints: for each group that has messages there is one at, or before, the
//! moment at which its first message can be seen. A hint that leads to nothing costs a look, and is put where the next
//! look is due.

use std::time::Duration;

use bytes::Bytes;
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::{Key, KeyRange, Result as StoreResult, ScanOptions, Tx, decode_row};

use super::desk::Claims;
use super::look::{Ask, Hand, Met};
use super::place::{Spot, decoded};
use super::seen::REMEMBERED;
use crate::keys::messages::{of_grouped, of_hint};
use crate::model::message::{Address, Attempt, Entry, Mark, State};
use crate::refusals::attempt_is_over;

/// Hints that are read at a time.
const HINTS: usize = 64;
/// Pages of hints that one receive goes through at most.
const PAGES: usize = 64;
/// So often a receive looks behind what has gone of a group.
const ROUNDS: usize = 16;

pub(super) async fn take(hand: &mut Hand<'_>, claims: &mut Claims<'_, String>, ask: &Ask) -> Result<(), AwsError> {
    if let Some(id) = &ask.attempt
        && again(hand, id).await?
    {
        return Ok(());
    }
    let mut range = hand.spot.rows.hints_by(hand.now);
    for _ in 0..PAGES {
        let options = ScanOptions::limit(HINTS).untracked();
        // What is claimed by others is passed by, and then the range no longer begins at the queue's front.
        let options =
            if range.start == hand.spot.rows.hints_by(hand.now).start { options.from_head() } else { options };
        let page = hand.tx.raw().scan(range.clone(), options).await?;
        let Some((last, _)) = page.rows.last().cloned() else { break };
        let keys = page.rows.into_iter().map(|(key, _)| key);
        through(hand, claims, keys).await?;
        if !page.more || hand.wants() == 0 {
            break;
        }
        range = KeyRange::after(range, &last);
    }
    match &ask.attempt {
        Some(id) if !hand.received.is_empty() => keep(hand, id),
        _ => Ok(()),
    }
}

/// Looks at the groups that these hints are of, until there is enough.
async fn through(
    hand: &mut Hand<'_>,
    claims: &mut Claims<'_, String>,
    keys: impl Iterator<Item = Bytes>,
) -> Result<(), AwsError> {
    let mut groups: Vec<(String, Vec<Bytes>)> = Vec::new();
    for key in keys {
        let (_, group) = of_hint(&key)?;
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, hints)) => hints.push(key),
            None => groups.push((group, vec![key])),
        }
    }
    for found in groups {
        if hand.wants() == 0 {
            break;
        }
        for (group, hints) in claims.take(std::iter::once(found), 1, |(group, _)| group) {
            for hint in hints {
                hand.tx.raw().delete(hint);
            }
            from_front(hand, &group).await?;
        }
    }
    Ok(())
}

/// Takes from the front of a group, and leaves a hint of when it is to be looked at next.
async fn from_front(hand: &mut Hand<'_>, group: &str) -> Result<(), AwsError> {
    let (mut front, mut rest) = front(hand, hand.spot.rows.grouped(group), true).await?;
    if front.is_empty() {
        return is_empty(&mut hand.tx, &hand.spot, group).await;
    }
    let mut next = None;
    for _ in 0..ROUNDS {
        let goes_on = meet(hand, std::mem::take(&mut front), &mut next).await?;
        match rest.take().filter(|_| goes_on && hand.wants() > 0) {
            // Some of what was in front has gone.
            Some(range) => (front, rest) = self::front(hand, range, false).await?,
            None => break,
        }
    }
    // What was in front has gone; what is behind it is looked at next time.
    let next = next.unwrap_or(hand.now);
    Ok(hand.tx.put_row(&hand.spot.rows.hint(next, group), &Mark)?)
}

/// Deals with what is in front of a group, until there is something that can't be given now: then `false`. `next`: when the
/// group is to be looked at.
async fn meet(hand: &mut Hand<'_>, front: Vec<Front>, next: &mut Option<UnixMillis>) -> Result<bool, AwsError> {
    for Front { address, entry, stored } in front {
        if entry.visible > hand.now || hand.wants() == 0 {
            *next = next.or(Some(entry.visible));
            return Ok(false);
        }
        let stored = decoded(&hand.spot.rows.message_prefix(), stored)?;
        let Some(stored) = stored else { continue };
        if hand.meet(address, entry, stored).await? == Met::Received {
            *next = next.or(Some(hand.until));
        }
    }
    Ok(true)
}

/// One of the first of a group.
struct Front {
    address: Address,
    entry: Entry,
    stored: Option<Bytes>,
}

/// The first of a range of a group, and what is behind them. The range isn't remembered, so that what is sent to the group
/// meanwhile doesn't matter; each of these is. `whole`: of all of the group.
async fn front(hand: &mut Hand<'_>, range: KeyRange, whole: bool) -> Result<(Vec<Front>, Option<KeyRange>), AwsError> {
    let options = ScanOptions::limit(hand.wants() + 1).untracked();
    let options = if whole { options.from_head() } else { options };
    let page = hand.tx.raw().scan(range.clone(), options).await?;
    let rest = page.rows.last().filter(|_| page.more).map(|(last, _)| KeyRange::after(range, last));
    let mut addresses = Vec::with_capacity(page.rows.len());
    for (key, _) in &page.rows {
        addresses.push(of_grouped(key)?);
    }
    let messages: Vec<Bytes> = addresses.iter().map(|address| hand.spot.rows.message(*address).encode()).collect();
    let keys: Vec<Bytes> = page.rows.into_iter().map(|(key, _)| key).chain(messages).collect();
    let mut entries = hand.tx.raw().get_many(&keys).await?;
    let mut messages = entries.split_off(addresses.len()).into_iter();
    let mut front = Vec::with_capacity(addresses.len());
    for ((address, key), entry) in addresses.into_iter().zip(&keys).zip(entries) {
        let stored = messages.next().flatten();
        if let Some(entry) = decoded(key, entry)? {
            front.push(Front { address, entry, stored });
        }
    }
    Ok((front, rest))
}

/// A group without messages has no hints, and nothing that says there are some.
async fn is_empty(tx: &mut Tx, spot: &Spot, group: &str) -> Result<(), AwsError> {
    // Read again in a way that conflicts with whoever sends to it now.
    match first(tx, spot, group).await? {
        Some((_, entry)) => tx.put_row(&spot.rows.hint(entry.visible, group), &Mark)?,
        None => tx.delete_row(&spot.rows.hinted(group)),
    }
    Ok(())
}

async fn first(tx: &mut Tx, spot: &Spot, group: &str) -> StoreResult<Option<(Address, Entry)>> {
    let page = tx.raw().scan(spot.rows.grouped(group), ScanOptions::limit(1).from_head()).await?;
    let Some((key, value)) = page.rows.first() else { return Ok(None) };
    Ok(Some((of_grouped(key)?, decode_row(key, value)?)))
}

/// After one message of a group was removed or can be seen at another moment than at `before`: the group's hint is put
/// where its first message is.
pub(super) async fn hint_anew(tx: &mut Tx, spot: &Spot, group: &str, before: UnixMillis) -> StoreResult<()> {
    tx.delete_row(&spot.rows.hint(before, group));
    match first(tx, spot, group).await? {
        Some((_, entry)) => tx.put_row(&spot.rows.hint(entry.visible, group), &Mark),
        None => {
            tx.delete_row(&spot.rows.hinted(group));
            Ok(())
        }
    }
}

/// What the same attempt was given before is given again, if it is still in flight as it was. AWS: its time begins anew; and
/// an attempt of which something was deleted, or changed, is over. Where it is only that the time has passed, it is another.
async fn again(hand: &mut Hand<'_>, id: &str) -> Result<bool, AwsError> {
    let Some(attempt) = hand.tx.row(&hand.spot.rows.attempt(id)).await?.filter(|row| row.until > hand.now) else {
        return Ok(false);
    };
    let keys: Vec<_> = attempt.given.iter().map(|(address, ..)| hand.spot.rows.state(*address)).collect();
    let states = hand.tx.row_many(&keys).await?;
    let as_it_was = |((_, receives, visible), state): (&(Address, u32, UnixMillis), &Option<State>)| {
        state.as_ref().is_some_and(|state| (state.receives, state.visible) == (*receives, *visible))
    };
    if !attempt.given.iter().zip(&states).all(as_it_was) {
        return Err(attempt_is_over(id));
    }
    if attempt.given.iter().any(|(.., visible)| *visible <= hand.now) {
        return Ok(false);
    }
    for ((address, ..), state) in attempt.given.into_iter().zip(states.into_iter().flatten()) {
        give_again(hand, address, state).await?;
    }
    keep(hand, id)?;
    Ok(true)
}

async fn give_again(hand: &mut Hand<'_>, address: Address, state: State) -> Result<(), AwsError> {
    let group = state.group.clone().unwrap_or_default();
    let entry = hand.tx.row(&hand.spot.rows.group(&group, address)).await?;
    let stored = hand.tx.row(&hand.spot.rows.message(address)).await?;
    let (Some(entry), Some(stored)) = (entry, stored) else { return Ok(()) };
    let message = hand.spot.whole(&mut hand.tx, address, stored).await?;
    let (before, entry) = (entry.visible, Entry { visible: hand.until, ..entry });
    hand.spot.move_to(&mut hand.tx, address, State { received: hand.now, ..state }, entry).await?;
    hint_anew(&mut hand.tx, &hand.spot, &group, before).await?;
    hand.give(address, message, &entry);
    Ok(())
}

fn keep(hand: &mut Hand<'_>, id: &str) -> Result<(), AwsError> {
    let until = hand.now.plus(Duration::from_millis(REMEMBERED.unsigned_abs()));
    let given = hand.given.iter().map(|(address, receives)| (*address, *receives, hand.until)).collect();
    Ok(hand.spot.remember_attempt(&mut hand.tx, id, &Attempt { until, given })?)
}
