//! What timers do to archives: forgetting what is older than it is to be, and all that a deleted one held.

use std::sync::{Arc, Weak};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use updraft_kernel::{AccountId, AwsError, BoxFuture, Region, UnixMillis};
use updraft_store::{KeyRange, Row, ScanOptions, Tx, decode_row, encode_row};
use updraft_timers::{FireError, Schedule, Timer, TimerOwner};

use crate::EventBridge;
use crate::keys::{ArchiveKey, ArchivedKey, HeldKey, Scope};
use crate::model::archive::{Held, size};

const OWNER: &str = "events.archive";

/// How often what an archive keeps is looked through.
const LOOKS: Duration = Duration::from_secs(24 * 3600);

/// Rows looked at in one transaction.
const PORTION: usize = 500;

/// Whose events are looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Look {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) archive: String,
    pub(crate) number: u64,
}

impl Row for Look {
    const VERSION: u8 = 1;
}

#[derive(Debug)]
struct Looks(Weak<EventBridge>);

pub(crate) fn register(service: &Arc<EventBridge>) {
    service.parts.timers.register(OWNER, Arc::new(Looks(Arc::downgrade(service))));
}

/// From `due` on, until the archive has gone, with all that it held.
///
/// # Errors
/// If the store fails.
pub(crate) async fn look_after(
    svc: &EventBridge,
    tx: &mut Tx,
    (scope, archive, number): (Scope<'_>, &str, u64),
    due: UnixMillis,
) -> Result<(), AwsError> {
    let (account, region) = (scope.account.clone(), scope.region.clone());
    Look { account, region, archive: archive.to_owned(), number }.schedule(svc, tx, due).await
}

/// The first of the looks that come by themselves.
pub(crate) fn first_look(now: UnixMillis) -> UnixMillis {
    now.plus(LOOKS)
}

impl Look {
    async fn schedule(&self, svc: &EventBridge, tx: &mut Tx, due: UnixMillis) -> Result<(), AwsError> {
        let timer = Schedule { owner: OWNER, id: self.number.to_string(), due, payload: encode_row(self)?.to_vec() };
        Ok(svc.parts.timers.schedule(tx, timer).await?)
    }

    /// When to go on; `None`: it is done.
    async fn run(&self, tx: &mut Tx, now: UnixMillis) -> Result<Option<UnixMillis>, AwsError> {
        let scope = Scope { account: &self.account, region: &self.region };
        let archive = tx.row(&ArchiveKey(scope, &self.archive)).await?.filter(|row| row.number == self.number);
        let Some(archive) = archive else {
            let (more, _) = clear(tx, ArchivedKey::all(scope, self.number)).await?;
            tx.delete_row(&HeldKey(scope, self.number));
            return Ok(more.then_some(now));
        };
        if archive.retention_days == 0 {
            return Ok(Some(now.plus(LOOKS)));
        }
        let kept = Duration::from_secs(u64::from(archive.retention_days) * 24 * 3600);
        let oldest = UnixMillis(0).plus(now.since(UnixMillis(0).plus(kept)));
        let old = ArchivedKey::between(scope, self.number, UnixMillis(i64::MIN), oldest);
        let (more, gone) = clear(tx, old).await?;
        let held = tx.row(&HeldKey(scope, self.number)).await?.unwrap_or_default();
        let left =
            Held { events: held.events.saturating_sub(gone.events), bytes: held.bytes.saturating_sub(gone.bytes) };
        tx.put_row(&HeldKey(scope, self.number), &left)?;
        Ok(Some(if more { now } else { now.plus(LOOKS) }))
    }
}

/// Whether there is more, and how much it was.
async fn clear(tx: &mut Tx, range: KeyRange) -> Result<(bool, Held), AwsError> {
    let page = tx.rows::<ArchivedKey<'_>>(range, ScanOptions::limit(PORTION)).await?;
    let mut gone = Held::default();
    for (key, archived) in page.rows {
        gone.events += 1;
        gone.bytes += size(&archived.0);
        tx.raw().delete(key);
    }
    Ok((page.more, gone))
}

impl TimerOwner for Looks {
    fn fire<'a>(&'a self, tx: &'a mut Tx, timer: &'a Timer, now: UnixMillis) -> BoxFuture<'a, Result<(), FireError>> {
        Box::pin(async move {
            let look: Look = decode_row(timer.id.as_bytes(), &timer.payload)?;
            let service = self.0.upgrade().ok_or_else(|| FireError::Other("the platform is stopping".to_owned()))?;
            if let Some(due) = look.run(tx, now).await? {
                look.schedule(&service, tx, due).await?;
            }
            Ok(())
        })
    }
}
