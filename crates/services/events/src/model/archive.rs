//! Archives and replays as they are stored.

use serde::{Deserialize, Serialize};
use updraft_api_events::types::{Archive as Shown, ArchiveState, Replay as ShownReplay, ReplayState};
use updraft_kernel::{AccountId, Region, UnixMillis};
use updraft_store::Row;

use super::event::Event;

/// What is kept of a bus's events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Archive {
    /// What is kept is found by.
    pub(crate) number: u64,
    pub(crate) created: UnixMillis,
    /// The bus's ARN.
    pub(crate) source: String,
    pub(crate) description: Option<String>,
    pub(crate) pattern: Option<String>,
    /// 0: for ever.
    pub(crate) retention_days: u32,
    pub(crate) kms_key: Option<String>,
}

impl Row for Archive {
    const VERSION: u8 = 1;
}

/// How much an archive holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Held {
    pub(crate) events: u64,
    pub(crate) bytes: u64,
}

impl Row for Held {
    const VERSION: u8 = 1;
}

/// An event that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Archived(pub(crate) Event);

impl Row for Archived {
    const VERSION: u8 = 1;
}

impl Archive {
    pub(crate) fn shown(&self, name: &str, held: Held) -> Shown {
        let number = |number: u64| Some(i64::try_from(number).unwrap_or(i64::MAX));
        Shown {
            archive_name: Some(name.to_owned()),
            event_source_arn: Some(self.source.clone()),
            state: Some(ArchiveState::Enabled),
            state_reason: None,
            retention_days: i32::try_from(self.retention_days).ok(),
            size_bytes: number(held.bytes),
            event_count: number(held.events),
            creation_time: Some(self.created),
        }
    }
}

/// Recorded: ten events of 27 letters' source, as many of type, and 79 of detail, are 1,590 bytes.
pub(crate) fn size(event: &Event) -> u64 {
    const TIME: usize = 14;
    let resources: usize = event.resources.iter().map(String::len).sum();
    let texts = event.source.len() + event.detail_type.len() + event.detail.len() + event.account.as_str().len();
    u64::try_from(TIME + resources + texts).unwrap_or(u64::MAX)
}

/// Sending again what an archive holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Replay {
    pub(crate) description: Option<String>,
    /// As on the wire.
    pub(crate) state: String,
    /// The archive's ARN, and its number.
    pub(crate) source: String,
    pub(crate) number: u64,
    /// The bus's ARN, and those of the rules that are meant.
    pub(crate) destination: String,
    pub(crate) rules: Option<Vec<String>>,
    pub(crate) from: UnixMillis,
    pub(crate) until: UnixMillis,
    /// The time of the last event that was sent.
    pub(crate) reached: Option<UnixMillis>,
    pub(crate) started: UnixMillis,
    pub(crate) ended: Option<UnixMillis>,
}

impl Row for Replay {
    const VERSION: u8 = 1;
}

impl Replay {
    pub(crate) fn state(&self) -> ReplayState {
        ReplayState::from(self.state.as_str())
    }

    pub(crate) fn shown(&self, name: &str) -> ShownReplay {
        ShownReplay {
            replay_name: Some(name.to_owned()),
            event_source_arn: Some(self.source.clone()),
            state: Some(self.state()),
            state_reason: None,
            event_start_time: Some(self.from),
            event_end_time: Some(self.until),
            event_last_replayed_time: self.reached,
            replay_start_time: Some(self.started),
            replay_end_time: self.ended,
        }
    }
}

/// The next events of a replay, as it waits in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Step {
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    pub(crate) replay: String,
    pub(crate) endpoint: String,
    /// Behind the event of this time and id.
    pub(crate) after: Option<(UnixMillis, String)>,
}

impl Row for Step {
    const VERSION: u8 = 1;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::tests::event;

    /// Recorded: `test_list_archive_with_events`.
    #[test]
    fn events_are_as_large_as_aws_says() {
        let detail = r#"{"command":"update-account","payload":{"acc_id":"0a787ecb-4015","sf_id":"baz"}}"#;
        let text = "core.update-account-command".to_owned();
        let event = Event { source: text.clone(), detail_type: text, resources: Vec::new(), ..event(detail) };
        assert_eq!(size(&event), 159);
    }
}
