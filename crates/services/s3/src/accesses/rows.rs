//! Records that wait to be delivered.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_access::Access;
use updraft_kernel::{AwsError, UnixMillis};
use updraft_store::{Key, KeyRange, Row, StoreExt as _, Tx};

use super::line;
use crate::background::{self, Task};
use crate::config::Kind;
use crate::keys::Numbered;
use crate::lifecycle::Whose;
use crate::model::bucket::Bucket;
use crate::objects::keys::ACCESS;
use crate::{S3, table};

/// How often records are delivered.
const EVERY: Duration = Duration::from_mins(5);

/// A record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Logged {
    pub(crate) at: UnixMillis,
    pub(crate) line: String,
}

impl Row for Logged {
    const VERSION: u8 = 1;
}

/// In the order of time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LoggedKey<'a> {
    pub(crate) bucket: Numbered<'a>,
    pub(crate) at: UnixMillis,
    pub(crate) request: &'a str,
    /// Among the records of one request.
    pub(crate) place: u32,
}

impl LoggedKey<'_> {
    pub(crate) fn all(bucket: Numbered<'_>) -> KeyRange {
        bucket.beside().u8(ACCESS).prefix_range()
    }
}

impl Key for LoggedKey<'_> {
    type Row = Logged;

    fn encode(&self) -> Bytes {
        let at = u64::try_from(self.at.0).unwrap_or(0);
        self.bucket.beside().u8(ACCESS).u64(at).str(self.request).u32(self.place).build()
    }
}

/// Keeps what was asked of one bucket, if that has a log.
///
/// # Errors
/// If the store fails.
pub(super) async fn keep(svc: &S3, name: &str, accesses: &[Access]) -> Result<(), AwsError> {
    let begun = svc.unlogged.begun();
    let found = table::named(&mut svc.parts.store.read().await?, name).await?;
    if found.is_none_or(|bucket| !bucket.has(Kind::Logging)) {
        svc.unlogged.found(name, begun, svc.parts.clock.monotonic());
        return Ok(());
    }
    let mut tx = svc.parts.store.write().await?;
    let Some(bucket) = table::named(&mut tx, name).await?.filter(|bucket| bucket.has(Kind::Logging)) else {
        return Ok(());
    };
    write(svc, &mut tx, &bucket, (accesses, Of::Requests)).await?;
    tx.commit().await?;
    Ok(())
}

/// What records are of. Those of one request lie beside each other, whoever writes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Requests,
    Acts,
}

/// Written down when the transaction commits.
///
/// # Errors
/// If the store fails.
pub(super) async fn write(
    svc: &S3,
    tx: &mut Tx,
    bucket: &Bucket,
    (accesses, of): (&[Access], Of),
) -> Result<(), AwsError> {
    let first = if of == Of::Requests { 0 } else { 1 << 24 };
    for (access, place) in accesses.iter().zip(first..) {
        let key = LoggedKey { bucket: Numbered::of(bucket), at: access.at, request: &access.request_id, place };
        tx.put_row(&key, &Logged { at: access.at, line: line::of(bucket, access) })?;
    }
    let task = Task::Accesses(Whose::of(bucket));
    background::later(&svc.parts.timers, tx, &task, next(svc.parts.clock.now())).await
}

/// The same for all that come until then, so that none of them puts it off.
fn next(now: UnixMillis) -> UnixMillis {
    let every = i64::try_from(EVERY.as_millis()).unwrap_or(i64::MAX);
    UnixMillis((now.0.div_euclid(every) + 1) * every)
}

#[cfg(test)]
mod tests {
    use updraft_kernel::AccountId;

    use super::*;
    use crate::golden::golden;

    #[test]
    fn golden_records() {
        golden(&Logged { at: UnixMillis(1), line: "a".into() }, r"\x01\x02\x01a");
        let account = AccountId::local();
        let bucket = Numbered { account: &account, number: 258 };
        let key = |at, request, place| LoggedKey { bucket, at: UnixMillis(at), request, place }.encode();
        let bytes = r"\x16\x02000000000000\x00\x15\x05\x16\x01\x02\x15\x04\x16\x01,\x02r\x00\x14";
        assert_eq!(key(300, "r", 0).escape_ascii().to_string(), bytes);
        let keys = [key(2, "z", 0), key(300, "a", 0), key(300, "a", 1), key(300, "b", 0)];
        assert!(keys.is_sorted());
        assert!(keys.iter().all(|key| LoggedKey::all(bucket).contains(key)));
    }

    #[test]
    fn all_records_of_five_minutes_are_delivered_together() {
        assert_eq!(next(UnixMillis(0)), UnixMillis(300_000));
        assert_eq!(next(UnixMillis(299_999)), UnixMillis(300_000));
        assert_eq!(next(UnixMillis(300_000)), UnixMillis(600_000));
    }
}
