//! Order in topics that are first-in-first-out, where a subscription can't take a message: what comes after it in its
//! group waits behind it. A row says so for as long as the message waits; it is written before the message is split off
//! and deleted after it was taken or given up, so that at any crash too much waits rather than too little.

use updraft_kernel::AwsError;
use updraft_store::{KeyRange, ScanOptions, StoreExt, Tx};

use super::Parcel;
use crate::Sns;
use crate::keys::{BehindKey, Numbered, Waits};
use crate::model::publication::Publication;

/// Which subscriptions have messages of the publication's group waiting.
#[derive(Debug, Default)]
pub(super) struct Behind(Vec<String>);

impl Behind {
    /// Of these subscriptions. Mostly nothing waits at all, and that is one look.
    pub(super) async fn read(
        tx: &mut Tx,
        topic: Numbered<'_>,
        publication: &Publication,
        subscriptions: impl Iterator<Item = &str>,
    ) -> Result<Self, AwsError> {
        let Some(group) = publication.messages.first().filter(|first| first.sequence.is_some()) else {
            return Ok(Self::default());
        };
        if is_empty(tx, topic.all_behind()).await? {
            return Ok(Self::default());
        }
        let (group, mut waiting) = (group.group.as_deref().unwrap_or_default(), Vec::new());
        for subscription in subscriptions {
            if !is_empty(tx, topic.behind(subscription, group)).await? {
                waiting.push(subscription.to_owned());
            }
        }
        Ok(Self(waiting))
    }

    pub(super) fn is_behind(&self, parcel: &Parcel<'_>) -> bool {
        self.0.contains(&parcel.id)
    }
}

async fn is_empty(tx: &mut Tx, range: KeyRange) -> Result<bool, AwsError> {
    Ok(tx.raw().scan(range, ScanOptions::limit(1)).await?.rows.is_empty())
}

/// From now on, what comes after these waits.
pub(super) async fn mark(svc: &Sns, parcel: &Parcel<'_>, messages: &[usize]) -> Result<(), AwsError> {
    let keys: Vec<_> = messages.iter().filter_map(|index| key(parcel, *index)).collect();
    if keys.is_empty() {
        return Ok(());
    }
    let mut tx = svc.parts.store.write().await?;
    for key in &keys {
        tx.put_row(key, &Waits)?;
    }
    tx.commit().await?;
    Ok(())
}

/// What waited for this one needn't any more.
pub(super) async fn unmark(svc: &Sns, parcel: &Parcel<'_>) -> Result<(), AwsError> {
    let Some(key) = parcel.messages.first().and_then(|index| key(parcel, *index)) else { return Ok(()) };
    let mut tx = svc.parts.store.write().await?;
    tx.delete_row(&key);
    tx.commit().await?;
    Ok(())
}

/// `None`: its topic keeps no order.
fn key<'a>(parcel: &'a Parcel<'_>, index: usize) -> Option<BehindKey<'a>> {
    let message = parcel.sheet.message(index).filter(|message| message.sequence.is_some())?;
    let topic = Numbered { topic: parcel.sheet.topic, number: parcel.sheet.row.number };
    let group = message.group.as_deref().unwrap_or_default();
    Some(BehindKey { topic, subscription: &parcel.id, group, id: &message.id })
}
