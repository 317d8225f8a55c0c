//! Point-in-time recovery: what was asked for, and what is told of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use updraft_api_dynamodb::types::{
    ContinuousBackupsDescription, ContinuousBackupsStatus, PointInTimeRecoveryDescription,
    PointInTimeRecoverySpecification, PointInTimeRecoveryStatus,
};
use updraft_kernel::UnixMillis;
use updraft_store::Row;

const LONGEST_DAYS: i32 = 35;

/// AWS: the last five minutes can't be restored yet.
const BEHIND: Duration = Duration::from_secs(5 * 60);

/// A table's point-in-time recovery while it is on; there is no row while it is off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recovery {
    pub(crate) since: UnixMillis,
    pub(crate) days: i32,
}

impl Row for Recovery {
    const VERSION: u8 = 1;
}

impl Recovery {
    /// From now on. One that is on already goes on: what it can restore begins where it began.
    pub(crate) fn changed(
        before: Option<Self>,
        asked: &PointInTimeRecoverySpecification,
        now: UnixMillis,
    ) -> Option<Self> {
        asked.point_in_time_recovery_enabled.then(|| Self {
            since: before.map_or(now, |before| before.since),
            days: asked.recovery_period_in_days.unwrap_or(LONGEST_DAYS),
        })
    }

    fn earliest(&self, now: UnixMillis) -> UnixMillis {
        self.since.max(back(now, Duration::from_secs(u64::from(self.days.unsigned_abs()) * 86_400)))
    }
}

fn back(now: UnixMillis, by: Duration) -> UnixMillis {
    UnixMillis(now.0.saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
}

/// AWS: continuous backups are on for every table; only what can be restored from them is switched.
pub(crate) fn describe(recovery: Option<&Recovery>, now: UnixMillis) -> ContinuousBackupsDescription {
    let point_in_time = match recovery {
        None => PointInTimeRecoveryDescription {
            point_in_time_recovery_status: Some(PointInTimeRecoveryStatus::Disabled),
            ..PointInTimeRecoveryDescription::default()
        },
        Some(recovery) => {
            let earliest = recovery.earliest(now);
            PointInTimeRecoveryDescription {
                point_in_time_recovery_status: Some(PointInTimeRecoveryStatus::Enabled),
                recovery_period_in_days: Some(recovery.days),
                earliest_restorable_date_time: Some(earliest),
                latest_restorable_date_time: Some(back(now, BEHIND).max(earliest)),
            }
        }
    };
    ContinuousBackupsDescription {
        continuous_backups_status: ContinuousBackupsStatus::Enabled,
        point_in_time_recovery_description: Some(point_in_time),
    }
}

#[cfg(test)]
mod tests {
    use updraft_store::{decode_row, encode_row};

    use super::*;

    #[test]
    fn golden_row() {
        let row = Recovery { since: UnixMillis(1000), days: 35 };
        assert_eq!(encode_row(&row).unwrap()[..], *b"\x01\xd0\x0fF");
        assert_eq!(decode_row::<Recovery>(b"", b"\x01\xd0\x0fF").unwrap(), row);
    }
}
