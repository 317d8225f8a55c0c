//! Keys of what is kept about people: what they would have been sent, their phones and their apps. Kinds go on from those of
//! topics.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use updraft_kernel::ports::Posted;
use updraft_kernel::{AccountId, Region, UnixMillis};
use updraft_store::{Key, KeyBuilder, KeyRange, Row, tags};

use super::scope;

const POSTED: u8 = 11;
const OPTED_OUT: u8 = 12;
const SMS: u8 = 13;
const SANDBOX: u8 = 14;
const APP: u8 = 15;
const DEVICE: u8 = 16;
const TOKEN: u8 = 17;

/// A message for somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PostedRow(pub(crate) Posted);

impl Row for PostedRow {
    const VERSION: u8 = 1;
}

/// Those of all regions lie together, the newest first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PostedKey<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) at: UnixMillis,
    pub(crate) id: &'a str,
}

impl Key for PostedKey<'_> {
    type Row = PostedRow;
    fn encode(&self) -> Bytes {
        Self::of(self.account).u64(Self::age(self.at)).str(self.id).build()
    }
}

impl PostedKey<'_> {
    fn of(account: &AccountId) -> KeyBuilder {
        KeyBuilder::new(tags::SNS).str(account.as_str()).str("").u8(POSTED)
    }

    fn age(at: UnixMillis) -> u64 {
        u64::MAX - u64::try_from(at.0).unwrap_or(0)
    }

    pub(crate) fn all(account: &AccountId) -> KeyRange {
        Self::of(account).prefix_range()
    }

    /// What came before a moment.
    pub(crate) fn before(account: &AccountId, at: UnixMillis) -> KeyRange {
        let all = Self::all(account);
        KeyRange::new(Self::of(account).u64(Self::age(at)).build(), all.end)
    }
}

/// When a phone's owner wanted no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OptedOut {
    pub(crate) number: String,
    pub(crate) at: UnixMillis,
}

impl Row for OptedOut {
    const VERSION: u8 = 1;
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct OptedOutKey<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a Region,
    pub(crate) number: &'a str,
}

impl Key for OptedOutKey<'_> {
    type Row = OptedOut;
    fn encode(&self) -> Bytes {
        scope(self.account, self.region, OPTED_OUT).str(self.number).build()
    }
}

impl OptedOutKey<'_> {
    pub(crate) fn all(account: &AccountId, region: &Region) -> KeyRange {
        scope(account, region, OPTED_OUT).prefix_range()
    }
}

/// `SetSMSAttributes`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SmsSettings(pub(crate) BTreeMap<String, String>);

impl Row for SmsSettings {
    const VERSION: u8 = 1;
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct SmsKey<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a Region,
}

impl Key for SmsKey<'_> {
    type Row = SmsSettings;
    fn encode(&self) -> Bytes {
        scope(self.account, self.region, SMS).build()
    }
}

/// A phone of the sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SandboxPhone {
    pub(crate) number: String,
    /// The password it was sent; none: it gave it back.
    pub(crate) password: Option<String>,
}

impl Row for SandboxPhone {
    const VERSION: u8 = 1;
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct SandboxKey<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a Region,
    pub(crate) number: &'a str,
}

impl Key for SandboxKey<'_> {
    type Row = SandboxPhone;
    fn encode(&self) -> Bytes {
        scope(self.account, self.region, SANDBOX).str(self.number).build()
    }
}

impl SandboxKey<'_> {
    pub(crate) fn all(account: &AccountId, region: &Region) -> KeyRange {
        scope(account, region, SANDBOX).prefix_range()
    }
}

/// An app on a platform for push notifications.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct App {
    pub(crate) platform: String,
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
}

impl Row for App {
    const VERSION: u8 = 1;
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct AppKey<'a> {
    pub(crate) account: &'a AccountId,
    pub(crate) region: &'a Region,
    pub(crate) platform: &'a str,
    pub(crate) name: &'a str,
}

impl AppKey<'_> {
    fn key(&self, kind: u8) -> KeyBuilder {
        scope(self.account, self.region, kind).str(self.platform).str(self.name)
    }

    pub(crate) fn all(account: &AccountId, region: &Region) -> KeyRange {
        scope(account, region, APP).prefix_range()
    }

    pub(crate) fn devices(&self) -> KeyRange {
        self.key(DEVICE).prefix_range()
    }

    pub(crate) fn tokens(&self) -> KeyRange {
        self.key(TOKEN).prefix_range()
    }
}

impl Key for AppKey<'_> {
    type Row = App;
    fn encode(&self) -> Bytes {
        self.key(APP).build()
    }
}

/// An app on somebody's device: a platform endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Device {
    /// A UUID.
    pub(crate) id: String,
    /// `Token`, `Enabled`, `CustomUserData`.
    pub(crate) attributes: BTreeMap<String, String>,
}

impl Row for Device {
    const VERSION: u8 = 1;
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct DeviceKey<'a>(pub(crate) AppKey<'a>, pub(crate) &'a str);

impl Key for DeviceKey<'_> {
    type Row = Device;
    fn encode(&self) -> Bytes {
        self.0.key(DEVICE).str(self.1).build()
    }
}

/// The device that has a token: its UUID.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeviceTokenKey<'a>(pub(crate) AppKey<'a>, pub(crate) &'a str);

impl Key for DeviceTokenKey<'_> {
    type Row = super::Known;
    fn encode(&self) -> Bytes {
        self.0.key(TOKEN).str(self.1).build()
    }
}

#[cfg(test)]
mod tests {
    use updraft_store::encode_row;

    use super::*;

    #[test]
    fn golden_keys() {
        let (account, region) = (&AccountId::local(), &Region::default_region());
        let app = AppKey { account, region, platform: "GCM", name: "a" };
        let keys = [
            (OptedOutKey { account, region, number: "n" }.encode(), r"\x15\x0c\x02n\x00"),
            (SmsKey { account, region }.encode(), r"\x15\r"),
            (SandboxKey { account, region, number: "n" }.encode(), r"\x15\x0e\x02n\x00"),
            (app.encode(), r"\x15\x0f\x02GCM\x00\x02a\x00"),
            (DeviceKey(app, "d").encode(), r"\x15\x10\x02GCM\x00\x02a\x00\x02d\x00"),
            (DeviceTokenKey(app, "t").encode(), r"\x15\x11\x02GCM\x00\x02a\x00\x02t\x00"),
        ];
        for (key, bytes) in keys {
            assert_eq!(key.escape_ascii().to_string(), format!(r"\x18\x02000000000000\x00\x02us-east-1\x00{bytes}"));
        }
    }

    #[test]
    fn the_newest_message_comes_first() {
        let account = &AccountId::local();
        let key = |at: i64| PostedKey { account, at: UnixMillis(at), id: "m" }.encode();
        assert!(key(2) < key(1));
        let old = PostedKey::before(account, UnixMillis(2));
        assert!(old.start <= key(1) && key(1) < old.end && key(3) < old.start);
        let all = PostedKey::all(account);
        assert!(all.start <= key(0) && key(i64::MAX) < all.end);
    }

    /// In databases: may never change.
    #[test]
    fn golden_rows() {
        let posted = Posted {
            id: "i".into(),
            at: UnixMillis(1),
            region: "r".into(),
            channel: "sms".into(),
            ..Posted::default()
        };
        let rows = [
            (encode_row(&PostedRow(posted)).unwrap(), r"\x01\x01i\x02\x01r\x03sms\x00\x00\x00\x00\x00\x00"),
            (encode_row(&OptedOut { number: "n".into(), at: UnixMillis(1) }).unwrap(), r"\x01\x01n\x02"),
            (encode_row(&SmsSettings([("a".into(), "b".into())].into())).unwrap(), r"\x01\x01\x01a\x01b"),
            (
                encode_row(&SandboxPhone { number: "n".into(), password: Some("1".into()) }).unwrap(),
                r"\x01\x01n\x01\x011",
            ),
            (
                encode_row(&App { platform: "P".into(), name: "n".into(), ..App::default() }).unwrap(),
                r"\x01\x01P\x01n\x00",
            ),
            (encode_row(&Device { id: "d".into(), ..Device::default() }).unwrap(), r"\x01\x01d\x00"),
        ];
        for (row, bytes) in rows {
            assert_eq!(row.escape_ascii().to_string(), bytes);
        }
    }
}
