//! What lies on disks, byte by byte: may never change. A row that must change gets a new version, and its old bytes
//! stay here, to be read by `upgrade`.

use std::collections::BTreeMap;
use std::fmt::Debug;

use updraft_api_pipes::types::DescribePipeOutput;
use updraft_kernel::{AccountId, Region, UnixMillis};
use updraft_store::{Key, Row, decode_row, encode_row};

use crate::keys::{Owner, OwnerKey, PipeKey};
use crate::model::pipe::{Phase, Pipe, Wanted};

fn golden<R: Row + PartialEq + Debug>(row: &R, bytes: &str) {
    let encoded = encode_row(row).unwrap();
    assert_eq!(encoded.escape_ascii().to_string(), bytes);
    assert_eq!(decode_row::<R>(b"", &encoded).unwrap(), *row);
}

#[test]
fn golden_keys() {
    let (account, region) = (AccountId::local(), Region::default_region());
    let pipe = PipeKey { account: &account, region: &region, name: "p" }.encode();
    assert_eq!(pipe.escape_ascii().to_string(), r"\x1a\x02000000000000\x00\x02us-east-1\x00\x15\x01\x02p\x00");
    assert_eq!(OwnerKey("u").encode().escape_ascii().to_string(), r"\x1a\x02pipe\x00\x02u\x00");
}

#[test]
fn golden_rows() {
    let mut pipe = Pipe {
        id: "u".into(),
        revision: 300,
        phase: Phase::Running,
        wanted: Wanted::Stopped,
        created: UnixMillis(1),
        modified: UnixMillis(2),
        reason: Some("r".into()),
        tags: BTreeMap::from([("k".into(), "v".into())]),
        config: String::new(),
    };
    pipe.set_config(DescribePipeOutput { source: Some("s".into()), target: Some("t".into()), ..Default::default() });
    golden(&pipe, r#"\x01\x01u\xac\x02\x05\x01\x02\x04\x01\x01r\x01\x01k\x01v\x1b{\"Source\":\"s\",\"Target\":\"t\"}"#);
    let owner = Owner { account: AccountId::local(), region: Region::default_region(), name: "p".into() };
    golden(&owner, r"\x01\x0c000000000000\tus-east-1\x01p");
}

#[test]
fn phases_and_wishes_keep_their_numbers() {
    let phases = [
        Phase::Creating,
        Phase::Updating,
        Phase::Starting,
        Phase::Stopping,
        Phase::Deleting,
        Phase::Running,
        Phase::Stopped,
        Phase::CreateFailed,
        Phase::UpdateFailed,
        Phase::StartFailed,
    ];
    assert_eq!(phases.map(|phase| phase as u8), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!([Wanted::Running, Wanted::Stopped, Wanted::Deleted].map(|wanted| wanted as u8), [0, 1, 2]);
}
