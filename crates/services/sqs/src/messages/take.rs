//! Receiving from a standard queue: from the front of what can be seen, in the order in which it came to be seen.

use bytes::Bytes;
use updraft_kernel::{AwsError, RngExt};
use updraft_store::{Key, ScanOptions};

use super::desk::{Claims, Desk};
use super::fair;
use super::look::Hand;
use super::place::decoded;
use crate::keys::messages::of_visible;
use crate::model::message::{Address, Entry};

/// Where other nodes may be receiving too, somewhere within so many times what is asked for is begun, so that two seldom
/// want the same.
const SPREAD: usize = 8;

/// So many more than are wanted are read at once, for those who look next.
const AHEAD: usize = 100;

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
        let mine = match left_over(hand, desk, claims) {
            mine if mine.is_empty() => in_front(hand, desk, claims).await?,
            mine => mine,
        };
        if mine.is_empty() {
            break;
        }
        if !meet(hand, claims, mine).await? {
            // Something was received in another way: what lies behind it may be gone, too.
            desk.ahead.lock().clear();
        }
    }
    Ok(())
}

/// What an earlier look has read and nobody has wanted yet: where it is taken from there, nothing is searched in the store.
fn left_over(hand: &Hand<'_>, desk: &Desk, claims: &mut Claims<'_, Address>) -> Vec<(Bytes, Address)> {
    let range = hand.spot.rows.visible_by(hand.now);
    let mut ahead = desk.ahead.lock();
    // Time may have been moved back.
    let seen = std::iter::from_fn(|| ahead.pop_front()).filter(|(key, _)| range.contains(key));
    claims.take(seen, hand.wants(), |(_, address)| address)
}

async fn in_front(
    hand: &mut Hand<'_>,
    desk: &Desk,
    claims: &mut Claims<'_, Address>,
) -> Result<Vec<(Bytes, Address)>, AwsError> {
    let wants = hand.wants();
    let shared = hand.sqs.parts.store.is_shared();
    let looks = if shared { wants * SPREAD } else { wants + AHEAD };
    let options = ScanOptions::limit(looks + claims.taken()).from_head().untracked();
    let page = hand.tx.raw().scan(hand.spot.rows.visible_by(hand.now), options).await?;
    let more = page.more;
    let mut found = addressed(page.rows)?;
    if shared && more {
        let start = hand.sqs.parts.rng.below(u64::try_from(found.len()).unwrap_or(0));
        found.rotate_left(usize::try_from(start).unwrap_or(0));
    }
    let mut found = found.into_iter();
    let mine = claims.take(found.by_ref(), wants, |(_, address)| address);
    if !shared {
        // A copy: keys may be slices of whole blocks of the engine.
        *desk.ahead.lock() = found.map(|(key, address)| (Bytes::copy_from_slice(&key), address)).collect();
    }
    Ok(mine)
}

fn addressed(rows: Vec<(Bytes, Bytes)>) -> Result<Vec<(Bytes, Address)>, AwsError> {
    let one = |(key, _): (Bytes, Bytes)| of_visible(&key).map(|(_, address)| (key, address));
    Ok(rows.into_iter().map(one).collect::<Result<_, _>>()?)
}

/// These are read in a way that conflicts with whoever takes or deletes them at the same time. `false`: some aren't there any
/// more, or are elsewhere.
pub(super) async fn meet(
    hand: &mut Hand<'_>,
    claims: &mut Claims<'_, Address>,
    mine: Vec<(Bytes, Address)>,
) -> Result<bool, AwsError> {
    let messages: Vec<Bytes> = mine.iter().map(|(_, address)| hand.spot.rows.message(*address).encode()).collect();
    let keys: Vec<Bytes> = mine.iter().map(|(key, _)| key.clone()).chain(messages).collect();
    let mut entries = hand.tx.raw().get_many(&keys).await?;
    let mut messages = entries.split_off(mine.len()).into_iter();
    let mut all = true;
    for ((key, address), entry) in mine.into_iter().zip(entries) {
        let entry: Option<Entry> = decoded(&key, entry)?;
        let stored = decoded(&key, messages.next().flatten())?;
        if let (Some(entry), Some(stored)) = (entry, stored) {
            hand.meet(address, entry, stored).await?;
        } else {
            claims.let_go(&address);
            all = false;
        }
    }
    Ok(all)
}
