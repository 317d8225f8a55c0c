//! What is archived: it can't be read until it is restored, and then for some days.

use updraft_api_s3::types::Tier;
use updraft_kernel::{AwsError, ErrorCode, UnixMillis};

use super::aside::{Aside, Restore};
use super::read::date;
use super::row::Object;
use crate::errors::invalid_argument;
use crate::model::expiry::midnight;

static INVALID_STATE: ErrorCode = ErrorCode::sender("InvalidObjectState", 403);
static IN_PROGRESS: ErrorCode = ErrorCode::sender("RestoreAlreadyInProgress", 409);

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const DEEP: &str = "DEEP_ARCHIVE";

/// The class of an object that is archived.
pub(crate) fn archived(object: &Object) -> Option<&str> {
    object.about.storage_class.as_deref().filter(|class| matches!(*class, "GLACIER" | DEEP))
}

/// # Errors
/// If the object is archived, and not restored now.
pub(crate) fn readable(known: &Aside, object: &Object, now: UnixMillis) -> Result<(), AwsError> {
    let Some(class) = archived(object) else { return Ok(()) };
    match known.restore {
        Some(restore) if restore.is_there(now) => Ok(()),
        _ => {
            let message = "The operation is not valid for the object's storage class";
            Err(AwsError::new(&INVALID_STATE, message).with("StorageClass", class))
        }
    }
}

impl Restore {
    fn is_there(self, now: UnixMillis) -> bool {
        self.ready <= now && now < self.until
    }

    /// `x-amz-restore`; `None`: it is over.
    pub(crate) fn told(self, now: UnixMillis) -> Option<String> {
        if now < self.ready {
            return Some("ongoing-request=\"true\"".to_owned());
        }
        self.is_there(now).then(|| format!("ongoing-request=\"false\", expiry-date=\"{}\"", date(self.until)))
    }
}

/// The restoration of an object that is asked for. `true`: it is there already, and stays for longer or shorter.
///
/// # Errors
/// If it isn't archived, is being restored, or can't be so fast.
pub(crate) fn restore(
    known: &Aside,
    object: &Object,
    (days, tier): (i32, &Tier),
    now: UnixMillis,
) -> Result<(Restore, bool), AwsError> {
    let Some(class) = archived(object) else {
        let class = object.about.storage_class.as_deref().unwrap_or("STANDARD");
        let message = "Restore is not allowed for the object's current storage class";
        return Err(AwsError::new(&INVALID_STATE, message).with("StorageClass", class));
    };
    if let Some(before) = known.restore.filter(|before| before.until > now) {
        if now < before.ready {
            return Err(AwsError::new(&IN_PROGRESS, "Object restore is already in progress"));
        }
        return Ok((Restore { until: until(now, days), ..before }, true));
    }
    let ready = UnixMillis(now.0 + takes(class, tier)?);
    Ok((Restore { ready, until: until(ready, days), done: false }, false))
}

/// AWS: this long at most.
fn takes(class: &str, tier: &Tier) -> Result<i64, AwsError> {
    match (class, tier) {
        (DEEP, Tier::Standard) => Ok(12 * HOUR),
        (DEEP, Tier::Bulk) => Ok(48 * HOUR),
        (_, Tier::Expedited) if class != DEEP => Ok(5 * MINUTE),
        (_, Tier::Standard) => Ok(5 * HOUR),
        (_, Tier::Bulk) => Ok(12 * HOUR),
        _ => Err(invalid_argument("Tier", "Retrieval option is not supported by this storage class")),
    }
}

/// AWS: to the midnight after so many days.
fn until(from: UnixMillis, days: i32) -> UnixMillis {
    midnight(UnixMillis(from.0.saturating_add(i64::from(days).saturating_mul(DAY))))
}
