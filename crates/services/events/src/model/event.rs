//! An event, and its JSON as targets get it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use updraft_kernel::{AccountId, Region, UnixMillis};

/// Lies in the outbox and in archives, so it never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event {
    /// A UUID.
    pub(crate) id: String,
    pub(crate) detail_type: String,
    pub(crate) source: String,
    /// Who sent it, and where: not whose bus it is on.
    pub(crate) account: AccountId,
    pub(crate) region: Region,
    /// Said by the sender.
    pub(crate) time: UnixMillis,
    pub(crate) resources: Vec<String>,
    /// A JSON object.
    pub(crate) detail: String,
    /// When it came to its first bus.
    pub(crate) ingested: UnixMillis,
    pub(crate) trace: Option<String>,
    /// The replay that it comes from.
    pub(crate) replay: Option<String>,
}

/// In AWS's order; the detail comes behind it.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Envelope<'a> {
    version: &'static str,
    id: &'a str,
    detail_type: &'a str,
    source: &'a str,
    account: &'a str,
    time: String,
    region: &'a str,
    resources: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    replay_name: Option<&'a str>,
}

impl Event {
    /// As targets get it.
    pub(crate) fn json(&self) -> String {
        let envelope = Envelope {
            version: "0",
            id: &self.id,
            detail_type: &self.detail_type,
            source: &self.source,
            account: self.account.as_str(),
            time: moment(self.time),
            region: self.region.as_str(),
            resources: &self.resources,
            replay_name: self.replay.as_deref(),
        };
        let head = serde_json::to_string(&envelope).unwrap_or_default();
        format!(r#"{},"detail":{}}}"#, head.trim_end_matches('}'), self.detail)
    }

    /// As patterns see it.
    pub(crate) fn value(&self) -> Value {
        serde_json::from_str(&self.json()).unwrap_or_else(|_| Value::Object(Map::new()))
    }
}

/// AWS: to the second.
pub(crate) fn moment(at: UnixMillis) -> String {
    jiff::Timestamp::from_millisecond(at.0).unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A UUID that is the same each time for the same two.
pub(crate) fn id_of(event: &str, whom: &str) -> String {
    let hash = Sha256::digest([event.as_bytes(), b"/", whom.as_bytes()].concat());
    let bytes = hash.iter().take(16).fold(0_u128, |all, byte| all << 8 | u128::from(*byte));
    let number = (bytes & !(0xF << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{number:032x}");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn event(detail: &str) -> Event {
        Event {
            id: "i".into(),
            detail_type: "t".into(),
            source: "s".into(),
            account: AccountId::local(),
            region: Region::default_region(),
            time: UnixMillis(1_700_000_000_123),
            resources: vec!["r".into()],
            detail: detail.into(),
            ingested: UnixMillis(1_700_000_001_000),
            trace: None,
            replay: None,
        }
    }

    #[test]
    fn members_are_in_awss_order_and_numbers_stay_as_they_were_written() {
        let text = event(r#"{"b":1.50,"a":12345678901234567890123}"#).json();
        let expected = concat!(
            r#"{"version":"0","id":"i","detail-type":"t","source":"s","account":"000000000000","#,
            r#""time":"2023-11-14T22:13:20Z","region":"us-east-1","resources":["r"],"#,
            r#""detail":{"b":1.50,"a":12345678901234567890123}}"#
        );
        assert_eq!(text, expected);
        let replayed = Event { replay: Some("again".into()), ..event("{}") };
        assert_eq!(replayed.value()["replay-name"], "again");
    }
}
