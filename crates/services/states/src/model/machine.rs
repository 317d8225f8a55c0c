//! State machines as they are kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use updraft_api_states::types::{
    EncryptionConfiguration, LogLevel, LoggingConfiguration, StateMachineType, TracingConfiguration,
};
use updraft_asl::read::Workflow;
use updraft_kernel::UnixMillis;
use updraft_store::Row;

use super::kept;

/// A state machine; its definitions are rows of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Machine {
    pub(crate) express: bool,
    pub(crate) created: UnixMillis,
    pub(crate) updated: UnixMillis,
    /// Of definitions and roles: each has a row.
    pub(crate) revision: u64,
    pub(crate) settings: Settings,
    pub(crate) tags: BTreeMap<String, String>,
}

impl Row for Machine {
    const VERSION: u8 = 1;
}

/// Configurations as JSON, since their shapes are AWS's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) logging: Option<String>,
    pub(crate) tracing: bool,
    pub(crate) encryption: Option<String>,
}

/// What is executed: executions that run go on with the one that they began with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Revision {
    pub(crate) definition: String,
    pub(crate) role: String,
    /// As answers tell it, but for a state machine's first one: see [`Revision::shown`].
    pub(crate) id: String,
    pub(crate) since: UnixMillis,
    /// `None` where it was written before they were kept here.
    pub(crate) settings: Option<Settings>,
}

impl Row for Revision {
    const VERSION: u8 = 2;

    /// The first version had no settings, which are the last part.
    fn upgrade(version: u8, body: &[u8]) -> Option<Self> {
        const NONE: &[u8] = &[0];
        (version == 1).then(|| postcard::from_bytes(&[body, NONE].concat()).ok()).flatten()
    }
}

/// What the ids of first revisions begin with.
const FIRST: &str = "INITIAL ";

impl Revision {
    /// The id of a state machine's first revision. `unique` tells it from that of another machine of the same name.
    pub(crate) fn first(unique: &str) -> String {
        format!("{FIRST}{unique}")
    }

    /// AWS: the first one has no id.
    pub(crate) fn shown(&self, number: u64) -> Option<String> {
        (number > 0 && !self.id.starts_with(FIRST)).then(|| self.id.clone())
    }

    /// State → the variables that it reads. AWS: where there are none, nothing is said of them.
    pub(crate) fn references(&self) -> Option<BTreeMap<String, Vec<String>>> {
        let found = updraft_asl::read::references(&self.definition);
        (!found.is_empty())
            .then(|| found.into_iter().map(|(state, names)| (state, names.into_iter().collect())).collect())
    }
}

impl Settings {
    pub(crate) fn of(
        logging: Option<LoggingConfiguration>,
        tracing: Option<&TracingConfiguration>,
        encryption: Option<EncryptionConfiguration>,
    ) -> Self {
        Self {
            logging: logging.map(|logging| kept::write("LoggingConfiguration", logging)),
            tracing: tracing.and_then(|tracing| tracing.enabled).unwrap_or(false),
            encryption: encryption.map(|encryption| kept::write("EncryptionConfiguration", encryption)),
        }
    }

    /// AWS: without one, that nothing is logged is answered.
    pub(crate) fn logging(&self) -> LoggingConfiguration {
        let kept = self.logging.as_deref().and_then(|text| kept::read("LoggingConfiguration", text));
        let off = || LoggingConfiguration {
            level: Some(LogLevel::Off),
            include_execution_data: Some(false),
            ..LoggingConfiguration::default()
        };
        kept.unwrap_or_else(off)
    }

    pub(crate) fn tracing(&self) -> TracingConfiguration {
        TracingConfiguration { enabled: Some(self.tracing) }
    }

    pub(crate) fn encryption(&self) -> EncryptionConfiguration {
        kept::encryption(self.encryption.as_deref())
    }
}

impl Machine {
    pub(crate) const fn kind(&self) -> StateMachineType {
        if self.express { StateMachineType::Express } else { StateMachineType::Standard }
    }

    pub(crate) const fn workflow(&self) -> Workflow {
        if self.express { Workflow::Express } else { Workflow::Standard }
    }
}
