//! A bus as it is stored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use updraft_api_events::types::{DeadLetterConfig, IncludeDetail, Level, LogConfig};
use updraft_kernel::UnixMillis;
use updraft_store::Row;

/// AWS: every account's default bus is as old as the account; here, as EventBridge's forerunner.
const ALWAYS: UnixMillis = UnixMillis(1_452_729_600_000);

/// The default bus needs no row until something is said about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bus {
    pub(crate) created: UnixMillis,
    pub(crate) modified: UnixMillis,
    pub(crate) description: Option<String>,
    pub(crate) kms_key: Option<String>,
    /// The queue's ARN.
    pub(crate) dead_letters: Option<String>,
    /// `IncludeDetail` and `Level`, both as on the wire: kept, and shown.
    pub(crate) log: Option<(Option<String>, Option<String>)>,
    /// JSON.
    pub(crate) policy: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Row for Bus {
    const VERSION: u8 = 1;
}

impl Bus {
    /// The default bus, before anything was said about it.
    pub(crate) fn untouched() -> Self {
        Self { created: ALWAYS, modified: ALWAYS, ..Self::default() }
    }

    pub(crate) fn set_log(&mut self, given: Option<LogConfig>) {
        let text = |given: LogConfig| {
            (given.include_detail.map(|one| one.to_string()), given.level.map(|one| one.to_string()))
        };
        self.log = given.map(text);
    }

    pub(crate) fn log_config(&self) -> Option<LogConfig> {
        let (include_detail, level) = self.log.clone()?;
        Some(LogConfig { include_detail: include_detail.map(IncludeDetail::from), level: level.map(Level::from) })
    }

    pub(crate) fn dead_letter_config(&self) -> Option<DeadLetterConfig> {
        self.dead_letters.clone().map(|arn| DeadLetterConfig { arn: Some(arn) })
    }
}
