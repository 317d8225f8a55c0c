//! Receiving from a standard queue: from the front of what can be seen, in the order in which it came to be seen.

use bytes::Bytes;
use updraft_kernel::{AwsError, RngExt};
use updraft_store::{Key, KeyRange, ScanOptions};

use super::desk::{Claims, Desk};
use super::fair;
use super::look::Hand;
use super::place::decoded;
use crate::keys::messages::of_visible;
use crate::model::message::{Address, Entry};

/// Where other nodes may be receiving too, somewhere within so many times what is asked for is begun, so that two seldom
/// want the same.
const SPREAD: usize = 8;

/// Every so manieth look begins in front, even if others have claimed something there.
const FRONT: u32 = 8;

/// What expired in front is taken away so often before something is answered.
const ROUNDS: usize = 16;

pub(super) async fn take(hand: &mut Hand<'_>, desk: &Desk, claims: &mut Claims<'_, Address>) -> Result<(), AwsError> {
    let noisy = desk.tenants.noisy(hand.now);
    if !noisy.is_empty() {
        fair::take(hand, claims, &noisy).await?;
    }
    for _ in 0..ROUNDS {
        if hand.wants() == 0 {
            break;
        }
        let mine = match behind_others(hand, desk, claims).await? {
            Some(mine) => mine,
            None => in_front(hand, claims).await?,
        };
        if mine.is_empty() {
            break;
        }
        desk.claimed_up_to(mine.last().map(|(key, _)| key));
        meet(hand, mine).await?;
    }
    Ok(())
}

/// What is behind what others have claimed, so that those rows needn't be read; now and then the front is looked at all the
/// same, for there may be something between them.
async fn behind_others(
    hand: &mut Hand<'_>,
    desk: &Desk,
    claims: &mut Claims<'_, Address>,
) -> Result<Option<Vec<(Bytes, Address)>>, AwsError> {
    let (range, wants) = (hand.spot.rows.visible_by(hand.now), hand.wants());
    let shared = hand.sqs.parts.store.is_shared();
    let furthest = if shared || claims.taken() == 0 { None } else { desk.furthest(FRONT) };
    let Some(furthest) = furthest.filter(|key| range.contains(key)) else { return Ok(None) };
    let options = ScanOptions::limit(wants).untracked();
    let page = hand.tx.raw().scan(KeyRange::after(range, &furthest), options).await?;
    let mine = claims.take(addressed(page.rows)?.into_iter(), wants, |(_, address)| address);
    Ok(Some(mine).filter(|mine| !mine.is_empty()))
}

async fn in_front(hand: &mut Hand<'_>, claims: &mut Claims<'_, Address>) -> Result<Vec<(Bytes, Address)>, AwsError> {
    let wants = hand.wants();
    let shared = hand.sqs.parts.store.is_shared();
    let looks = if shared { wants * SPREAD } else { wants };
    let options = ScanOptions::limit(looks + claims.taken()).from_head().untracked();
    let page = hand.tx.raw().scan(hand.spot.rows.visible_by(hand.now), options).await?;
    let more = page.more;
    let mut found = addressed(page.rows)?;
    if shared && more {
        let start = hand.sqs.parts.rng.below(u64::try_from(found.len()).unwrap_or(0));
        found.rotate_left(usize::try_from(start).unwrap_or(0));
    }
    Ok(claims.take(found.into_iter(), wants, |(_, address)| address))
}

fn addressed(rows: Vec<(Bytes, Bytes)>) -> Result<Vec<(Bytes, Address)>, AwsError> {
    let one = |(key, _): (Bytes, Bytes)| of_visible(&key).map(|(_, address)| (key, address));
    Ok(rows.into_iter().map(one).collect::<Result<_, _>>()?)
}

/// These are read in a way that conflicts with whoever takes or deletes them at the same time.
pub(super) async fn meet(hand: &mut Hand<'_>, mine: Vec<(Bytes, Address)>) -> Result<(), AwsError> {
    let messages: Vec<Bytes> = mine.iter().map(|(_, address)| hand.spot.rows.message(*address).encode()).collect();
    let keys: Vec<Bytes> = mine.iter().map(|(key, _)| key.clone()).chain(messages).collect();
    let mut entries = hand.tx.raw().get_many(&keys).await?;
    let mut messages = entries.split_off(mine.len()).into_iter();
    for ((key, address), entry) in mine.into_iter().zip(entries) {
        let entry: Option<Entry> = decoded(&key, entry)?;
        let stored = decoded(&key, messages.next().flatten())?;
        if let (Some(entry), Some(stored)) = (entry, stored) {
            hand.meet(address, entry, stored).await?;
        }
    }
    Ok(())
}
