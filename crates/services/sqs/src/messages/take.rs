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

/// What expired in front is taken away so often before something is answered.
const ROUNDS: usize = 16;

pub(super) async fn take(hand: &mut Hand<'_>, desk: &Desk, claims: &mut Claims<'_, Address>) -> Result<(), AwsError> {
    let noisy = desk.tenants.noisy(hand.now);
    if !noisy.is_empty() {
        fair::take(hand, claims, &noisy).await?;
    }
    for _ in 0..ROUNDS {
        let wants = hand.wants();
        let shared = hand.sqs.parts.store.is_shared();
        let looks = if shared { wants * SPREAD } else { wants };
        let options = ScanOptions::limit(looks + claims.taken()).from_head().untracked();
        let page = hand.tx.raw().scan(hand.spot.rows.visible_by(hand.now), options).await?;
        let mut found: Vec<(Bytes, Address)> = Vec::with_capacity(page.rows.len());
        for (key, _) in page.rows {
            let (_, address) = of_visible(&key)?;
            found.push((key, address));
        }
        if shared && page.more {
            let start = hand.sqs.parts.rng.below(u64::try_from(found.len()).unwrap_or(0));
            found.rotate_left(usize::try_from(start).unwrap_or(0));
        }
        let mine = claims.take(found.into_iter(), wants, |(_, address)| address);
        if mine.is_empty() || wants == 0 {
            break;
        }
        meet(hand, mine).await?;
    }
    Ok(())
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
