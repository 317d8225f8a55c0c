//! Keeping events, as a bus's archives want it.

use updraft_kernel::AwsError;
use updraft_store::{StoreError, Tx, run};

use crate::EventBridge;
use crate::keys::{ArchivedKey, HeldKey, Scope};
use crate::model::archive::{Archived, size};
use crate::model::event::Event;
use crate::model::publication::Publication;
use crate::model::rule_set::RuleSet;

/// AWS: what a replay sends again isn't kept again. Kept twice is kept once.
///
/// # Errors
/// If the store fails.
pub(crate) async fn keep(svc: &EventBridge, publication: &Publication, rules: &RuleSet) -> Result<(), AwsError> {
    let fresh = publication.events.iter().filter(|event| event.replay.is_none());
    let wanted: Vec<(u64, &Event)> =
        fresh.flat_map(|event| rules.keeping(&event.value()).into_iter().map(move |number| (number, event))).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let (wanted, scope) = (&wanted, Scope { account: &publication.account, region: &publication.region });
    run(&*svc.parts.store, |mut tx| async move {
        for (number, event) in wanted {
            keep_one(&mut tx, (scope, *number), event).await?;
        }
        tx.commit().await.map(drop)
    })
    .await
    .map_err(|error: StoreError| error.into())
}

async fn keep_one(tx: &mut Tx, (scope, archive): (Scope<'_>, u64), event: &Event) -> Result<(), StoreError> {
    let key = ArchivedKey { scope, archive, at: event.time, id: &event.id };
    if tx.row(&key).await?.is_some() {
        return Ok(());
    }
    tx.put_row(&key, &Archived(event.clone()))?;
    let mut held = tx.row(&HeldKey(scope, archive)).await?.unwrap_or_default();
    held.events += 1;
    held.bytes += size(event);
    tx.put_row(&HeldKey(scope, archive), &held)
}
