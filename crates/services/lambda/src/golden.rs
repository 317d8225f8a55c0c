//! What lies on disks, byte by byte: may never change. A row that must change gets a new version, and its old bytes
//! stay here, to be read by `upgrade`.

mod layers;
mod mappings;
mod signing;

use std::collections::BTreeMap;
use std::fmt::Debug;

use bytes::Bytes;
use updraft_api_lambda::types::AddPermissionInput;
use updraft_kernel::ports::EventAttribute;
use updraft_kernel::{AccountId, Region, UnixMillis};
use updraft_store::{Key, Row, decode_row, encode_row};

use crate::background::{AsyncCall, Outgoing, Purpose, golden_call};
use crate::keys::{
    AheadKey, AheadRow, AliasKey, CodeKey, CodeRow, EventSettingsKey, FunctionKey, FunctionRow, PolicyKey, PolicyRow,
    ProvisionedKey, RecursionKey, RecursionRow, RuntimeUpdates, RuntimeUpdatesKey, UrlIdKey, UrlIdRow, UrlKey,
    VersionKey, VersionRow,
};
use crate::model::alias::{Alias, Share};
use crate::model::config::{Code, Config, Logging};
use crate::model::durable::Durable;
use crate::model::events::EventSettings;
use crate::model::name::{FunctionId, Version};
use crate::model::policy::Statement;
use crate::model::provisioned::Provisioning;
use crate::model::url::{Auth, Cors, Mode, UrlRow};

pub(crate) fn golden<R: Row + PartialEq + Debug>(row: &R, bytes: &str) {
    let encoded = encode_row(row).unwrap();
    assert_eq!(encoded.escape_ascii().to_string(), bytes);
    assert_eq!(decode_row::<R>(b"", &encoded).unwrap(), *row);
}

fn keys_are<const N: usize>(keys: [(Bytes, &str); N]) {
    let shown = keys.each_ref().map(|(key, _)| key.escape_ascii().to_string());
    assert_eq!(shown, keys.map(|(_, bytes)| bytes.to_owned()));
}

fn id() -> FunctionId {
    FunctionId { account: AccountId::local(), region: Region::default_region(), name: "f".into() }
}

fn map(name: &str, value: &str) -> BTreeMap<String, String> {
    BTreeMap::from([(name.to_owned(), value.to_owned())])
}

fn config() -> Config {
    Config {
        runtime: "python3.12".into(),
        handler: "i.h".into(),
        role: "r".into(),
        description: "d".into(),
        timeout_secs: 900,
        memory_mb: 128,
        ephemeral_mb: 512,
        environment: Some(map("K", "V")),
        tracing_active: true,
        architecture: "x86_64".into(),
        logging: Logging {
            json: true,
            application_level: "INFO".into(),
            system_level: "WARN".into(),
            group: "/g".into(),
        },
        snap_start: false,
        kms_key: Some("k".into()),
        code: Code { blob: "b".into(), sha256: [7; 32], size: 300 },
        dead_letter: Some("q".into()),
        durable: Some(Durable { timeout_secs: 600, retention_days: 14, kms_key: Some("k".into()) }),
    }
}

fn statement() -> Statement {
    let input = AddPermissionInput {
        statement_id: "s".into(),
        action: "lambda:InvokeFunction".into(),
        principal: "s3.amazonaws.com".into(),
        source_arn: Some("a".into()),
        ..AddPermissionInput::default()
    };
    Statement::new(&input, "aws").unwrap()
}

#[test]
fn golden_keys() {
    let id = &id();
    let keys = [
        (FunctionKey(id).encode(), r"\x11\x02000000000000\x00\x02us-east-1\x00\x15\x01\x02f\x00"),
        (VersionKey(id, Version(0)).encode(), r"\x11\x02000000000000\x00\x02us-east-1\x00\x15\x02\x02f\x00\x14"),
        (
            VersionKey(id, Version(258)).encode(),
            r"\x11\x02000000000000\x00\x02us-east-1\x00\x15\x02\x02f\x00\x16\x01\x02",
        ),
        (PolicyKey(id, None).encode(), r"\x11\x02000000000000\x00\x02us-east-1\x00\x15\x03\x02f\x00\x02\x00"),
        (PolicyKey(id, Some("1")).encode(), r"\x11\x02000000000000\x00\x02us-east-1\x00\x15\x03\x02f\x00\x021\x00"),
        (AliasKey(id, "a").encode(), r"\x11\x02000000000000\x00\x02us-east-1\x00\x15\x04\x02f\x00\x02a\x00"),
        (ProvisionedKey(id, "a").encode(), r"\x11\x02000000000000\x00\x02us-east-1\x00\x15\x06\x02f\x00\x02a\x00"),
        (RecursionKey(id).encode(), r"\x11\x02000000000000\x00\x02us-east-1\x00\x15\x07\x02f\x00"),
        (RuntimeUpdatesKey(id, Version(0)).encode(), r"\x11\x02000000000000\x00\x02us-east-1\x00\x15\x08\x02f\x00\x14"),
        (AheadKey(id).encode(), r"\x11\x02ahead\x00\x02000000000000\x00\x02us-east-1\x00\x02f\x00"),
        (EventSettingsKey(id, "a").encode(), r"\x11\x02000000000000\x00\x02us-east-1\x00\x15\x05\x02f\x00\x02a\x00"),
        (
            CodeKey("b", id, Version(1)).encode(),
            r"\x11\x02code\x00\x02b\x00\x02000000000000\x00\x02us-east-1\x00\x02f\x00\x15\x01",
        ),
    ];
    keys_are(keys);
}

#[test]
fn golden_rows() {
    golden(
        &FunctionRow { last_version: 300, tags: map("t", "v"), reserved: Some(5), ahead: [(Version(1), 2)].into() },
        r"\x02\xac\x02\x01\x01t\x01v\x01\x05\x01\x01\x02",
    );
    golden(
        &VersionRow { revision: "r".into(), deployment: "d".into(), modified: UnixMillis(1), config: config() },
        r"\x03\x01r\x01d\x02\npython3.12\x03i.h\x01r\x01d\x84\x07\x80\x01\x80\x04\x01\x01\x01K\x01V\x01\x06x86_64\x01\x04INFO\x04WARN\x02/g\x00\x01\x01k\x01b\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\xac\x02\x01\x01q\x01\xd8\x04\x0e\x01\x01k",
    );
    golden(
        &PolicyRow { revision: "r".into(), statements: vec![statement()] },
        r"\x01\x01r\x01\x01s\x15lambda:InvokeFunction\x01\x10s3.amazonaws.com\x01\x01a\x00\x00\x00\x00\x00",
    );
    let share = Some(Share { version: Version(2), weight: 0.25 });
    golden(
        &Alias { version: Version(1), description: "d".into(), share, revision: "r".into() },
        r"\x01\x01\x01d\x01\x02\x00\x00\x00\x00\x00\x00\xd0?\x01r",
    );
    let settings = EventSettings {
        modified: UnixMillis(1),
        retries: Some(2),
        max_age_secs: Some(60),
        on_success: Some("s".into()),
        on_failure: Some("f".into()),
    };
    golden(&settings, r"\x01\x02\x01\x02\x01<\x01\x01s\x01\x01f");
    golden(&Provisioning { count: 300, modified: UnixMillis(1) }, r"\x01\xac\x02\x02");
    golden(&AheadRow, r"\x01");
    golden(&RecursionRow, r"\x01");
    golden(&RuntimeUpdates::FunctionUpdate, r"\x01\x00");
    golden(&RuntimeUpdates::Manual, r"\x01\x01");
    golden(&CodeRow, r"\x01");
}

#[test]
fn what_waits_in_the_outbox() {
    golden(&golden_call(), r"\x02\x0c000000000000\tus-east-1\x01f\x01\x011\x02{}\x01\x01c\x02id\x01\x01t");
    let outgoing = Outgoing {
        purpose: Purpose::DeadLetter,
        id: "i".into(),
        target: "t".into(),
        account: AccountId::local(),
        region: Region::default_region(),
        function: "f".into(),
        qualifier: Some("a".into()),
        executed_version: "1".into(),
        detail_type: "d".into(),
        object_key: "k".into(),
        at: UnixMillis(1),
        body: b"b".to_vec(),
        attributes: vec![EventAttribute { name: "n".into(), is_number: true, value: "v".into() }],
        trace: Some("t".into()),
    };
    golden(
        &outgoing,
        r"\x02\x01\x01i\x01t\x0c000000000000\tus-east-1\x01f\x01\x01a\x011\x01d\x01k\x02\x01b\x01\x01n\x01\x01v\x01\x01t",
    );
    let call = b"\x01\x0c000000000000\tus-east-1\x01f\x01\x011\x02{}\x01\x01c\x02id";
    let mut untraced = golden_call();
    untraced.trace = None;
    assert_eq!(decode_row::<AsyncCall>(b"", call).unwrap(), untraced);
    let letter =
        b"\x01\x01\x01i\x01t\x0c000000000000\tus-east-1\x01f\x01\x01a\x011\x01d\x01k\x02\x01b\x01\x01n\x01\x01v";
    assert_eq!(decode_row::<Outgoing>(b"", letter).unwrap(), Outgoing { trace: None, ..outgoing });
    assert!(decode_row::<AsyncCall>(b"", &[3, 1]).is_err() && decode_row::<Outgoing>(b"", &[3, 1]).is_err());
}

const VERSION_V1: &[u8] = b"\x01\x01r\x01d\x02\npython3.12\x03i.h\x01r\x01d\x84\x07\x80\x01\x80\x04\x01\x01\x01K\x01V\x01\x06x86_64\x01\x04INFO\x04WARN\x02/g\x00\x01\x01k\x01b\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\x07\xac\x02";

const DEAD_LETTER_V2: &[u8] = b"\x01\x01q";

#[test]
fn what_older_versions_wrote_is_read() {
    let function = FunctionRow { last_version: 300, tags: map("t", "v"), reserved: Some(5), ahead: BTreeMap::new() };
    assert_eq!(decode_row::<FunctionRow>(b"", b"\x01\xac\x02\x01\x01t\x01v\x01\x05").unwrap(), function);
    let row = |dead_letter| {
        let config = Config { dead_letter, durable: None, ..config() };
        VersionRow { revision: "r".into(), deployment: "d".into(), modified: UnixMillis(1), config }
    };
    assert_eq!(decode_row::<VersionRow>(b"", VERSION_V1).unwrap(), row(None));
    assert!(decode_row::<VersionRow>(b"", &VERSION_V1[..VERSION_V1.len() - 1]).is_err());
    let version_2 = [b"\x02", &VERSION_V1[1..], DEAD_LETTER_V2].concat();
    assert_eq!(decode_row::<VersionRow>(b"", &version_2).unwrap(), row(Some("q".into())));
    assert!(decode_row::<VersionRow>(b"", &version_2[..version_2.len() - 1]).is_err());
    assert!(decode_row::<VersionRow>(b"", &[9, 1]).is_err());
}

#[test]
fn urls_stay_as_they_are() {
    let list = |text: &str| Some(vec![text.to_owned()]);
    let cors = Cors {
        credentials: Some(true),
        headers: list("h"),
        methods: list("GET"),
        origins: list("*"),
        exposed: list("e"),
        max_age: Some(86_400),
    };
    let row = UrlRow {
        id: "u".into(),
        auth: Auth::Iam,
        mode: Mode::Streamed,
        cors: Some(cors),
        created: UnixMillis(1),
        modified: UnixMillis(2),
    };
    golden(
        &row,
        "\\x01\\x01u\\x01\\x01\\x01\\x01\\x01\\x01\\x01\\x01h\\x01\\x01\\x03GET\\x01\\x01\\x01*\\x01\\x01\\x01e\\x01\\x80\\xc6\\n\\x02\\x04",
    );
    golden(
        &UrlRow { auth: Auth::None, mode: Mode::Buffered, cors: None, ..row },
        "\\x01\\x01u\\x00\\x00\\x00\\x02\\x04",
    );
    let index = UrlIdRow {
        account: "000000000000".into(),
        region: "us-east-1".into(),
        name: "f".into(),
        qualifier: Some("live".into()),
    };
    golden(&index, "\\x01\\x0c000000000000\\tus-east-1\\x01f\\x01\\x04live");
    assert_eq!(
        UrlKey(&id(), Some("live")).encode().escape_ascii().to_string(),
        "\\x11\\x02000000000000\\x00\\x02us-east-1\\x00\\x15(\\x02f\\x00\\x02live\\x00"
    );
    assert_eq!(UrlIdKey("u").encode().escape_ascii().to_string(), "\\x11\\x02url\\x00\\x02u\\x00");
}
