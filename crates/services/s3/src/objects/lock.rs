//! Locks: what keeps versions from being deleted, and until when.

use jiff::Timestamp;
use updraft_api_s3::shapes;
use updraft_api_s3::types::{DefaultRetention, ObjectLockConfiguration};
use updraft_kernel::{AwsError, Ctx, UnixMillis};
use updraft_store::{StoreExt as _, Tx};

use super::conditions::OfRead;
use super::read::{self, Wanted};
use super::row::{Lock, Mode, Object, Retention};
use super::table::{self as versions, Found};
use crate::config::{self, Kind};
use crate::errors::{invalid_argument, invalid_request, invalid_value};
use crate::model::bucket::Bucket;
use crate::{S3, codes, table};

const MODE: &str = "x-amz-object-lock-mode";
const UNTIL: &str = "x-amz-object-lock-retain-until-date";
const HOLD: &str = "x-amz-object-lock-legal-hold";
const BYPASS: &str = "x-amz-bypass-governance-retention";
const DAY: i64 = 24 * 3_600_000;

impl Mode {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "GOVERNANCE" => Some(Self::Governance),
            "COMPLIANCE" => Some(Self::Compliance),
            _ => None,
        }
    }

    /// As the API writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Governance => "GOVERNANCE",
            Self::Compliance => "COMPLIANCE",
        }
    }
}

/// As the API writes whether it is held.
pub(crate) fn status(hold: bool) -> &'static str {
    if hold { "ON" } else { "OFF" }
}

pub(crate) fn held(status: &str) -> Option<bool> {
    match status {
        "ON" => Some(true),
        "OFF" => Some(false),
        _ => None,
    }
}

impl Lock {
    /// Whether the version must not be deleted. `bypass`: governance doesn't count.
    pub(crate) fn protects(&self, now: UnixMillis, bypass: bool) -> bool {
        let retained = |one: Retention| one.until > now && !(bypass && one.mode == Mode::Governance);
        self.hold == Some(true) || self.retention.is_some_and(retained)
    }

    fn any(&self) -> bool {
        self.retention.is_some() || self.hold.is_some()
    }
}

pub(crate) fn locked() -> AwsError {
    AwsError::new(&codes::ACCESS_DENIED, "Access Denied because object protected by object lock.")
}

pub(crate) fn not_lockable() -> AwsError {
    invalid_request("Bucket is missing Object Lock Configuration")
}

pub(crate) fn no_lock() -> AwsError {
    AwsError::new(
        &codes::NO_SUCH_OBJECT_LOCK_CONFIGURATION,
        "The specified object does not have a ObjectLock configuration",
    )
}

/// What a request's headers say of a lock.
#[derive(Clone, Copy, Default)]
pub(crate) struct Headers<'a> {
    pub(crate) mode: Option<&'a str>,
    pub(crate) until: Option<UnixMillis>,
    pub(crate) hold: Option<&'a str>,
}

/// Reads from an input the headers of a lock.
macro_rules! lock {
    ($input:expr, $now:expr) => {
        $crate::objects::lock::Headers {
            mode: $input.object_lock_mode.as_ref().map(|mode| mode.as_str()),
            until: $input.object_lock_retain_until_date,
            hold: $input.object_lock_legal_hold_status.as_ref().map(|status| status.as_str()),
        }
        .asked($now)?
    };
}
pub(crate) use lock;

impl Headers<'_> {
    /// # Errors
    /// If they aren't what AWS takes.
    pub(crate) fn asked(self, now: UnixMillis) -> Result<Lock, AwsError> {
        const BOTH: &str = "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied";
        let retention = match (self.mode, self.until) {
            (None, None) => None,
            (Some(_), None) => return Err(invalid_argument(UNTIL, BOTH)),
            (None, Some(_)) => return Err(invalid_argument(MODE, BOTH)),
            (Some(mode), Some(until)) => {
                let mode = Mode::parse(mode).ok_or_else(|| invalid_value(MODE, mode, "Unknown wormMode directive."))?;
                Some(Retention { mode, until: coming(until, now)? })
            }
        };
        let hold = self.hold.map(|given| {
            let wrong = || invalid_value(HOLD, given, "Legal Hold must be either of 'ON' or 'OFF'");
            held(given).ok_or_else(wrong)
        });
        Ok(Lock { retention, hold: hold.transpose()? })
    }
}

fn coming(until: UnixMillis, now: UnixMillis) -> Result<UnixMillis, AwsError> {
    if until > now {
        return Ok(until);
    }
    let text = Timestamp::from_millisecond(until.0).map(|at| at.to_string()).unwrap_or_default();
    Err(invalid_value(UNTIL, &text, "The retain until date must be in the future!"))
}

/// The lock of something new: what was asked for, and of what wasn't what the bucket says.
///
/// # Errors
/// If the bucket's objects can't be locked.
pub(crate) async fn chosen(tx: &mut Tx, bucket: &Bucket, asked: Lock, now: UnixMillis) -> Result<Lock, AwsError> {
    if !bucket.object_lock {
        return if asked.any() { Err(not_lockable()) } else { Ok(asked) };
    }
    if asked.retention.is_some() {
        return Ok(asked);
    }
    let what = (Kind::ObjectLock, &shapes::ObjectLockConfiguration);
    let configured: Option<ObjectLockConfiguration> = config::get(tx, bucket, what).await?;
    let default = configured.and_then(|configured| configured.rule).and_then(|rule| rule.default_retention);
    Ok(Lock { retention: default.and_then(|default| by_default(&default, now)), ..asked })
}

fn by_default(default: &DefaultRetention, now: UnixMillis) -> Option<Retention> {
    let mode = Mode::parse(default.mode.as_ref()?.as_str())?;
    let days = default.days.or_else(|| default.years.map(|years| years * 365))?;
    Some(Retention { mode, until: UnixMillis(now.0 + i64::from(days) * DAY) })
}

/// AWS: who locks says what the bytes add up to.
///
/// # Errors
/// If it isn't said.
pub(crate) fn summed(lock: Lock, is_summed: bool) -> Result<(), AwsError> {
    if lock.any() && !is_summed {
        return Err(invalid_request(
            "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters",
        ));
    }
    Ok(())
}

/// Whether governance is passed over.
///
/// # Errors
/// If there can't be any in this bucket. AWS: also where the header says no.
pub(crate) fn bypasses(bucket: &Bucket, given: Option<bool>) -> Result<bool, AwsError> {
    match given {
        Some(_) if !bucket.object_lock => Err(invalid_argument(
            BYPASS,
            "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.",
        )),
        given => Ok(given == Some(true)),
    }
}

/// A version, and whose it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Which<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) owner: Option<&'a str>,
    pub(crate) key: &'a str,
    pub(crate) version: Option<&'a str>,
    pub(crate) method: &'static str,
}

/// # Errors
/// If it isn't there, or can't be locked.
async fn find(tx: &mut Tx, cx: &Ctx, which: Which<'_>) -> Result<(Bucket, Found, Object), AwsError> {
    let Which { key, version, method, .. } = which;
    let bucket = table::bucket(tx, cx, which.bucket, which.owner).await?;
    let wanted = Wanted { key, version, range: None, part: None, conditions: OfRead::default(), method };
    let (found, object) = read::existing(tx, &bucket, wanted).await?;
    if bucket.object_lock { Ok((bucket, found, object)) } else { Err(not_lockable()) }
}

/// # Errors
/// If it isn't there, or can't be locked.
pub(crate) async fn of(svc: &S3, cx: &Ctx, which: Which<'_>) -> Result<Lock, AwsError> {
    let mut tx = svc.parts.store.read().await?;
    Ok(find(&mut tx, cx, which).await?.2.lock)
}

/// Makes another lock of the one that is there.
///
/// # Errors
/// If it isn't there, can't be locked, or the change isn't allowed.
pub(crate) async fn change(
    svc: &S3,
    cx: &Ctx,
    which: Which<'_>,
    to: impl FnOnce(Lock) -> Result<Lock, AwsError> + Send,
) -> Result<(), AwsError> {
    let mut tx = svc.parts.store.write().await?;
    let (bucket, mut found, mut object) = find(&mut tx, cx, which).await?;
    object.lock = to(object.lock)?;
    found.version.object = Some(object);
    versions::change(&mut tx, &bucket, which.key, &found)?;
    tx.commit().await?;
    Ok(())
}

/// The lock with another retention. `bypass`: governance doesn't count.
///
/// # Errors
/// If what is there protects more.
pub(crate) fn retained(lock: Lock, to: Option<Retention>, now: UnixMillis, bypass: bool) -> Result<Lock, AwsError> {
    let keeps = |before: Retention| {
        let longer = to.is_some_and(|to| to.until >= before.until);
        let stricter = to.is_some_and(|to| to.mode == Mode::Compliance || before.mode == Mode::Governance);
        before.until <= now || (longer && stricter) || (bypass && before.mode == Mode::Governance)
    };
    if lock.retention.is_none_or(keeps) { Ok(Lock { retention: to, ..lock }) } else { Err(locked()) }
}

/// What a client may set a retention to.
///
/// # Errors
/// If its end isn't still to come.
pub(crate) fn retention(mode: Mode, until: UnixMillis, now: UnixMillis) -> Result<Retention, AwsError> {
    if until > now {
        return Ok(Retention { mode, until });
    }
    Err(invalid_argument("RetainUntilDate", "The retain until date must be in the future!"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_000);

    fn lock(mode: Mode, until: i64) -> Lock {
        Lock { retention: Some(Retention { mode, until: UnixMillis(until) }), hold: None }
    }

    #[test]
    fn a_version_is_protected_until_its_moment() {
        for (lock, protects, bypassed) in [
            (Lock::default(), false, false),
            (lock(Mode::Governance, 1_001), true, false),
            (lock(Mode::Governance, 1_000), false, false),
            (lock(Mode::Compliance, 1_001), true, true),
            (lock(Mode::Compliance, 1_000), false, false),
            (Lock { hold: Some(true), retention: None }, true, true),
            (Lock { hold: Some(false), retention: None }, false, false),
        ] {
            assert_eq!((lock.protects(NOW, false), lock.protects(NOW, true)), (protects, bypassed), "{lock:?}");
        }
    }

    #[test]
    fn a_lock_gets_stricter_only() {
        use Mode::{Compliance, Governance};
        let may = |from: Lock, to: Option<(Mode, i64)>, bypass| {
            let to = to.map(|(mode, until)| Retention { mode, until: UnixMillis(until) });
            retained(from, to, NOW, bypass).is_ok()
        };
        for (from, to, plainly, bypassing) in [
            (lock(Governance, 2_000), Some((Governance, 2_000)), true, true),
            (lock(Governance, 2_000), Some((Governance, 1_999)), false, true),
            (lock(Governance, 2_000), Some((Compliance, 2_001)), true, true),
            (lock(Governance, 2_000), None, false, true),
            (lock(Compliance, 2_000), Some((Compliance, 2_001)), true, true),
            (lock(Compliance, 2_000), Some((Compliance, 1_999)), false, false),
            (lock(Compliance, 2_000), Some((Governance, 3_000)), false, false),
            (lock(Compliance, 2_000), None, false, false),
            (lock(Compliance, 1_000), None, true, true),
            (Lock::default(), Some((Compliance, 1_001)), true, true),
        ] {
            assert_eq!((may(from, to, false), may(from, to, true)), (plainly, bypassing), "{from:?} to {to:?}");
        }
    }

    #[test]
    fn headers_of_a_lock() {
        let words = |mode, until: Option<i64>, hold| {
            let headers = Headers { mode, until: until.map(UnixMillis), hold };
            headers.asked(NOW).map(|_| ()).map_err(|error| error.message().to_owned()).err()
        };
        assert_eq!(words(Some("GOVERNANCE"), Some(1_001), Some("ON")), None);
        assert_eq!(words(None, None, None), None);
        let told = |words: Option<String>, begin: &str| assert!(words.unwrap().starts_with(begin));
        told(words(Some("GOVERNANCE"), None, None), "x-amz-object-lock-retain-until-date and");
        told(words(None, Some(1_001), None), "x-amz-object-lock-retain-until-date and");
        told(words(Some("GOVERNANCE"), Some(1_000), None), "The retain until date must be in the future!");
        told(words(Some("FOREVER"), Some(1_001), None), "Unknown wormMode directive.");
        told(words(None, None, Some("MAYBE")), "Legal Hold must be");
    }
}
